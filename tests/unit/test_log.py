"""A log tells an administrator what went wrong, and nobody a customer's number (R05-9)."""

import subprocess
import sys

import pytest

from models.instance.home import PROJECT_ROOT

pytestmark = pytest.mark.unit

MASKED = {
    "13800138000 was refused": "138****8000 was refused",
    "PJSIP/013800138000@carrier: gone.": "PJSIP/013****8000@carrier: gone.",
    "from <sip:+8613800138000@192.168.1.20:5060>": "from <sip:+86****8000@192.168.1.20:5060>",
    "call of 02087654321.": "call of 020****4321.",
    "87654321, 8765432": "87***21, 87***32",
}
AS_IT_IS = (
    "telephone 7001, ticket 1001, room 1101",
    "fb-1772424000.5-message-5f0e9a1c",
    "waiting for calls on port 14003",
    "2026-11-30 03:19:20,776, 2026-11-30T03:19:20.776123+00:00",
)


def logged(statement: str, *said: str) -> str:
    """What a program that logs this leaves in its log."""
    program = f"import logging, sys; from models.instance import log; log.begin(log.PLAIN)\n{statement}"
    command = [sys.executable, "-c", program, *said]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stderr


def test_numbers_are_masked_and_all_else_stays() -> None:
    said = logged("for text in sys.argv[1:]: logging.warning('%s', text)", *MASKED, *AS_IT_IS)
    assert said.splitlines() == [f"WARNING {text}" for text in (*MASKED.values(), *AS_IT_IS)]


def test_a_number_in_a_traceback_is_masked_too() -> None:
    said = logged("try: int(sys.argv[1])\nexcept ValueError: logging.exception('it failed')", "13800138000 ?")
    assert "138****8000" in said
    assert "13800138000" not in said


def test_what_somebody_sent_neither_begins_a_line_nor_drives_a_terminal() -> None:
    said = logged("logging.warning('from %s', sys.argv[1])", "王\nERROR forged\x1b[2J\u202e")
    assert said == "WARNING from 王\n    ERROR forged\\u001b[2J\\u202e\n"

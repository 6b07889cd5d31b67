"""Who connects to the fallback's port and is not Asterisk gets nothing, harms no file, and keeps no caller waiting."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.instance.secrets import Secrets
from phones.faults import kept_dead
from phones.instance import LiveHotline

pytestmark = pytest.mark.asterisk

PATIENCE_S = 15.0


@pytest.fixture(scope="module")
def broken(quick: LiveHotline) -> Iterator[LiveHotline]:
    with kept_dead(quick, "ivr"):
        yield quick


@pytest.fixture
def hotline(broken: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """Its callers are the fallback's."""
    return at_the_end(broken)


@pytest.fixture
def secret(hotline: LiveHotline) -> str:
    return Secrets.load_or_create(hotline.home, hotline.site).agi_password


def introduction(secret: str, **other: str) -> bytes:
    """What Asterisk sends first; `other` are fields that differ."""
    fields = {
        "network": "yes",
        "network_script": "call",
        "channel": "PJSIP/carrier-00000001",
        "language": "zh",
        "uniqueid": "1772424000.5",
        "callerid": "13800138000",
        "arg_1": secret,
        "arg_2": "8000",
        "arg_3": "/hotline/spool",
    } | other
    return "".join(f"agi_{name}: {value}\n" for name, value in fields.items()).encode() + b"\n"


def connected(hotline: LiveHotline) -> socket.socket:
    return socket.create_connection(("127.0.0.1", hotline.site.agi.port), PATIENCE_S)


def answer(hotline: LiveHotline, *said: bytes) -> bytes:
    """The first bytes that come back; empty when the connection is closed without a word."""
    with connected(hotline) as line, contextlib.suppress(ConnectionError):
        for part in said:
            line.sendall(part)
        return line.recv(100)
    return b""


def is_served(hotline: LiveHotline, number: str) -> None:
    """A real caller is served by the fallback at once, not by the dialplan alone."""
    caller = hotline.caller(number)
    caller.reach("8000")
    caller.wait_heard("fallback-menu", part=1)
    caller.hang_up()


def test_only_who_knows_the_secret_gets_an_answer(hotline: LiveHotline, secret: str) -> None:
    assert answer(hotline, introduction(secret)) == b"ANSWER\n"
    assert answer(hotline, introduction(secret, network_script="hello")) == b'SET VARIABLE "FALLBACK" "ready"\n'
    for wrong in ("", "8000", secret[:-1], secret + "x", secret.swapcase(), "密码"):
        assert answer(hotline, introduction(wrong)) == b""
        assert answer(hotline, introduction(wrong, network_script="hello")) == b""
    is_served(hotline, "13900139201")


@pytest.mark.parametrize(
    "field",
    [
        {"uniqueid": "{outside}/kept"},
        {"uniqueid": ".."},
        {"uniqueid": ""},
        {"uniqueid": "5\x00.wav"},
        pytest.param({"uniqueid": "x" * 300}, id="a long uniqueid"),
        {"channel": 'PJSIP/1" "2'},
        {"channel": "SHELL(id)"},
        {"arg_2": "9999"},
        {"arg_2": "8000 8001"},
        {"arg_3": "/hotline/../etc"},
        {"arg_3": "spool"},
    ],
    ids=repr,
)
def test_a_field_that_asterisk_never_sends_is_refused_and_harms_no_file(
    hotline: LiveHotline, secret: str, tmp_path: Path, field: dict[str, str]
) -> None:
    """A uniqueid with ../ once deleted a file of root's."""
    outside = Path(*[".."] * len(hotline.home.message_spool.parts), *tmp_path.parts[1:])
    kept = tmp_path / "kept.txt"
    kept.write_text("root's", encoding="utf-8")
    tmp_path.chmod(0o777)
    field = {name: value.replace("{outside}", str(outside)) for name, value in field.items()}
    assert answer(hotline, introduction(secret, **field)) == b""
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", id="another protocol"),
        pytest.param(bytes(range(256)) * 20 + b"\n\n", id="bytes"),
        pytest.param(b"agi_uniqueid: " + b"x" * 3_000_000, id="an endless line"),
        pytest.param(b"agi_arg_1: x\n" * 300_000, id="endless lines"),
        pytest.param(b"\n", id="an empty introduction"),
    ],
)
def test_nonsense_is_hung_up_on_and_the_next_caller_is_served(hotline: LiveHotline, nonsense: bytes) -> None:
    restarts = hotline.child("fallback")["restarts"]
    assert answer(hotline, nonsense) == b""
    is_served(hotline, "13900139202")
    assert hotline.child("fallback")["restarts"] == restarts


@pytest.mark.parametrize("said", [b"", b"agi_netw", b"agi_network: yes\n"], ids=["mute", "half a line", "half"])
def test_who_does_not_introduce_himself_is_hung_up_on_after_a_few_seconds(hotline: LiveHotline, said: bytes) -> None:
    began = time.monotonic()
    assert answer(hotline, said) == b""
    assert time.monotonic() - began < PATIENCE_S / 2


def test_who_introduces_himself_a_byte_at_a_time_is_hung_up_on_too(hotline: LiveHotline, secret: str) -> None:
    end = time.monotonic() + PATIENCE_S
    with connected(hotline) as slow, contextlib.suppress(ConnectionError):
        for byte in introduction(secret) * 5:
            slow.sendall(bytes([byte]))
            time.sleep(0.25)
            assert time.monotonic() < end
    assert time.monotonic() < end - PATIENCE_S / 2


def test_a_crowd_of_mute_connections_keeps_no_caller_waiting(hotline: LiveHotline) -> None:
    with contextlib.ExitStack() as crowd:
        for _ in range(260):
            crowd.enter_context(connected(hotline))
        is_served(hotline, "13900139203")

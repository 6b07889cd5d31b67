"""A nuisance caller hears one sentence until the date that was said; emergency and own numbers are never blocked."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from models.calls import block_list
from models.clock import SystemClock
from models.instance.home import PROJECT_ROOT
from models.states.calls import EndedBy
from phones.instance import LiveHotline
from phones.written import call_of

pytestmark = pytest.mark.asterisk

NUISANCE, OTHER = "13700000007", "13700000008"


def block(hotline: LiveHotline, *words: str) -> subprocess.CompletedProcess[str]:
    """`hotline block`, as it is typed."""
    whole = [sys.executable, "-m", "hotline", "--home", str(hotline.home.path), "--lang", "en", "block", *words]
    return subprocess.run(whole, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def blocked(hotline: LiveHotline) -> Iterator[LiveHotline]:
    assert block(hotline, "add", NUISANCE, "--until", "+7d", "--why", "swears").returncode == 0
    yield hotline
    block(hotline, "lift", NUISANCE, "--yes")


def test_a_blocked_caller_hears_one_sentence_and_rings_nobody_and_others_are_served(blocked: LiveHotline) -> None:
    agent = blocked.phone("7001")
    nuisance, other = blocked.caller(NUISANCE), blocked.caller(OTHER)
    nuisance.reach("8000")
    nuisance.wait_heard("blocked")
    nuisance.wait_heard("goodbye")
    nuisance.wait_ended()
    assert "greeting" not in nuisance.story()
    record = call_of(blocked, NUISANCE)
    assert (record.call.ended_by, record.call.end_reason) == (EndedBy.SYSTEM, "blocked")
    assert (record.rings, record.call.ticket_id, agent.calls) == ([], None, [])
    other.reach("8000")
    other.wait_heard("menu", part=1)
    other.hang_up()


def test_a_blocked_caller_is_let_in_again_when_the_date_is_past(blocked: LiveHotline) -> None:
    rules = {"site": blocked.site, "policy": blocked.policy, "by": "7001", "why": "swears"}
    now = SystemClock().now()
    until = now + timedelta(seconds=1)
    blocked.store.write(block_list.block, NUISANCE, until=until, at=now, **rules)
    blocked.until(lambda: SystemClock().now() > until, "end of the block")
    caller = blocked.caller(NUISANCE)
    caller.reach("8000")
    caller.wait_heard("menu", part=1)
    caller.hang_up()


def test_a_telephone_of_ours_is_served_whatever_number_is_blocked(blocked: LiveHotline) -> None:
    for number in ("110", "119", "7001", "1101", "8000"):
        refused = block(blocked, "add", number, "--until", "+7d", "--why", "swears")
        assert (refused.returncode, "number" in refused.stderr) == (1, True), refused.stderr
    room = blocked.phone("1101")
    room.reach("8000")
    room.wait_heard("menu", part=1)
    room.hang_up()

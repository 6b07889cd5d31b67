"""A test call proves that the line answers; its failure reaches a person by phone, whatever is dead (R17-5, R05-7)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import calls
from models.clock import SystemClock
from models.health import canaries
from models.health.canaries import Canary
from models.instance.home import PROJECT_ROOT
from models.states.health import CanaryStep
from models.states.tickets import TicketKind
from models.tables import Ticket
from phones.faults import kept_dead
from phones.instance import LiveHotline
from phones.written import wait_nothing_left
from scheduler import duty_phone
from scheduler.audit import LATE, audit
from scheduler.duty_phone import AlarmAbout
from scheduler.scope import Scope

pytestmark = pytest.mark.asterisk

EVERY_S = 6
OFTEN = {"canary.every_minutes": EVERY_S / 60}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """A hotline that sends a canary every six seconds."""
    with LiveHotline.running(tmp_path_factory.mktemp("watched"), policy=OFTEN) as instance:
        yield instance


@pytest.fixture
def hotline(watched: LiveHotline) -> Iterator[LiveHotline]:
    yield watched
    watched.close_phones()
    wait_nothing_left(watched)


def newest(hotline: LiveHotline, ok: bool, after: int = 0) -> Canary:
    """The next canary that has succeeded, or failed."""

    def found() -> Canary | None:
        recent = hotline.store.read(canaries.recent, limit=1)
        return next((one for one in recent if one.ok is ok and one.id > after), None)

    return hotline.until(found, f"canary that is {'home' if ok else 'lost'}", 60)


def faults(hotline: LiveHotline) -> list[Ticket]:
    def read(session: Session) -> list[Ticket]:
        return list(session.scalars(select(Ticket).where(Ticket.kind == TicketKind.FAULT)))

    return hotline.store.read(read)


def status(hotline: LiveHotline) -> dict[str, Any]:
    command = [sys.executable, "-m", "hotline", "--home", str(hotline.home.path), "status", "--json"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, timeout=30)
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def test_a_canary_tests_the_whole_line_and_is_not_a_customers_call(hotline: LiveHotline) -> None:
    first = newest(hotline, True)
    second = newest(hotline, True, after=first.id)
    assert 1_000 < second.ms < 10_000, "the first words were played to their end"
    assert hotline.store.read(calls.recent, limit=1) == []
    assert faults(hotline) == []
    shown = status(hotline)
    assert shown["canary"]["ok"]
    assert [alarm for alarm in shown["alarms"] if alarm["fault"]] == []
    assert {name: part["up"] for name, part in shown["parts"].items()} == {
        "asterisk": True,
        "ivr": True,
        "scheduler": True,
        "fallback": True,
        "store": True,
        "console": True,
    }
    assert all(part["checked_at"] for part in shown["parts"].values())
    assert {"spooled_messages", "canary_watch", "retention"} <= shown["parts"]["scheduler"]["scans"].keys()


def test_unplayable_first_words_are_an_outage_with_one_ticket_and_one_call(hotline: LiveHotline) -> None:
    centre = hotline.phone("7030")
    # Missing in one language alone they would be played in the other: Asterisk sees to that.
    files = [hotline.home.sounds / language / "hotline" / "greeting.alaw" for language in ("zh", "en")]
    for file in files:
        file.rename(f"{file}.away")
    try:
        assert newest(hotline, False).step is CanaryStep.PROMPT
        centre.wait_ringing(40)
        centre.answer()
        centre.wait_heard("fault-told")
        centre.wait_heard("fault-told")
        centre.wait_ended()
    finally:
        for file in files:
            Path(f"{file}.away").rename(file)
    (fault,) = faults(hotline)
    newest(hotline, True)
    assert len([call for call in centre.calls if call.incoming]) == 1
    assert hotline.store.read(calls.recent, limit=1) == []
    assert fault.first_receiver is None


def test_a_dead_application_is_detected_and_the_duty_phone_rings(hotline: LiveHotline) -> None:
    before = len(faults(hotline))
    centre = hotline.phone("7030")
    newest(hotline, True)
    with kept_dead(hotline, "ivr"):
        centre.wait_ringing(2 * EVERY_S + 60)
        centre.answer()
        centre.wait_heard("fault-told", part=2)
        centre.hang_up()
        shown = status(hotline)
        assert {name: part["up"] for name, part in shown["parts"].items() if name != "store"} == {
            "asterisk": True,
            "ivr": False,
            "scheduler": True,
            "fallback": True,
            "console": True,
        }
        assert shown["canary"]["step"] == "missing"
    assert len(faults(hotline)) == before + 1
    newest(hotline, True)


@dataclass(frozen=True)
class Ahead:
    """A clock that is ahead by this much: nobody has checked anything in that time."""

    by: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.by


def test_a_hung_scheduler_and_unmade_calls_ring_the_duty_phone_and_say_so(hotline: LiveHotline) -> None:
    """R17-5, R21-11: Asterisk alone rings and speaks; the words name the fault each time."""
    centre, before = hotline.phone("7030"), len(faults(hotline))
    audit(Scope(hotline.home, hotline.site, hotline.policy, hotline.store, Ahead(LATE)))
    centre.wait_ringing()
    centre.answer()
    centre.wait_heard("fault-scheduler", 25, part=3)
    centre.hang_up()
    assert len(faults(hotline)) == before + 1, "the fault is saved before the call"
    duty_phone.ring(hotline.home, hotline.site, "fault-of-calls", AlarmAbout.CALLS)
    centre.wait_ringing()
    centre.answer()
    centre.wait_heard("fault-calls", 25, part=3)
    centre.hang_up()

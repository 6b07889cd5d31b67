"""A scheduler that stands still, work that nobody does, a row that always fails: the audit finds each."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models.calls import outgoing
from models.database import pushed_back
from models.guests import stays, wakeups
from models.guests.wakeups import WakeupHow
from models.health import findings
from models.instance import heartbeat
from models.instance.heartbeat import Beat
from models.policy import Policy
from models.states.calls import Purpose
from models.states.health import FindingKind
from models.states.tickets import TicketKind
from models.tables import Ticket
from scheduler import duty_phone
from scheduler.audit import audit
from scheduler.scans import SCANS
from scheduler.scope import Scope

pytestmark = pytest.mark.store


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the calls to the duty phone."""
    names: list[str] = []
    monkeypatch.setattr(duty_phone, "ring", lambda home, site, name, about: names.append(f"{name} {about}"))
    return names


def beats(scope: Scope, **late: timedelta) -> None:
    """Writes the heartbeat of a living scheduler; its scans looked just now, or this long ago (`late`)."""
    now = scope.clock.now()
    facts = {scan.name: now - late.get(scan.name, timedelta()) for scan in SCANS}
    heartbeat.leave(scope.home, "scheduler", Beat(now - timedelta(days=2), now, facts))


def open_findings(scope: Scope) -> list[tuple[FindingKind, str]]:
    return [(finding.kind, finding.subject) for finding in scope.store.read(findings.still_open, limit=50)]


def forward(scope: Scope, **by: float) -> None:
    scope.clock.forward(**by)  # type: ignore[attr-defined]


def test_while_every_scan_looks_there_is_no_finding(scope: Scope) -> None:
    beats(scope)
    assert audit(scope) == 0
    assert open_findings(scope) == []


def test_a_wake_up_that_was_not_rung_is_a_fault_and_the_duty_phone_rings(
    scope: Scope, policy: Policy, rung: list[str]
) -> None:
    """R21-11: never silent."""
    now, zone = scope.clock.now(), scope.site.time_zone
    scope.store.write(stays.check_in, "1101", ["王建国"], who="7001", at=now)
    order = {"by": "7001", "how": WakeupHow.FRONT_DESK, "at": now, "rules": policy.wake_up, "zone": zone}
    due = now.astimezone(zone) + timedelta(hours=1)
    made = scope.store.write(wakeups.book, "1101", due.time(), on=due.date(), **order)
    forward(scope, minutes=61)
    beats(scope)
    assert audit(scope) == 0
    forward(scope, minutes=2)
    beats(scope)
    assert audit(scope) == 2
    assert open_findings(scope) == [
        (FindingKind.WORK_LATE, "urgent calls to make"),
        (FindingKind.WORK_LATE, "wake-ups"),
    ]
    assert audit(scope) == 0
    (call,) = rung
    assert call.endswith(" calls"), "one call for both findings, about the calls and not the scheduler"
    scope.store.write(wakeups.cancel, made.id, by="7001", at=scope.clock.now())
    audit(scope)
    assert open_findings(scope) == []


def test_a_scheduler_that_stands_still_is_one_ticket_and_one_call_to_the_duty_phone(
    scope: Scope, rung: list[str]
) -> None:
    beats(scope)
    forward(scope, minutes=3)
    assert audit(scope) == 1
    assert audit(scope) == 0
    assert open_findings(scope) == [(FindingKind.SCAN_LATE, "scheduler")]
    (ticket,) = scope.store.read(lambda session: session.scalars(select(Ticket)).all())
    assert ticket.kind is TicketKind.FAULT
    assert rung == [f"fault-{ticket.id} scheduler"], "the call does not claim that the line cannot answer"
    beats(scope)
    audit(scope)
    assert open_findings(scope) == [], "the scheduler looks again"


def test_a_duty_phone_that_could_not_be_rung_is_rung_at_the_next_look(
    scope: Scope, rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise duty_phone.NotRung("Asterisk does not answer")

    ring = duty_phone.ring
    monkeypatch.setattr(duty_phone, "ring", refuse)
    audit(scope)
    assert rung == []
    monkeypatch.setattr(duty_phone, "ring", ring)
    audit(scope)
    assert len(rung) == 1


def test_a_single_late_scan_is_named(scope: Scope, rung: list[str]) -> None:
    beats(scope, spooled_messages=timedelta(minutes=5))
    audit(scope)
    assert open_findings(scope) == [(FindingKind.SCAN_LATE, "spooled_messages")]
    assert rung == [], "the scheduler lives: the ladder calls about it"


def test_a_scan_that_looks_once_a_day_is_not_late_after_a_day(scope: Scope) -> None:
    beats(scope, reconcile=timedelta(days=1, hours=1))
    assert audit(scope) == 0


def test_a_row_that_fails_for_half_an_hour_is_a_finding(scope: Scope) -> None:
    scope.store.write(pushed_back.push, "first_asked", 7, error="no such column", at=scope.clock.now())
    beats(scope)
    audit(scope)
    assert open_findings(scope) == []
    forward(scope, minutes=31)
    beats(scope)
    audit(scope)
    assert open_findings(scope) == [(FindingKind.ROW_FAILS, "first_asked 7")]
    scope.store.write(pushed_back.forget, "first_asked", 7)
    audit(scope)
    assert open_findings(scope) == []


def test_a_call_planned_for_later_is_not_late_before_its_own_time(scope: Scope) -> None:
    """R07-9: a call is late after its own due time; one that is due now and not made is late soon."""
    now = scope.clock.now()

    def ask(due_at: datetime, subject: int) -> None:
        call = {"extension": "7001", "by": "test", "at": now, "due_at": due_at}
        scope.store.write(outgoing.ask, Purpose.REMINDER, subject, **call)

    ask(now + timedelta(hours=20), 1)
    forward(scope, hours=19)
    beats(scope)
    audit(scope)
    assert open_findings(scope) == []
    forward(scope, hours=1, minutes=16)
    beats(scope)
    audit(scope)
    assert open_findings(scope) == [(FindingKind.WORK_LATE, "calls to make")]

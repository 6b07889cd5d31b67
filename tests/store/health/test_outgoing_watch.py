"""Many calls that leave at night, or many refusals, have one ticket and ring the duty phone once (R20-5)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models.health import findings
from models.health.findings import IS_OVER
from models.states.gate import NumberClass, Reach
from models.states.health import FindingKind
from models.states.tickets import TicketKind
from models.tables import Ticket, TicketEvent, TrunkCall
from scheduler import duty_phone
from scheduler.scans.outgoing_watch import KINDS, outgoing_watch
from scheduler.scope import Scope

pytestmark = pytest.mark.store


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls to the duty phone: name, and what it is about."""
    names: list[str] = []
    monkeypatch.setattr(duty_phone, "ring", lambda home, site, name, about: names.append(f"{name} {about}"))
    return names


def at_hour(scope: Scope, hour: int) -> datetime:
    """The clock goes on to this hour of the site."""
    now = scope.clock.now()
    local = now.astimezone(scope.site.time_zone)
    there = (local + timedelta(days=1)).replace(hour=hour, minute=0, second=0)
    scope.clock.forward(seconds=(there - local).total_seconds())  # type: ignore[attr-defined]
    return scope.clock.now()


def calls(scope: Scope, how_many: int, reason: str | None = None, purpose: Reach = Reach.CALL_BACK) -> None:
    at = scope.clock.now()
    rows = [
        TrunkCall(
            number="13800138000",
            number_class=NumberClass.MOBILE,
            purpose=purpose,
            decided_at=at,
            ended_at=at,
            reason=reason,
        )
        for _ in range(how_many)
    ]
    scope.store.write(lambda s: s.add_all(rows))


def found(scope: Scope) -> list[FindingKind]:
    return [finding.kind for finding in scope.store.read(lambda s: findings.open_of(s, KINDS))]


def faults(scope: Scope) -> list[int]:
    query = select(Ticket.id).where(Ticket.kind == TicketKind.FAULT)
    return scope.store.read(lambda s: list(s.scalars(query)))


def notes(scope: Scope) -> list[str]:
    query = select(TicketEvent.text).where(TicketEvent.text == IS_OVER)
    return scope.store.read(lambda s: list(s.scalars(query)))


def test_a_burst_at_night_has_one_ticket_rings_once_and_ends_with_its_cause(scope: Scope, rung: list[str]) -> None:
    at_hour(scope, 2)
    calls(scope, 9)
    assert (outgoing_watch(scope), found(scope)) == (0, [])
    calls(scope, 1)
    assert (outgoing_watch(scope), found(scope)) == (1, [FindingKind.CALLS_AT_NIGHT])
    assert (outgoing_watch(scope), len(faults(scope))) == (0, 1)
    assert rung == [f"fault-{faults(scope)[0]} outgoing"]
    scope.clock.forward(seconds=3601)  # type: ignore[attr-defined]
    outgoing_watch(scope)
    assert (found(scope), notes(scope), len(rung)) == ([], [IS_OVER], 1)


def test_by_day_or_to_mobiles_of_the_staff_it_is_no_burst(scope: Scope, rung: list[str]) -> None:
    """R07-9: an urgent ticket may ring its people all night. Calls of the evening do not count after its end."""
    at_hour(scope, 20)
    calls(scope, 50)
    assert outgoing_watch(scope) == 0
    scope.clock.forward(seconds=3300 + 600)  # type: ignore[attr-defined]
    assert outgoing_watch(scope) == 0
    at_hour(scope, 3)
    calls(scope, 50, purpose=Reach.STAFF_MOBILE)
    assert (outgoing_watch(scope), rung) == (0, [])


def test_a_run_of_refusals_is_a_ticket_at_any_hour_but_not_a_queue_for_a_line(scope: Scope, rung: list[str]) -> None:
    at_hour(scope, 12)
    calls(scope, 50, "refused-all-in-use")
    assert outgoing_watch(scope) == 0
    calls(scope, 10, "refused-premium")
    assert (outgoing_watch(scope), found(scope)) == (1, [FindingKind.CALLS_REFUSED])
    assert len(rung) == 1


def test_the_duty_phone_rings_as_soon_as_asterisk_can(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []

    def cannot(*_: object) -> None:
        raise duty_phone.NotRung("Asterisk does not answer")

    at_hour(scope, 2)
    calls(scope, 10)
    monkeypatch.setattr(duty_phone, "ring", cannot)
    assert outgoing_watch(scope) == 1
    monkeypatch.setattr(duty_phone, "ring", lambda *call: rung.append(call[2]))
    assert (outgoing_watch(scope), len(rung)) == (0, 1)

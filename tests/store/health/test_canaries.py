"""Two failed or missing canaries are an outage: one ticket, one call to the duty phone (R17-5, R05-7)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.store import StoreUnavailable
from models.health import canaries
from models.health.canaries import ANSWERS_AGAIN, Canary, CanaryStep
from models.states.tickets import Source, TicketKind
from models.tables import Ticket
from models.tickets import tickets
from scheduler import asterisk, duty_phone
from scheduler.scans.canary_watch import canary_watch
from scheduler.scope import Scope

pytestmark = pytest.mark.store

Fly = Callable[[CanaryStep | None], Canary]


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the calls to the duty phone."""
    names: list[str] = []
    monkeypatch.setattr(duty_phone, "ring", lambda home, site, name, about: names.append(name))
    return names


@pytest.fixture
def fly(scope: Scope) -> Fly:
    """Writes one canary, five minutes after the last."""

    def fly(failed: CanaryStep | None = None) -> Canary:
        later(scope, minutes=5)
        return scope.store.write(canaries.write, at=scope.clock.now(), ms=3000, failed=failed)

    return fly


def later(scope: Scope, **by: float) -> None:
    scope.clock.forward(**by)  # type: ignore[attr-defined]


def faults(scope: Scope) -> list[Ticket]:
    def read(session: Session) -> list[Ticket]:
        return list(session.scalars(select(Ticket).where(Ticket.kind == TicketKind.FAULT).order_by(Ticket.id)))

    return scope.store.read(read)


def noted(scope: Scope, ticket: Ticket) -> list[str]:
    record = scope.store.read(tickets.get, ticket.id)
    assert record is not None
    return [event.text for event in record.events]


def test_successful_canaries_open_no_ticket(scope: Scope, fly: Fly, rung: list[str]) -> None:
    for _ in range(3):
        fly(None)
        assert canary_watch(scope) == 0
    assert (faults(scope), rung) == ([], [])


def test_a_single_failed_canary_is_no_outage(scope: Scope, fly: Fly, rung: list[str]) -> None:
    for failed in (None, CanaryStep.DIALPLAN, None, CanaryStep.PROMPT):
        fly(failed)
        canary_watch(scope)
    assert (faults(scope), rung) == ([], [])


def test_two_failed_canaries_are_one_ticket_and_one_call_while_the_outage_lasts(
    scope: Scope, fly: Fly, rung: list[str]
) -> None:
    fly(None)
    for _ in range(4):
        fly(CanaryStep.PROMPT)
        canary_watch(scope)
        canary_watch(scope)
    (fault,) = faults(scope)
    assert rung == [f"fault-{fault.id}"]
    assert (fault.source, fault.call_id) == (Source.SYSTEM, None)
    assert fault.next_due_at == fault.opened_at + timedelta(minutes=30)
    assert noted(scope, fault) == ["test calls fail\ncanary-prompt"]


def test_each_outage_has_its_ticket_and_its_end_is_noted_once(scope: Scope, fly: Fly, rung: list[str]) -> None:
    for failed in (CanaryStep.KEY, CanaryStep.KEY, None, None, CanaryStep.KEY, CanaryStep.KEY):
        fly(failed)
        canary_watch(scope)
    first, second = faults(scope)
    assert rung == [f"fault-{first.id}", f"fault-{second.id}"]
    assert noted(scope, first) == ["test calls fail\ncanary-key", ANSWERS_AGAIN]
    assert noted(scope, second) == ["test calls fail\ncanary-key"]


def test_missing_canaries_are_an_outage(scope: Scope, fly: Fly, rung: list[str]) -> None:
    fly(None)
    later(scope, minutes=10, seconds=30)
    assert canary_watch(scope) == 0
    later(scope, seconds=1)
    assert canary_watch(scope) == 1
    (newest,) = scope.store.read(canaries.recent, limit=1)
    assert (newest.ok, newest.step, newest.ms) == (False, CanaryStep.MISSING, None)
    assert [noted(scope, fault) for fault in faults(scope)] == [["test calls fail\ncanary-missing"]]
    later(scope, minutes=30)
    assert canary_watch(scope) == 0
    assert len(rung) == 1


def test_after_a_time_switched_off_old_canaries_are_not_missed(scope: Scope, fly: Fly, rung: list[str]) -> None:
    fly(None)
    later(scope, days=2)
    begun = Scope(scope.home, scope.site, scope.policy, scope.store, scope.clock)
    assert canary_watch(begun) == 0
    later(begun, minutes=11)
    assert canary_watch(begun) == 1
    assert len(rung) == 1


def test_a_duty_phone_that_could_not_be_rung_is_rung_later(
    scope: Scope, fly: Fly, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[str] = []

    def ring(home: object, site: object, name: str, about: object) -> None:
        tries.append(name)
        if len(tries) < 3:
            raise duty_phone.NotRung("Asterisk does not answer")

    monkeypatch.setattr(duty_phone, "ring", ring)
    for _ in range(2):
        fly(CanaryStep.CONNECT)
    assert [canary_watch(scope) for _ in range(4)] == [0, 0, 1, 0]
    assert len(set(tries)) == 1
    assert len(faults(scope)) == 1
    assert caplog.messages == ["duty phone: Asterisk does not answer"]


def test_a_store_out_of_reach_for_as_long_rings_the_duty_phone_once(
    scope: Scope, rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object, **__: object) -> None:
        raise StoreUnavailable("database is locked")

    canary_watch(scope)
    scope.looked("canary_watch")
    with monkeypatch.context() as patch:
        patch.setattr(scope.store, "read", unavailable)
        for _ in range(5):
            later(scope, minutes=5)
            with pytest.raises(StoreUnavailable):
                canary_watch(scope)
    assert rung == ["fault-store"]


def test_canaries_are_kept_as_long_as_the_policy_says(scope: Scope, fly: Fly, rung: list[str]) -> None:
    fly(None)
    later(scope, days=scope.policy.canary.keep_days)
    fly(None)
    canary_watch(scope)
    assert len(scope.store.read(canaries.recent, limit=10)) == 1


@pytest.mark.parametrize(("state", "hung_up"), [("Ringing", True), ("Up", False)])
def test_the_duty_phone_stops_ringing_when_the_line_answers_again(
    scope: Scope, fly: Fly, rung: list[str], monkeypatch: pytest.MonkeyPatch, state: str, hung_up: bool
) -> None:
    """Who has answered hears the announcement to its end."""
    asked: list[str] = []

    def ask(home: object, site: object, method: str, path: str) -> tuple[int, str]:
        asked.append(f"{method} {path}")
        return 200, f'{{"state": "{state}"}}'

    monkeypatch.setattr(asterisk, "ask", ask)
    for _ in range(2):
        fly(CanaryStep.CONNECT)
    canary_watch(scope)
    canary_watch(scope)
    assert asked == [], "it is not over"
    fly(None)
    canary_watch(scope)
    canary_watch(scope)
    assert asked == [f"GET channels/{rung[0]}", f"DELETE channels/{rung[0]}"][: 1 + hung_up]

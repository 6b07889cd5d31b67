"""The result of a wake-up call is one transaction: its end, the guest's state, the next call (R21-11)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.calls import outgoing
from models.calls.outgoing import Claim
from models.database.store import Store
from models.guests import knocks, rooms, stays, wakeup_attempts, wakeups
from models.guests.wakeups import WakeupHow
from models.policy import Policy
from models.policy.wakeups import WakeupPolicy as Rules
from models.site import Site
from models.states.calls import AttemptOutcome, Priority, Purpose, Ring, ToMake
from models.states.guests import Confirmed, KnockLevel, KnockOutcome, WakeupState
from models.tables import Knock, Staff, Wakeup, WakeupAttempt
from scheduler.scans.wakeups import wakeups as scan
from scheduler.scope import Scope

pytestmark = pytest.mark.store

EVENING = datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
WAKING = [Priority.AT_ITS_SECOND]


@pytest.fixture
def rules(policy: Policy) -> Rules:
    return policy.wake_up


@pytest.fixture
def wakeup(staffed: Store, rules: Rules) -> int:
    """The only wake-up: of 1101, at half past six on Monday."""
    staffed.write(stays.check_in, "1101", ["王建国"], who="7001", at=EVENING)
    order = {"by": "7001", "how": WakeupHow.FRONT_DESK, "at": EVENING, "rules": rules, "zone": SHANGHAI}
    made = staffed.write(wakeups.book, "1101", time(6, 30), on=date(2026, 3, 2), **order)
    (one,) = staffed.read(wakeups.open_ones, made.id)
    return int(one.id)


@pytest.fixture
def ring(staffed: Store, rules: Rules) -> Callable[..., Claim]:
    """Dials the room at this moment."""

    def claim_and_dial(at: datetime = DUE, among: Any = WAKING) -> Claim:
        claim = staffed.write(outgoing.claim, by="hotline-1", at=at, until=at + timedelta(minutes=2), among=among)
        assert claim is not None
        staffed.write(wakeup_attempts.dial, claim, at=at, until=at + timedelta(minutes=2), rules=rules)
        return claim

    return claim_and_dial


def now(store: Store, wakeup_id: int) -> Wakeup:
    return store.read(lambda session: session.get_one(Wakeup, wakeup_id))


def every(store: Store, table: type[Any]) -> list[Any]:
    return store.read(lambda session: list(session.query(table).order_by(table.id)))


def test_only_a_wake_up_call_is_claimed_a_moment_before_it_is_due(staffed: Store, wakeup: int) -> None:
    def due(at: datetime, **how: Any) -> bool:
        return staffed.read(outgoing.any_due, at=at, **how)

    ahead = timedelta(seconds=2)
    assert not due(DUE - timedelta(seconds=3), ahead=ahead)
    assert due(DUE - timedelta(seconds=1), ahead=ahead)
    assert not due(DUE - timedelta(seconds=1))
    assert not due(DUE, among=[Priority.FIRST, Priority.LATER])
    staffed.write(outgoing.ask, Purpose.REMINDER, 1, due_at=DUE, by="test", at=EVENING, extension="7001")
    assert not due(DUE - timedelta(seconds=1), ahead=ahead, among=[Priority.ORDINARY])


def test_the_calls_of_a_dead_process_are_due_again_and_those_of_a_living_one_are_not(
    staffed: Store, wakeup: int, ring: Callable[..., Claim]
) -> None:
    ring()
    args = {"node": "hotline", "at": DUE}
    assert staffed.write(outgoing.take_from, [Purpose.WAKE_UP], except_claimant="hotline-1", **args) == 0
    assert staffed.write(outgoing.take_from, [Purpose.KNOCK], except_claimant="hotline-2", **args) == 0
    assert staffed.write(outgoing.take_from, [Purpose.WAKE_UP], except_claimant="other-2", node="other", at=DUE) == 0
    assert staffed.write(outgoing.take_from, [Purpose.WAKE_UP], except_claimant="hotline-2", **args) == 1
    assert staffed.read(outgoing.any_due, at=DUE)


def test_an_interrupted_attempt_is_recorded_and_the_next_one_is_due_at_once(
    staffed: Store, wakeup: int, ring: Callable[..., Claim], rules: Rules
) -> None:
    first = ring()
    staffed.write(outgoing.give_back, first, at=DUE)
    again = ring(DUE + timedelta(seconds=5))
    assert again.name == first.name == f"wake-{wakeup}-1", "a channel has one name, and is dialled once"
    third = ring(DUE + timedelta(seconds=6))
    assert third.name == f"wake-{wakeup}-2"
    interrupted, going_on = every(staffed, WakeupAttempt)
    assert (interrupted.outcome, interrupted.ended_at) == (None, DUE + timedelta(seconds=5))
    assert going_on.dialled_at == DUE + timedelta(seconds=6)
    outcomes = [attempt.outcome for attempt in every(staffed, outgoing.Attempt)]
    assert outcomes == [AttemptOutcome.INTERRUPTED, AttemptOutcome.INTERRUPTED, None]
    # The first process can no longer change the call: another one has claimed it.
    assert not staffed.write(wakeup_attempts.not_awake, first, Ring.NO_ANSWER, rings=3, at=DUE, rules=rules)
    assert len(every(staffed, WakeupAttempt)) == 2


def test_the_guests_key_counts_though_the_lease_has_ended(
    staffed: Store, wakeup: int, ring: Callable[..., Claim]
) -> None:
    claim = ring()
    staffed.write(outgoing.give_back, claim, at=DUE)
    staffed.write(wakeup_attempts.awake, claim, at=DUE + timedelta(seconds=20))
    done = now(staffed, wakeup)
    assert (done.state, done.confirmed_by, done.confirmed_how) == (WakeupState.AWAKE, "guest", Confirmed.KEY)
    assert not staffed.read(outgoing.any_due, at=DUE + timedelta(days=1))


def test_a_guest_not_awake_is_called_again_and_lateness_counts_from_the_ordered_time(
    staffed: Store, wakeup: int, ring: Callable[..., Claim], rules: Rules
) -> None:
    at = DUE
    for outcome in (Ring.NO_ANSWER, Ring.BUSY, Ring.CONNECTED):
        claim = ring(at)
        staffed.write(wakeup_attempts.not_awake, claim, outcome, rings=6, at=at, rules=rules)
        at += timedelta(seconds=rules.again_seconds)
    assert [attempt.outcome for attempt in every(staffed, WakeupAttempt)] == [
        Ring.NO_ANSWER,
        Ring.BUSY,
        Ring.CONNECTED,
        None,
    ]
    (one,) = staffed.write(
        wakeup_attempts.confirm, "1101", by="7001", how=Confirmed.COMMAND, at=at + timedelta(seconds=59)
    )
    assert (one.late_minutes, one.confirmed_by) == (3, "7001")
    assert staffed.write(wakeup_attempts.confirm, "1101", by="7001", how=Confirmed.COMMAND, at=at) == []


def test_confirming_a_guest_awake_does_not_end_a_wake_up_not_yet_due(staffed: Store, wakeup: int) -> None:
    early = DUE - timedelta(minutes=1)
    assert staffed.write(wakeup_attempts.confirm, "1101", by="7001", how=Confirmed.CODE, at=early) == []
    assert now(staffed, wakeup).state is WakeupState.PLANNED


def test_a_snooze_postpones_the_call_and_the_knock_and_has_a_limit(
    staffed: Store, wakeup: int, ring: Callable[..., Claim], rules: Rules
) -> None:
    at = DUE
    for times in range(1, rules.snoozes + 1):
        assert staffed.write(wakeup_attempts.snooze, ring(at), at=at, rules=rules)
        at += timedelta(minutes=rules.snooze_minutes)
        snoozed = now(staffed, wakeup)
        assert (snoozed.state, snoozed.snoozes, snoozed.wake_at) == (WakeupState.SNOOZED, times, at)
        assert snoozed.knock_at == at + timedelta(minutes=rules.knock.attendant_minutes)
    assert not staffed.write(wakeup_attempts.snooze, ring(at), at=at, rules=rules)
    assert now(staffed, wakeup).state is WakeupState.CALLING


# -- the staff who are called -----------------------------------------------------------------------------------------


def called(store: Store) -> list[tuple[KnockLevel, str]]:
    return [(knock.rouse, knock.staff_number) for knock in every(store, Knock) if knock.ended_at is None]


def knock_claim(store: Store, at: datetime) -> Claim:
    """Dials one of the staff at this moment."""
    claim = store.write(outgoing.claim, by="hotline-1", at=at, until=at, among=[Priority.FIRST])
    assert claim is not None
    assert store.write(outgoing.move, claim, to=ToMake.DIALLING, at=at)
    return claim


def test_staff_are_called_in_turn_about_a_guest_who_does_not_wake(
    staffed: Store, wakeup: int, ring: Callable[..., Claim], rules: Rules, site: Site
) -> None:
    ring()

    def look(minutes: float) -> list[tuple[KnockLevel, str]]:
        at = DUE + timedelta(minutes=minutes)
        for _, id in staffed.read(knocks.due, at=at, after=None, limit=10):
            staffed.write(knocks.advance, id, at=at, rules=rules, site=site)
        return called(staffed)

    assert look(4.9) == []
    assert look(5) == [(KnockLevel.ATTENDANT, "7040")]
    assert look(6) == [(KnockLevel.ATTENDANT, "7040")], "7040 is being called"
    at = DUE + timedelta(minutes=7)
    assert staffed.write(knocks.answer, knock_claim(staffed, at), KnockOutcome.NO_ANSWER, at=at, rules=rules)
    assert look(7) == [(KnockLevel.ATTENDANT, "7040")]
    assert look(10) == [(KnockLevel.ATTENDANT, "7040"), (KnockLevel.DESK, "7001"), (KnockLevel.MANAGER, "7050")]
    # The attendant is on the way: nobody else is called for a while.
    at = DUE + timedelta(minutes=10)
    assert staffed.write(knocks.answer, knock_claim(staffed, at), KnockOutcome.ON_MY_WAY, at=at, rules=rules)
    assert (now(staffed, wakeup).on_way_by, called(staffed)) == ("7040", [])
    assert look(14.9) == []
    assert look(15) == [(KnockLevel.ATTENDANT, "7040"), (KnockLevel.DESK, "7002"), (KnockLevel.MANAGER, "7050")], (
        "the next agent at the desk"
    )
    assert now(staffed, wakeup).on_way_by is None


def test_when_nobody_of_a_level_is_on_duty_the_next_level_is_called(
    staffed: Store, wakeup: int, rules: Rules, site: Site
) -> None:
    def off_duty(*numbers: str) -> None:
        staffed.write(lambda s: [setattr(s.get_one(Staff, number), "on_duty", False) for number in numbers])

    at = DUE + timedelta(minutes=5)
    off_duty("7040")
    assert staffed.write(knocks.advance, wakeup, at=at, rules=rules, site=site)
    assert not staffed.write(knocks.advance, wakeup, at=at, rules=rules, site=site), "two schedulers look at once"
    assert called(staffed) == [(KnockLevel.DESK, "7001")]
    off_duty("7001", "7002", "7003", "7004", "7050")
    at += timedelta(minutes=1)
    staffed.write(knocks.advance, wakeup, at=at, rules=rules, site=site)
    assert called(staffed) == [(KnockLevel.DESK, "7001"), (KnockLevel.MANAGER, "7050")], "a manager, on duty or not"


def test_about_a_guest_with_do_not_disturb_the_manager_is_called_first(
    staffed: Store, wakeup: int, rules: Rules, site: Site
) -> None:
    staffed.write(rooms.set_do_not_disturb, "1101", True, who="7001", at=EVENING)
    staffed.write(knocks.advance, wakeup, at=DUE + timedelta(minutes=5), rules=rules, site=site)
    assert called(staffed) == [(KnockLevel.MANAGER, "7050")]


def test_the_scan_plans_days_calls_staff_and_finds_overdue_wake_ups(scope: Scope, wakeup: int, rules: Rules) -> None:
    store, clock = scope.store, scope.clock
    clock.moment = EVENING  # type: ignore[attr-defined]
    order = {"by": "room", "how": WakeupHow.ROOM, "at": EVENING, "rules": rules, "zone": SHANGHAI}
    store.write(wakeups.book, "1101", time(7, 0), weekdays="1234567", **order)
    assert scan(scope) == 0
    clock.moment = DUE + timedelta(minutes=9)  # type: ignore[attr-defined]
    assert scan(scope) == 2, "a new day of the repeated order, and a call to the attendant"
    clock.moment = DUE + timedelta(minutes=11)  # type: ignore[attr-defined]
    assert scan(scope) == 2, "it is overdue, and the desk is called"
    assert now(store, wakeup).state is WakeupState.OVERDUE
    assert (KnockLevel.DESK, "7001") in called(store)
    assert every(store, WakeupAttempt)[0].outcome is Ring.CANCELLED
    assert not store.write(wakeup_attempts.overdue, wakeup, at=clock.now(), rules=rules)

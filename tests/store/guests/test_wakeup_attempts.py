"""What comes of a wake-up call is one transaction: its end, the guest's state, the next call, who is told (R21-11)."""

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
from scheduler.scans.wake_ups import wake_ups
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
    """The only one: of 1101, at half past six on Monday."""
    staffed.write(stays.check_in, "1101", ["王建国"], who="7001", at=EVENING)
    order = {"by": "7001", "how": WakeupHow.FRONT_DESK, "at": EVENING, "rules": rules, "zone": SHANGHAI}
    made = staffed.write(wakeups.book, "1101", time(6, 30), on=date(2026, 3, 2), **order)
    (one,) = staffed.read(wakeups.open_ones, made.id)
    return int(one.id)


@pytest.fixture
def ring(staffed: Store, rules: Rules) -> Callable[..., Claim]:
    """The room is dialled at this moment."""

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


def test_a_call_is_taken_up_a_moment_ahead_of_its_second_and_no_other_is(staffed: Store, wakeup: int) -> None:
    def due(at: datetime, **how: Any) -> bool:
        return staffed.read(outgoing.any_due, at=at, **how)

    ahead = timedelta(seconds=2)
    assert not due(DUE - timedelta(seconds=3), ahead=ahead)
    assert due(DUE - timedelta(seconds=1), ahead=ahead)
    assert not due(DUE - timedelta(seconds=1))
    assert not due(DUE, among=[Priority.FIRST, Priority.LATER])
    staffed.write(outgoing.ask, Purpose.REMINDER, 1, due_at=DUE, by="test", at=EVENING, extension="7001")
    assert not due(DUE - timedelta(seconds=1), ahead=ahead, among=[Priority.ORDINARY])


def test_what_a_dead_process_had_in_hand_is_due_again_and_a_living_ones_is_not(
    staffed: Store, wakeup: int, ring: Callable[..., Claim]
) -> None:
    ring()
    args = {"node": "hotline", "at": DUE}
    assert staffed.write(outgoing.take_from, [Purpose.WAKE_UP], but="hotline-1", **args) == 0
    assert staffed.write(outgoing.take_from, [Purpose.KNOCK], but="hotline-2", **args) == 0
    assert staffed.write(outgoing.take_from, [Purpose.WAKE_UP], but="other-2", node="other", at=DUE) == 0
    assert staffed.write(outgoing.take_from, [Purpose.WAKE_UP], but="hotline-2", **args) == 1
    assert staffed.read(outgoing.any_due, at=DUE)


def test_an_attempt_that_was_interrupted_is_written_down_so_and_the_next_one_is_due_at_once(
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
    # Whatever the first process still believes, it changes nothing of the call that is another's by now.
    assert not staffed.write(wakeup_attempts.not_awake, first, Ring.NO_ANSWER, rings=3, at=DUE, rules=rules)
    assert len(every(staffed, WakeupAttempt)) == 2


def test_his_key_is_written_though_the_lease_has_lapsed(
    staffed: Store, wakeup: int, ring: Callable[..., Claim]
) -> None:
    claim = ring()
    staffed.write(outgoing.give_back, claim, at=DUE)
    staffed.write(wakeup_attempts.awake, claim, at=DUE + timedelta(seconds=20))
    done = now(staffed, wakeup)
    assert (done.state, done.confirmed_by, done.confirmed_how) == (WakeupState.AWAKE, "guest", Confirmed.KEY)
    assert not staffed.read(outgoing.any_due, at=DUE + timedelta(days=1))


def test_not_awake_is_the_next_attempt_and_the_lateness_is_counted_from_his_time(
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


def test_one_that_is_not_due_yet_is_not_over_with_another(staffed: Store, wakeup: int) -> None:
    early = DUE - timedelta(minutes=1)
    assert staffed.write(wakeup_attempts.confirm, "1101", by="7001", how=Confirmed.CODE, at=early) == []
    assert now(staffed, wakeup).state is WakeupState.PLANNED


def test_a_snooze_puts_everything_off_and_has_a_limit(
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


# -- who is told ------------------------------------------------------------------------------------------------------


def told(store: Store) -> list[tuple[KnockLevel, str]]:
    return [(knock.rouse, knock.staff_number) for knock in every(store, Knock) if knock.ended_at is None]


def knock_claim(store: Store, at: datetime) -> Claim:
    """One of the staff is dialled at this moment."""
    claim = store.write(outgoing.claim, by="hotline-1", at=at, until=at, among=[Priority.FIRST])
    assert claim is not None
    assert store.write(outgoing.move, claim, to=ToMake.DIALLING, at=at)
    return claim


def test_who_is_called_about_him_minute_by_minute(
    staffed: Store, wakeup: int, ring: Callable[..., Claim], rules: Rules, site: Site
) -> None:
    ring()

    def look(minutes: float) -> list[tuple[KnockLevel, str]]:
        at = DUE + timedelta(minutes=minutes)
        for _, id in staffed.read(knocks.due, at=at, after=None, limit=10):
            staffed.write(knocks.advance, id, at=at, rules=rules, site=site)
        return told(staffed)

    assert look(4.9) == []
    assert look(5) == [(KnockLevel.ATTENDANT, "7040")]
    assert look(6) == [(KnockLevel.ATTENDANT, "7040")], "he is being called"
    at = DUE + timedelta(minutes=7)
    assert staffed.write(knocks.answer, knock_claim(staffed, at), KnockOutcome.NO_ANSWER, at=at, rules=rules)
    assert look(7) == [(KnockLevel.ATTENDANT, "7040")]
    assert look(10) == [(KnockLevel.ATTENDANT, "7040"), (KnockLevel.DESK, "7001"), (KnockLevel.MANAGER, "7050")]
    # The attendant goes: the others are left alone, for a while.
    at = DUE + timedelta(minutes=10)
    assert staffed.write(knocks.answer, knock_claim(staffed, at), KnockOutcome.ON_MY_WAY, at=at, rules=rules)
    assert (now(staffed, wakeup).on_way_by, told(staffed)) == ("7040", [])
    assert look(14.9) == []
    assert look(15) == [(KnockLevel.ATTENDANT, "7040"), (KnockLevel.DESK, "7002"), (KnockLevel.MANAGER, "7050")], (
        "the next at the desk"
    )
    assert now(staffed, wakeup).on_way_by is None


def test_nobody_of_a_step_is_on_duty_so_the_next_ones_are_called(
    staffed: Store, wakeup: int, rules: Rules, site: Site
) -> None:
    def off_duty(*numbers: str) -> None:
        staffed.write(lambda s: [setattr(s.get_one(Staff, number), "on_duty", False) for number in numbers])

    at = DUE + timedelta(minutes=5)
    off_duty("7040")
    assert staffed.write(knocks.advance, wakeup, at=at, rules=rules, site=site)
    assert not staffed.write(knocks.advance, wakeup, at=at, rules=rules, site=site), "two schedulers look at once"
    assert told(staffed) == [(KnockLevel.DESK, "7001")]
    off_duty("7001", "7002", "7003", "7004", "7050")
    at += timedelta(minutes=1)
    staffed.write(knocks.advance, wakeup, at=at, rules=rules, site=site)
    assert told(staffed) == [(KnockLevel.DESK, "7001"), (KnockLevel.MANAGER, "7050")], "a manager, on duty or not"


def test_who_wants_not_to_be_disturbed_is_the_managers_first(
    staffed: Store, wakeup: int, rules: Rules, site: Site
) -> None:
    staffed.write(rooms.set_do_not_disturb, "1101", True, who="7001", at=EVENING)
    staffed.write(knocks.advance, wakeup, at=DUE + timedelta(minutes=5), rules=rules, site=site)
    assert told(staffed) == [(KnockLevel.MANAGER, "7050")]


def test_the_scan_plans_tells_and_finds_what_was_missed(scope: Scope, wakeup: int, rules: Rules) -> None:
    store, clock = scope.store, scope.clock
    clock.moment = EVENING  # type: ignore[attr-defined]
    order = {"by": "room", "how": WakeupHow.ROOM, "at": EVENING, "rules": rules, "zone": SHANGHAI}
    store.write(wakeups.book, "1101", time(7, 0), weekdays="1234567", **order)
    assert wake_ups(scope) == 0
    clock.moment = DUE + timedelta(minutes=9)  # type: ignore[attr-defined]
    assert wake_ups(scope) == 2, "a new day of the repeated order, and a call to the attendant"
    clock.moment = DUE + timedelta(minutes=11)  # type: ignore[attr-defined]
    assert wake_ups(scope) == 2, "it is overdue, and the desk is told"
    assert now(store, wakeup).state is WakeupState.OVERDUE
    assert (KnockLevel.DESK, "7001") in told(store)
    assert every(store, WakeupAttempt)[0].outcome is Ring.CANCELLED
    assert not store.write(wakeup_attempts.overdue, wakeup, at=clock.now(), rules=rules)

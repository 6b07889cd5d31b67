"""The statements of a wake-up cost the same after ten years as in the first night."""

import inspect
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from models.calls import outgoing
from models.database.store import Store
from models.guests import knocks, pacing, stays, wakeup_attempts, wakeup_moves, wakeups
from models.guests.wakeups import WakeupHow
from models.policy import Policy
from models.site import Site
from models.states.calls import Priority, Ring, ToMake
from models.states.guests import Confirmed, KnockOutcome
from tests.store.history import ROOM, grow
from tests.store.what_it_reads import Statements, plans, read_whole, steps_of_sqlite

pytestmark = pytest.mark.store

FEW, MANY = 500, 20_000
HISTORY = {
    "wakeup_orders": "id, room, at, on_date, state, how, set_by, set_at, ended_by, ended_at"
    " :: i, '110' || (i % 9), '06:30', DAY, 'over', 'room-phone', 'room', AT, 'guest', AT",
    "wakeups": "id, order_id, room, on_date, due_at, wake_at, state, snoozes, knock_round, desk_at_once, ended_at"
    " :: i, i, '110' || (i % 9), DAY, AT, AT, 'awake', 0, 0, FALSE, AT",
    "wakeup_attempts": "id, wakeup_id, number, channel_id, due_at, ended_at, rings, outcome"
    " :: i, i, 1, 'wake-' || i || '-1', AT, AT, 1, 'connected'",
    "wakeup_knocks": "id, wakeup_id, rouse, staff_number, asked_at, ended_at, outcome"
    " :: i, i, 'floor-attendant', '7040', AT, AT, 'on-my-way'",
    "wakeup_events": "id, wakeup_id, at, who, text :: i, i, AT, 'guest', 'key'",
    "calls_to_make": "id, kind, subject_id, state, priority, due_at, extension, owner_group, channel_id, asked_by,"
    " asked_at, fence, ended_at :: i, 'wake-up', i, 'connected', 3, AT, '1101', '', 'wake-' || i || '-1', 'system',"
    " AT, 1, AT",
}
"""Finished rows, one a minute."""
OF_A_SCHEDULER_OR_FLOW = (knocks, pacing, wakeup_moves, wakeups, wakeup_attempts)
IN_A_STEP = {
    wakeup_moves.move,
    wakeup_moves.note,
    wakeup_moves.ring,
    wakeup_moves.stop_ringing,
    wakeup_moves.call_off_knocks,
    wakeups.days_of,
    wakeups.next_date,
    wakeups.end,
    wakeup_attempts.minutes_late,
    pacing.is_over_full,
}
"""Functions called by those used here, or without a store."""


class Night:
    """What a night reads and writes; remembers the functions used."""

    def __init__(self, store: Store, site: Site, policy: Policy, now: datetime) -> None:
        self.store, self.site, self.rules, self.now = store, site, policy.wake_up, now
        self.used: set[Any] = set()

    def write(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.write(fn, *args, **kwargs)

    def read(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.read(fn, *args, **kwargs)

    def order(self, **when: Any) -> Any:
        common = {"by": "7001", "how": WakeupHow.FRONT_DESK, "rules": self.rules, "zone": self.site.time_zone}
        return self.write(wakeups.book, "1101", time(23, 0), at=self.now, **common, **when)

    def passes(self) -> None:
        at, rules, zone = self.now, self.rules, self.site.time_zone
        weekly = self.order(weekdays="1234567")
        once = self.order(on=self.now.date() + timedelta(days=200))
        given = {"by": "7001", "how": WakeupHow.FRONT_DESK, "at": at, "rules": rules, "zone": zone}
        changed = self.write(wakeups.change, once.id, time_of_day=time(22, 0), **given)
        self.write(wakeups.cancel, changed.id, by="7001", at=at)
        self.read(wakeups.of_room, "1101")
        self.read(wakeups.of_guest, "1101", limit=9)
        self.read(wakeups.to_plan, at=at, rules=rules, zone=zone, after=None, limit=10)
        (wakeup, *_) = self.read(wakeups.open_ones, weekly.id)
        self.read(wakeups.next_of, weekly, at=at, zone=zone)
        self.read(wakeups.next_time, once, at=at, zone=zone)
        away = at.astimezone(zone).date() + timedelta(days=5)
        self.write(wakeups.cancel_day, weekly.id, away, by="room", at=at, zone=zone)
        assert self.read(wakeups.left_out, weekly.id, away) == [away]
        self.read(pacing.nearest_free, wakeup.due_at, at=at, rules=rules)
        self.read(pacing.wait_seconds, wakeup.due_at, rules)
        self.now = at = wakeup.due_at
        self.write(wakeup_attempts.snooze, self.dialled(), at=at, rules=rules)
        self.now = at = at + timedelta(minutes=rules.snooze_minutes)
        self.write(wakeup_attempts.not_awake, self.dialled(), Ring.NO_ANSWER, rings=3, at=at, rules=rules)
        self.read(wakeup_attempts.missed, at=at, rules=rules, after=None, limit=10)
        self.write(wakeup_attempts.overdue, wakeup.id, at=at, rules=rules)
        self.now = at = at + timedelta(minutes=rules.knock.desk_minutes)
        assert self.read(knocks.due, at=at, after=None, limit=10) == [(self.knock_at(wakeup.id), wakeup.id)]
        self.write(knocks.advance, wakeup.id, at=at, rules=rules, site=self.site)
        claim = self.write(outgoing.claim, by="test", at=at, until=at, among=[Priority.FIRST])
        self.write(outgoing.move, claim, to=ToMake.DIALLING, at=at, until=at)
        self.read(knocks.about, claim)
        self.write(knocks.answer, claim, KnockOutcome.ON_MY_WAY, at=at, rules=rules)
        claim = self.dialled()
        self.write(wakeup_attempts.answered, claim.subject_id, rings=2, at=at)
        self.write(wakeup_attempts.awake, claim, at=at)
        assert self.write(wakeup_attempts.confirm, "1101", by="7001", how=Confirmed.CODE, at=at) == []
        self.write(wakeups.plan, weekly.id, at=at, rules=rules, zone=zone)
        (row,) = self.read(wakeups.sheet, wakeup.due_at, wakeup.due_at + timedelta(hours=1))
        assert (len(row.attempts), len(row.knocks)) == (3, 3)
        self.read(wakeups.events, wakeup.id)
        self.write(wakeups.cancel_room, "1101", by="7001", at=at)

    def dialled(self) -> Any:
        at = self.now
        claim = self.write(outgoing.claim, by="test", at=at, until=at, among=[Priority.AT_ITS_SECOND])
        assert self.write(wakeup_attempts.dial, claim, at=at, until=at, rules=self.rules)
        return claim

    def knock_at(self, wakeup_id: int) -> datetime:
        at = self.store.read(lambda s: s.get_one(wakeups.Wakeup, wakeup_id).knock_at)
        assert at is not None
        return at


@pytest.fixture
def night(staffed: Store, site: Site, policy: Policy, noon: datetime) -> Night:
    staffed.write(stays.check_in, "1101", ["王建国"], who="7001", at=noon)
    grow(staffed, 1, FEW, history(staffed))
    return Night(staffed, site, policy, noon)


def history(store: Store) -> dict[str, str]:
    day = "'2026-01-01'" if store.sqlite else "date '2026-01-01'"
    return {table: row.replace("DAY", day) for table, row in HISTORY.items()}


def test_every_statement_of_a_night_finds_its_rows_by_an_index(staffed: Store, night: Night) -> None:
    grow(staffed, FEW + ROOM, MANY, history(staffed))
    with Statements(staffed) as sent:
        night.passes()
    assert [(s, p) for s, p in plans(staffed, sent) if read_whole(staffed, s, p, HISTORY)] == []


def test_twenty_times_the_history_does_not_make_a_night_dearer(staffed: Store, night: Night) -> None:
    if not staffed.sqlite:
        return
    few = steps_of_sqlite(staffed, night.passes)
    grow(staffed, FEW + ROOM, MANY, history(staffed))
    night.now += timedelta(days=30)
    assert steps_of_sqlite(staffed, night.passes) < 1.5 * few


def test_every_function_of_the_wake_ups_is_used_in_the_night(night: Night) -> None:
    night.passes()
    public = {
        function
        for module in OF_A_SCHEDULER_OR_FLOW
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    assert {function.__qualname__ for function in public - night.used - IN_A_STEP} == set()

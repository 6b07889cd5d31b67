"""Finding who is on duty, and the roster's scans, cost the same after ten years of rosters."""

import inspect
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.calls import outgoing
from models.database.store import Store
from models.people import duties, people
from models.policy import Policy
from models.roster import gaps, handovers, roster, swaps
from models.site import Site
from models.states.calls import Purpose, ToMake
from models.tables import Escalation, Handover
from tests.store import history
from tests.store.history import grow
from tests.store.roster.rostered import DAYS, delivered, install
from tests.store.what_it_reads import Statements, plans, read_whole, steps_of_sqlite

pytestmark = pytest.mark.store

FEW, MANY = 500, 20_000
HISTORY = {
    "duties": "id, shift, staff_number, starts_at, ends_at :: i, 'day', '700' || (i % 4), AT, AT",
    "swaps": "id, kind, state, staff_number, starts_at, ends_at, over_at, reason, asked_by, asked_at, decided_at, why"
    " :: i, 'absence', 'approved', '7001', AT, AT, AT, '', 'test', AT, AT, ''",
    "gaps": "id, kind, subject, starts_at, ends_at, found_at, settled_at :: i, 'nobody', 'agents', AT, AT, AT, AT",
    "handovers": 'id, shift, "group", ended_at, leaving, state, note, reminders'
    " :: i, 'day', 'agents', AT, '[\"7001\"]', 'taken-over', '', 0",
    "presence": "id, staff_number, state, since, until :: i, '7001', 'break', AT, AT",
}
"""Finished rows, one a minute."""
LADDERS = {
    "tickets": history.HISTORY["tickets"],
    "escalations": "id, ticket_id, state, due_at, round, started_at, ended_at :: i, i, 'stopped', AT, 1, AT, AT",
    "escalation_steps": "id, escalation_id, round, rung, staff_number, asked_at, ended_at, outcome"
    " :: i, i, 1, 'assignee', '7020', AT, AT, 'accepted'",
}


class RosterDay:
    """What a day reads and writes of the roster; remembers the functions used."""

    def __init__(self, store: Store, site: Site, policy: Policy, now: datetime) -> None:
        self.store, self.site, self.policy, self.now = store, site, policy, now
        self.used: set[Any] = set()

    def read(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.read(fn, *args, **kwargs)

    def write(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.write(fn, *args, **kwargs)

    def a_call(self) -> None:
        assert self.read(people.on_duty, "agents", "complaints", at=self.now)
        self.read(people.supervisor, "agents", at=self.now)
        self.read(people.is_on_duty, "7001", at=self.now)

    def pass_by(self) -> None:
        self.a_call()
        self.read(duties.between, self.now, self.now + timedelta(hours=1))
        self.read(duties.between, self.now, self.now + timedelta(hours=1), ["7001"])
        self.write(roster.extend, at=self.now, dates=self.site.days, days=DAYS)
        self.read(roster.plan)
        self.read(roster.names)
        self.read(roster.approved, self.now)
        found = self.read(gaps.ahead, self.now, self.now + timedelta(days=7), self.site.days)
        self.write(gaps.alarm, found.lacks, {}, at=self.now)
        self.read(gaps.still_open)
        self.swap()
        self.hand_over()

    def swap(self) -> None:
        """A swap: tomorrow 7001 has the day, 7003 the evening."""
        tomorrow = self.now.date() + timedelta(days=1)
        asked = self.write(
            swaps.ask_swap,
            "7001",
            "7003",
            tomorrow,
            back=tomorrow,
            shift=None,
            reason="",
            by="test",
            at=self.now,
            zone=self.site.time_zone,
        )
        self.write(swaps.refuse, asked.id, by="7050", why="no", at=self.now)
        ends = self.now + timedelta(hours=1)
        absent = self.write(
            swaps.ask_absence, "7002", self.now, ends, with_staff=None, reason="", by="test", at=self.now
        )
        self.write(swaps.approve, absent.id, by="7050", at=self.now, dates=self.site.days, days=DAYS)
        self.read(swaps.newest, limit=20)

    def hand_over(self) -> None:
        """A handover at the end of the day shift, 17:30."""
        end = datetime(self.now.year, self.now.month, self.now.day, 17, 30, tzinfo=self.site.time_zone)
        later = end + timedelta(hours=1)
        ((_, duty), *_) = self.read(handovers.ended, None, 20, since=end - timedelta(minutes=1), at=later)
        self.read(handovers.ended, (end, duty), 20, since=end - timedelta(minutes=1), at=later)
        self.write(handovers.begin_after, duty)
        handover = self.write(handovers.begin, "day", end)
        self.write(handovers.give, "7001", "the lift", at=end)
        assert self.read(handovers.for_whom, "7003", at=later)
        self.read(handovers.waiting_for, "7003", at=later)
        self.read(handovers.contents, handover)
        self.read(handovers.to_remind, None, 20, at=later, policy=self.policy)
        self.read(handovers.to_remind, (end, 1), 20, at=later, policy=self.policy)
        assert self.write(handovers.remind, handover.id, at=later, policy=self.policy, lead="management")
        self.read(handovers.still_open)
        self.read(handovers.newest, limit=20)
        self.write(handovers.take, handover.id, "7003", at=later)
        self.write(handovers.take_all, "7003", at=later)
        self.write(outgoing.ask, Purpose.REMINDER, handover.id, due_at=later, by="test", at=later, extension="7003")
        claim = self.write(outgoing.claim, by="test", at=later, until=later)
        self.write(outgoing.move, claim, to=ToMake.DIALLING, at=later, until=later)
        assert self.write(handovers.take_all_on_call, claim, "7003", at=later) is False
        self.read(handovers.of_wakeups, [1], since=end, until=later)


@pytest.fixture
def day(staffed: Store, site: Site, policy: Policy, noon: datetime) -> RosterDay:
    grow(staffed, 1, FEW, HISTORY)
    install(staffed, site, delivered(site), noon)
    return RosterDay(staffed, site, policy, noon)


def test_every_statement_finds_its_rows_by_an_index(store: Store, day: RosterDay) -> None:
    grow(store, FEW + 2_000, MANY, HISTORY)
    with Statements(store) as sent:
        day.pass_by()
    assert len(sent.statements) > 10
    whole = [(statement, plan) for statement, plan in plans(store, sent) if read_whole(store, statement, plan, HISTORY)]
    assert whole == []


def test_running_escalations_are_found_without_reading_ended_ones(staffed: Store, noon: datetime) -> None:
    grow(staffed, 1, 5_000, LADDERS)
    staffed.write(lambda s: s.add(Escalation(ticket_id=4_000, due_at=noon, started_at=noon)))
    with Statements(staffed) as sent:
        for group in ("agents", "engineering"):
            handover = Handover(shift="day", group=group, ended_at=noon, leaving=["7001"])
            staffed.read(handovers.contents, handover)
    whole = [one for one in plans(staffed, sent) if read_whole(staffed, *one, LADDERS)]
    assert whole == []


def test_every_function_of_the_roster_is_used_in_the_day(day: RosterDay) -> None:
    day.pass_by()
    asking = {
        function
        for module in (duties, gaps, handovers, roster, swaps)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "session" in inspect.signature(function).parameters
    }
    asked_by_others = {duties.present, duties.is_present}
    assert {one.__qualname__ for one in asking - day.used - asked_by_others - {roster.install}} == set()


def test_forty_times_the_history_does_not_make_a_call_dearer(store: Store, day: RosterDay) -> None:
    def cost(work: Callable[[], None]) -> int:
        if store.sqlite:
            return steps_of_sqlite(store, work)
        with Statements(store) as sent:
            work()
        return sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for _, plan in plans(store, sent))

    few = cost(day.a_call)
    grow(store, FEW + 2_000, MANY, HISTORY)
    assert cost(day.a_call) < 2 * few

"""Who is on duty, asked for every call, costs the same after ten years of rosters; so do the roster's scans."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models import duties, people, roster
from models.site import Site
from models.store import Store
from tests.store.rostered import DAYS, delivered, install
from tests.store.test_plans import Asked, grow, plans, read_whole, steps_of_sqlite

pytestmark = pytest.mark.store

FEW, MANY = 500, 20_000
PAST = {
    "duties": "id, shift, staff_number, starts_at, ends_at :: i, 'day', '700' || (i % 4), AT, AT",
    "swaps": "id, kind, state, staff_number, starts_at, ends_at, over_at, reason, asked_by, asked_at, decided_at, why"
    " :: i, 'absence', 'approved', '7001', AT, AT, AT, '', 'test', AT, AT, ''",
    "presence": "id, staff_number, state, since, until :: i, '7001', 'break', AT, AT",
}
"""What is over and done with, one a minute."""


class Day:
    """What is asked and written about the roster in a day."""

    def __init__(self, store: Store, site: Site, now: datetime) -> None:
        self.store, self.site, self.now = store, site, now
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
        self.write(roster.extend, at=self.now, zone=self.site.time_zone, days=DAYS)


@pytest.fixture
def day(staffed: Store, site: Site, noon: datetime) -> Day:
    grow(staffed, 1, FEW, PAST)
    install(staffed, site, delivered(site), noon)
    return Day(staffed, site, noon)


def test_every_statement_finds_its_rows_by_an_index(store: Store, day: Day) -> None:
    grow(store, FEW + 2_000, MANY, PAST)
    with Asked(store) as asked:
        day.pass_by()
    assert len(asked.statements) > 10
    whole = [(statement, plan) for statement, plan in plans(store, asked) if read_whole(store, statement, plan, PAST)]
    assert whole == []


def test_forty_times_the_history_does_not_make_a_call_dearer(store: Store, day: Day) -> None:
    def cost(work: Callable[[], None]) -> int:
        if store.sqlite:
            return steps_of_sqlite(store, work)
        with Asked(store) as asked:
            work()
        return sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for _, plan in plans(store, asked))

    works = (day.a_call, day.pass_by)
    day.pass_by()
    few = [cost(work) for work in works]
    grow(store, FEW + 2_000, MANY, PAST)
    many = [cost(work) for work in works]
    assert [now < 2 * before for before, now in zip(few, many, strict=True)] == [True, True]

"""A report costs only what its period holds, however much history there is before it."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from models.database.store import Store
from models.policy import Policy
from models.reports import runs
from models.reports.period import Period, PeriodKind
from models.reports.report import Report, make
from models.states.reports import ReportState
from tests.store.database import test_plans
from tests.store.database.call_day import CallDay
from tests.store.history import FEW, MANY, ROOM, grow
from tests.store.what_it_reads import Statements, plans, read_whole, steps_of_sqlite

pytestmark = pytest.mark.store

day = test_plans.day
OF_A_REPORT = 25
"""Statements for each of the two periods, at least this many for both together."""


@pytest.fixture
def report(store: Store, policy: Policy, noon: datetime, day: CallDay) -> Callable[[], Report]:
    """Makes the report of a day with one call, after a thousand older calls."""
    day.pass_by("now.1")
    period = Period.around(PeriodKind.DAY, noon.date(), ZoneInfo("Asia/Shanghai"))

    def read(session: Session) -> Report:
        return make(session, period, policy=policy, at=noon)

    return lambda: store.read(read)


def test_every_statement_of_a_report_finds_its_rows_by_an_index(store: Store, report: Callable[[], Report]) -> None:
    grow(store, FEW + ROOM, MANY)
    with Statements(store) as sent:
        made = report()
    counted = made.section("calls")
    assert counted.value("", counted.section.figures[0]) == 3, "the report has found the calls"
    assert len(sent.statements) > OF_A_REPORT
    assert [(statement, plan) for statement, plan in plans(store, sent) if read_whole(store, statement, plan)] == []


def test_twenty_times_the_history_does_not_make_a_report_dearer(store: Store, report: Callable[[], Report]) -> None:
    def cost() -> int:
        if store.sqlite:
            return steps_of_sqlite(store, report)
        with Statements(store) as sent:
            report()
        return sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for _, plan in plans(store, sent))

    cost()
    few = cost()
    grow(store, FEW + ROOM, MANY)
    assert cost() < 2 * few


def test_reports_due_to_be_sent_are_found_by_an_index(store: Store, policy: Policy, noon: datetime) -> None:
    grow(store, 1, FEW)
    period = Period.around(PeriodKind.DAY, noon.date(), ZoneInfo("Asia/Shanghai"))
    with Statements(store) as sent:
        assert store.write(runs.plan, period, at=noon)
        assert store.read(runs.any_due, at=noon)
        claim = store.write(runs.claim, at=noon, until=noon)
        assert claim
        store.write(runs.move, claim, to=ReportState.SENDING, at=noon)
        assert store.write(runs.give_up_broken_off, at=noon) == [period.name]
    assert [(statement, plan) for statement, plan in plans(store, sent) if read_whole(store, statement, plan)] == []

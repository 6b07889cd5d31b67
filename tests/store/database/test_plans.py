"""The statements of a call or a scan cost the same after ten years as on the first day."""

import inspect
from datetime import datetime
from types import ModuleType

import pytest
from sqlalchemy import text

from models import enrolment
from models.calls import block_list, calls, clicks, monitoring, outgoing, recordings, transfers, trunk_calls
from models.database import pushed_back
from models.database.store import Store
from models.health import canaries, findings, trunks
from models.people import people, presence
from models.policy import Policy
from models.site import Site
from models.surveys import attempts, campaigns, opt_outs, surveys
from models.tickets import call_backs, due_call_backs, talks, tasks, tickets
from tests.store.database.call_day import CallDay
from tests.store.history import FEW, MANY, ROOM, grow
from tests.store.tickets.handling import HANDLING
from tests.store.what_it_reads import Statements, plans, read_whole, steps_of_sqlite

pytestmark = pytest.mark.store

WHOLE_LISTS = {enrolment.enrol, people.sync, people.import_owners, campaigns.new}
"""Run when a file has changed or all residents are surveyed, not for a call."""


IN_A_VERB = {surveys.dial, surveys.answered, surveys.not_reached, surveys.put_off}
"""Reached through those of `attempts`."""


@pytest.fixture
def day(store: Store, site: Site, policy: Policy, noon: datetime) -> CallDay:
    grow(store, 1, FEW)
    store.write(enrolment.enrol, site)
    return CallDay(store, site, policy, noon)


def test_every_statement_of_a_call_and_of_a_scan_finds_its_rows_by_an_index(store: Store, day: CallDay) -> None:
    grow(store, FEW + ROOM, MANY)
    with Statements(store) as sent:
        day.pass_by("now.1")
    assert len(sent.statements) > 60
    assert [(statement, plan) for statement, plan in plans(store, sent) if read_whole(store, statement, plan)] == []


def test_a_statement_without_an_index_is_found(store: Store, day: CallDay) -> None:
    """The test above can fail."""
    with Statements(store) as sent, store.engine.connect() as connection:
        connection.execute(text("SELECT id FROM calls WHERE end_reason = 'x'"))
    assert [read_whole(store, statement, plan) for statement, plan in plans(store, sent)] == [["calls"]]


def test_twenty_times_the_history_does_not_make_a_call_or_a_scan_dearer(store: Store, day: CallDay) -> None:
    def cost(name: str) -> int:
        if store.sqlite:
            return steps_of_sqlite(store, lambda: day.pass_by(name))
        with Statements(store) as sent:
            day.pass_by(name)
        return sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for _, plan in plans(store, sent))

    cost("now.0")
    few = cost("now.1")
    grow(store, FEW + ROOM, MANY)
    many = cost("now.2")
    assert many < 2 * few


def test_every_store_function_that_the_program_uses_is_used_in_the_day(day: CallDay) -> None:
    day.pass_by("now.1")
    modules: tuple[ModuleType, ...] = (
        attempts, block_list, call_backs, calls, clicks, due_call_backs, outgoing, campaigns, canaries, findings,
        monitoring, opt_outs, people, presence, pushed_back, recordings, surveys, talks, tasks, tickets, transfers,
        trunk_calls, trunks,
        *HANDLING,
    )  # fmt: skip
    asking = {
        function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "session" in inspect.signature(function).parameters
    }
    assert {function.__qualname__ for function in asking - day.used - WHOLE_LISTS - IN_A_VERB} == set()

"""A ticket has the clocks of its class from its opening; its moves meet them; a new policy does not change them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import alembic.command
import pytest
from sqlalchemy import text

from models.database.store import Store, _alembic_config
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site
from models.states.tickets import Severity, TicketEventKind, TicketKind, TicketState
from models.tables import Call, Ticket, TicketClock
from models.tickets import deadlines, tickets
from models.tickets.deadlines import ClockKind

pytestmark = pytest.mark.store

RESPOND, ON_SITE, FEEDBACK, SOLUTION = ClockKind


@pytest.fixture
def open_ticket(store: Store, begin_call: Callable[..., Call], policy: Policy, noon: datetime) -> Callable[..., Ticket]:
    def make(kind: TicketKind = TicketKind.REPAIR, **fields: Any) -> Ticket:
        given = {"policy": policy, "at": noon} | fields
        return store.write(tickets.open, kind=kind, call_id=begin_call().id, **given)

    return make


def clocks(store: Store, ticket: Ticket) -> dict[tuple[ClockKind, int], TicketClock]:
    """The clocks by kind and round."""
    return {(clock.kind, clock.round): clock for clock in store.read(deadlines.of_ticket, ticket.id)}


def met(store: Store, ticket: Ticket) -> set[ClockKind]:
    return {clock.kind for clock in clocks(store, ticket).values() if clock.met_at is not None}


def next_due(store: Store, ticket: Ticket) -> datetime | None:
    return store.read(lambda session: session.get_one(Ticket, ticket.id).next_due_at)


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        # Opened on Monday, 2 March 2026, at noon; the office closes at 17:30 in spring (R09-1).
        (TicketKind.REPAIR, {RESPOND: ("2 16:00", "R08-1"), FEEDBACK: ("2 16:00", "R08-1"),
                             SOLUTION: ("5 17:30", "R06-3")}),
        (TicketKind.URGENT_REPAIR, {RESPOND: ("2 12:30", "R08-2"), ON_SITE: ("2 12:30", "R08-2"),
                                    FEEDBACK: ("2 16:00", "R08-1"), SOLUTION: ("5 17:30", "R06-3")}),
        (TicketKind.LIFT, {RESPOND: ("2 12:30", "R08-7"), ON_SITE: ("2 12:30", "R08-7"),
                           FEEDBACK: ("2 16:00", "R08-1"), SOLUTION: ("5 17:30", "R06-3")}),
        (TicketKind.COMPLAINT, {RESPOND: ("2 13:00", "R08-3"), ON_SITE: ("2 13:00", "R08-3"),
                                FEEDBACK: ("2 16:00", "R08-3"), SOLUTION: ("2 20:00", "R08-5")}),
        (TicketKind.PUBLIC_LIGHTING, {RESPOND: ("2 16:00", "R08-1"), SOLUTION: ("2 20:00", "R08-8")}),
        (TicketKind.ENQUIRY, {RESPOND: ("4 12:00", "R13-4")}),
        (TicketKind.SUGGESTION, {RESPOND: ("3 12:00", "R06-2"), FEEDBACK: ("5 17:30", "R16-3"),
                                 SOLUTION: ("5 17:30", "R06-3")}),
        (TicketKind.MESSAGE, {RESPOND: ("2 16:00", "R08-1")}),
        (TicketKind.GENERAL_MANAGER, {RESPOND: ("3 12:00", "R06-2"), SOLUTION: ("5 17:30", "R06-3")}),
    ],
)  # fmt: skip
def test_each_class_has_its_clocks_and_the_rules_they_come_from(
    kind: TicketKind,
    due: dict[ClockKind, tuple[str, str]],
    store: Store,
    open_ticket: Callable[..., Ticket],
    policy: Policy,
    noon: datetime,
    site: Site,
) -> None:
    ticket = open_ticket(kind)
    found = clocks(store, ticket)
    assert {
        clock.kind: (f"{clock.due_at.astimezone(site.time_zone):%-d %H:%M}", clock.rule) for clock in found.values()
    } == due
    assert {(clock.begun_at, clock.met_at, clock.policy_version) for clock in found.values()} == {
        (noon, None, policy.version)
    }
    assert next_due(store, ticket) == ticket.next_due_at == min(clock.due_at for clock in found.values())


def test_each_move_meets_its_clock_and_the_ticket_is_due_by_the_next_one(
    store: Store, open_ticket: Callable[..., Ticket], noon: datetime
) -> None:
    """R08-2, R08-1, R06-3, R10-2."""
    ticket = open_ticket(TicketKind.URGENT_REPAIR)

    def move(to: TicketState, minutes: int) -> None:
        at = noon + timedelta(minutes=minutes)
        store.write(tickets.move, ticket.id, to=to, who="system", at=at)

    move(TicketState.DISPATCHED, 1)
    assert met(store, ticket) == set()
    move(TicketState.ACCEPTED, 2)
    assert met(store, ticket) == {RESPOND}
    assert next_due(store, ticket) == noon + timedelta(minutes=30)
    store.write(tickets.move, ticket.id, to=TicketState.DISPATCHED, who="system", at=noon + timedelta(minutes=3))
    move(TicketState.ON_SITE, 40)
    assert met(store, ticket) == {RESPOND, ON_SITE}
    found = clocks(store, ticket)
    assert found[RESPOND, 1].met_at == noon + timedelta(minutes=2), "a clock is met once"
    assert found[ON_SITE, 1].met_at == noon + timedelta(minutes=40), "late stays late"
    move(TicketState.DONE, 60)
    assert met(store, ticket) == {RESPOND, ON_SITE, SOLUTION}
    assert next_due(store, ticket) == noon + timedelta(hours=4), "the customer has no feedback yet"
    assert store.write(deadlines.meet, ticket.id, FEEDBACK, at=noon + timedelta(minutes=70))
    assert not store.write(deadlines.meet, ticket.id, FEEDBACK, at=noon + timedelta(minutes=80))
    assert next_due(store, ticket) is None
    assert clocks(store, ticket)[FEEDBACK, 1].met_at == noon + timedelta(minutes=70)


@pytest.mark.parametrize("way", [[TicketState.DONE, TicketState.CONFIRMED], [TicketState.MERGED]])
def test_closing_a_ticket_meets_all_its_clocks(
    way: list[TicketState], store: Store, open_ticket: Callable[..., Ticket], noon: datetime
) -> None:
    ticket = open_ticket(TicketKind.COMPLAINT)
    for to in way:
        store.write(tickets.move, ticket.id, to=to, who="system", at=noon)
    assert met(store, ticket) == set(ClockKind)
    assert next_due(store, ticket) is None


def test_waiting_for_parts_meets_the_feedback_and_the_solution_is_still_due(
    store: Store, open_ticket: Callable[..., Ticket], noon: datetime
) -> None:
    """R08-7."""
    ticket = open_ticket(TicketKind.LIFT)
    store.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="system", at=noon)
    store.write(tickets.move, ticket.id, to=TicketState.ON_SITE, who="system", at=noon)
    store.write(tickets.move, ticket.id, to=TicketState.WAITING, who="system", at=noon)
    assert met(store, ticket) == set(ClockKind) - {SOLUTION}


def test_a_reopened_ticket_has_new_clocks_beside_the_old(
    store: Store, open_ticket: Callable[..., Ticket], policy: Policy, noon: datetime
) -> None:
    """R07-5, R15-1: an unsettled ticket is followed like a new one."""
    ticket = open_ticket(TicketKind.REPAIR)
    store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=noon + timedelta(hours=1))
    again = noon + timedelta(hours=2)
    with pytest.raises(ValueError, match="pass the policy"):
        store.write(tickets.move, ticket.id, to=TicketState.REOPENED, who="system", at=again)
    reopened = store.write(tickets.move, ticket.id, to=TicketState.REOPENED, who="system", at=again, policy=policy)
    found = clocks(store, ticket)
    assert set(found) == {(RESPOND, 1), (FEEDBACK, 1), (SOLUTION, 1), (RESPOND, 2), (SOLUTION, 2)}
    assert found[SOLUTION, 1].met_at == noon + timedelta(hours=1)
    assert (found[RESPOND, 2].begun_at, found[RESPOND, 2].due_at) == (again, again + timedelta(hours=4))
    assert found[FEEDBACK, 1].met_at is None, "the customer never had feedback"
    assert reopened.next_due_at == noon + timedelta(hours=4)
    store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=again)
    store.write(tickets.move, ticket.id, to=TicketState.CONFIRMED, who="caller", at=again)
    assert all(clock.met_at for clock in clocks(store, ticket).values())


def test_a_ticket_classified_later_has_clocks_that_count_from_the_opening(
    store: Store, open_ticket: Callable[..., Ticket], policy: Policy, noon: datetime
) -> None:
    ticket = open_ticket(TicketKind.REPAIR)
    store.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="system", at=noon)
    later = noon + timedelta(minutes=2)
    lift = store.write(tickets.classify, ticket.id, TicketKind.LIFT, who="7001", at=later, policy=policy)
    assert lift.next_due_at == noon + timedelta(minutes=30)
    found = clocks(store, ticket)
    assert {kind for kind, _ in found} == set(ClockKind)
    assert (found[RESPOND, 1].met_at, found[RESPOND, 1].rule) == (noon, "R08-1"), "a met clock stays met"
    enquiry = store.write(tickets.classify, ticket.id, TicketKind.ENQUIRY, who="7001", at=later, policy=policy)
    assert set(clocks(store, ticket)) == {(RESPOND, 1)}, "an enquiry has no other clock"
    assert enquiry.next_due_at is None


def test_a_complaint_that_proves_serious_has_five_working_days(
    store: Store, open_ticket: Callable[..., Ticket], policy: Policy, noon: datetime, site: Site
) -> None:
    """R08-5."""
    ticket = open_ticket(TicketKind.COMPLAINT)
    again = {"who": "7050", "at": noon, "policy": policy}
    for _ in range(2):
        store.write(tickets.classify, ticket.id, TicketKind.COMPLAINT, severity=Severity.SERIOUS, **again)
    solution = clocks(store, ticket)[SOLUTION, 1]
    assert f"{solution.due_at.astimezone(site.time_zone):%m-%d %H:%M}" == "03-09 17:30"
    assert (solution.figure, solution.unit, solution.calendar) == (5, "days", "office")
    record = store.read(tickets.get, ticket.id)
    assert record is not None
    texts = [event.text for event in record.events if event.kind is TicketEventKind.CLASSIFIED]
    assert texts == ["complaint -> complaint-serious"]
    assert record.ticket.severity is Severity.SERIOUS


def test_another_policy_does_not_change_the_clocks_of_an_open_ticket(
    store: Store, open_ticket: Callable[..., Ticket], policy: Policy, noon: datetime, site: Site, tmp_path: Path
) -> None:
    was = open_ticket(TicketKind.REPAIR)
    before = {key: clock.as_dict() for key, clock in clocks(store, was).items()}
    file = tmp_path / "policy.toml"
    delivered = (PROJECT_ROOT / "policy.toml").read_text(encoding="utf-8")
    file.write_text(delivered.replace('"4 hours", rule = "R08-1"', '"2 hours", rule = "R08-1"'), encoding="utf-8")
    changed = Policy.load(file, site)
    store.write(tickets.move, was.id, to=TicketState.DISPATCHED, who="system", at=noon)
    store.write(tickets.classify, was.id, TicketKind.REPAIR, who="7001", at=noon, policy=changed)
    assert {key: clock.as_dict() for key, clock in clocks(store, was).items()} == before


def test_a_fault_without_a_call_has_its_clock(store: Store, policy: Policy, noon: datetime) -> None:
    """R17-5."""
    ticket = store.write(tickets.open_fault, at=noon, policy=policy, language="zh", text="test calls fail")
    assert ticket.next_due_at == noon + timedelta(minutes=30)
    assert set(clocks(store, ticket)) == {(RESPOND, 1)}


def test_clocks_of_an_earlier_version_keep_how_they_counted(store: Store, empty_url: str) -> None:
    """They counted wall-clock minutes from the opening of the ticket."""
    older = Store(empty_url)
    with older.engine.connect() as connection:
        alembic.command.upgrade(_alembic_config(connection), "0006")
        connection.commit()
        connection.execute(
            text(
                "INSERT INTO tickets (id, kind, state, source, language, opened_at, policy_version) VALUES "
                "(1, 'repair', 'new', 'telephone', 'zh', '2026-03-02 04:00:00.000000', 'abc')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO clocks (ticket_id, kind, due_at, calendar, rule) VALUES "
                "(1, 'respond', '2026-03-02 08:00:00.000000', 'wall', 'R08-1')"
            )
        )
        connection.commit()
    older.migrate()
    (clock,) = older.read(deadlines.of_ticket, 1)
    assert (clock.figure, clock.unit, clock.policy_version, clock.round) == (240, "minutes", "abc", 1)
    assert clock.due_at - clock.begun_at == timedelta(hours=4)
    older.close()

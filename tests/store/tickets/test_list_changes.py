"""A list of tickets knows what has changed in it since it was shown, without reading the list again."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from models.database.store import Store
from models.policy import Policy
from models.states.tickets import TicketKind, TicketState
from models.tables import Ticket
from models.text.masking import Shown
from models.tickets import changes, dispatch, tickets
from models.tickets.changes import Changes
from models.tickets.search import TicketQuery
from tests.store.conftest import Write
from tests.store.history import MANY, ROOM, grow
from tests.store.what_it_reads import Statements, plans, read_whole

pytestmark = pytest.mark.store

OPEN = TicketQuery(open_only=True)
New = Callable[..., Ticket]


def changed(store: Store, event: int, wanted: TicketQuery = OPEN, reader: str = "7001") -> int:
    return store.read(changes.since, event, wanted, shown=Shown(False), reader=reader).tickets


def test_a_new_a_changed_and_a_closed_ticket_count_and_one_that_was_closed_before_does_not(
    new: New, do: Write, staffed: Store, policy: Policy
) -> None:
    goes_on, ends, over, _ = (new() for _ in range(4))
    do(tickets.move, over.id, to=TicketState.DONE, policy=policy)
    do(tickets.move, over.id, to=TicketState.CLOSED, text="by telephone", policy=policy)
    shown = staffed.read(changes.newest)
    assert changed(staffed, shown) == 0
    do(tickets.note, over.id, "asked again")
    assert changed(staffed, shown) == 0
    do(tickets.note, goes_on.id, "asked again")
    do(tickets.note, goes_on.id, "and again")
    assert changed(staffed, shown) == 1
    do(tickets.move, ends.id, to=TicketState.DONE, policy=policy)
    do(tickets.move, ends.id, to=TicketState.CLOSED, text="by telephone", policy=policy)
    new()
    assert changed(staffed, shown) == 3


def test_a_list_of_one_state_sees_what_comes_and_what_goes(new: New, do: Write, staffed: Store, policy: Policy) -> None:
    comes, goes, elsewhere = (new() for _ in range(3))
    do(tickets.move, goes.id, to=TicketState.DONE, policy=policy)
    shown, done = staffed.read(changes.newest), TicketQuery(states=(TicketState.DONE,))
    do(tickets.move, elsewhere.id, to=TicketState.ACCEPTED, policy=policy)
    assert changed(staffed, shown, done) == 0
    do(tickets.move, comes.id, to=TicketState.DONE, policy=policy)
    do(tickets.move, goes.id, to=TicketState.CLOSED, text="by telephone", policy=policy)
    assert changed(staffed, shown, done) == 2


def test_a_filtered_list_and_a_department_count_only_their_own(new: New, do: Write, staffed: Store) -> None:
    shown = staffed.read(changes.newest)
    new(TicketKind.COMPLAINT)
    do(dispatch.dispatch, new().id, department="engineering")
    assert changed(staffed, shown, TicketQuery(open_only=True, kinds=(TicketKind.COMPLAINT,))) == 1
    assert changed(staffed, shown, TicketQuery(open_only=True, department="engineering"), "7020") == 1
    assert changed(staffed, shown, TicketQuery(open_only=True, department="floor"), "7040") == 0


def test_the_person_complained_of_learns_nothing_from_a_list_filtered_by_words(new: New, staffed: Store) -> None:
    """R15-6."""
    shown = staffed.read(changes.newest)
    new(TicketKind.COMPLAINT, about_staff="7010", who="7050")
    said = TicketQuery(open_only=True, text="no water")
    assert changed(staffed, shown, said, "7010") == 0
    assert changed(staffed, shown, said, "7001") == 1


def test_in_the_list_of_late_tickets_one_that_is_not_late_does_not_count(
    new: New, do: Write, staffed: Store, noon: datetime
) -> None:
    ticket = new()
    assert ticket.next_due_at is not None
    shown = staffed.read(changes.newest)
    do(tickets.note, ticket.id, "asked again")
    for after, count in ((timedelta(seconds=-1), 0), (timedelta(seconds=1), 1)):
        assert changed(staffed, shown, TicketQuery(late_at=ticket.next_due_at + after)) == count


def test_after_too_much_it_is_so_many_or_more(
    new: New, do: Write, staffed: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_EVENTS", 3)
    shown = staffed.read(changes.newest)
    ticket = new()
    for _ in range(4):
        do(tickets.note, ticket.id, "asked again")
    new()
    assert staffed.read(changes.since, shown, OPEN, shown=Shown(False), reader="7001") == Changes(1, or_more=True)


def test_it_reads_no_history(new: New, staffed: Store) -> None:
    grow(staffed, ROOM, MANY)
    shown = staffed.read(changes.newest)
    new()
    with Statements(staffed) as sent:
        staffed.read(changes.stamps)
        assert changed(staffed, shown) == 1
    assert [found for statement, plan in plans(staffed, sent) for found in read_whole(staffed, statement, plan)] == []

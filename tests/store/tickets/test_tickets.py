"""A ticket has its deadline and its caller from the first moment, and only legal moves ever change it."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import calls
from models.database.store import Store
from models.people import people
from models.people.owners_file import OwnerRow
from models.policy import Policy
from models.states.tickets import TICKET_MOVES, TicketEventKind, TicketKind, TicketState
from models.tables import Call, Ticket
from models.text.wording import word
from models.tickets import tickets

pytestmark = pytest.mark.store


@pytest.fixture
def open_ticket(store: Store, begin_call: Callable[..., Call], policy: Policy, noon: datetime) -> Callable[..., Ticket]:
    def make(
        kind: TicketKind = TicketKind.REPAIR, *, channel_id: str = "c1", at: datetime = noon, **known: Any
    ) -> Ticket:
        call = begin_call(channel_id)
        store.write(calls.note, call.id, **known)
        return store.write(tickets.open, kind=kind, call_id=call.id, policy=policy, at=at)

    return make


@pytest.fixture
def wang(store: Store, noon: datetime) -> people.Known:
    rows = [OwnerRow(2, "王建国", "3栋", "1201", ("13800138000",))]
    store.write(people.import_owners, rows, who="test", at=noon)
    known = store.read(people.owner_by_number, "13800138000")
    assert known is not None
    return known


def test_a_ticket_has_its_callers_name_and_the_call_names_the_ticket(
    store: Store, begin_call: Callable[..., Call], policy: Policy, wang: people.Known, noon: datetime
) -> None:
    """R13-2."""
    call = begin_call(language="en")
    assert wang.unit is not None
    store.write(calls.note, call.id, owner_id=wang.owner.id, unit_id=wang.unit.id)
    # The object was read before the note; the row decides.
    ticket = store.write(tickets.open, kind=TicketKind.COMPLAINT, call_id=call.id, at=noon, policy=policy)
    assert (ticket.owner_id, ticket.unit_id, ticket.caller_number) == (wang.owner.id, wang.unit.id, "13800138000")
    assert (ticket.line, ticket.language, ticket.source, ticket.state) == ("8000", "en", "telephone", "new")
    assert store.read(calls.get, call.id).ticket_id == ticket.id


def test_numbers_start_above_1000_and_can_be_searched(store: Store, open_ticket: Callable[..., Ticket]) -> None:
    ticket = open_ticket()
    assert ticket.number == 1000 + ticket.id
    found = store.read(lambda session: session.scalars(select(Ticket).where(Ticket.number == ticket.number)).one())
    assert found.id == ticket.id


def test_the_first_receiver_keeps_the_ticket(store: Store, open_ticket: Callable[..., Ticket], noon: datetime) -> None:
    """R15-1."""
    ticket = open_ticket()
    assert store.write(tickets.receive, ticket.id, "7001", at=noon)
    assert not store.write(tickets.receive, ticket.id, "7002", at=noon)
    record = store.read(tickets.get, ticket.id)
    assert record is not None
    assert record.ticket.first_receiver == "7001"
    assert [event.who for event in record.events if event.kind is TicketEventKind.RECEIVED] == ["7001"]


def test_a_move_is_an_event(store: Store, open_ticket: Callable[..., Ticket], noon: datetime) -> None:
    ticket = open_ticket()
    store.write(tickets.move, ticket.id, to=TicketState.DISPATCHED, who="system", at=noon)
    later = noon + timedelta(hours=1)
    moved = store.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="7020", at=later, text="on my way")
    assert moved.state is TicketState.ACCEPTED
    record = store.read(tickets.get, ticket.id)
    assert record is not None
    assert [(event.who, event.from_state, event.to_state, event.text) for event in record.events] == [
        ("system", None, "new", ""),
        ("system", "new", "dispatched", ""),
        ("7020", "dispatched", "accepted", "on my way"),
    ]


@pytest.mark.parametrize("state", TicketState)
def test_an_illegal_move_is_refused_and_changes_nothing(
    state: TicketState, store: Store, open_ticket: Callable[..., Ticket], noon: datetime
) -> None:
    ticket = open_ticket()

    def put(session: Any) -> None:
        session.get(Ticket, ticket.id).state = state

    store.write(put)
    for to in set(TicketState) - TICKET_MOVES[state]:
        with pytest.raises(tickets.MoveRefused, match=f"can't become {word(to, 'en')}"):
            store.write(tickets.move, ticket.id, to=to, who="7001", at=noon)
    record = store.read(tickets.get, ticket.id)
    assert record is not None
    assert record.ticket.state is state
    assert [event.kind for event in record.events] == ["opened"]


def test_an_unknown_ticket_cannot_be_moved(store: Store, noon: datetime) -> None:
    with pytest.raises(LookupError, match="1005"):
        store.write(tickets.move, 5, to=TicketState.DONE, who="7001", at=noon)


def test_of_two_who_move_a_ticket_at_once_one_succeeds(
    store: Store, open_ticket: Callable[..., Ticket], noon: datetime
) -> None:
    ticket = open_ticket()
    barrier, outcomes = threading.Barrier(4), []

    def accept(who: str) -> None:
        barrier.wait()
        try:
            store.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who=who, at=noon)
            outcomes.append("moved")
        except tickets.MoveRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=accept, args=(f"700{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "refused", "refused", "refused"]
    record = store.read(tickets.get, ticket.id)
    assert record is not None
    assert len([event for event in record.events if event.kind is TicketEventKind.MOVED]) == 1


def test_a_ticket_classified_later_has_a_deadline_that_counts_from_the_opening(
    store: Store, open_ticket: Callable[..., Ticket], policy: Policy, noon: datetime
) -> None:
    ticket = open_ticket(TicketKind.REPAIR)
    later = noon + timedelta(minutes=2)
    urgent = store.write(
        tickets.classify, ticket.id, kind=TicketKind.URGENT_REPAIR, who="caller", at=later, policy=policy
    )
    assert (urgent.kind, urgent.next_due_at) == (TicketKind.URGENT_REPAIR, noon + timedelta(minutes=30))
    store.write(tickets.classify, ticket.id, kind=TicketKind.URGENT_REPAIR, who="caller", at=later, policy=policy)
    record = store.read(tickets.get, ticket.id)
    assert record is not None
    assert record.clocks[0].rule == "R08-2"
    assert [event.text for event in record.events if event.kind is TicketEventKind.CLASSIFIED] == [
        "repair -> urgent-repair"
    ]


def test_a_callers_ticket_is_disclosed_only_with_its_own_room(
    store: Store, begin_call: Callable[..., Call], policy: Policy, wang: people.Known, noon: datetime
) -> None:
    """R07-8."""
    call = begin_call()
    assert wang.unit is not None
    store.write(calls.note, call.id, owner_id=wang.owner.id, unit_id=wang.unit.id)
    ticket = store.write(tickets.open, kind=TicketKind.REPAIR, call_id=call.id, at=noon, policy=policy)
    number = str(ticket.number)
    for room in ("1201", "31201"):
        found = store.read(tickets.find, number, room)
        assert found is not None
        assert found.id == ticket.id
    for wrong in ("1202", "201", "", "3", "12013"):
        assert store.read(tickets.find, number, wrong) is None
    for nobody in ("1000", "0", "", "99999999999999999999", "x"):
        assert store.read(tickets.find, nobody, "1201") is None


def test_a_ticket_without_a_known_room_is_found_by_the_keys_pressed_or_not_at_all(
    store: Store, open_ticket: Callable[..., Ticket]
) -> None:
    unknown = open_ticket(channel_id="c1")
    assert store.read(tickets.find, str(unknown.number), "1201") is None
    store.write(tickets.locate, unknown.id, building="5", room="0302", unit_id=None)
    found = store.read(tickets.find, str(unknown.number), "0302")
    assert found is not None
    assert found.id == unknown.id


def test_the_open_tickets_of_an_owner_and_the_unit_are_newest_first(
    store: Store, open_ticket: Callable[..., Ticket], wang: people.Known, noon: datetime
) -> None:
    assert wang.unit is not None
    made = [
        open_ticket(channel_id="c1", owner_id=wang.owner.id),
        open_ticket(channel_id="c2", unit_id=wang.unit.id, at=noon + timedelta(hours=1)),
        open_ticket(channel_id="c3", owner_id=wang.owner.id, at=noon + timedelta(hours=2)),
        open_ticket(channel_id="c4", at=noon + timedelta(hours=3)),
    ]
    store.write(tickets.move, made[2].id, to=TicketState.MERGED, who="system", at=noon)
    found = store.read(tickets.open_of, owner_id=wang.owner.id, unit_id=wang.unit.id, limit=5)
    assert [ticket.id for ticket in found] == [made[1].id, made[0].id]

"""A call is written up once, by those who talked in it; all of it is saved, or nothing (R11-3)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models.calls import at_a_phone, calls
from models.calls.calls import EndedBy, Ring
from models.database.store import Store
from models.errors import MoveRefused
from models.policy import Policy
from models.states.tickets import Cause, Severity, TicketKind, TicketState
from models.tables import Call, Promise, Ticket, WrapUp
from models.tickets import caller, first_receiver, tickets, wrap_ups
from models.tickets.caller import Caller
from models.tickets.impartial import NotImpartial
from models.tickets.intake import Facts
from models.tickets.promises import PromiseRefused
from models.tickets.wrap_ups import Written
from tests.store.history import MANY, ROOM, grow
from tests.store.what_it_reads import Statements, plans, read_whole

pytestmark = pytest.mark.store

Save = Callable[..., Ticket | None]


@pytest.fixture
def talked(staffed: Store, policy: Policy, noon: datetime) -> Callable[..., Call]:
    """A call that rang 7001 and 7003, in which 7001 has talked; with a ticket of this kind, or without one."""

    def talk(kind: TicketKind | None = TicketKind.REPAIR, *, ended: bool = True) -> Call:
        def write(session: Any) -> Call:
            name = f"c{session.scalar(select(func.count()).select_from(Call))}"
            call = calls.begin(
                session, channel_id=name, line="8000", caller_number="13800138000", language="zh", at=noon
            )
            if kind is not None:
                ticket = tickets.open(session, kind=kind, call_id=call.id, at=noon, policy=policy)
                first_receiver.receive(session, ticket.id, "7001", at=noon)
            phones = [(number, number, f"{name}-{number}") for number in ("7001", "7003")]
            rung = calls.begin_rings(session, phones, call_id=call.id, ticket_id=None, stage="group", at=noon)
            for ring, outcome in zip(rung, (Ring.CONNECTED, Ring.TAKEN), strict=True):
                calls.ringing(session, ring, noon)
                calls.end_ring(session, ring, outcome=outcome, rings=1, at=noon + timedelta(seconds=4))
            legs = {"bridge_id": name, "caller_channel": name, "leg_channel": "l"}
            calls.begin_talk(session, call_id=call.id, staff_number="7001", at=noon + timedelta(seconds=4), **legs)
            if ended:
                calls.end(session, call.id, by=EndedBy.CALLER, reason="completed", at=noon + timedelta(minutes=2))
            return session.get_one(Call, call.id, populate_existing=True)

        return staffed.write(write)

    return talk


@pytest.fixture
def save(staffed: Store, policy: Policy, noon: datetime) -> Save:
    def save(call: Call, *, who: str = "7001", **written: Any) -> Ticket | None:
        at = noon + timedelta(minutes=3)
        return staffed.write(wrap_ups.save, call.id, Written(**written), who=who, at=at, policy=policy)

    return save


def waiting(store: Store, noon: datetime, who: str = "7001") -> list[int]:
    found = store.read(wrap_ups.to_write, who, since=noon - timedelta(hours=24), limit=20)
    return [one.call.id for one in found]


def test_everything_goes_to_the_ticket_in_one_act(
    talked: Callable[..., Call], save: Save, staffed: Store, noon: datetime
) -> None:
    call = talked()
    assert waiting(staffed, noon) == [call.id]
    assert waiting(staffed, noon, "7003") == [], "who was only rung has nothing to write up"
    facts = Facts(problem="no light", need="light", cause=Cause.EQUIPMENT)
    ticket = save(
        call,
        kind=TicketKind.COMPLAINT,
        severity=Severity.SERIOUS,
        facts=facts,
        department="engineering",
        due_at=noon + timedelta(days=1),
    )
    assert ticket is not None
    ticket = staffed.read(lambda session: session.get_one(Ticket, ticket.id))
    assert (ticket.kind, ticket.severity, ticket.cause) == ("complaint", "serious", "equipment")
    assert (ticket.problem, ticket.need, ticket.department) == ("no light", "light", "engineering")
    assert ticket.state is TicketState.DISPATCHED
    assert waiting(staffed, noon) == []


def test_what_cannot_be_written_leaves_everything_as_it_was(
    talked: Callable[..., Call], save: Save, staffed: Store, noon: datetime
) -> None:
    call = talked()
    with pytest.raises(PromiseRefused):
        save(call, facts=Facts(problem="no light"), due_at=noon + timedelta(days=30))
    with pytest.raises(MoveRefused, match="choose one"):
        save(call, settled=True, department="engineering")
    with pytest.raises(MoveRefused, match="only who has talked"):
        save(call, who="7003")
    ticket, promises = staffed.read(
        lambda session: (session.scalars(select(Ticket)).one(), session.scalars(select(Promise)).all())
    )
    assert (ticket.problem, ticket.state, promises) == (None, TicketState.NEW, [])
    assert waiting(staffed, noon) == [call.id]


def test_a_call_is_written_up_once(talked: Callable[..., Call], save: Save) -> None:
    call = talked()
    save(call, settled=True)
    with pytest.raises(MoveRefused, match="already"):
        save(call)


def test_a_call_without_a_ticket_gets_one_when_there_is_something_to_write(
    talked: Callable[..., Call], save: Save, staffed: Store
) -> None:
    nothing, something = talked(None), talked(None)
    assert save(nothing) is None
    with pytest.raises(MoveRefused, match="choose the kind"):
        save(something, facts=Facts(problem="no light"))
    ticket = save(something, kind=TicketKind.REPAIR, facts=Facts(problem="no light"))
    assert ticket is not None
    assert (ticket.call_id, ticket.first_receiver, ticket.caller_number) == (something.id, "7001", "13800138000")
    assert staffed.read(lambda session: session.scalars(select(WrapUp.ticket_id)).all()) == [None, ticket.id]


def test_the_person_complained_of_takes_it_down_once_and_then_has_nothing_to_write(
    talked: Callable[..., Call], save: Save, staffed: Store, noon: datetime
) -> None:
    """R15-6."""
    call = talked(TicketKind.COMPLAINT)
    ticket = save(call, facts=Facts(problem="rude"), about_staff="7001")
    assert ticket is not None
    again = talked(None)
    staffed.write(calls.note, again.id, ticket_id=ticket.id)
    found = staffed.read(wrap_ups.to_write, "7001", since=noon - timedelta(hours=1), limit=20)
    assert [one.hidden for one in found] == [True]
    with pytest.raises(NotImpartial):
        save(again, facts=Facts(problem="not at all"))
    save(again)
    assert waiting(staffed, noon) == []


def test_who_is_rung_and_who_talks_sees_the_call_and_who_was_rung_too_sees_who_has_it(
    talked: Callable[..., Call], staffed: Store, noon: datetime
) -> None:
    call = talked(ended=False)
    (mine,) = staffed.read(at_a_phone.now, "7001", taken_since=noon)
    assert (mine.call.id, mine.talk is not None, mine.ring) == (call.id, True, None)
    (others,) = staffed.read(at_a_phone.now, "7003", taken_since=noon)
    assert others.taken_by == ("7001",)
    assert staffed.read(at_a_phone.now, "7003", taken_since=noon + timedelta(seconds=5)) == []
    assert staffed.read(at_a_phone.now, "7002", taken_since=noon) == []


def test_a_stamp_changes_with_what_happens_at_this_telephone_and_with_nothing_else(
    talked: Callable[..., Call], staffed: Store, noon: datetime
) -> None:
    def stamp(number: str) -> object:
        return staffed.read(at_a_phone.stamps).get(number)

    assert stamp("7001") is None
    call = talked(ended=False)
    mine, rung, others = (stamp(number) for number in ("7001", "7003", "7002"))
    assert mine is not None
    assert rung is not None
    assert others is None
    staffed.write(calls.note, call.id, menu_path="repair")
    assert stamp("7001") not in (None, mine)
    staffed.write(calls.end, call.id, by=EndedBy.CALLER, reason="completed", at=noon + timedelta(minutes=1))
    assert (stamp("7001"), stamp("7003")) == (None, None)


def test_of_a_caller_the_last_calls_are_shown_but_not_a_complaint_about_the_reader(
    talked: Callable[..., Call], save: Save, staffed: Store, policy: Policy
) -> None:
    """R15-6."""
    before, about_me, now = talked(), talked(TicketKind.COMPLAINT), talked(ended=False)
    save(about_me, about_staff="7001")

    def known(reader: str) -> Caller:
        return staffed.read(
            lambda session: caller.of(session, calls.get(session, now.id), reader=reader, policy=policy)
        )

    assert [one.call.id for one in known("7001").calls] == [before.id]
    assert [one.call.id for one in known("7002").calls] == [about_me.id, before.id]


def test_the_agents_page_reads_no_history(
    talked: Callable[..., Call], staffed: Store, policy: Policy, noon: datetime
) -> None:
    grow(staffed, ROOM, MANY)
    call = talked(ended=False)
    with Statements(staffed) as sent:
        staffed.read(at_a_phone.now, "7001", taken_since=noon)
        staffed.read(at_a_phone.stamps)
        staffed.read(at_a_phone.talked, "7001", since=noon, limit=20)
        staffed.read(wrap_ups.to_write, "7001", since=noon, limit=20)
        staffed.read(lambda session: caller.of(session, calls.get(session, call.id), reader="7001", policy=policy))
    assert [found for statement, plan in plans(staffed, sent) for found in read_whole(staffed, statement, plan)] == []

"""A ticket is written before anybody is rung, carries its deadlines, and changes state only through `move`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Unpack

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from models import calls
from models.changes import add, change, run
from models.numbers import keys
from models.policy import Policy
from models.states import (
    TICKET_MOVES,
    TICKET_OPEN,
    TICKET_RESPONDED,
    ClockKind,
    Source,
    TicketEventKind,
    TicketKind,
    TicketState,
)
from models.tables import FIRST_NUMBER, Call, Owner, Recording, Ticket, TicketClock, TicketEvent, Unit

__all__ = ["MoveRefused", "Ticket", "TicketKind", "TicketRecord", "TicketState"]

WALL = "wall"
"""Every minute counts, also at night and on holidays."""

# What every call does is built once: see `models.changes.run`.
_CALLS = Call.metadata.tables["calls"]
_CALL = select(*(_CALLS.c[name] for name in ("line", "caller_number", "owner_id", "unit_id", "language"))).where(
    _CALLS.c.id == bindparam("call")
)
_NEW_CLOCK, _NEW_EVENT = (insert(Ticket.metadata.tables[name]) for name in ("clocks", "ticket_events"))


class MoveRefused(Exception):
    """This ticket can't go there from where it is; the message says where it can go."""


@dataclass(frozen=True)
class TicketRecord:
    """Everything written about one ticket, its events in the order they happened."""

    ticket: Ticket
    owner: Owner | None
    unit: Unit | None
    clocks: list[TicketClock]
    events: list[TicketEvent]
    recordings: list[Recording]
    """Of all its calls."""


def open(
    session: Session, *, kind: TicketKind, call_id: int, at: datetime, policy: Policy, **learnt: Unpack[calls.Learnt]
) -> Ticket:
    """A new matter with its first deadline, in the call's name: line, caller, owner, unit and language are the call's.

    The call's row gets the ticket's id, and what else has been learnt meanwhile. It is committed before anybody hears
    the ticket's number. Raises NoResultFound for a call that was never begun.
    """
    row = session.execute(_CALL, {"call": call_id}).one()
    due_at, rule = _respond_by(kind, at, policy)
    ticket = Ticket(
        kind=kind,
        line=row.line,
        call_id=call_id,
        caller_number=row.caller_number,
        owner_id=learnt.get("owner_id") or row.owner_id,
        unit_id=learnt.get("unit_id") or row.unit_id,
        language=learnt.get("language") or row.language,
        opened_at=at,
        next_due_at=due_at,
        policy_version=policy.version,
    )
    add(session, ticket)
    run(session, _NEW_CLOCK, ticket_id=ticket.id, kind=ClockKind.RESPOND, due_at=due_at, calendar=WALL, rule=rule)
    _event(session, ticket.id, TicketEventKind.OPENED, who="system", at=at, to_state=TicketState.NEW)
    learnt["ticket_id"] = ticket.id
    calls.note(session, call_id, **learnt)
    return ticket


def open_fault(session: Session, *, at: datetime, policy: Policy, language: str, text: str) -> Ticket:
    """A fault of the hotline itself, which nobody has called about (R17-5); `text` is what is known of it."""
    due_at, rule = _respond_by(TicketKind.FAULT, at, policy)
    ticket = Ticket(
        kind=TicketKind.FAULT,
        source=Source.SYSTEM,
        language=language,
        opened_at=at,
        next_due_at=due_at,
        policy_version=policy.version,
    )
    add(session, ticket)
    run(session, _NEW_CLOCK, ticket_id=ticket.id, kind=ClockKind.RESPOND, due_at=due_at, calendar=WALL, rule=rule)
    _event(session, ticket.id, TicketEventKind.OPENED, who="system", at=at, to_state=TicketState.NEW, text=text)
    return ticket


def classify(session: Session, ticket_id: int, kind: TicketKind, *, who: str, at: datetime, policy: Policy) -> Ticket:
    """What kind of matter it is has become clear: its deadline is that kind's, still counted from the opening."""
    ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
    if ticket.kind is kind:
        return ticket
    was, ticket.kind, ticket.policy_version = ticket.kind, kind, policy.version
    due_at, rule = _respond_by(kind, ticket.opened_at, policy)
    clocks = update(TicketClock).where(TicketClock.ticket_id == ticket_id, TicketClock.kind == ClockKind.RESPOND)
    change(session, clocks.values(due_at=due_at, rule=rule))
    _event(session, ticket_id, TicketEventKind.CLASSIFIED, who=who, at=at, text=f"{was} -> {kind}")
    session.flush()
    _schedule(session, ticket_id)
    session.refresh(ticket)
    return ticket


def move(session: Session, ticket_id: int, *, to: TicketState, who: str, at: datetime, text: str = "") -> Ticket:
    """The only way a ticket changes state: compare-and-set, an event, the clocks it meets, one transaction.

    `who` is a staff number, "caller" or "system". Raises MoveRefused for a move that isn't legal, also when somebody
    else moved it in the meantime and the move isn't legal any more; LookupError for no such ticket.
    """
    while True:
        state = session.scalar(select(Ticket.state).where(Ticket.id == ticket_id))
        if state is None:
            raise LookupError(f"no ticket {FIRST_NUMBER + ticket_id}")
        if to not in TICKET_MOVES[state]:
            legal = ", ".join(sorted(TICKET_MOVES[state])) or "-"
            raise MoveRefused(
                f"ticket {FIRST_NUMBER + ticket_id} is {state} and can't become {to}; it can become: {legal}\n"
                f"工单 {FIRST_NUMBER + ticket_id} 现为 {state},不能改为 {to};可改为:{legal}"
            )
        if change(session, update(Ticket).where(Ticket.id == ticket_id, Ticket.state == state).values(state=to)):
            break
    _event(session, ticket_id, TicketEventKind.MOVED, who=who, at=at, from_state=state, to_state=to, text=text)
    if to in TICKET_RESPONDED:
        _meet(session, ticket_id, ClockKind.RESPOND, at)
    elif to not in TICKET_OPEN:
        for kind in ClockKind:
            _meet(session, ticket_id, kind, at)
    return session.get_one(Ticket, ticket_id, populate_existing=True)


def receive(session: Session, ticket_id: int, staff_number: str, *, at: datetime) -> bool:
    """Whoever takes the matter first keeps it (R15-1). True if he is the first; a later one changes nothing."""
    first = change(
        session,
        update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.first_receiver.is_(None))
        .values(first_receiver=staff_number),
    )
    if first:
        _event(session, ticket_id, TicketEventKind.RECEIVED, who=staff_number, at=at)
    return first == 1


def about(session: Session, ticket_id: int, staff_number: str, *, who: str, at: datetime) -> None:
    """It is a complaint about this person, who must not handle it (R15-6). Raises LookupError for no such ticket."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise LookupError(f"there is no ticket {ticket_id}")
    ticket.about_staff = staff_number
    _event(session, ticket_id, TicketEventKind.NOTED, who=who, at=at, text=f"about {staff_number}")


def locate(session: Session, ticket_id: int, *, building: str, room: str, unit_id: int | None) -> None:
    """Where it is, as the caller keyed it, and the unit found for that, if any (R13-2)."""
    where = {"building": building[:20], "room": room[:20], "unit_id": unit_id}
    change(session, update(Ticket).where(Ticket.id == ticket_id).values(**where))


def note(session: Session, ticket_id: int, text: str, *, who: str, at: datetime) -> None:
    """Adds what somebody has to say about it."""
    _event(session, ticket_id, TicketEventKind.NOTED, who=who, at=at, text=text)


def open_of(session: Session, *, owner_id: int, unit_id: int | None, limit: int) -> list[Ticket]:
    """The newest open matters of this owner, and of the unit he calls from."""
    newest = select(Ticket).where(Ticket.state.in_(TICKET_OPEN)).order_by(Ticket.opened_at.desc()).limit(limit)
    found = list(session.scalars(newest.where(Ticket.owner_id == owner_id)))
    if unit_id is not None:
        found += [t for t in session.scalars(newest.where(Ticket.unit_id == unit_id)) if t not in found]
    return sorted(found, key=lambda ticket: ticket.id, reverse=True)[:limit]


def find(session: Session, number: str, room: str) -> Ticket | None:
    """The ticket of this number, if `room` is its room; both as keyed. Nothing is disclosed otherwise (R07-8, R21-4).

    A ticket whose room nobody knows is not found.
    """
    if not (number.isascii() and number.isdecimal() and keys(room)) or len(number) > 9:
        return None
    ticket = session.get(Ticket, int(number) - FIRST_NUMBER)
    if ticket is None:
        return None
    unit = session.get(Unit, ticket.unit_id) if ticket.unit_id else None
    known = {keys(ticket.room), keys((ticket.building or "") + (ticket.room or ""))} if ticket.room else set()
    if unit:
        known |= {keys(unit.unit), keys(unit.keyed)}
    return ticket if keys(room) in known else None


def get(session: Session, ticket_id: int) -> TicketRecord | None:
    """One ticket with everything written about it."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        return None
    return TicketRecord(
        ticket,
        session.get(Owner, ticket.owner_id) if ticket.owner_id else None,
        session.get(Unit, ticket.unit_id) if ticket.unit_id else None,
        list(session.scalars(select(TicketClock).where(TicketClock.ticket_id == ticket_id).order_by(TicketClock.id))),
        list(session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id))),
        list(session.scalars(select(Recording).where(Recording.ticket_id == ticket_id).order_by(Recording.id))),
    )


def recent(session: Session, *, limit: int, states: Iterable[TicketState] | None = None) -> list[Ticket]:
    """The newest first, of all or of some states."""
    newest = select(Ticket).order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(limit)
    if states is not None:
        newest = newest.where(Ticket.state.in_(list(states)))
    return list(session.scalars(newest))


def _meet(session: Session, ticket_id: int, kind: ClockKind, at: datetime) -> None:
    """Stops a clock."""
    clock = (TicketClock.ticket_id == ticket_id, TicketClock.kind == kind, TicketClock.met_at.is_(None))
    change(session, update(TicketClock).where(*clock).values(met_at=at))
    _schedule(session, ticket_id)


def _schedule(session: Session, ticket_id: int) -> None:
    """The ticket is due next when the earliest of its open clocks runs out, or not at all."""
    open_clocks = (TicketClock.ticket_id == ticket_id, TicketClock.met_at.is_(None))
    earliest = select(func.min(TicketClock.due_at)).where(*open_clocks).scalar_subquery()
    change(session, update(Ticket).where(Ticket.id == ticket_id).values(next_due_at=earliest))


def _respond_by(kind: TicketKind, opened_at: datetime, policy: Policy) -> tuple[datetime, str]:
    """When somebody must have responded, and by which rule."""
    due_at = opened_at + timedelta(minutes=policy.tickets.respond_minutes[kind])
    return due_at, policy.source(f"tickets.respond_minutes.{kind}")


def _event(
    session: Session,
    ticket_id: int,
    kind: TicketEventKind,
    *,
    who: str,
    at: datetime,
    from_state: TicketState | None = None,
    to_state: TicketState | None = None,
    text: str = "",
) -> None:
    run(
        session, _NEW_EVENT, ticket_id=ticket_id, kind=kind, who=who[:40], at=at, from_state=from_state,
        to_state=to_state, text=text,
    )  # fmt: skip

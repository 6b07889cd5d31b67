"""The tickets of one of the staff: what waits for this person, and what he or she does with it at a telephone.

These are the tickets that the console shows this person, changed by the functions that it calls.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import recordings
from models.errors import MoveRefused
from models.events.ticket_events import write
from models.people import people
from models.people.rights import Right, department_of, rights_of_role
from models.policy import Policy
from models.states.calls import RecordingKind, RecordingState
from models.states.tickets import TICKET_OPEN, TicketEventKind, TicketState
from models.tables import FIRST_NUMBER, Recording, Ticket
from models.tickets import impartial, reach, tickets

CUT_OFF = "spoken-note-cut-off"
"""What the ticket says of a note that could not be confirmed."""


class Worker(NamedTuple):
    """One of the staff, as `reach.Reader`."""

    number: str
    department: str | None


def assigned(
    session: Session, staff_number: str, *, limit: int, states: Collection[TicketState] = TICKET_OPEN
) -> list[Ticket]:
    """Tickets in these states that are assigned to this person, by deadline."""
    due_next = (Ticket.next_due_at.is_(None), Ticket.next_due_at, Ticket.id)
    own = select(Ticket).where(Ticket.state.in_(states), Ticket.assignee == staff_number)
    found = session.scalars(own.order_by(*due_next).limit(limit))
    return [ticket for ticket in found if impartial.may_have(ticket, staff_number)]


def find(session: Session, number: int, staff_number: str) -> Ticket | None:
    """The ticket with this number, if this person may work on it; none that is about him or her (R15-6)."""
    staff = people.staff(session, staff_number)
    if staff is None or Right.HANDLE not in rights_of_role(staff.role):
        return None
    ticket = reach.find(session, number, Worker(staff.number, department_of(staff.role, staff.group)))
    return None if ticket is None or impartial.hidden_from(ticket, staff_number) else ticket


def change(session: Session, number: int, act: Callable[..., object], /, *, who: str, **given: Any) -> None:
    """Does this to the ticket: `tickets.move`, `dispatch.assign` and the like, with `given` and `who`.

    Raises MoveRefused, also when the person may not work on it, or no longer.
    """
    if find(session, number, who) is None:
        raise MoveRefused(f"there is no ticket {number}, or it is not yours", f"没有工单 {number}，或不归您办理")
    act(session, number - FIRST_NUMBER, who=who, **given)


def begin_note(session: Session, name: str, ticket_id: int, *, at: datetime, policy: Policy) -> None:
    """Reserves the name of a spoken note before the beep."""
    recordings.begin(session, name, RecordingKind.SPOKEN_NOTE, call_id=None, ticket_id=ticket_id, at=at, policy=policy)


def keep_note(session: Session, ticket_id: int, *, name: str, seconds: float | None, who: str, at: datetime) -> None:
    """The recorded note stays, and is an event of the ticket; `seconds` is its length by Asterisk. Raises as
    `tickets.note`."""
    tickets.note(session, ticket_id, RecordingKind.SPOKEN_NOTE, who=who, at=at)
    recordings.ended(session, name, seconds, at=at)


def open_notes(session: Session) -> list[Recording]:
    """The spoken notes that are neither kept nor released."""
    reserved = Recording.kind == RecordingKind.SPOKEN_NOTE, Recording.state == RecordingState.RESERVED
    return list(session.scalars(select(Recording).where(*reserved).order_by(Recording.id)))


def take_in(session: Session, name: str, *, who: str, at: datetime) -> None:
    """A note that was cut off by a fault of ours stays with its ticket, as far as it goes: nobody could say whether to
    keep it."""
    note = recordings.by_name(session, name)
    if note is not None and note.ticket_id is not None and recordings.ended(session, name, None, at=at):
        write(session, note.ticket_id, TicketEventKind.NOTED, who=who, at=at, text=CUT_OFF)

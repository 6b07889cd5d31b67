"""An appointment ends when somebody is on site, when the work is done, when it is moved or cancelled (R10-3).

What it caused, calls to staff and the call that is owed to the customer, ends with it.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.states.tickets import (
    APPOINTMENTS,
    AppointmentEnding,
    LadderCause,
    TaskKind,
    TaskState,
    TicketEventKind,
    TicketState,
)
from models.tables import Appointment, Task, Ticket
from models.tickets import escalations, tasks

OWED = TicketEventKind.APPOINTMENT_MISSED.value
"""Why the customer is owed a call, as it stands on the task."""


def open_of(session: Session, ticket_id: int) -> Appointment | None:
    """The open appointment of the ticket."""
    return session.scalar(select(Appointment).where(Appointment.ticket_id == ticket_id, Appointment.ended_at.is_(None)))


def of_ticket(session: Session, ticket_id: int) -> list[Appointment]:
    return list(session.scalars(select(Appointment).where(Appointment.ticket_id == ticket_id).order_by(Appointment.id)))


def entered(session: Session, ticket_id: int, state: TicketState, *, at: datetime) -> None:
    """The ticket has entered this state: on site and done end its appointment, as kept unless it was missed."""
    if state in (TicketState.ON_SITE, TicketState.DONE) and (standing := open_of(session, ticket_id)) is not None:
        end(session, standing, AppointmentEnding.MISSED if standing.missed_at else AppointmentEnding.KEPT, at=at)


def handed_on(session: Session, ticket_id: int, *, at: datetime) -> None:
    """The ticket has gone to somebody else, who is reminded in place of the one before."""
    standing = open_of(session, ticket_id)
    if standing is not None and standing.reminded_at is not None and standing.missed_at is None:
        escalations.stop(session, ticket_id, at=at, causes=[LadderCause.APPOINTMENT])
        if at < standing.due_at:
            standing.reminded_at, standing.next_at = None, at
            session.flush()


def carry(session: Session, ticket_id: int, *, into: int, at: datetime) -> None:
    """A ticket is merged: `into` keeps the earlier of the two appointments."""
    given, has = open_of(session, ticket_id), open_of(session, into)
    if given is None:
        return
    end(session, given, AppointmentEnding.CARRIED, at=at)
    if has is not None:
        if has.due_at <= given.due_at:
            return
        end(session, has, AppointmentEnding.CARRIED, at=at)
    carried = {"due_at": given.due_at, "made_by": given.made_by, "text": given.text, "next_at": given.next_at or at}
    add(session, into, Appointment(ticket_id=into, made_at=at, **carried))


def add(session: Session, ticket_id: int, appointment: Appointment) -> Appointment:
    session.add(appointment)
    session.flush()
    _stands_on_ticket(session, ticket_id, appointment.due_at)
    return appointment


def end(session: Session, appointment: Appointment, ending: AppointmentEnding, *, at: datetime) -> None:
    """With the calls about it, and the call that the customer is owed for it."""
    appointment.ended_at, appointment.ending, appointment.next_at = at, ending, None
    session.flush()
    _stands_on_ticket(session, appointment.ticket_id, None)
    escalations.stop(session, appointment.ticket_id, at=at, causes=APPOINTMENTS)
    owed = Task.ticket_id == appointment.ticket_id, Task.kind == TaskKind.CALL_BACK, Task.state == TaskState.OPEN
    for task in session.scalars(select(Task).where(*owed)).all():
        # A customer who is owed a call for another reason, too, is still owed it.
        if task.note == OWED:
            tasks.close(session, task.id, at=at)


def _stands_on_ticket(session: Session, ticket_id: int, due_at: datetime | None) -> None:
    change(session, update(Ticket).where(Ticket.id == ticket_id).values(appointment_at=due_at))

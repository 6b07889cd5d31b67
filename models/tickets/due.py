"""A ticket is due when the earliest of its open clocks runs out, or the promise that was given for it."""

from sqlalchemy import func, select, union_all, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.tables import Promise, Ticket, TicketClock


def schedule(session: Session, ticket_id: int) -> None:
    """Writes `next_due_at` anew: whoever changes a clock or a promise says so here."""
    open_clocks = (TicketClock.ticket_id == ticket_id, TicketClock.met_at.is_(None))
    open_promises = (Promise.ticket_id == ticket_id, Promise.ended_at.is_(None))
    due = union_all(
        select(TicketClock.due_at.label("at")).where(*open_clocks),
        select(Promise.due_at.label("at")).where(*open_promises),
    ).subquery()
    earliest = select(func.min(due.c.at)).scalar_subquery()
    change(session, update(Ticket).where(Ticket.id == ticket_id).values(next_due_at=earliest))

"""Somebody takes a ticket on: by key in a call about it, by the key that takes an urgent call, or by a click."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.states.tickets import TICKET_MOVES, TicketState
from models.tables import Ticket
from models.tickets import escalations, impartial, tickets


def accept(session: Session, ticket_id: int, *, who: str, at: datetime, text: str) -> Ticket:
    """Makes `who` the assignee and ends the calls about the ticket; accepted is its state where that is a legal move.

    Raises NotImpartial, LookupError.
    """
    ticket = impartial.to_change(session, ticket_id, who=who)
    escalations.stop(session, ticket.id, at=at, accepted_by=who)
    ticket.assignee = who
    session.flush()
    if TicketState.ACCEPTED in TICKET_MOVES[ticket.state]:
        return tickets.move(session, ticket.id, to=TicketState.ACCEPTED, who=who, at=at, text=text)
    return tickets.note(session, ticket.id, text, who=who, at=at)

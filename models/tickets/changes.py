"""What has changed in a list of tickets since it was shown, by the events that were written since then."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.states.tickets import TICKET_OPEN, TicketEventKind, TicketState
from models.tables import Staff, Ticket, TicketEvent
from models.text.masking import Masking
from models.tickets import search
from models.tickets.search import TicketQuery

MOST_EVENTS = 200


@dataclass(frozen=True)
class Changes:
    """How many tickets of the list are new, changed or gone from it; `or_more` when too much has happened to count."""

    tickets: int
    or_more: bool = False


def newest(session: Session) -> int:
    """The newest event of all tickets; 0 without any."""
    return session.scalar(select(func.max(TicketEvent.id))) or 0


def stamps(session: Session) -> Mapping[str, Hashable]:
    """The newest event, for each of the staff."""
    return dict.fromkeys(session.scalars(select(Staff.number)), newest(session))


def since(session: Session, event: int, wanted: TicketQuery, *, shown: Masking, reader: str) -> Changes:
    """Since this event, in the list of the tickets that are `wanted`: those that belong there now, and those that did.

    Raises NotForThisReader.
    """
    written = select(TicketEvent.ticket_id, TicketEvent.kind, TicketEvent.from_state).where(TicketEvent.id > event)
    events = session.execute(written.order_by(TicketEvent.id).limit(MOST_EVENTS)).all()
    before: dict[int, TicketState | None] = {}
    for ticket_id, kind, from_state in events:
        if kind is TicketEventKind.OPENED or from_state is not None:
            before.setdefault(ticket_id, from_state)
    everywhere = replace(wanted, states=(), open_only=False, late_at=None)
    touched = select(Ticket).where(Ticket.id.in_({ticket_id for ticket_id, *_ in events}))
    found = session.scalars(touched.where(*search.allowed(everywhere, shown, reader))).all()
    states = wanted.states or (TICKET_OPEN if wanted.open_only else frozenset(TicketState))
    changed = [
        ticket
        for ticket in found
        if {ticket.state, before.get(ticket.id)} & set(states) and _may_be_late(ticket, wanted.late_at)
    ]
    return Changes(len(changed), or_more=len(events) == MOST_EVENTS)


def _may_be_late(ticket: Ticket, late_at: datetime | None) -> bool:
    """Late now, or without a deadline any more: it may have been late."""
    return late_at is None or ticket.next_due_at is None or ticket.next_due_at <= late_at

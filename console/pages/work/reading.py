"""The tickets that somebody has to work on, and those of the department that nobody has taken."""

import zlib
from collections.abc import Sequence

from sqlalchemy.orm import Session

from models.states.tickets import TicketState
from models.tables import Ticket
from models.text.masking import Shown
from models.tickets import impartial, search, staff_tickets
from models.tickets.search import TicketQuery

_MOST = 50
_MASKED = Shown(False)


def of(session: Session, who: str, group: str) -> tuple[list[Ticket], list[Ticket]]:
    """The tickets assigned to this person, and those of the group without an assignee; by deadline."""
    own = staff_tickets.assigned(session, who, limit=_MOST)
    wanted = TicketQuery(states=(TicketState.DISPATCHED, TicketState.REOPENED), department=group, unassigned=True)
    free = search.by_deadline(session, wanted, shown=_MASKED, reader=who, limit=_MOST).found
    return own, [ticket for ticket in free if impartial.may_have(ticket, who)]


def key(own: Sequence[Ticket], free: Sequence[Ticket]) -> str:
    """Another one as soon as there is a further ticket, one less, one in another state or with another appointment."""
    shown = ";".join(
        ",".join(f"{ticket.id} {ticket.state} {ticket.appointment_at}" for ticket in tickets) for tickets in (own, free)
    )
    return f"{zlib.crc32(shown.encode()):08x}"

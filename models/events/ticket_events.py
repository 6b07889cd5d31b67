"""Everything that happens to a ticket is written as an event, which is never changed or deleted (R01-3)."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.database.changes import run
from models.events import webhooks
from models.states.tickets import TicketEventKind, TicketState
from models.tables import TicketEvent

# Every call runs this, so it is built once: see `models.database.changes.run`.
_NEW_EVENT = insert(TicketEvent.metadata.tables["ticket_events"])

SYSTEM = "system"
CALLER = "caller"


def write(
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
    """Writes it and its webhook messages. `who`: a staff number, "caller", "system" or "api:" and a token's name."""
    run(
        session,
        _NEW_EVENT,
        ticket_id=ticket_id,
        kind=kind,
        who=who[:40],
        at=at,
        from_state=from_state,
        to_state=to_state,
        text=text,
    )
    webhooks.owe(session, ticket_id, kind, who=who[:40], at=at, from_state=from_state, to_state=to_state)

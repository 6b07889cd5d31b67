"""Departments are notified of tickets that are new to them: the calls begin at once (R05-6, R10-1, R17-2)."""

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.tickets import notices as new_tickets
from scheduler.rows import each
from scheduler.scope import Scope


def notices(scope: Scope) -> int:
    """Returns for how many tickets it has decided; the calls are those of `escalations`. Raises StoreUnavailable."""
    now = scope.clock.now()

    def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return new_tickets.due(session, at=now, after=after, limit=limit)

    def begin(session: Session, ticket_id: int) -> bool:
        return new_tickets.begin(session, ticket_id, at=now, policy=scope.policy, site=scope.site)

    return each(scope, notices.__name__, due, begin)

"""Who took a matter first is told when it is done, and reminded while it is not (R15-1, R15-4)."""

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.tickets import first_receiver as matters
from scheduler.rows import each
from scheduler.scope import Scope


def first_asked(scope: Scope) -> int:
    """Returns how many first receivers have been told of something. Raises StoreUnavailable."""
    now = scope.clock.now()

    def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return matters.to_remind(session, after, limit, at=now, policy=scope.policy)

    def handle(session: Session, ticket_id: int) -> bool:
        return matters.remind(session, ticket_id, at=now, policy=scope.policy)

    return each(scope, first_asked.__name__, due, handle)

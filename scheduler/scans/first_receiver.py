"""Reminds the first receiver of an open ticket, and of informing the customer when it is done (R15-1, R15-4)."""

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.tickets import first_receiver as receivers
from models.tickets import reminders
from scheduler.rows import each
from scheduler.scope import Scope


def first_receiver(scope: Scope) -> int:
    """Returns how many first receivers have got a task or a reminder. Raises StoreUnavailable."""
    now = scope.clock.now()

    def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return receivers.to_remind(session, after, limit, at=now, policy=scope.policy)

    def handle(session: Session, ticket_id: int) -> bool:
        return reminders.remind(session, ticket_id, at=now, policy=scope.policy)

    return each(scope, "first_asked", due, handle)

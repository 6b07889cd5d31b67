"""Requests each call back that is due: those about emergencies first, then by the oldest promise (R17-1).

The policy sets the hours and how many run at a time. The scheduler writes rows; the application rings the agents.
"""

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.tickets import due_call_backs
from scheduler.rows import each
from scheduler.scope import Scope


def call_backs(scope: Scope) -> int:
    """Returns how many were requested or put off. Raises StoreUnavailable."""
    if not scope.policy.call_back.by_itself:
        return 0
    now = scope.clock.now()

    def urgent(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return due_call_backs.due(session, after, limit, emergencies=True, at=now)

    def others(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        free = scope.policy.call_back.at_once - due_call_backs.going_on(session, at=now)
        return due_call_backs.due(session, after, min(free, limit), emergencies=False, at=now) if free > 0 else []

    def handle(session: Session, task_id: int) -> bool:
        return due_call_backs.request(session, task_id, at=now, site=scope.site, policy=scope.policy)

    return each(scope, call_backs.__name__, urgent, handle) + each(scope, "call_backs-others", others, handle)

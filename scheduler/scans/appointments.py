"""Technicians are called before an appointment with a customer, and leads about a missed one (R10-3)."""

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.tickets import due_appointments
from scheduler.rows import each
from scheduler.scope import Scope


def appointments(scope: Scope) -> int:
    """Returns for how many something has begun; the calls are those of `escalations` and `call_backs`. Raises
    StoreUnavailable."""
    now = scope.clock.now()

    def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return due_appointments.due(session, at=now, after=after, limit=limit)

    def handle(session: Session, appointment_id: int) -> bool:
        return due_appointments.handle(session, appointment_id, at=now, policy=scope.policy, site=scope.site)

    return each(scope, appointments.__name__, due, handle)

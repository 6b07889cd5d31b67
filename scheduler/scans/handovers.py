"""The next shift must take over a shift's open work; it is reminded by telephone until it has (R09-6, R14-2)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.roster import handovers as shift_handovers
from models.tables import Handover
from scheduler.rows import each
from scheduler.scope import Scope

LOOK_BACK = timedelta(hours=24)
"""After a longer downtime of the scheduler, older handovers are left to the staff."""


def handovers(scope: Scope) -> int:
    """Returns how many handovers have started or got a reminder. Raises StoreUnavailable."""
    now, policy, site = scope.clock.now(), scope.policy, scope.site

    def ended(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return shift_handovers.ended(session, after, limit, since=now - LOOK_BACK, at=now)

    def to_remind(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return shift_handovers.to_remind(session, after, limit, at=now, policy=policy)

    def remind(session: Session, handover_id: int) -> bool:
        lead = site.lead_group(session.get_one(Handover, handover_id).group)
        return shift_handovers.remind(session, handover_id, at=now, policy=policy, lead=lead)

    began = each(scope, "handovers", ended, shift_handovers.begin_after)
    return began + each(scope, "handover_reminders", to_remind, remind)

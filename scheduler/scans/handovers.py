"""At a shift's end what it leaves open is to be taken over; who has not is reminded by telephone (R09-6, R14-2)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.roster import handovers as matters
from models.tables import Handover
from scheduler.rows import each
from scheduler.scope import Scope

LOOK_BACK = timedelta(hours=24)
"""A scheduler that was off for longer leaves the handovers of before to the people."""


def handovers(scope: Scope) -> int:
    """Returns how many handovers have come about or were reminded of. Raises StoreUnavailable."""
    now, policy, site = scope.clock.now(), scope.policy, scope.site

    def ended(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return matters.ended(session, after, limit, since=now - LOOK_BACK, at=now)

    def to_remind(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return matters.to_remind(session, after, limit, at=now, policy=policy)

    def remind(session: Session, handover_id: int) -> bool:
        lead = site.lead_group(session.get_one(Handover, handover_id).group)
        return matters.remind(session, handover_id, at=now, policy=policy, lead=lead)

    began = each(scope, "handovers", ended, matters.begin_after)
    return began + each(scope, "handover_reminders", to_remind, remind)

"""Wake-ups of the next days are rows; one that was missed, or whose guest does not wake, is told to people (R21-11).

The first call of each was asked for with its row, and every next one with the end of the last: no scan is needed for
the telephone to ring.
"""

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.guests import knocks, wakeup_attempts, wakeups
from scheduler.rows import each
from scheduler.scope import Scope


def wake_ups(scope: Scope) -> int:
    """Returns how many rows have moved. It dials nobody: it asks for calls. Raises StoreUnavailable."""
    now, rules, site = scope.clock.now(), scope.policy.wake_up, scope.site

    def to_plan(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return wakeups.to_plan(session, at=now, rules=rules, zone=site.time_zone, after=after, limit=limit)

    def plan(session: Session, order_id: int) -> bool:
        return bool(wakeups.plan(session, order_id, at=now, rules=rules, zone=site.time_zone))

    def missed(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return wakeup_attempts.missed(session, at=now, rules=rules, after=after, limit=limit)

    def overdue(session: Session, wakeup_id: int) -> bool:
        return wakeup_attempts.overdue(session, wakeup_id, at=now, rules=rules)

    def not_awake(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return knocks.due(session, at=now, after=after, limit=limit)

    def tell(session: Session, wakeup_id: int) -> bool:
        return knocks.advance(session, wakeup_id, at=now, rules=rules, site=site)

    done = each(scope, "wake-ups-plan", to_plan, plan)
    done += each(scope, "wake-ups-missed", missed, overdue)
    return done + each(scope, "wake-ups-knock", not_awake, tell)

"""Writes the wake-ups of the next days; staff are called about one that was missed or did not wake the guest (R21-11).

The first call of a wake-up was requested with its row, and each next call when the last one ended: the telephone rings
without any scan.
"""

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.guests import knocks, wakeup_attempts
from models.guests import wakeups as orders
from scheduler.rows import each
from scheduler.scope import Scope


def wakeups(scope: Scope) -> int:
    """Returns how many rows have changed. It dials nobody: it requests calls. Raises StoreUnavailable."""
    now, rules, site = scope.clock.now(), scope.policy.wake_up, scope.site

    def to_plan(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return orders.to_plan(session, at=now, rules=rules, zone=site.time_zone, after=after, limit=limit)

    def plan(session: Session, order_id: int) -> bool:
        return bool(orders.plan(session, order_id, at=now, rules=rules, zone=site.time_zone))

    def missed(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return wakeup_attempts.missed(session, at=now, rules=rules, after=after, limit=limit)

    def overdue(session: Session, wakeup_id: int) -> bool:
        return wakeup_attempts.overdue(session, wakeup_id, at=now, rules=rules)

    def not_awake(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return knocks.due(session, at=now, after=after, limit=limit)

    def call_staff(session: Session, wakeup_id: int) -> bool:
        return knocks.advance(session, wakeup_id, at=now, rules=rules, site=site)

    done = each(scope, "wake-ups-plan", to_plan, plan)
    done += each(scope, "wake-ups-missed", missed, overdue)
    return done + each(scope, "wake-ups-knock", not_awake, call_staff)

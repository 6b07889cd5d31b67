"""A gap in the roster of the next days is an open task of the group's lead before it happens (R13-1, R09)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from models.roster import gaps
from scheduler.scope import Scope


def roster_gaps(scope: Scope) -> int:
    """Returns how many gaps are new. Raises StoreUnavailable."""
    at, zone = scope.clock.now(), scope.site.time_zone
    until = at + timedelta(days=scope.policy.roster.alarm_days)
    leads = {group.name: scope.site.lead_group(group.name) for group in scope.site.groups}

    def write(session: Session) -> list[gaps.Gap]:
        found = gaps.ahead(session, at, until, scope.site.days)
        return gaps.alarm(session, found.lacks, leads, at=at)

    new = scope.store.write(write)
    for gap in new:
        scope.report(f"roster, {gap.subject}", f"{gap.kind} from {gap.starts_at.astimezone(zone):%m-%d %H:%M}")
    return len(new)

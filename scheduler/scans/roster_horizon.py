"""Writes the duties that follow from the roster for the next days (R09-7)."""

from models.roster import roster
from scheduler.scope import Scope


def roster_horizon(scope: Scope) -> int:
    """Returns how many duties were added or removed. Raises StoreUnavailable."""
    days = scope.policy.roster.horizon_days
    done = scope.store.write(roster.extend, at=scope.clock.now(), dates=scope.site.days, days=days)
    return done.added + done.removed

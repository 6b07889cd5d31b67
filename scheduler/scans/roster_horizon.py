"""The duties that follow from the roster are written so many days ahead, before anybody asks for them (R09-7)."""

from models.roster import roster
from scheduler.scope import Scope


def roster_horizon(scope: Scope) -> int:
    """Returns how many turns were added or taken away. Raises StoreUnavailable."""
    days = scope.policy.roster.horizon_days
    done = scope.store.write(roster.extend, at=scope.clock.now(), dates=scope.site.days, days=days)
    return done.added + done.removed

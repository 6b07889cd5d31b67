"""Canaries are watched from outside the application that sends them: when it is dead, none come.

An outage has one ticket, written before the duty phone rings, and rings it once; what Asterisk could not do at the
first try is tried again for as long as the outage lasts. A store that is out of reach for as long is an outage, too, of
which no ticket can be written.
"""

from datetime import datetime, timedelta

from models.database.store import StoreUnavailable
from models.health import canaries
from models.states.health import CanaryStep
from scheduler import duty_phone
from scheduler.scope import Scope

PRUNED_AT_ONCE = 500
STORE = "store"
LATE = timedelta(seconds=30)
"""A canary takes some seconds, and an application that is started again, too."""


def canary_watch(scope: Scope) -> int:
    """Returns how many outages the duty phone has been rung for (R17-5). Raises StoreUnavailable."""
    try:
        rung = _watch(scope)
    except StoreUnavailable:
        gone = _too_long(scope, scope.last_looked(canary_watch.__name__))
        if gone and STORE not in scope.alarmed and _rings(scope, f"fault-{STORE}"):
            scope.alarmed.add(STORE)
        raise
    scope.alarmed.discard(STORE)
    return rung


def _watch(scope: Scope) -> int:
    now, policy = scope.clock.now(), scope.policy.canary
    last = scope.store.read(canaries.recent, limit=1)
    # While the whole service was off, nobody expected any.
    last_at = max(last[0].at, scope.began) if last else scope.began
    if _too_long(scope, last_at):
        scope.store.write(canaries.write, at=now, ms=None, failed=CanaryStep.MISSING)
    outage = scope.store.write(canaries.judge, at=now, policy=scope.policy, language=scope.site.language)
    scope.store.write(canaries.prune, before=now - timedelta(days=policy.keep_days), limit=PRUNED_AT_ONCE)
    if outage is None or outage.told_at is not None:
        return 0
    if not _rings(scope, f"fault-{outage.ticket_id}"):
        return 0
    scope.store.write(canaries.told, outage.id, at=now)
    return 1


def _too_long(scope: Scope, since: datetime) -> bool:
    """Two canaries should have come home since then."""
    every = timedelta(minutes=scope.policy.canary.every_minutes)
    return scope.clock.now() - since > 2 * every + LATE


def _rings(scope: Scope, name: str) -> bool:
    try:
        duty_phone.ring(scope.home, scope.site, name, duty_phone.AlarmAbout.LINE)
    except duty_phone.NotRung as error:
        scope.report("duty phone", str(error))
        return False
    return True

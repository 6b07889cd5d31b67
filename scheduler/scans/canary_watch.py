"""Canaries are watched from outside the application that sends them: when it is dead, none come.

An outage has one ticket, written before the duty phone rings, and rings it once; what Asterisk could not do at the
first try is tried again for as long as the outage lasts.
"""

from datetime import timedelta

from models import canaries
from models.states import CanaryStep
from scheduler import duty_phone
from scheduler.scope import Scope

PRUNED_AT_ONCE = 500
LATE = timedelta(seconds=30)
"""A canary takes some seconds, and an application that is started again, too."""


def canary_watch(scope: Scope) -> int:
    """Returns how many outages the duty phone has been rung for (R17-5)."""
    now, policy = scope.clock.now(), scope.policy.canary
    every = timedelta(minutes=policy.every_minutes)
    last = scope.store.read(canaries.recent, limit=1)
    # While the whole service was off, nobody expected any.
    last_at = max(last[0].at, scope.began) if last else scope.began
    if now - last_at > 2 * every + LATE:
        scope.store.write(canaries.write, at=now, ms=None, failed=CanaryStep.MISSING)
    outage = scope.store.write(canaries.judge, at=now, policy=scope.policy, language=scope.site.language)
    scope.store.write(canaries.prune, before=now - timedelta(days=policy.keep_days), limit=PRUNED_AT_ONCE)
    if outage is None or outage.told_at is not None:
        return 0
    try:
        duty_phone.ring(scope.home, scope.site, f"fault-{outage.ticket_id}")
    except duty_phone.NotRung as error:
        scope.report("duty phone", str(error))
        return 0
    scope.store.write(canaries.told, outage.id, at=now)
    return 1

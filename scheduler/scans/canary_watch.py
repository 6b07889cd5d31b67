"""Watches the test calls (canaries) from outside the application that makes them: when it is dead, none arrive.

An outage has one ticket, written before the duty phone rings, and rings it once; if Asterisk cannot ring it, that is
tried again while the outage lasts. A store out of reach for as long is an outage too, one without a ticket.
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
"""Allowed on top: a canary takes some seconds, and so does a restart of the application."""


def canary_watch(scope: Scope) -> int:
    """Returns for how many outages it has rung the duty phone (R17-5). Raises StoreUnavailable."""
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
    # While the whole service was off, no canary was expected.
    last_at = max(last[0].at, scope.began) if last else scope.began
    if _too_long(scope, last_at):
        scope.store.write(canaries.write, at=now, ms=None, failed=CanaryStep.MISSING)
    outage = scope.store.write(canaries.judge, at=now, policy=scope.policy, language=scope.site.language)
    scope.store.write(canaries.prune, before=now - timedelta(days=policy.keep_days), limit=PRUNED_AT_ONCE)
    if outage is None:
        duty_phone.hush(scope, duty_phone.AlarmAbout.LINE)
        return 0
    if outage.told_at is not None:
        return 0
    if not _rings(scope, f"fault-{outage.ticket_id}"):
        return 0
    scope.store.write(canaries.mark_reported, outage.id, at=now)
    return 1


def _too_long(scope: Scope, since: datetime) -> bool:
    """Whether two canaries should have arrived since then."""
    every = timedelta(minutes=scope.policy.canary.every_minutes)
    return scope.clock.now() - since > 2 * every + LATE


def _rings(scope: Scope, name: str) -> bool:
    try:
        duty_phone.ring(scope.home, scope.site, name, duty_phone.AlarmAbout.LINE)
    except duty_phone.NotRung as error:
        scope.report("duty phone", str(error))
        return False
    scope.ringing[duty_phone.AlarmAbout.LINE] = name
    return True

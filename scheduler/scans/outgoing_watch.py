"""Watches what leaves over the trunks: many calls at night, or many refusals, are a ticket while that lasts (R20-5).

It may be somebody who calls at our cost, or sends us to call others; the duty phone rings once.
"""

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from models.calls import trunk_calls
from models.health import findings
from models.health.findings import Subject
from models.states.health import FindingKind
from models.tickets import tickets
from scheduler import duty_phone
from scheduler.scope import Scope

KINDS = (FindingKind.CALLS_AT_NIGHT, FindingKind.CALLS_REFUSED)
_HOUR = timedelta(hours=1)


def outgoing_watch(scope: Scope) -> int:
    """Returns how many findings are new."""
    now = scope.clock.now()
    new = scope.store.write(_judge, scope, now)
    duty_phone.report(scope, KINDS, duty_phone.AlarmAbout.OUTGOING)
    return new


def _judge(session: Session, scope: Scope, now: datetime) -> int:
    limits, found = scope.policy.limits, dict[Subject, int | None]()
    since = _in_this_night(scope, now)
    at_night = 0 if since is None else trunk_calls.left(session, since)
    counted = {
        FindingKind.CALLS_AT_NIGHT: (at_night, limits.night_calls_an_hour),
        FindingKind.CALLS_REFUSED: (trunk_calls.refused(session, now - _HOUR), limits.refusals_an_hour),
    }
    for kind, (count, limit) in counted.items():
        if 0 < limit <= count:
            found[kind, ""] = None
    new = findings.settle(session, KINDS, found, at=now)
    for finding in new:
        text = f"{finding.kind}: {counted[finding.kind][0]}\nin the last hour"
        ticket = tickets.open_fault(session, at=now, policy=scope.policy, language=scope.site.language, text=text)
        finding.ticket_id = ticket.id
    return len(new)


def _in_this_night(scope: Scope, now: datetime) -> datetime | None:
    """From when on calls count as made at night: in the last hour, and outside [escalation] hours; None by day."""
    local = now.astimezone(scope.site.time_zone)
    start, end = (time.fromisoformat(edge) for edge in scope.policy.escalation.hours.split("-"))
    if start <= local.time() < end:
        return None
    evening = datetime.combine(local.date(), end, scope.site.time_zone)
    return max(now - _HOUR, evening) if local.time() >= end else now - _HOUR

"""Checks from outside the scheduler that every scan runs, that due work gets done, and that no row fails for ever.

`hotline serve` runs this, because a scheduler that stands still cannot report it. Each fault is a finding with one
ticket while it lasts; when the whole scheduler stands still, only this check is left to ring the duty phone.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.database import pushed_back
from models.health import findings
from models.health.findings import Subject
from models.instance import heartbeat
from models.states.calls import Priority, RecordingState, ToMake
from models.states.guests import WakeupState
from models.states.health import FindingKind
from models.tables import CallToMake, Finding, Recording, Wakeup
from models.tickets import tickets
from scheduler import duty_phone
from scheduler.duty_phone import AlarmAbout
from scheduler.scans import SCANS
from scheduler.scope import Scope

KINDS = (FindingKind.SCAN_LATE, FindingKind.WORK_LATE, FindingKind.ROW_FAILS)
SCHEDULER = "scheduler"
WAKE_UPS = "wake-ups"
URGENT = "urgent calls to make"
ALARMING = {WAKE_UPS: AlarmAbout.CALLS, URGENT: AlarmAbout.CALLS, SCHEDULER: AlarmAbout.SCHEDULER}
"""While such a fault lasts a guest may oversleep unnoticed (R21-11): the duty phone rings and names the fault."""
MISSED = 3
"""A scan is late after this many missed runs."""
LATE = timedelta(minutes=2)
"""Allowed on top: a scan with much to do takes a while, and so does a restart of the scheduler."""
WORK_LATE = timedelta(minutes=15)
FAILS_FOR = timedelta(minutes=30)
AT_MOST = 20

_waiting = select(CallToMake.id).where(CallToMake.state == ToMake.WAITING)
_recorded = select(Recording.id).where(Recording.state == RecordingState.RECORDED)


def audit(scope: Scope) -> int:
    """Returns how many findings are new; those that no longer hold are settled. Raises StoreUnavailable."""
    now = scope.clock.now()
    late = set(_late_scans(scope, now))

    def write(session: Session) -> list[Finding]:
        found: dict[Subject, int | None] = {(FindingKind.SCAN_LATE, scan): None for scan in late}
        found |= {(FindingKind.WORK_LATE, what): None for what in _late_work(session, now)}
        failing = pushed_back.longest(session, limit=AT_MOST)
        found |= {
            (FindingKind.ROW_FAILS, f"{row.scan} {row.row_id}"): None for row in failing if now - row.since > FAILS_FOR
        }
        new = findings.settle(session, KINDS, found, at=now)
        for finding in new:
            text = f"{finding.kind}: {finding.subject}"
            ticket = tickets.open_fault(session, at=now, policy=scope.policy, language=scope.site.language, text=text)
            finding.ticket_id = ticket.id
        return new

    new = scope.store.write(write)
    for finding in new:
        scope.report(finding.subject, finding.kind.value)
    _ring(scope, now)
    return len(new)


def _late_scans(scope: Scope, now: datetime) -> Iterator[str]:
    beat = heartbeat.last(scope.home, SCHEDULER)
    if beat is None or now - beat.at > LATE:
        yield SCHEDULER
        return
    for scan in SCANS:
        last = beat.facts.get(scan.name, beat.since)
        if now - last > MISSED * timedelta(seconds=scan.every_s) + LATE:
            yield scan.name


def _late_work(session: Session, now: datetime) -> Iterator[str]:
    """Names each kind of work that is still untouched long after it was due."""
    before, moment_ago = now - WORK_LATE, now - LATE
    urgent = CallToMake.priority.in_([Priority.FIRST, Priority.AT_ITS_SECOND])
    overdue: dict[str, Select[int]] = {
        "calls to make": _waiting.where(CallToMake.priority.in_(list(Priority)), CallToMake.due_at < before),
        URGENT: _waiting.where(urgent, CallToMake.due_at < moment_ago),
        # Whatever the calls to make say: this wake-up was due and has not rung.
        WAKE_UPS: select(Wakeup.id).where(Wakeup.state == WakeupState.PLANNED, Wakeup.wake_at < moment_ago),
        "recordings": _recorded.where(Recording.ended_at < before),
    }
    for what, query in overdue.items():
        if session.scalar(query.limit(1)) is not None:
            yield what


def _ring(scope: Scope, now: datetime) -> None:
    """Rings the duty phone once for each fault, and no longer than it lasts; if Asterisk cannot, the next audit tries
    again."""
    faults = scope.store.read(findings.open_of, [FindingKind.SCAN_LATE, FindingKind.WORK_LATE])
    alarming = [finding for finding in faults if finding.subject in ALARMING]
    lasting = {ALARMING[finding.subject] for finding in alarming}
    for over in set(ALARMING.values()) - lasting:
        duty_phone.hush(scope, over)
    about = [finding for finding in alarming if finding.told_at is None]
    if not about:
        return
    said = min((ALARMING[finding.subject] for finding in about), key=list(AlarmAbout).index)
    try:
        duty_phone.ring(scope.home, scope.site, f"fault-{about[0].ticket_id}", said)
    except duty_phone.NotRung as error:
        scope.report("duty phone", str(error))
    else:
        scope.ringing[said] = f"fault-{about[0].ticket_id}"
        scope.store.write(findings.mark_reported, [finding.id for finding in about], at=now)

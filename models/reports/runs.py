"""A report that sends itself is a row before it is written, claimed by one process at a time, and sent once.

What has been handed over to a mail server in part may have arrived: it is never handed over again by itself.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from models.database.changes import change
from models.reports.period import Period
from models.states.reports import REPORT_MOVES, PeriodKind, ReportState
from models.tables import Call, ReportRun

__all__ = ["ReportClaim", "ReportRun", "ReportState"]

BROKE_OFF = "ended while it was handed over: it may have arrived"


@dataclass(frozen=True)
class ReportClaim:
    """What one process is about to make and send."""

    id: int
    fence: int
    kind: PeriodKind
    period: str
    tries: int


def plan(session: Session, period: Period, *, at: datetime) -> bool:
    """The period's report is due, unless it was planned before, or nobody had called before the period's end. True if
    it is new."""
    known = select(ReportRun.id).where(ReportRun.kind == period.kind, ReportRun.period == period.name)
    if session.scalar(known) is not None:
        return False
    first_call = session.scalar(select(Call.started_at).order_by(Call.started_at).limit(1))
    if first_call is None or first_call >= period.ends:
        return False
    session.add(ReportRun(kind=period.kind, period=period.name, planned_at=at, retry_at=at))
    return True


def any_due(session: Session, *, at: datetime) -> bool:
    """Whether there is one to be claimed, or to be given up."""
    return session.scalar(select(ReportRun.id).where(_due(at) | _broken_off(at)).limit(1)) is not None


def claim(session: Session, *, at: datetime, until: datetime) -> ReportClaim | None:
    """Takes one that is due, or whose claim has lapsed before it was handed over."""
    row = session.scalar(select(ReportRun).where(_due(at)).order_by(ReportRun.retry_at, ReportRun.id).limit(1))
    if row is None:
        return None
    mine = ReportRun.id == row.id, ReportRun.fence == row.fence, ReportRun.state == row.state
    values = {"state": ReportState.CLAIMED, "leased_until": until, "fence": row.fence + 1, "tries": row.tries + 1}
    if change(session, update(ReportRun).where(*mine).values(values)) != 1:
        return None
    return ReportClaim(row.id, row.fence + 1, row.kind, row.period, row.tries + 1)


def move(
    session: Session,
    claim: ReportClaim,
    *,
    to: ReportState,
    at: datetime,
    error: str | None = None,
    retry_at: datetime | None = None,
) -> bool:
    """The next step, or the end. False when it is somebody else's by now: then nothing has changed."""
    origins = [state for state, moves in REPORT_MOVES.items() if to in moves]
    values: dict[str, object] = {"state": to, "error": error[:500] if error else None}
    if retry_at is not None:
        values["retry_at"] = retry_at
    if to not in REPORT_MOVES:
        values["ended_at"] = at
    mine = ReportRun.id == claim.id, ReportRun.fence == claim.fence, ReportRun.state.in_(origins)
    return change(session, update(ReportRun).where(*mine).values(values)) == 1


def give_up_broken_off(session: Session, *, at: datetime) -> list[str]:
    """Those whose process died while it handed them over: they may have arrived. Returns their periods."""
    gone = []
    for row in session.scalars(select(ReportRun).where(_broken_off(at))).all():
        values = {"state": ReportState.UNCERTAIN, "ended_at": at, "error": BROKE_OFF}
        # It may have come back to life in this moment: then it knows better.
        if change(session, update(ReportRun).where(ReportRun.id == row.id, _broken_off(at)).values(values)):
            gone.append(row.period)
    return gone


def recent(session: Session, *, limit: int) -> list[ReportRun]:
    """The newest first."""
    return list(session.scalars(select(ReportRun).order_by(ReportRun.id.desc()).limit(limit)))


def _due(at: datetime) -> ColumnElement[bool]:
    waits = and_(ReportRun.state == ReportState.DUE, ReportRun.retry_at <= at)
    return or_(waits, and_(ReportRun.state == ReportState.CLAIMED, ReportRun.leased_until <= at))


def _broken_off(at: datetime) -> ColumnElement[bool]:
    return and_(ReportRun.state == ReportState.SENDING, ReportRun.leased_until <= at)

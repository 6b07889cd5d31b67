"""An automatic report is a row before it is written; one process at a time claims it, and it is sent once.

A mail that was partly handed to the server may have arrived: it is not sent again automatically.
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
    """The report that one process is to make and send."""

    id: int
    fence: int
    kind: PeriodKind
    period: str
    tries: int


def plan(session: Session, period: Period, *, at: datetime) -> bool:
    """Plans the report of this period, unless it exists or the first call came after the period. True if it is new."""
    known = select(ReportRun.id).where(ReportRun.kind == period.kind, ReportRun.period == period.name)
    if session.scalar(known) is not None:
        return False
    first_call = session.scalar(select(Call.started_at).order_by(Call.started_at).limit(1))
    if first_call is None or first_call >= period.ends:
        return False
    session.add(ReportRun(kind=period.kind, period=period.name, planned_at=at, retry_at=at))
    return True


def any_due(session: Session, *, at: datetime) -> bool:
    """Whether a report is to be claimed or to be given up."""
    return session.scalar(select(ReportRun.id).where(_due(at) | _broken_off(at)).limit(1)) is not None


def claim(session: Session, *, at: datetime, until: datetime) -> ReportClaim | None:
    """Claims a report that is due, or whose claim lapsed before the mail was handed over."""
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
    """Moves it to the next state. False when another process has claimed it meanwhile: then nothing changes."""
    origins = [state for state, moves in REPORT_MOVES.items() if to in moves]
    values: dict[str, object] = {"state": to, "error": error[:500] if error else None}
    if retry_at is not None:
        values["retry_at"] = retry_at
    if to not in REPORT_MOVES:
        values["ended_at"] = at
    mine = ReportRun.id == claim.id, ReportRun.fence == claim.fence, ReportRun.state.in_(origins)
    return change(session, update(ReportRun).where(*mine).values(values)) == 1


def give_up_broken_off(session: Session, *, at: datetime) -> list[str]:
    """Ends the reports whose process died while handing them over: they may have arrived. Returns their periods."""
    gone = []
    for row in session.scalars(select(ReportRun).where(_broken_off(at))).all():
        values = {"state": ReportState.UNCERTAIN, "ended_at": at, "error": BROKE_OFF}
        # The process may still be alive and have recorded the end itself.
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

"""The list of calls, the newest first, a page at a time."""

from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from models.calls.calls import CallRecord, records_of
from models.database import paging
from models.database.paging import Mark
from models.tables import Call, RingRow, Talk


def between(
    session: Session, since: datetime, until: datetime, *, staff: str | None, after: Mark | None, limit: int
) -> list[CallRecord]:
    """The newest calls first that began from `since` to before `until`, behind `after`; with `staff`, those in which
    this person's telephone rang or who talked."""
    wanted = [Call.started_at >= since, Call.started_at < until]
    if staff is not None:
        rang = exists().where(RingRow.call_id == Call.id, RingRow.staff_number == staff)
        talked = exists().where(Talk.call_id == Call.id, Talk.staff_number == staff)
        wanted.append(or_(rang, talked))
    if after is not None:
        wanted.append(paging.before(Call.started_at, Call.id, after))
    newest = select(Call).where(*wanted).order_by(Call.started_at.desc(), Call.id.desc()).limit(limit)
    return records_of(session, session.scalars(newest).all())

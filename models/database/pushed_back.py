"""A row at which a scan fails is tried again, later each time, until the scan succeeds."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.tables import PushedBack

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)


def of(session: Session, scan: str, row_ids: Collection[int]) -> dict[int, PushedBack]:
    """The rows among these at which this scan has failed, by id."""
    failed = select(PushedBack).where(PushedBack.scan == scan, PushedBack.row_id.in_(row_ids))
    return {row.row_id: row for row in session.scalars(failed)}


def push(session: Session, scan: str, row_id: int, *, error: str, at: datetime) -> PushedBack:
    """Writes a failure; two schedulers may do so at the same time."""
    row = of(session, scan, [row_id]).get(row_id)
    if row is None:
        row = PushedBack(scan=scan, row_id=row_id, since=at, tries=0)
        session.add(row)
    row.until = at + min(LONGEST, FIRST * 2 ** min(row.tries, 20))
    row.tries, row.error = row.tries + 1, error[:2000]
    session.flush()
    return row


def forget(session: Session, scan: str, row_id: int) -> None:
    """Forgets a row that was handled, or is no longer due."""
    session.execute(delete(PushedBack).where(PushedBack.scan == scan, PushedBack.row_id == row_id))


def longest(session: Session, *, limit: int) -> list[PushedBack]:
    """The failing rows, the oldest first."""
    return list(session.scalars(select(PushedBack).order_by(PushedBack.id).limit(limit)))

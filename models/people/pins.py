"""Three wrong PINs lock a telephone for a while: no PIN is asked for there, however often it is dialled."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.tables import WrongPins


def locked_until(session: Session, telephone: str, *, at: datetime) -> datetime | None:
    """None: a PIN may be keyed there."""
    row = session.get(WrongPins, telephone)
    return row.locked_until if row and row.locked_until and row.locked_until > at else None


def wrong(session: Session, telephone: str, *, tries: int, lock: timedelta, at: datetime) -> datetime | None:
    """Counts a wrong PIN; the last of `tries` in a row locks the telephone for `lock`: until when, else None.

    Wrong PINs longer ago than `lock` no longer count.
    """
    row = session.get(WrongPins, telephone, with_for_update=True)
    if row is None:
        row = WrongPins(telephone=telephone, tries=0, at=at)
        session.add(row)
    if at - row.at > lock or (row.locked_until and row.locked_until <= at):
        row.tries, row.locked_until = 0, None
    row.tries, row.at = row.tries + 1, at
    if row.tries >= tries:
        row.locked_until = at + lock
    return row.locked_until


def right(session: Session, telephone: str) -> None:
    """Forgets the wrong ones."""
    session.execute(delete(WrongPins).where(WrongPins.telephone == telephone))


def locked(session: Session, *, at: datetime) -> dict[str, datetime]:
    """The locked telephones, and until when."""
    rows = session.scalars(select(WrongPins).where(WrongPins.locked_until > at))
    return {row.telephone: row.locked_until for row in rows if row.locked_until}

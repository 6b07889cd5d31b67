"""The duty log: a running record of the people on duty, which the handover shows to the next ones (R09-6)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import MoveRefused
from models.tables import DutyNote
from models.text import signs

LONGEST = 2000


def write(session: Session, note: str, *, who: str, at: datetime) -> DutyNote:
    """Raises MoveRefused for an empty or too long note, SignRefused."""
    text = signs.written(note, LONGEST)
    if not text:
        raise MoveRefused("an entry needs words", "请填写内容")
    entry = DutyNote(at=at, who=who[:80], note=text)
    session.add(entry)
    session.flush()
    return entry


def since(session: Session, begin: datetime, *, limit: int) -> list[DutyNote]:
    """The entries from then on, the newest first."""
    newest = select(DutyNote).where(DutyNote.at >= begin).order_by(DutyNote.at.desc(), DutyNote.id.desc())
    return list(session.scalars(newest.limit(limit)))

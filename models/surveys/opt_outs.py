"""Numbers that get no more survey calls; kept for ever."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.database.numbers import here
from models.states.surveys import SurveyState
from models.tables import OptOut, Survey

__all__ = ["OptOut"]


def add(session: Session, number: str, *, who: str, at: datetime, survey_id: int | None = None) -> None:
    """Opts this number out for ever, and ends its open surveys."""
    number = here(session, number) or number
    if session.get(OptOut, number) is None:
        session.add(OptOut(number=number, at=at, who=who[:80], survey_id=survey_id))
        session.flush()
    waiting = Survey.number == number, Survey.state.in_((SurveyState.WAITING, SurveyState.CALLING))
    values = {"state": SurveyState.OPTED_OUT, "ended_at": at}
    change(session, update(Survey).where(*waiting).values(values))


def any_of(session: Session, numbers: Collection[str]) -> bool:
    """Whether one of these numbers has opted out."""
    return session.scalar(select(OptOut.number).where(OptOut.number.in_(numbers)).limit(1)) is not None


def newest(session: Session, *, limit: int) -> list[OptOut]:
    """The newest first."""
    return list(session.scalars(select(OptOut).order_by(OptOut.at.desc(), OptOut.number).limit(limit)))

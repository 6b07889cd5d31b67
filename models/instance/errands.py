"""What the console may not do itself the supervisor does: a row asks for it, and says how it went."""

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.errors import MoveRefused
from models.instance.home import Home
from models.states.administration import ErrandKind, ErrandState
from models.tables import Errand

__all__ = ["Errand", "ErrandKind", "ErrandState"]


def ask(session: Session, kind: ErrandKind, subject: str = "", *, by: str, at: datetime) -> Errand:
    """The new errand, or the one for the same that waits already."""
    same = (Errand.kind == kind, Errand.subject == subject, Errand.asked_by == by, Errand.ended_at.is_(None))
    waiting_already = session.scalar(select(Errand).where(*same))
    if waiting_already is not None:
        return waiting_already
    errand = Errand(kind=kind, subject=subject, asked_by=by, asked_at=at)
    session.add(errand)
    session.flush()
    return errand


def waiting(session: Session) -> list[Errand]:
    """In the order in which they were asked for."""
    return list(session.scalars(select(Errand).where(Errand.ended_at.is_(None)).order_by(Errand.id)))


def find(session: Session, errand_id: int) -> Errand:
    """Raises MoveRefused when there is none."""
    found = session.get(Errand, errand_id)
    if found is None:
        raise MoveRefused("there is no such errand", "没有这个请求")
    return found


def end(session: Session, errand_id: int, refused: MoveRefused | None, *, at: datetime) -> None:
    """It is done, or has failed for this reason."""
    ended = {
        "state": ErrandState.FAILED if refused else ErrandState.DONE,
        "ended_at": at,
        "refusal": f"{refused.en}\n{refused.zh}" if refused else None,
    }
    change(session, update(Errand).where(Errand.id == errand_id, Errand.ended_at.is_(None)).values(**ended))


def latest(session: Session, kind: ErrandKind) -> Errand | None:
    return session.scalar(select(Errand).where(Errand.kind == kind).order_by(Errand.id.desc()).limit(1))


def handed(home: Home, errand_id: int) -> Path:
    """Where the supervisor leaves what it hands over."""
    return home.run / f"errand-{errand_id}.json"


def taken(home: Home, errand_id: int) -> dict[str, str]:
    """What was handed over; it is gone afterwards. Raises MoveRefused when it is gone already."""
    file = handed(home, errand_id)
    try:
        found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        file.unlink()
    except OSError as error:
        raise MoveRefused("it has been taken already: ask again", "已被取走，请重新请求") from error
    return found

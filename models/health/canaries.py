"""Two failed canaries in a row are an outage: one ticket is opened, and the duty phone rings once (R17-5)."""

from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.language import Language
from models.policy import Policy
from models.states.health import CanaryStep
from models.tables import Canary
from models.tickets import tickets

__all__ = ["Canary", "CanaryStep"]

ANSWERS_AGAIN = "the line answers again"
ENOUGH = 2
"""Failures in a row; a single one may come from a restart."""


def write(session: Session, *, at: datetime, ms: int | None, failed: CanaryStep | None) -> Canary:
    """Writes a canary: success, or failure at a step. The first success after an outage ends its fault."""
    carrier = None if failed else _carrier(session)
    canary = Canary(at=at, ok=failed is None, ms=ms, step=failed)
    session.add(canary)
    session.flush()
    if carrier is not None and carrier.ticket_id is not None:
        tickets.end_fault(session, carrier.ticket_id, ANSWERS_AGAIN, at=at)
    return canary


def recent(session: Session, *, limit: int) -> list[Canary]:
    """The canaries, the newest first."""
    return list(session.scalars(select(Canary).order_by(Canary.at.desc(), Canary.id.desc()).limit(limit)))


def failed_since(session: Session, since: datetime) -> int:
    """How many canaries have failed since then."""
    return len(session.scalars(select(Canary.id).where(Canary.ok.is_(False), Canary.at >= since)).all())


def judge(session: Session, *, at: datetime, policy: Policy, language: Language) -> Canary | None:
    """The canary that carries the present outage, its ticket opened now or before; None without an outage. A missing
    canary counts twice."""
    failed = session.scalars(_outage(session).limit(ENOUGH)).all()
    missing = bool(failed) and failed[0].step is CanaryStep.MISSING
    if not missing and len(failed) < ENOUGH:
        return None
    carrier = _carrier(session)
    if carrier is None:
        carrier = failed[0]
        text = f"test calls fail\ncanary-{carrier.step}"
        carrier.ticket_id = tickets.open_fault(session, at=at, policy=policy, language=language, text=text).id
        session.flush()
    return carrier


def mark_reported(session: Session, canary_id: int, *, at: datetime) -> None:
    """Writes that the duty phone was rung for this outage."""
    change(session, update(Canary).where(Canary.id == canary_id, Canary.told_at.is_(None)).values(told_at=at))


def prune(session: Session, *, before: datetime, limit: int) -> int:
    """Deletes the oldest ones, at most `limit` at a time. Returns how many."""
    old = select(Canary.id).where(Canary.at < before).order_by(Canary.at).limit(limit)
    ids = session.scalars(old).all()
    session.execute(delete(Canary).where(Canary.id.in_(ids)))
    return len(ids)


def _outage(session: Session) -> Select[Canary]:
    """The failures since the last success, newest first."""
    home = session.scalar(select(Canary.at).where(Canary.ok.is_(True)).order_by(Canary.at.desc()).limit(1))
    failed = select(Canary).where(Canary.ok.is_(False)).order_by(Canary.at.desc(), Canary.id.desc())
    return failed.where(Canary.at > home) if home else failed


def _carrier(session: Session) -> Canary | None:
    """The failed canary that has the outage's ticket."""
    return session.scalar(_outage(session).where(Canary.ticket_id.is_not(None)).limit(1))

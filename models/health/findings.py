"""A finding is reported once, stays open while each check finds it again, and is settled by one that does not."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from models.states.health import FindingKind
from models.tables import Finding
from models.tickets import tickets

__all__ = ["Finding", "FindingKind"]

Subject = tuple[FindingKind, str]
IS_OVER = "no longer so"


def settle(
    session: Session,
    kinds: Collection[FindingKind],
    found: Mapping[Subject, int | None],
    *,
    at: datetime,
    over: str = IS_OVER,
) -> list[Finding]:
    """Writes everything of these kinds that a check has found, with the call it concerns, and settles open findings
    that it has not found again: their tickets end, as the text `over` says. Returns the new ones."""
    known = {
        (finding.kind, finding.subject): finding
        for finding in session.scalars(_open().where(Finding.kind.in_(kinds)).with_for_update())
    }
    for subject in known.keys() - found.keys():
        known[subject].settled_at = at
        if (ticket_id := known[subject].ticket_id) is not None:
            tickets.end_fault(session, ticket_id, over, at=at)
    new = [
        Finding(kind=kind, subject=subject, call_id=call_id, found_at=at)
        for (kind, subject), call_id in found.items()
        if (kind, subject) not in known
    ]
    session.add_all(new)
    session.flush()
    return new


def still_open(session: Session, *, limit: int) -> list[Finding]:
    """The open findings, by kind and subject."""
    return list(session.scalars(_open().order_by(Finding.kind, Finding.subject).limit(limit)))


def open_of(session: Session, kinds: Collection[FindingKind]) -> list[Finding]:
    """The open findings of these kinds."""
    return list(session.scalars(_open().where(Finding.kind.in_(kinds))))


def untold(session: Session, kinds: Collection[FindingKind]) -> list[Finding]:
    """Open findings of these kinds for which the duty phone has not been rung yet."""
    return list(session.scalars(_open().where(Finding.kind.in_(kinds), Finding.told_at.is_(None))))


def mark_reported(session: Session, finding_ids: Collection[int], *, at: datetime) -> None:
    """Writes that the duty phone was rung for these."""
    session.execute(update(Finding).where(Finding.id.in_(finding_ids)).values(told_at=at))


def _open() -> Select[Finding]:
    return select(Finding).where(Finding.settled_at.is_(None))

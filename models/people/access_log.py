"""The access log is a chain: an entry that is changed, removed or slipped in breaks it at its place (R05-9, R08-9)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import AccessEntry, AccessHead
from models.text.chain import BEGINNING, link

_THE_ONE = 1
_AT_A_TIME = 1000


class Wrong(StrEnum):
    CHANGED = "changed"
    """It does not follow from the entry before it."""
    MISSING = "missing"
    ADDED = "added"
    """A second entry at a place, or one that no program of ours wrote."""
    CUT_OFF = "cut-off"
    """The newest entries are missing: there were more."""


@dataclass(frozen=True)
class Break:
    """Where the chain is broken; `last` is the last of several missing places."""

    wrong: Wrong
    place: int
    last: int
    entry: AccessEntry | None = None


@dataclass(frozen=True)
class Head:
    """The newest entry at some moment: its place and its hash. Place 0: the log is empty."""

    place: int
    sha256: str


def log(session: Session, *, who: str, what: str, subject: str, at: datetime) -> None:
    """Logs that somebody looked at or changed personal data (R05-9, R08-9).

    Writers take turns at the head until their transaction ends: nothing long may follow in it.
    """
    head = session.get(AccessHead, _THE_ONE, with_for_update=True, populate_existing=True)
    if head is None:
        head = AccessHead(id=_THE_ONE, place=0, sha256=BEGINNING)
        session.add(head)
    who, what, place = who[:80], what[:80], head.place + 1
    sha256 = link(head.sha256, place, at, who, what, subject)
    session.add(AccessEntry(at=at, who=who, what=what, subject=subject, place=place, sha256=sha256))
    head.place, head.sha256 = place, sha256
    session.flush()


def newest(session: Session, *, limit: int) -> list[AccessEntry]:
    """The newest entries: talks and recordings listened to, personal data seen or changed."""
    return list(session.scalars(select(AccessEntry).order_by(AccessEntry.place.desc()).limit(limit)))


def head(session: Session) -> Head:
    """Of the log as it is now."""
    row = session.get(AccessHead, _THE_ONE)
    return Head(row.place, row.sha256) if row is not None else Head(0, BEGINNING)


def breaks(session: Session, noted: Iterable[Head] = ()) -> list[Break]:
    """Every place where the chain is broken; empty when it is whole. `noted` are heads that were kept elsewhere."""
    kept = {one.place: one.sha256 for one in noted if one.place}
    found = list(_inside(session, kept))
    now = head(session)
    last = session.scalar(select(AccessEntry).order_by(AccessEntry.place.desc()).limit(1))
    there = last.place if last is not None else 0
    if (there_should_be := max([now.place, *kept])) > there:
        found.append(Break(Wrong.CUT_OFF, there + 1, there_should_be))
    elif last is not None and (now.place, now.sha256) != (last.place, last.sha256):
        found.append(Break(Wrong.ADDED, now.place + 1, last.place, last))
    return found


def _inside(session: Session, kept: dict[int, str]) -> Iterator[Break]:
    """Reads the whole log, oldest first."""
    before: str | None = BEGINNING
    place = 0
    in_order = select(AccessEntry).order_by(AccessEntry.place, AccessEntry.id).execution_options(yield_per=_AT_A_TIME)
    for entry in session.scalars(in_order):
        if entry.place <= place:
            yield Break(Wrong.ADDED, entry.place, entry.place, entry)
            continue
        if entry.place > place + 1:
            yield Break(Wrong.MISSING, place + 1, entry.place - 1)
            # What it follows from is not there to compare with.
            before = None
        place = entry.place
        follows = before is None or entry.sha256 == link(before, place, entry.at, entry.who, entry.what, entry.subject)
        if not follows or kept.get(place, entry.sha256) != entry.sha256:
            yield Break(Wrong.CHANGED, place, place, entry)
        before = entry.sha256

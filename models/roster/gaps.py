"""Gaps and overlaps of the roster are found in advance; each coming gap is one open task.

A gap is a time in which nobody answers for a group that must be answered round the clock (R13-1, R16-1), or in which a
shift has fewer people than it needs (R09-1 to R09-5). Overlaps are listed without an alarm.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Protocol, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.people.shifts import LONGEST, Plan, Planned
from models.roster import roster
from models.states.roster import GapKind
from models.states.tickets import TaskKind
from models.tables import Gap, Staff
from models.tickets import tasks
from models.time.days import Days

__all__ = ["Gap", "GapKind"]


class Lasting(Protocol):
    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


Part = TypeVar("Part", bound=Lasting)


@dataclass(frozen=True)
class Lack:
    """`subject` is a group for which nobody answers, or a shift with `have` people where it needs `need`; `falls_to`
    answers meanwhile; `rule` is the rule behind it."""

    kind: GapKind
    subject: str
    group: str
    starts_at: datetime
    ends_at: datetime
    need: int
    have: int
    rule: str
    falls_to: str | None = None


@dataclass(frozen=True)
class Overlap:
    """Two shifts with different hours serve a group at the same time; or, with a `staff_number`, one person has two
    turns in shifts that serve different groups."""

    group: str
    shifts: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    staff_number: str | None = None


@dataclass
class Found:
    """What a check of the roster has found, in order of time."""

    lacks: list[Lack] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)


def look(
    plan: Plan, duties: Sequence[Planned], since: datetime, until: datetime, dates: Days, staff: Collection[str]
) -> Found:
    """All lacks and overlaps between the two moments; duties of people who are not `staff` (any more) do not count."""
    real = [duty for duty in duties if duty.staff_number in staff]
    serves = {shift.name: set(shift.serves) for shift in plan.shifts}
    turns = list(plan.turns(since, until, dates))
    found = Found()
    for cover in plan.covers:
        here = [duty for duty in real if cover.group in serves.get(duty.shift, ())]
        found.lacks += [
            Lack(GapKind.NOBODY, cover.group, cover.group, start, end, 1, 0, cover.rule, cover.falls_to)
            for start, end, those in _merged(here, since, until)
            if not those
        ]
        standing = [turn for turn in turns if cover.group in turn.shift.serves]
        for start, end, together in _merged(standing, since, until):
            names = tuple(dict.fromkeys(turn.shift.name for turn in together))
            # A person who has both counts once.
            people = {d.staff_number for d in here if d.shift in names and d.starts_at < end and d.ends_at > start}
            if len({(turn.starts_at, turn.ends_at) for turn in together}) > 1 and len(people) > 1:
                found.overlaps.append(Overlap(cover.group, names, start, end))
    nobody = list(found.lacks)
    for turn in turns:
        mine = [duty for duty in real if duty.shift == turn.shift.name]
        for start, end, those in _merged(mine, max(turn.starts_at, since), min(turn.ends_at, until)):
            have = len({duty.staff_number for duty in those})
            reported = any(
                one.group in turn.shift.serves and one.starts_at <= start and end <= one.ends_at for one in nobody
            )
            if have < turn.shift.need and not reported:
                group, rule = turn.shift.serves[0], turn.shift.rule
                found.lacks.append(Lack(GapKind.SHORT, turn.shift.name, group, start, end, turn.shift.need, have, rule))
    for number in sorted({duty.staff_number for duty in real}):
        for start, end, both in _merged([duty for duty in real if duty.staff_number == number], since, until):
            names = tuple(dict.fromkeys(duty.shift for duty in both))
            if len(names) > 1 and not set.intersection(*(serves.get(name, set()) for name in names)):
                found.overlaps.append(Overlap("", names, start, end, number))
    found.lacks.sort(key=lambda lack: (lack.starts_at, lack.subject))
    found.overlaps.sort(key=lambda overlap: (overlap.starts_at, overlap.group, overlap.shifts))
    return found


def ahead(session: Session, at: datetime, until: datetime, dates: Days) -> Found:
    """As `look`, for the roster in force with its approved swaps; present lacks are found from their beginning."""
    plan, since = roster.plan(session), at - LONGEST
    staff = set(session.scalars(select(Staff.number).where(Staff.group.is_not(None))))
    found = look(plan, plan.duties(since, until, dates, roster.approved(session, since)), since, until, dates, staff)
    found.lacks = [lack for lack in found.lacks if lack.ends_at > at]
    found.overlaps = [overlap for overlap in found.overlaps if overlap.ends_at > at]
    return found


def alarm(session: Session, lacks: Sequence[Lack], owners: Mapping[str, str], *, at: datetime) -> list[Gap]:
    """Makes each of these an open gap, with one task for the group in `owners` (by the group that lacks people), and
    settles gaps that are no longer among them. Returns the new ones."""
    known = list(session.scalars(_open().with_for_update()))
    new: list[Gap] = []
    still: set[int] = set()
    for lack in lacks:
        same = [gap for gap in known if _is(gap, lack) and gap.id not in still]
        if same:
            still.add(same[0].id)
            same[0].starts_at, same[0].ends_at = lack.starts_at, lack.ends_at
            continue
        gap = Gap(kind=lack.kind, subject=lack.subject, starts_at=lack.starts_at, ends_at=lack.ends_at, found_at=at)
        session.add(gap)
        session.flush()
        gap.task_id = tasks.open(
            session,
            kind=TaskKind.ROSTER_GAP,
            number=None,
            call_id=None,
            ticket_id=None,
            owner_group=owners.get(lack.group, lack.group),
            at=at,
            due_at=max(lack.starts_at, at),
            note=f"{lack.kind}: {lack.subject}",
        ).id
        new.append(gap)
    for gap in known:
        if gap.id not in still:
            gap.settled_at = at
            if gap.task_id is not None:
                tasks.close(session, gap.task_id, at=at, note="no longer so")
    session.flush()
    return new


def still_open(session: Session) -> list[Gap]:
    """The open gaps, in order of time."""
    return list(session.scalars(_open().order_by(Gap.starts_at, Gap.subject)))


def _open() -> Select[Gap]:
    # The index of open gaps begins with the kind.
    return select(Gap).where(Gap.settled_at.is_(None), Gap.kind.in_(list(GapKind)))


def _is(gap: Gap, lack: Lack) -> bool:
    same = (gap.kind, gap.subject) == (lack.kind, lack.subject)
    return same and gap.starts_at < lack.ends_at and lack.starts_at < gap.ends_at


def _merged(parts: Sequence[Part], since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime, list[Part]]]:
    """The time between the two moments in pieces, each with the parts that last through it; equal ones are merged."""
    ends = {moment for part in parts for moment in (part.starts_at, part.ends_at) if since < moment < until}
    pieces: list[tuple[datetime, datetime, list[Part]]] = []
    for start, end in pairwise(sorted({since, until} | ends)):
        here = [part for part in parts if part.starts_at <= start and part.ends_at >= end]
        if pieces and pieces[-1][2] == here:
            pieces[-1] = (pieces[-1][0], end, here)
        else:
            pieces.append((start, end, here))
    yield from pieces

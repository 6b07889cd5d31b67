"""Who is on duty at a moment: by the roster for groups that have shifts, by *20 and *21 for other groups.

A person with a turn is on duty, except after dialling *21 in it (R05-1). A person without one is on duty after *20,
until *21, until the time that *20 counts has passed, or until the end of the person's next turn. When nobody is on duty
for a group, the group that its gaps fall to answers (R09-3).
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from models.people.shifts import LONGEST
from models.states.people import PresenceState
from models.tables import Cover, Duty, Presence, ShiftGroup, Staff

__all__ = ["Duty"]


def present(session: Session, groups: Collection[str], *, at: datetime) -> list[Staff]:
    """The staff on duty for these groups, each once. Without a roster this costs one small query more."""
    rostered = set(session.scalars(select(ShiftGroup.group).where(ShiftGroup.group.in_(groups))))
    others = [group for group in groups if group not in rostered]
    found: dict[str, Staff] = {}
    if others:
        by_presence = select(Staff).where(Staff.group.in_(others), Staff.on_duty.is_(True))
        found |= {staff.number: staff for staff in session.scalars(by_presence)}
    if rostered:
        here = _rostered(session, rostered, at)
        found |= {number: staff for by_number in here.values() for number, staff in by_number.items()}
        if in_a_gap := [group for group in rostered if not here[group]]:
            instead = session.scalars(select(Cover.falls_to).where(Cover.group.in_(in_a_gap)))
            found |= _in_their_place(session, {group for group in instead if group}, at)
    return list(found.values())


def is_present(session: Session, staff: Staff, *, at: datetime) -> bool:
    """Whether this person is on duty, for any group."""
    if staff.group is None:
        return False
    if session.scalar(select(ShiftGroup.group).where(ShiftGroup.group == staff.group).limit(1)) is None:
        return staff.on_duty
    turn = session.scalar(select(Duty.starts_at).where(_now(at), Duty.staff_number == staff.number).limit(1))
    return _is_here(session, staff.number, turn, _words(session, Staff.number == staff.number).get(staff.number), at)


def _in_their_place(session: Session, groups: set[str], at: datetime) -> dict[str, Staff]:
    """The staff of the groups that gaps fall to; their own gaps fall to nobody."""
    rostered = set(session.scalars(select(ShiftGroup.group).where(ShiftGroup.group.in_(groups))))
    here = _rostered(session, rostered, at) if rostered else {}
    found = {number: staff for by_number in here.values() for number, staff in by_number.items()}
    plain = select(Staff).where(Staff.group.in_(groups - rostered), Staff.on_duty.is_(True))
    return found | {staff.number: staff for staff in session.scalars(plain)}


def _rostered(session: Session, groups: set[str], at: datetime) -> dict[str, dict[str, Staff]]:
    """The staff on duty, by group."""
    turns = (
        select(ShiftGroup.group, Duty.starts_at, Staff)
        .join(Duty, Duty.shift == ShiftGroup.shift)
        .join(Staff, Staff.number == Duty.staff_number)
        .where(ShiftGroup.group.in_(groups), _now(at), Staff.group.is_not(None))
    )
    rows = session.execute(turns).all()
    began: dict[str, datetime] = {}
    for _, starts_at, staff in rows:
        began[staff.number] = min(starts_at, began.get(staff.number, starts_at))
    words = _words(session, or_(Staff.group.in_(groups), Staff.number.in_(began)))
    here: dict[str, dict[str, Staff]] = {group: {} for group in groups}
    for group, _, staff in rows:
        if _is_here(session, staff.number, began[staff.number], words.get(staff.number), at):
            here[group][staff.number] = staff
    by_presence = [n for n, word in words.items() if n not in began and _is_here(session, n, None, word, at)]
    for staff in session.scalars(select(Staff).where(Staff.number.in_(by_presence))) if by_presence else ():
        if staff.group in here:
            here[staff.group][staff.number] = staff
    return here


def _is_here(session: Session, number: str, began: datetime | None, word: Presence | None, at: datetime) -> bool:
    """`began`: the beginning of the person's present turn."""
    if word is None:
        return began is not None
    said_at = word.said_again_at or word.since
    if began is not None:
        return word.state is PresenceState.ON_DUTY or said_at < began
    if word.state is PresenceState.BREAK or (word.holds_until is not None and word.holds_until <= at):
        return False
    since = Duty.starts_at > said_at - LONGEST, Duty.starts_at <= at, Duty.ends_at > said_at
    return session.scalar(select(Duty.id).where(Duty.staff_number == number, *since).limit(1)) is None


def _words(session: Session, whose: ColumnElement[bool]) -> dict[str, Presence]:
    said = select(Presence).join(Staff, Staff.number == Presence.staff_number).where(Presence.until.is_(None), whose)
    return {word.staff_number: word for word in session.scalars(said)}


def _now(at: datetime) -> ColumnElement[bool]:
    # No turn is longer than a day: older ones cannot be going on.
    return and_(Duty.starts_at > at - LONGEST, Duty.starts_at <= at, Duty.ends_at > at)


def between(session: Session, since: datetime, until: datetime, numbers: Iterable[str] = ()) -> list[Duty]:
    """Every duty that overlaps the time between the two moments, of all staff or of these, in order."""
    during = select(Duty).where(Duty.starts_at > since - LONGEST, Duty.starts_at < until, Duty.ends_at > since)
    if whose := list(numbers):
        during = during.where(Duty.staff_number.in_(whose))
    return list(session.scalars(during.order_by(Duty.starts_at, Duty.shift, Duty.staff_number)))

"""Presence that staff report themselves (*20 on duty, *21 break, or on the page); every change is kept (R05-1)."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.states.people import PresenceState, ReportedBy
from models.tables import Presence, Staff

__all__ = ["Presence", "PresenceState"]


def say(
    session: Session,
    staff_number: str,
    state: PresenceState,
    *,
    at: datetime,
    holds_until: datetime | None = None,
    by: ReportedBy = ReportedBy.DIALLED,
) -> bool:
    """Writes that this person is on duty, or on a break, from now on. Reported twice, it began with the first time.

    `holds_until`: how long it counts when the person has no turn in the roster (`models.people.duties`). False when
    no staff member has this number.
    """
    staff = session.get(Staff, staff_number, with_for_update=True)
    if staff is None or staff.group is None:
        return False
    staff.on_duty = state is PresenceState.ON_DUTY
    now = session.scalar(select(Presence).where(Presence.staff_number == staff_number, Presence.until.is_(None)))
    if now is not None and now.state is state:
        now.said_again_at, now.holds_until, now.reported_by = at, holds_until, by
        return True
    change(
        session,
        update(Presence).where(Presence.staff_number == staff_number, Presence.until.is_(None)).values(until=at),
    )
    session.add(Presence(staff_number=staff_number, state=state, since=at, holds_until=holds_until, reported_by=by))
    return True


def everybody(session: Session) -> list[tuple[Staff, Presence | None]]:
    """All staff by number, with the presence dialled last; None: nothing yet, so the site file counts."""
    said = (Presence.staff_number == Staff.number) & Presence.until.is_(None)
    rows = session.execute(
        select(Staff, Presence).outerjoin(Presence, said).where(Staff.group.is_not(None)).order_by(Staff.number)
    )
    return [(staff, presence) for staff, presence in rows]


def stamps(session: Session) -> dict[str, tuple[object, ...]]:
    """By staff number, what was said last and when."""
    last = select(Presence.staff_number, Presence.id, Presence.said_again_at).where(Presence.until.is_(None))
    return {row.staff_number: tuple(row) for row in session.execute(last)}

"""Who of the staff could take a call at this moment, by our rows; only Asterisk knows whose telephone is connected."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from models.people import duties, presence
from models.states.calls import CallState
from models.states.people import PresenceState
from models.tables import Call, Presence, RingRow, Staff, Talk

Doing = Literal["free", "ringing", "talking", "break", "off-duty"]


@dataclass(frozen=True)
class Colleague:
    number: str
    name: str
    role: str
    group: str
    doing: Doing


def colleagues(session: Session, *, at: datetime) -> list[Colleague]:
    """All staff, those who are free first, then by number."""
    staff = session.scalars(select(Staff).where(Staff.group.is_not(None)).order_by(Staff.number)).all()
    here = {one.number for one in duties.present(session, {one.group or "" for one in staff}, at=at)}
    on_a_break = set(session.scalars(select(Presence.staff_number).where(_on_a_break())))
    going_on = select(Call.id).where(Call.state == CallState.ACTIVE)
    talking = set(session.scalars(select(Talk.staff_number).where(Talk.call_id.in_(going_on), Talk.ended_at.is_(None))))
    ringing = set(
        session.scalars(select(RingRow.staff_number).where(RingRow.call_id.in_(going_on), RingRow.outcome.is_(None)))
    )

    def doing(number: str) -> Doing:
        if number in talking:
            return "talking"
        if number in ringing:
            return "ringing"
        if number in here:
            return "free"
        return "break" if number in on_a_break else "off-duty"

    found = [Colleague(one.number, one.name, one.role, one.group or "", doing(one.number)) for one in staff]
    return sorted(found, key=lambda one: (one.doing != "free", one.number))


def stamps(session: Session) -> dict[str, tuple[object, ...]]:
    """What `colleagues` depends on, beside the time; the same for all staff."""
    going_on = select(Call.id).where(Call.state == CallState.ACTIVE)
    queries = (
        select(Talk.staff_number).where(Talk.call_id.in_(going_on), Talk.ended_at.is_(None)),
        select(RingRow.staff_number).where(RingRow.call_id.in_(going_on), RingRow.outcome.is_(None)),
    )
    busy = tuple(frozenset(session.scalars(query)) for query in queries)
    stamp = (*busy, tuple(sorted(presence.stamps(session).items())))
    return dict.fromkeys(session.scalars(select(Staff.number).where(Staff.group.is_not(None))), stamp)


def _on_a_break() -> ColumnElement[bool]:
    return and_(Presence.until.is_(None), Presence.state == PresenceState.BREAK)

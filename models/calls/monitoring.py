"""Monitoring of talks: who may listen to whom; every mode and refusal is in the access log (R04-1).

The log is the only row: monitoring exists in Asterisk alone, and is not restored after a crash.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.people import access_log, people
from models.states.calls import CallState
from models.tables import Call, Staff, Talk, Ticket

if TYPE_CHECKING:
    from models.policy import Policy
    from models.site import Site


class Monitoring(StrEnum):
    """How a supervisor takes part in a talk (R04-1)."""

    LISTEN = "listen"
    """Nobody hears the supervisor."""
    WHISPER = "whisper"
    """Only the agent hears the supervisor."""
    JOIN = "join"


class NotMonitored(StrEnum):
    """Why a talk cannot be listened to."""

    NO_ROLE = "no-role"
    """The role of this person does not allow it (policy: monitoring.roles)."""
    WRONG_PIN = "wrong-pin"
    LOCKED = "locked"
    """Too many wrong PINs were keyed at this telephone."""
    UNKNOWN = "unknown"
    """No staff member has this number."""
    NOT_TALKING = "not-talking"
    NOT_ALLOWED = "not-allowed"
    """Not this talk (policy: monitoring.of_roles), or it is a complaint about the listener (R15-6)."""


class Monitored(NamedTuple):
    """A talk that may be listened to: the agent's number and channel, and the call."""

    staff_number: str
    leg_channel: str
    call_id: int


def listeners(site: "Site", policy: "Policy") -> list[str]:
    """The numbers of the staff who may listen to talks, and therefore need a PIN."""
    return [person.number for person in site.staff if person.role in policy.monitoring.roles]


def find(session: Session, *, by: str, number: str, roles: Collection[str]) -> Monitored | NotMonitored:
    """The talk of this colleague, or, without a number, the longest talk going on; or the reason why there is none.

    `roles`: whose talks may be listened to. Nobody listens to a complaint about themselves (R15-6).
    """
    if number and people.staff(session, number) is None:
        return NotMonitored.UNKNOWN
    query = (
        select(Talk, Staff, Ticket.about_staff)
        .join(Call, Call.id == Talk.call_id)
        .join(Staff, Staff.number == Talk.staff_number)
        .join(Ticket, Ticket.id == Call.ticket_id, isouter=True)
        .where(Call.state == CallState.ACTIVE, Talk.ended_at.is_(None), Talk.staff_number != by)
        .order_by(Talk.started_at, Talk.id)
    )
    # Not by the person's index: the talks that go on are few, a person's are many.
    his = func.coalesce(Talk.staff_number, "") == number
    going_on = session.execute(query.where(his) if number else query).all()
    if not going_on:
        return NotMonitored.NOT_TALKING
    for talk, staff, about_staff in going_on:
        if staff.role in roles and about_staff != by:
            return Monitored(staff.number, talk.leg_channel, talk.call_id)
    return NotMonitored.NOT_ALLOWED


def begun(session: Session, talk: Monitored, mode: Monitoring, *, by: str, at: datetime) -> None:
    """Logs that `by` listens in this mode from now on, before anything can be heard (R05-9)."""
    access_log.log(session, who=by, what=f"monitor-{mode}", subject=_subject(talk), at=at)


def ended(session: Session, talk: Monitored, *, by: str, at: datetime) -> None:
    access_log.log(session, who=by, what="monitor-ended", subject=_subject(talk), at=at)


def refused(session: Session, why: NotMonitored, *, by: str, whom: str, at: datetime) -> None:
    """Logs a refused attempt; `whom` is empty when no number was keyed."""
    access_log.log(session, who=by, what=f"monitor-refused: {why}", subject=whom, at=at)


def _subject(talk: Monitored) -> str:
    return f"{talk.staff_number}, call {talk.call_id}"

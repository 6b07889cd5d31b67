"""How one of the staff stands at a moment: on duty, on a break or off shift, since when, until when, and why."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.people import duties
from models.states.people import PresenceState
from models.tables import Presence, ShiftGroup, Staff

OFF_SHIFT = "off-shift"
"""Without a turn now, and not reported present."""
ROSTER, SITE_FILE = "roster", "site-file"
"""Why somebody is here or not, where it is not the person's own word."""


@dataclass(frozen=True)
class Standing:
    """`state` is "on-duty", "break" or "off-shift"; `why` is "roster", "site-file", "dialled" or "clicked".

    `until` is the end of the turn, or when the person's own word ends to count.
    """

    state: str
    why: str
    since: datetime | None
    until: datetime | None


def of(session: Session, staff: Staff, *, at: datetime) -> Standing:
    """By the same rules as `duties.present`."""
    here = duties.is_present(session, staff, at=at)
    said = session.scalar(select(Presence).where(Presence.staff_number == staff.number, Presence.until.is_(None)))
    state = PresenceState.ON_DUTY.value if here else OFF_SHIFT if staff.on_duty else PresenceState.BREAK.value
    if session.scalar(select(ShiftGroup.group).where(ShiftGroup.group == staff.group).limit(1)) is None:
        return _by_word(state, said) if said else Standing(state, SITE_FILE, None, None)
    turn = next(iter(duties.between(session, at, at, [staff.number])), None)
    if said is not None and (said.said_again_at or said.since) >= (turn.starts_at if turn else at):
        return _by_word(state, said, turn.ends_at if turn else None)
    if turn is not None:
        return Standing(state, ROSTER, turn.starts_at, turn.ends_at)
    if said is not None and state != OFF_SHIFT:
        return _by_word(state, said)
    return Standing(state, ROSTER, None, None)


def _by_word(state: str, said: Presence, until: datetime | None = None) -> Standing:
    holds = said.holds_until if said.state is PresenceState.ON_DUTY else None
    return Standing(state, said.reported_by.value, said.since, until or holds)

"""The week of the roster around a moment: everybody's turns, and who is on duty at that moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy.orm import Session

from models.people import duties, presence
from models.people.shifts import Planned
from models.policy import Policy
from models.roster import roster
from models.site import Site
from models.states.people import PresenceState
from models.tables import Shift, Staff

WEEK = 7


@dataclass(frozen=True)
class Week:
    """`serves`: the groups of each shift; `here`: the turns at the moment `at`; `covered`: groups round the clock."""

    at: datetime
    shifts: dict[str, Shift]
    serves: dict[str, tuple[str, ...]]
    staff: dict[str, Staff]
    here: list[dict[str, Any]]
    week: list[Planned]
    covered: list[str]


def around(session: Session, at: datetime, now: datetime, *, site: Site, policy: Policy) -> Week:
    """The week, Monday to Sunday, around `at`; beyond the horizon of the policy as the rotations have it."""
    plan = roster.plan(session)
    first, *_, last = days(at, site.time_zone)
    since, until = _midnight(first, site.time_zone), _midnight(last + timedelta(days=1), site.time_zone)
    week = [
        Planned(row.shift, row.staff_number, row.starts_at, row.ends_at, row.instead_of)
        for row in duties.between(session, since, until)
    ]
    if until > now + timedelta(days=policy.roster.horizon_days):
        written = [one for one in week if one.starts_at <= now]
        to_come = plan.duties(max(since, now), until, site.days, roster.approved(session, now))
        week = written + [one for one in to_come if one.starts_at > now]
    everybody = presence.everybody(session)
    staff = {one.number: one for one, _ in everybody}
    here = [
        {
            "shift": one.shift,
            "staff": one.staff_number,
            "instead_of": one.instead_of,
            "from": one.starts_at,
            "until": one.ends_at,
            "presence": _presence(session, staff.get(one.staff_number), at) if at == now else None,
        }
        for one in week
        if one.starts_at <= at < one.ends_at
    ]
    if at == now:
        turns = {row["staff"] for row in here}
        here += [
            {
                "shift": None,
                "staff": one.number,
                "instead_of": None,
                "from": said.since if said else None,
                "until": said.holds_until if said else None,
                "presence": PresenceState.ON_DUTY.value,
            }
            for one, said in everybody
            if one.number not in turns and duties.is_present(session, one, at=now)
        ]
    serves = {shift.name: shift.serves for shift in plan.shifts}
    return Week(at, roster.names(session), serves, staff, here, week, [cover.group for cover in plan.covers])


def _presence(session: Session, one: Staff | None, at: datetime) -> str:
    here = one is not None and duties.is_present(session, one, at=at)
    return (PresenceState.ON_DUTY if here else PresenceState.BREAK).value


def days(at: datetime, zone: tzinfo) -> list[date]:
    """Monday to Sunday of the week around the moment."""
    today = at.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return [monday + timedelta(days=n) for n in range(WEEK)]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

"""`hotline roster`: who is on duty at a moment, and the week around it as a table and a picture."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hotline.roster.picture import day_name, print_bars, week_rows
from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from models.clock import SystemClock
from models.people import duties, presence
from models.people.shifts import Planned
from models.roster import roster
from models.states.people import PresenceState
from models.tables import Shift, Staff
from models.text.wording import say, word

ON_DUTY = ("group", "staff", "shift", "presence", "from", "until")
WEEK = 7


@dataclass(frozen=True)
class Seen:
    """The part of the roster that is shown."""

    at: datetime
    shifts: dict[str, Shift]
    serves: dict[str, tuple[str, ...]]
    staff: dict[str, Staff]
    here: list[dict[str, Any]]
    week: list[Planned]
    covered: list[str]


def show_roster(this: Opened, view: ListView, at: datetime | None) -> None:
    """Prints it. Raises StoreUnavailable."""
    now = SystemClock().now()
    moment = at.replace(tzinfo=this.site.time_zone).astimezone(UTC) if at else now
    seen = this.open_store().read(_seen, this, moment, now)
    if view.as_json:
        print_json(_fields(seen, this))
        return
    if not seen.serves and not seen.week:
        print(
            say(
                f"尚未导入值班表:请修改 {this.home.roster_file},然后运行 hotline roster import",
                f"no roster was imported yet: change {this.home.roster_file}, then `hotline roster import`",
                this.language,
            )
        )
        return
    local = moment.astimezone(this.site.time_zone)
    print(say(f"值班人员 {local:%m-%d %H:%M}", f"on duty {local:%m-%d %H:%M}", this.language))
    print_table([_texts(row, seen, this) for row in seen.here], ON_DUTY, this.language)
    days = _days(moment, this)
    columns = ("shift", *(day_name(day, this.language) for day in days))
    rows = week_rows(seen.week, seen.shifts, days, this.site.time_zone, this.language)
    print_table(rows, columns, this.language, several=columns)
    print_bars(seen.week, seen.serves, seen.covered, days, this.site, this.language)


def _seen(session: Session, this: Opened, at: datetime, now: datetime) -> Seen:
    plan = roster.plan(session)
    first, *_, last = _days(at, this)
    since, until = _midnight(first, this), _midnight(last + timedelta(days=1), this)
    week = [
        Planned(row.shift, row.staff_number, row.starts_at, row.ends_at, row.instead_of)
        for row in duties.between(session, since, until)
    ]
    if until > now + timedelta(days=this.policy.roster.horizon_days):
        written = [one for one in week if one.starts_at <= now]
        to_come = plan.duties(max(since, now), until, this.site.days, roster.approved(session, now))
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
    return Seen(at, roster.names(session), serves, staff, here, week, [cover.group for cover in plan.covers])


def _presence(session: Session, one: Staff | None, at: datetime) -> str:
    here = one is not None and duties.is_present(session, one, at=at)
    return (PresenceState.ON_DUTY if here else PresenceState.BREAK).value


def _fields(seen: Seen, this: Opened) -> dict[str, Any]:
    first, *_, last = _days(seen.at, this)
    return {
        "at": seen.at,
        "on_duty": [row | {"name": _name(row["staff"], seen), "groups": _groups(row, seen)} for row in seen.here],
        "week": {
            "first": first.isoformat(),
            "last": last.isoformat(),
            "duties": [
                {
                    "shift": one.shift,
                    "staff": one.staff_number,
                    "instead_of": one.instead_of,
                    "from": one.starts_at,
                    "until": one.ends_at,
                }
                for one in seen.week
            ],
        },
    }


def _groups(row: dict[str, Any], seen: Seen) -> list[str]:
    """The groups that the person answers for: those of the shift, or without a shift the person's own."""
    if row["shift"] is not None:
        return list(seen.serves.get(row["shift"], ()))
    one = seen.staff.get(row["staff"])
    return [one.group] if one and one.group else []


def _name(number: str, seen: Seen) -> str:
    return seen.staff[number].name if number in seen.staff else ""


def _texts(row: dict[str, Any], seen: Seen, this: Opened) -> dict[str, str]:
    language, zone = this.language, this.site.time_zone
    names = {group.name: say(group.zh, group.en, language) for group in this.site.groups}
    shift = seen.shifts.get(row["shift"] or "")
    instead = say(f"(代 {row['instead_of']})", f" (for {row['instead_of']})", language) if row["instead_of"] else ""
    return {
        "group": ", ".join(names.get(group, group) for group in _groups(row, seen)),
        "staff": f"{row['staff']} {_name(row['staff'], seen)}{instead}",
        "shift": say(shift.zh, shift.en, language) if shift else say("本人登记", "own report", language),
        "presence": word(row["presence"], language),
        "from": f"{row['from'].astimezone(zone):%m-%d %H:%M}" if row["from"] else "",
        "until": f"{row['until'].astimezone(zone):%m-%d %H:%M}" if row["until"] else "",
    }


def _days(at: datetime, this: Opened) -> list[date]:
    """Monday to Sunday of the week around the moment."""
    today = at.astimezone(this.site.time_zone).date()
    monday = today - timedelta(days=today.weekday())
    return [monday + timedelta(days=n) for n in range(WEEK)]


def _midnight(day: date, this: Opened) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=this.site.time_zone).astimezone(UTC)

"""`hotline roster`: who is on duty at a moment, and the week around it as a table and a picture."""

from datetime import UTC, datetime
from typing import Any

from hotline.roster.picture import day_name, print_bars, week_rows
from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from models.clock import SystemClock
from models.roster import week
from models.roster.week import Week
from models.text.wording import say, word

ON_DUTY = ("group", "staff", "shift", "presence", "from", "until")


def show_roster(this: Opened, view: ListView, at: datetime | None) -> None:
    """Prints it. Raises StoreUnavailable."""
    now = SystemClock().now()
    moment = at.replace(tzinfo=this.site.time_zone).astimezone(UTC) if at else now
    seen = this.open_store().read(week.around, moment, now, site=this.site, policy=this.policy)
    if view.as_json:
        print_json(_fields(seen, this))
        return
    if not seen.serves and not seen.week:
        print(
            say(
                f"尚未导入值班表：请修改 {this.home.roster_file}，然后运行 .venv/bin/hotline roster import",
                f"no roster was imported yet: change {this.home.roster_file}, then `.venv/bin/hotline roster import`",
                this.language,
            )
        )
        return
    local = moment.astimezone(this.site.time_zone)
    print(say(f"值班人员 {local:%m-%d %H:%M}", f"on duty {local:%m-%d %H:%M}", this.language))
    print_table([_texts(row, seen, this) for row in seen.here], ON_DUTY, this.language)
    days = week.days(moment, this.site.time_zone)
    columns = ("shift", *(day_name(day, this.language) for day in days))
    rows = week_rows(seen.week, seen.shifts, days, this.site.time_zone, this.language)
    print_table(rows, columns, this.language, several=columns)
    print_bars(seen.week, seen.serves, seen.covered, days, this.site, this.language)


def _fields(seen: Week, this: Opened) -> dict[str, Any]:
    first, *_, last = week.days(seen.at, this.site.time_zone)
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


def _groups(row: dict[str, Any], seen: Week) -> list[str]:
    """The groups that the person answers for: those of the shift, or without a shift the person's own."""
    if row["shift"] is not None:
        return list(seen.serves.get(row["shift"], ()))
    one = seen.staff.get(row["staff"])
    return [one.group] if one and one.group else []


def _name(number: str, seen: Week) -> str:
    return seen.staff[number].name if number in seen.staff else ""


def _texts(row: dict[str, Any], seen: Week, this: Opened) -> dict[str, str]:
    language, zone = this.language, this.site.time_zone
    names = {group.name: say(group.zh, group.en, language) for group in this.site.groups}
    shift = seen.shifts.get(row["shift"] or "")
    instead = say(f"（代 {row['instead_of']}）", f" (for {row['instead_of']})", language) if row["instead_of"] else ""
    return {
        "group": ", ".join(names.get(group, group) for group in _groups(row, seen)),
        "staff": f"{row['staff']} {_name(row['staff'], seen)}{instead}",
        "shift": say(shift.zh, shift.en, language) if shift else say("本人登记", "own report", language),
        "presence": word(row["presence"], language),
        "from": f"{row['from'].astimezone(zone):%m-%d %H:%M}" if row["from"] else "",
        "until": f"{row['until'].astimezone(zone):%m-%d %H:%M}" if row["until"] else "",
    }

"""A week of the roster as a picture: who has which shift, and how many answer in each half hour."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from models.language import Language
from models.people.shifts import Planned
from models.site import Site
from models.tables import Shift
from models.text.wording import say

STEPS = 48
"""Half hours."""
BAR = "×▂▄▆█"
"""Nobody, one, two, three, more."""
_ZH, _EN = "一二三四五六日", ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def day_name(day: date, language: Language) -> str:
    return say(f"{_ZH[day.weekday()]} {day.day}", f"{_EN[day.weekday()]} {day.day}", language)


def week_rows(
    week: Sequence[Planned], shifts: Mapping[str, Shift], days: Sequence[date], zone: tzinfo, language: Language
) -> list[dict[str, str]]:
    """One row for each shift, with its staff under each day on which it begins; * marks a substitute."""
    rows = []
    for name, shift in shifts.items():
        mine = [one for one in week if one.shift == name]
        if not mine and not shift.in_force:
            continue
        row = {"shift": say(shift.zh, shift.en, language)}
        for day in days:
            people = [
                one.staff_number + ("*" if one.instead_of else "")
                for one in mine
                if one.starts_at.astimezone(zone).date() == day
            ]
            row[day_name(day, language)] = "\n".join(dict.fromkeys(people)) or "-"
        rows.append(row)
    return rows


def bar(week: Sequence[Planned], day: date, zone: tzinfo, since: datetime) -> str:
    """How many are on duty in each half hour of the local day; blank before the roster begins."""
    signs = []
    for step in range(STEPS):
        hour, minute = divmod(step * 30, 60)
        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
        if at < since:
            signs.append(" ")
            continue
        # A gap within the half hour counts, too.
        here = min(
            len({one.staff_number for one in week if one.starts_at <= moment < one.ends_at})
            for moment in (at, at + timedelta(minutes=29))
        )
        signs.append(BAR[min(here, len(BAR) - 1)])
    return "".join(signs)


def print_bars(
    week: Sequence[Planned],
    serves: Mapping[str, Sequence[str]],
    covered: Sequence[str],
    days: Sequence[date],
    site: Site,
    language: Language,
) -> None:
    """For each group that must be covered round the clock: its days, gaps in red."""
    from rich.console import Console
    from rich.text import Text

    since = min((one.starts_at for one in week), default=datetime.max.replace(tzinfo=UTC))
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    scale = "".join(f"{hour:<6}" for hour in range(0, 24, 3))
    for name in covered:
        group = site.group(name)
        mine = [one for one in week if name in serves.get(one.shift, ())]
        console.print(
            Text(
                f"{say(group.zh, group.en, language)}   {BAR[1]} 1  {BAR[2]} 2  {BAR[3]} 3  "
                f"{BAR[0]} {say('无人', 'nobody', language)}"
            )
        )
        console.print(Text(f"      {scale}"))
        for day in days:
            line = Text(
                f"{say(_ZH[day.weekday()], _EN[day.weekday()], language):<{1 if language == 'zh' else 2}} {day.day:>2} "
            )
            for sign in bar(mine, day, site.time_zone, since):
                line.append(sign, style="bold red" if sign == BAR[0] else "green")
            console.print(line)

"""Reads the desk's roster file (TOML) into a plan, or reports every mistake with its line."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from models.errors import ConfigError, Problem
from models.people.shifts import CoverPlan, Hours, Plan, RotationPlan, ShiftPlan
from models.policy.policy import is_source
from models.settings import Strict, key_text, read_toml, validated
from models.site import Site
from models.site.fields import A_GROUP, A_NAME, A_SLUG, Name, Slug

_WINDOW = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_LEAP_YEAR = 2024
A_DAY = 'month and day in quotes, such as "03-01"|带引号的月-日，如 "03-01"'
A_DATE = "a date without quotes, such as 2026-03-01|不带引号的日期，如 2026-03-01"
A_RULE = 'a rule\'s id such as "R09-2", or "house"|制度条款编号如 "R09-2"，或 "house"'
A_WINDOW = 'two times in quotes, such as "20:00-09:00" (over midnight)|带引号的起止时间，如 "20:00-09:00"（跨午夜）'
A_TEAM = 'teams of staff numbers, such as [["7001", "7002"], ["7003"]]|各班组的工号，如 [["7001", "7002"], ["7003"]]'
Finding = tuple[Sequence[str | int], str, str, str, str]


def _is_day(text: str) -> str:
    found = _DAY.fullmatch(text)
    if not found:
        raise ValueError("no day of a year")
    date(_LEAP_YEAR, int(found[1]), int(found[2]))
    return text


def _is_rule(text: str) -> str:
    if not is_source(text):
        raise ValueError("no rule")
    return text


def _are_weekdays(days: list[int]) -> list[int]:
    if not days or days != sorted(set(days) & set(range(1, 8))):
        raise ValueError("no days of a week")
    return days


Day = Annotated[str, AfterValidator(_is_day)]
Rule = Annotated[str, AfterValidator(_is_rule)]


class SeasonRow(Strict):
    """[[season]]: a part of the year, both days included; it may cross New Year."""

    name: Slug = Field(description=A_SLUG.replace("agents", "summer"))
    first: Day = Field(description=A_DAY)
    last: Day = Field(description=A_DAY)


class HoursRow(Strict):
    """One of a shift's hours."""

    window: Annotated[str, Field(pattern=_WINDOW.pattern)] = Field(description=A_WINDOW)
    season: str | None = Field(default=None, description="the name of a [[season]]|某个 [[season]] 的 name")
    weekdays: Annotated[list[int], AfterValidator(_are_weekdays)] = Field(
        default=[1, 2, 3, 4, 5, 6, 7],
        description="days in order, 1 is Monday, such as [1, 2, 3, 4, 5, 6]|依次的星期，1 为星期一，如 [1, 2, 3]",
    )
    holidays: Literal["same", "closed", "only"] = Field(
        default="same", description='"same", "closed" or "only"|"same"（照常）、"closed"（不上班）或 "only"（仅节假日）'
    )


class ShiftRow(Strict):
    """[[shift]]: its hours, the groups it serves, and how many people it needs."""

    name: Slug = Field(description=A_SLUG.replace("agents", "evening"))
    zh: Name = Field(description=A_NAME)
    en: Name = Field(description=A_NAME)
    serves: Annotated[list[str], Field(min_length=1)] = Field(
        description='names of groups in brackets, such as ["agents"]|方括号内的组名，如 ["agents"]'
    )
    need: Annotated[int, Field(ge=1, le=99)] = Field(
        default=1, description="how many people, 1 to 99|需要的人数，1 至 99"
    )
    rule: Rule = Field(description=A_RULE)
    hours: Annotated[list[HoursRow], Field(min_length=1)] = Field(
        description='such as [{ window = "20:00-09:00" }]|如 [{ window = "20:00-09:00" }]'
    )
    handover: bool = Field(default=True, description="true or false|true 或 false")


class CoverRow(Strict):
    """[[cover]]: a group that must be answered round the clock."""

    group: str = Field(description=A_GROUP)
    falls_to: str | None = Field(default=None, description=A_GROUP.replace("agents", "monitoring"))
    rule: Rule = Field(description=A_RULE)


_Teams = Annotated[list[Annotated[list[str], Field(min_length=1)]], Field(min_length=1)]


class RotationRow(Strict):
    """[[rotation]]: teams that take turns at a shift, each for `days` days."""

    shift: str = Field(description='the name of a [[shift]], such as "evening"|某个 [[shift]] 的 name，如 "evening"')
    first: date = Field(description=A_DATE)
    last: date | None = Field(default=None, description=A_DATE)
    days: Annotated[int, Field(ge=1, le=366)] = Field(
        default=1, description="how many days each team has it, 1 to 366|每组连续值班的天数，1 至 366"
    )
    order: _Teams = Field(description=A_TEAM)


class DutyRow(Strict):
    """[[duty]]: who has a shift on one day, whatever the rotation says."""

    shift: str = Field(description='the name of a [[shift]], such as "evening"|某个 [[shift]] 的 name，如 "evening"')
    on: date = Field(description=A_DATE)
    people: Annotated[list[str], Field(min_length=1)] = Field(
        description='staff numbers in quotes, such as ["7001", "7002"]|带引号的工号，如 ["7001", "7002"]'
    )


class RosterFile(Strict):
    """The whole file, in its own words."""

    seasons: list[SeasonRow] = Field(alias="season", default=[], description="[[season]] rows|若干 [[season]]")
    covers: list[CoverRow] = Field(alias="cover", default=[], description="[[cover]] rows|若干 [[cover]]")
    shifts: list[ShiftRow] = Field(alias="shift", min_length=1, description="at least one [[shift]]|至少一个 [[shift]]")
    rotations: list[RotationRow] = Field(
        alias="rotation", default=[], description="[[rotation]] rows|若干 [[rotation]]"
    )
    duties: list[DutyRow] = Field(alias="duty", default=[], description="[[duty]] rows|若干 [[duty]]")

    def plan(self) -> Plan:
        seasons = {row.name: (_month_day(row.first), _month_day(row.last)) for row in self.seasons}
        shifts = tuple(
            ShiftPlan(
                row.name,
                row.zh,
                row.en,
                tuple(row.serves),
                row.need,
                row.rule,
                tuple(_hours(one, seasons.get(one.season or "")) for one in row.hours),
                row.handover,
            )
            for row in self.shifts
        )
        turns = [
            RotationPlan(row.shift, row.first, row.last, row.days, tuple(map(tuple, row.order)))
            for row in self.rotations
        ]
        turns += [RotationPlan(row.shift, row.on, row.on, 1, (tuple(row.people),)) for row in self.duties]
        return Plan(shifts, tuple(turns), tuple(CoverPlan(row.group, row.falls_to, row.rule) for row in self.covers))


def read_roster(path: Path, site: Site) -> Plan:
    """Raises ConfigError with every problem at once, each with its line."""
    tables = read_toml(path)
    lines = path.read_text(encoding="utf-8").splitlines()

    def place(loc: Sequence[str | int], tables: Any) -> str:
        return f"line {_line(loc, lines)}, {key_text(loc, tables)}"

    roster, problems = validated(RosterFile, tables, path, place)
    if roster is not None:
        problems = [
            Problem(path, place(loc, tables), wrong, right, wrong_zh, right_zh)
            for loc, wrong, right, wrong_zh, right_zh in _contradictions(roster, site)
        ]
    if roster is None or problems:
        raise ConfigError(dict.fromkeys(problems))
    return roster.plan()


def _contradictions(roster: RosterFile, site: Site) -> Iterator[Finding]:
    """Names that do not exist, or exist twice."""
    groups, staff = {group.name for group in site.groups}, {person.number for person in site.staff}
    shifts, seasons = {row.name for row in roster.shifts}, {row.name for row in roster.seasons}
    served = {group for row in roster.shifts for group in row.serves}
    for section, names in (
        ("season", [row.name for row in roster.seasons]),
        ("shift", [row.name for row in roster.shifts]),
        ("cover", [row.group for row in roster.covers]),
    ):
        key = "group" if section == "cover" else "name"
        for at, name in enumerate(names):
            if name in names[:at]:
                yield (section, at, key), f'"{name}" is there twice', "a name of its own", f'"{name}" 重复', "互不相同"
    for at, shift in enumerate(roster.shifts):
        for place, name in enumerate(shift.serves):
            yield from _known(("shift", at, "serves", place), name, groups, "group of the site file", "站点文件中的组")
        for place, hours in enumerate(shift.hours):
            if hours.season is not None:
                loc = ("shift", at, "hours", place, "season")
                yield from _known(loc, hours.season, seasons, "[[season]] of this file", "本文件的 [[season]]")
    for at, cover in enumerate(roster.covers):
        yield from _known(("cover", at, "group"), cover.group, served, "group that a shift serves", "有班次负责的组")
        if cover.falls_to is not None:
            others = groups - {cover.group}
            yield from _known(("cover", at, "falls_to"), cover.falls_to, others, "other group", "其他组")
    turns = [("rotation", at, "order", turn.shift, turn.order) for at, turn in enumerate(roster.rotations)]
    turns += [("duty", at, "people", duty.shift, [duty.people]) for at, duty in enumerate(roster.duties)]
    for section, at, key, shift_name, teams in turns:
        yield from _known((section, at, "shift"), shift_name, shifts, "[[shift]] of this file", "本文件的 [[shift]]")
        for team in teams:
            for number in team:
                yield from _known((section, at, key), number, staff, "staff number", "工号")
            if len(set(team)) != len(team):
                yield (section, at, key), f"{team} names one person twice", "each once", f"{team} 有重复", "每人一次"
    for at, rotation in enumerate(roster.rotations):
        if rotation.last is not None and rotation.last < rotation.first:
            right, right_zh = f"{rotation.first} or later", f"{rotation.first} 或之后"
            yield ("rotation", at, "last"), f"is {rotation.last}", right, f"现为 {rotation.last}", right_zh


def _known(loc: Sequence[str | int], name: str, known: set[str], what: str, what_zh: str) -> Iterator[Finding]:
    if name not in known:
        right = "one of " + (", ".join(sorted(known)) or "(none)")
        yield loc, f'"{name}" is no {what}', right, f'没有{what_zh} "{name}"', right.replace("one of ", "可用：")


def _line(loc: Sequence[str | int], lines: list[str]) -> int:
    """The line in the file, counted from 1: the row's header, then the key in it; in a list of tables the line on which
    the element begins."""
    section, *rest = loc
    row = int(rest[0]) if rest and isinstance(rest[0], int) else 0
    headers = [at for at, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*{re.escape(str(section))}\s*\]", line)]
    if row >= len(headers):
        return next((at for at, line in enumerate(lines, 1) if re.match(rf"\s*{re.escape(str(section))}\b", line)), 1)
    at, end = headers[row], len(lines)
    end = next((place for place in range(at + 1, end) if re.match(r"\s*\[\[?\s*[a-z]", lines[place])), end)
    for step in rest[1:]:
        if isinstance(step, str):
            found = [place for place in range(at, end) if re.search(rf"(^|[\s{{,]){re.escape(step)}\s*=", lines[place])]
            at = found[0] if found else at
        elif re.match(r"[^=]*=\s*\[\s*\{", "\n".join(lines[at:end])):
            opening = [place for place in range(at, end) for _ in range(lines[place].count("{"))]
            at = opening[step] if step < len(opening) else at
    return at + 1


def _month_day(text: str) -> tuple[int, int]:
    return int(text[:2]), int(text[3:])


def _hours(row: HoursRow, season: tuple[tuple[int, int], tuple[int, int]] | None) -> Hours:
    start, end = map(time.fromisoformat, row.window.split("-"))
    return Hours(start, end, tuple(row.weekdays), season, row.holidays)

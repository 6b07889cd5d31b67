"""[calendars], [classes], [profiles] and [tickets] of the policy: working time, and the deadlines of each class."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from models.errors import Problem
from models.settings import Strict
from models.states.tickets import ClockKind, Severity, TicketKind, TimeUnit
from models.time.calendar import WALL, Season, Span, WorkingTime
from models.time.days import Days

WINDOW = re.compile(r"^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])$")
_SPAN = re.compile(r"^([1-9][0-9]{0,4}) (working )?(minute|hour|day)s?(?: of ([a-z][a-z0-9-]*))?$")
GENERAL_MANAGER = "general-manager"
"""The calendar of [general_manager]."""
_WORKING = ""
"""The calendar of a span that names none: that of [tickets]."""

WINDOWS = (
    'times of one day in order, such as ["08:30-11:30", "13:30-16:30"]'
    '|同一天内依次的时段，如 ["08:30-11:30", "13:30-16:30"]'
)
WEEKDAYS = "days in order, 1 is Monday, such as [1, 2, 3, 4, 5]|依次的星期，1 为星期一，如 [1, 2, 3, 4, 5]"
TRUE_OR_FALSE = "true or false|true 或 false"
A_SPAN = (
    '"30 minutes", "4 hours", "2 days" of any time; "8 working hours", "3 working days" by the calendar of [tickets], '
    '"3 working days of NAME" by [calendars.NAME]'
    '|"30 minutes"、"4 hours"、"2 days" 为自然时间；"8 working hours"、"3 working days" 按 [tickets] 的日历，'
    '"3 working days of 名称" 按 [calendars.名称]'
)


def are_windows(windows: list[str]) -> list[str]:
    ends = [end for window in windows for end in window.split("-")]
    if not all(WINDOW.match(window) for window in windows) or ends != sorted(set(ends)):
        raise ValueError("no windows of a day")
    return windows


def are_weekdays(days: list[int]) -> list[int]:
    if days != sorted(set(days) & set(range(1, 8))):
        raise ValueError("no days of a week")
    return days


Windows = Annotated[list[str], Field(min_length=1), AfterValidator(are_windows)]
Weekdays = Annotated[list[int], Field(min_length=1), AfterValidator(are_weekdays)]


def parts_of_span(text: str) -> tuple[int, str, str] | None:
    """ "3 working days of NAME" as 3, "working days" and NAME; None for what is no span."""
    found = _SPAN.match(text)
    if found is None:
        return None
    amount, working, unit, calendar = found.groups()
    return int(amount), f"{working or ''}{unit}s", calendar or ""


def hours_of(windows: list[str]) -> list[tuple[time, time]]:
    """Opening and closing of each window; closed from the second of closing on."""
    return [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in (w.split("-") for w in windows)]


def _is_day_of_year(text: str) -> str:
    if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", text):
        raise ValueError("no day of a year")
    # 2027 has no 29 February: a season begins on a day of every year.
    date.fromisoformat(f"2027-{text}")
    return text


def _span(text: Any) -> Span:
    found = _SPAN.match(text) if isinstance(text, str) else None
    if found is None or (found[4] and not found[2]):
        raise ValueError("no span of time")
    calendar = (found[4] or _WORKING) if found[2] else WALL
    return Span(int(found[1]), TimeUnit(f"{found[3]}s"), calendar)


class SeasonRules(Strict):
    """[calendars.NAME.seasons.SEASON]: from this day of the year until the next season begins (R09-1)."""

    begins: Annotated[str, AfterValidator(_is_day_of_year)] = Field(
        description='month and day in quotes, such as "03-01"|带引号的月-日，如 "03-01"'
    )
    windows: Windows = Field(description=WINDOWS)

    @property
    def season(self) -> Season:
        month, day = self.begins.split("-")
        return Season((int(month), int(day)), hours_of(self.windows))


class CalendarRules(Strict):
    """[calendars.NAME]: one calendar of working time."""

    weekdays: Weekdays = Field(description=WEEKDAYS)
    closed_on_public_holidays: bool = Field(description=TRUE_OR_FALSE)
    open_on_make_up_days: bool = Field(description=TRUE_OR_FALSE)
    seasons: Annotated[dict[str, SeasonRules], Field(min_length=1)] = Field(
        description="at least one [calendars.NAME.seasons.SEASON]|至少一节 [calendars.名称.seasons.季节]"
    )

    def calendar(self, name: str, days: Days) -> WorkingTime:
        return WorkingTime(
            name,
            days,
            seasons=[rules.season for rules in self.seasons.values()],
            weekdays=self.weekdays,
            closed_on_public_holidays=self.closed_on_public_holidays,
            open_on_make_up_days=self.open_on_make_up_days,
        )


_Clock = Annotated[Span | None, BeforeValidator(_span), Field(description=A_SPAN)]


class Clocks(Strict):
    """[classes.NAME]: the deadline of each step of a ticket."""

    respond: _Clock = None
    on_site: _Clock = Field(default=None, alias="on-site")
    feedback: _Clock = None
    solution: _Clock = None

    def spans(self) -> Iterator[tuple[ClockKind, Span]]:
        """The steps with a deadline, in the order in which they happen."""
        for kind, span in zip(ClockKind, (self.respond, self.on_site, self.feedback, self.solution), strict=True):
            if span is not None:
                yield kind, span


_Class = Annotated[Clocks, Field(description="a [classes.NAME] section|[classes.类别] 一节")]
_Other = Annotated[Clocks | None, Field(description="a [profiles.NAME.CLASS] section|[profiles.名称.类别] 一节")]


class Classes(Strict):
    """[classes]: every kind of ticket has a class; serious tickets may have their own."""

    repair: _Class
    urgent_repair: _Class = Field(alias="urgent-repair")
    lift: _Class
    power: _Class
    water: _Class
    public_lighting: _Class = Field(alias="public-lighting")
    public_lighting_complex: _Class = Field(alias="public-lighting-complex")
    complaint: _Class
    complaint_serious: _Class = Field(alias="complaint-serious")
    enquiry: _Class
    suggestion: _Class
    message: _Class
    general_manager: _Class = Field(alias="general-manager")
    fault: _Class


class Profile(Strict):
    """[profiles.NAME]: the classes of a regulation with other figures; each replaces its class in [classes]."""

    repair: _Other = None
    urgent_repair: _Other = Field(default=None, alias="urgent-repair")
    lift: _Other = None
    power: _Other = None
    water: _Other = None
    public_lighting: _Other = Field(default=None, alias="public-lighting")
    public_lighting_complex: _Other = Field(default=None, alias="public-lighting-complex")
    complaint: _Other = None
    complaint_serious: _Other = Field(default=None, alias="complaint-serious")
    enquiry: _Other = None
    suggestion: _Other = None
    message: _Other = None
    general_manager: _Other = Field(default=None, alias="general-manager")
    fault: _Other = None


class Tickets(Strict):
    """[tickets]: the regulation whose figures are in force, and the calendar that counts working time."""

    profile: str = Field(description='"R08", or NAME of a [profiles.NAME]|"R08"，或某一节 [profiles.名称] 的名称')
    calendar: str = Field(description="NAME of a [calendars.NAME]|某一节 [calendars.名称] 的名称")


BASE_PROFILE = "R08"
"""The name under which [classes] itself is in force."""

_SERIOUS = {TicketKind.COMPLAINT: "complaint-serious", TicketKind.PUBLIC_LIGHTING: "public-lighting-complex"}
"""The kinds with a class of their own for serious complaints or complex faults (R08-5, R08-8)."""


def class_name(kind: TicketKind, severity: Severity) -> str:
    """The class of a ticket."""
    return _SERIOUS.get(kind, kind.value) if severity is Severity.SERIOUS else kind.value


@dataclass(frozen=True)
class ClockRule:
    """One clock of a class: the step, the time it may take, and the rule."""

    kind: ClockKind
    span: Span
    rule: str


def class_clocks(
    tickets: Tickets, classes: Classes, profiles: Mapping[str, Profile], sources: Mapping[str, str]
) -> dict[str, tuple[ClockRule, ...]]:
    """The clocks in force, by the name of the class."""
    table = _by_name(classes)
    other = _by_name(profiles[tickets.profile]) if tickets.profile in profiles else {}
    place = {name: f"profiles.{tickets.profile}" if name in other else "classes" for name in table}
    return {
        name: tuple(
            ClockRule(
                kind,
                replace(span, calendar=span.calendar or tickets.calendar),
                sources[f"{place[name]}.{name}.{kind.value}"],
            )
            for kind, span in (table | other)[name].spans()
        )
        for name in table
    }


def contradictions(
    tickets: Tickets,
    calendars: Mapping[str, CalendarRules],
    classes: Classes,
    profiles: Mapping[str, Profile],
    file: Path,
) -> list[Problem]:
    """Names of calendars and profiles that do not exist or cannot be used."""
    found = []
    for name in calendars:
        if name in (WALL, GENERAL_MANAGER) or not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", name):
            right = f'another name: up to 20 small letters, digits and "-", not "{WALL}" or "{GENERAL_MANAGER}"'
            right_zh = f'其他名称：不超过 20 个小写字母、数字和 "-"，且不是 "{WALL}"、"{GENERAL_MANAGER}"'
            found.append(Problem(file, f"calendars.{name}", "is no name for a calendar", right, "名称不可用", right_zh))
    known = ", ".join(calendars)
    places = [("tickets.calendar", tickets.calendar)]
    tables = {"classes": _by_name(classes)} | {f"profiles.{name}": _by_name(one) for name, one in profiles.items()}
    places += [
        (f"{section}.{name}.{kind.value}", span.calendar)
        for section, table in tables.items()
        for name, clocks in table.items()
        for kind, span in clocks.spans()
        if span.calendar not in (WALL, _WORKING)
    ]
    for key, calendar in places:
        if calendar not in calendars:
            wrong, wrong_zh = f'names the calendar "{calendar}"', f"没有日历 {calendar}"
            found.append(Problem(file, key, wrong, f"one of {known}", wrong_zh, f"{known} 之一"))
    if tickets.profile not in (BASE_PROFILE, *profiles):
        wrong, wrong_zh = f'is "{tickets.profile}"', f'现为 "{tickets.profile}"'
        names = ", ".join((BASE_PROFILE, *profiles))
        found.append(Problem(file, "tickets.profile", wrong, f"one of {names}", wrong_zh, f"{names} 之一"))
    return found


def _by_name(classes: Classes | Profile) -> dict[str, Clocks]:
    fields = type(classes).model_fields
    named = {field.alias or name: getattr(classes, name) for name, field in fields.items()}
    return {name: clocks for name, clocks in named.items() if clocks is not None}

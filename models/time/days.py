"""The kind of each date: public holidays and make-up days of the State Council, unless the site has its own.

The holidays and make-up working days (调休补班) of mainland China are those of the library `chinese_calendar`, which
follows the State Council's yearly notice. For a year that neither it nor the site knows, only the weekdays are known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from chinese_calendar.constants import holidays, workdays

from models.errors import MoveRefused

PUBLISHED_YEARS = frozenset(day.year for day in holidays)
"""The years whose State Council notice is in the library."""


YEARS = range(2000, 2200)
"""Of a day that somebody names: no other year reaches every calendar and database unharmed."""
_FARTHEST = timedelta(days=366)


def check_near(day: date, today: date) -> None:
    """Raises MoveRefused for a day to come that is more than a year away: it was mistyped."""
    if day - today > _FARTHEST:
        raise MoveRefused(f"{day} is more than a year away: is it mistyped?", f"{day} 离现在超过一年，请检查是否填错")


class DayKind(StrEnum):
    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKE_UP = "make-up"
    """A weekend day worked in exchange for a holiday (调休补班)."""
    CLOSED = "closed"
    """The site is closed on this day, whatever kind of day it is."""
    OPEN = "open"
    """The site works on this day, whatever kind of day it is."""


@dataclass(frozen=True)
class Day:
    """`name` is the holiday in the library's English, or the site's own reason; empty for an ordinary day."""

    kind: DayKind
    name: str = ""


ORDINARY = Day(DayKind.ORDINARY)


@dataclass(frozen=True)
class Days:
    """The days of one site, by its clock. `years` are those whose holidays the site has entered completely."""

    zone: tzinfo
    exceptions: Mapping[date, Day] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def of(self, day: date) -> Day:
        """The kind of this day; the site's own entry comes first."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day in holidays:
            return Day(DayKind.HOLIDAY, holidays[day])
        if day in workdays:
            return Day(DayKind.MAKE_UP, workdays[day])
        return ORDINARY

    def date(self, at: datetime) -> date:
        """The date of a moment at the site. Raises ValueError for a moment without a time zone."""
        if at.tzinfo is None:
            raise ValueError(f"{at} has no time zone: pass an aware moment")
        return at.astimezone(self.zone).date()

    def knows(self, year: int) -> bool:
        """Whether the public holidays of this year are known."""
        return year in PUBLISHED_YEARS or year in self.years

    def unknown_years(self, at: datetime, *, ahead_days: int) -> list[int]:
        """The years from today to `ahead_days` later whose holidays are not known: to be installed or entered."""
        today = self.date(at)
        years = range(today.year, (today + timedelta(days=ahead_days)).year + 1)
        return [year for year in years if not self.knows(year)]

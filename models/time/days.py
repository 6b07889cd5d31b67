"""What kind of day a date is: the State Council's public holidays and make-up days, unless the site says otherwise.

The holidays and make-up working days (调休补班) of mainland China are those of the library `chinese_calendar`, which
follows the State Council's yearly notice. Of a year that neither it nor the site knows, only the weekdays are known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from chinese_calendar.constants import holidays, workdays

PUBLISHED_YEARS = frozenset(day.year for day in holidays)
"""Of which the library has the State Council's notice."""


class DayKind(StrEnum):
    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKE_UP = "make-up"
    """A day of a week-end that is worked for a holiday (调休补班)."""
    CLOSED = "closed"
    """Whatever the calendar says: the site rests."""
    OPEN = "open"
    """Whatever the calendar says: the site works."""


@dataclass(frozen=True)
class Day:
    """`name` is the holiday's, in the library's English, or the site's own reason; empty for an ordinary day."""

    kind: DayKind
    name: str = ""


ORDINARY = Day(DayKind.ORDINARY)


@dataclass(frozen=True)
class Days:
    """The days of one site, by its clock. `years` are those whose holidays the site itself has entered completely."""

    zone: tzinfo
    exceptions: Mapping[date, Day] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def of(self, day: date) -> Day:
        """The site's own exception comes first."""
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
        """The years from today to `ahead_days` later whose holidays are not known: they have to be installed or
        entered before they begin."""
        today = self.date(at)
        years = range(today.year, (today + timedelta(days=ahead_days)).year + 1)
        return [year for year in years if not self.knows(year)]

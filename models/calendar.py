"""When a service is open: windows of the site's day, on its weekdays, on make-up working days, never on holidays.

Public holidays and make-up working days (调休补班) of mainland China are those of the library `chinese_calendar`, which
follows the State Council's yearly notice. In a year it doesn't know yet only the weekdays count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from chinese_calendar.constants import holidays, workdays

from models.policy import GeneralManager

KNOWN_YEARS = frozenset(day.year for day in holidays)


@dataclass(frozen=True)
class Calendar:
    """`windows` are opening and closing times of one day in order, `weekdays` are 1 (Monday) to 7."""

    windows: Sequence[tuple[time, time]]
    weekdays: Sequence[int]
    open_on_make_up_days: bool
    time_zone: tzinfo

    @classmethod
    def of(cls, hours: GeneralManager, time_zone: tzinfo) -> "Calendar":
        """The hours of the general manager's hotline (R03-1), by the site's clock."""
        return cls(hours.hours, hours.weekdays, hours.open_on_make_up_days, time_zone)

    def is_service_day(self, day: date) -> bool:
        """Whether it opens at all on this day of the site."""
        if day in holidays:
            return False
        return day.isoweekday() in self.weekdays or (self.open_on_make_up_days and day in workdays)

    def is_open(self, at: datetime) -> bool:
        """From the moment of opening on, until the moment of closing."""
        local = at.astimezone(self.time_zone)
        return self.is_service_day(local.date()) and any(start <= local.time() < end for start, end in self.windows)


def unknown_years(at: datetime, time_zone: tzinfo, *, days_ahead: int = 60) -> list[int]:
    """The years from today to `days_ahead` whose holidays are not known: newer holidays have to be installed."""
    today = at.astimezone(time_zone).date()
    years = {today.year, (today + timedelta(days=days_ahead)).year}
    return sorted(years - KNOWN_YEARS)

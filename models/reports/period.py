"""A period is a day, week, month or quarter of the site, from local midnight to local midnight."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from models.states.reports import PeriodKind
from models.time.days import YEARS

__all__ = ["NoSuchPeriod", "Period", "PeriodKind"]

_FORMS = {
    PeriodKind.DAY: (re.compile(r"(20\d{2})-(\d{2})-(\d{2})"), "2026-11-24"),
    PeriodKind.WEEK: (re.compile(r"(20\d{2})-?W(\d{2})", re.IGNORECASE), "2026W48"),
    PeriodKind.MONTH: (re.compile(r"(20\d{2})-(\d{2})"), "2026-11"),
    PeriodKind.QUARTER: (re.compile(r"(20\d{2})-?Q([1-4])", re.IGNORECASE), "2026Q4"),
}
_QUARTER = 3


class NoSuchPeriod(ValueError):
    """The text is no day, week, month or quarter; the message shows the right form."""


@dataclass(frozen=True)
class Period:
    """`first` is its first day, `after` the first day after it, both by the calendar of the site."""

    kind: PeriodKind
    first: date
    after: date
    zone: tzinfo

    @classmethod
    def parse(cls, kind: PeriodKind, text: str, zone: tzinfo) -> "Period":
        """ "2026-11-24", "2026W48" (ISO 8601), "2026-11" or "2026Q4". Raises NoSuchPeriod."""
        form, example = _FORMS[kind]
        found = form.fullmatch(text.strip())
        try:
            if found is None:
                raise ValueError(text)
            numbers = [int(part) for part in found.groups()]
            if kind is PeriodKind.QUARTER:
                numbers[1] = (numbers[1] - 1) * _QUARTER + 1
            day = (
                date.fromisocalendar(numbers[0], numbers[1], 1) if kind is PeriodKind.WEEK else date(*[*numbers, 1][:3])
            )
            if day.year not in YEARS:
                raise ValueError(day)
            return cls.around(kind, day, zone)
        except (ValueError, OverflowError):
            raise NoSuchPeriod(f"{text!r} is no {kind}; right: {example} / 应写作 {example}") from None

    @classmethod
    def around(cls, kind: PeriodKind, day: date, zone: tzinfo) -> "Period":
        """The period that contains this day."""
        if kind is PeriodKind.DAY:
            return cls(kind, day, day + timedelta(days=1), zone)
        if kind is PeriodKind.WEEK:
            monday = day - timedelta(days=day.weekday())
            return cls(kind, monday, monday + timedelta(days=7), zone)
        months = _QUARTER if kind is PeriodKind.QUARTER else 1
        first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
        # 31 days for each month, from the first on, always ends in the next period.
        later = first + timedelta(days=31 * months)
        return cls(kind, first, later.replace(day=1), zone)

    @classmethod
    def last_complete(cls, kind: PeriodKind, at: datetime, zone: tzinfo) -> "Period":
        """The newest period that has ended."""
        return cls.around(kind, at.astimezone(zone).date(), zone).before

    @property
    def before(self) -> "Period":
        """The previous period, for comparison."""
        return Period.around(self.kind, self.first - timedelta(days=1), self.zone)

    @property
    def next(self) -> "Period":
        return Period.around(self.kind, self.after, self.zone)

    @property
    def begins(self) -> datetime:
        return self._midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return self._midnight(self.after)

    @property
    def name(self) -> str:
        """As `parse` reads it."""
        match self.kind:
            case PeriodKind.DAY:
                return f"{self.first:%Y-%m-%d}"
            case PeriodKind.WEEK:
                return f"{self.first:%GW%V}"
            case PeriodKind.MONTH:
                return f"{self.first:%Y-%m}"
            case PeriodKind.QUARTER:
                return f"{self.first:%Y}Q{(self.first.month - 1) // _QUARTER + 1}"

    def _midnight(self, day: date) -> datetime:
        # If the clock is put forward at midnight, this is the moment of the jump.
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

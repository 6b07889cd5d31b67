"""Calendars for deadlines: every minute counts ("wall"), or only the working windows of a site and its seasons."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from models.states.tickets import TimeUnit
from models.time.days import Day, DayKind, Days

WALL = "wall"
"""The calendar by which every minute counts, also at night and on holidays."""

Window = tuple[datetime, datetime]
"""Opening and closing, in UTC; the moment of closing is already closed."""

_ONE_DAY = timedelta(days=1)
_NO_TIME = timedelta(0)
_DAYS_KEPT = 2000


@dataclass(frozen=True)
class Span:
    """An amount of time by a calendar: counted minutes, hours or days."""

    figure: int
    unit: TimeUnit
    calendar: str = WALL

    @property
    def length(self) -> timedelta:
        """For minutes and hours, and for days when every minute counts."""
        return timedelta(**{self.unit.value: self.figure})


@dataclass(frozen=True)
class Season:
    """The windows of a day, in order, from `begins` (month, day) until the next season, every year."""

    begins: tuple[int, int]
    windows: Sequence[tuple[time, time]]


@dataclass(frozen=True)
class Step:
    """What one day adds towards a deadline: time from `begins` to `ends`, or, where days are counted, the `number` of
    the working day that closes at `ends`. A day that adds nothing has none of them."""

    date: date
    day: Day
    begins: datetime | None = None
    ends: datetime | None = None
    number: int = 0


class Calendar(ABC):
    """The questions that every calendar answers. Moments are aware (else ValueError); results are in UTC."""

    name: str

    @abstractmethod
    def is_open(self, at: datetime) -> bool:
        """Whether time counts at this moment."""

    @abstractmethod
    def time_steps(self, at: datetime, length: timedelta) -> Iterator[Step]:
        """How a deadline is computed by counting time; the last step's `ends` is the deadline."""

    @abstractmethod
    def day_steps(self, at: datetime, days: int) -> Iterator[Step]:
        """How a deadline is computed by counting days; the last step's `ends` is the deadline."""

    def steps(self, at: datetime, span: Span) -> Iterator[Step]:
        """Day by day; the last step's `ends` is the deadline."""
        return self.day_steps(at, span.figure) if span.unit is TimeUnit.DAYS else self.time_steps(at, span.length)

    def after(self, at: datetime, span: Span) -> datetime:
        """The deadline of a span that begins at `at`."""
        return _last(self.steps(at, span))

    def add_time(self, at: datetime, length: timedelta) -> datetime:
        """The moment when this much time has counted since `at`; time used up with a window ends at its close.

        Raises ValueError for a negative time.
        """
        return _last(self.time_steps(at, length))

    def add_days(self, at: datetime, days: int) -> datetime:
        """The close of the n-th working day after the day of `at`, which itself does not count.

        Raises ValueError for less than one day.
        """
        return _last(self.day_steps(at, days))

    def next_opening(self, at: datetime) -> datetime:
        """The first moment from `at` on at which time counts; `at` itself when it is open."""
        return self.add_time(at, _NO_TIME)


class Wall(Calendar):
    """Every minute counts; a day is 24 hours."""

    name = WALL

    def __init__(self, days: Days) -> None:
        self._days = days

    def is_open(self, at: datetime) -> bool:
        return True

    def time_steps(self, at: datetime, length: timedelta) -> Iterator[Step]:
        _refuse(length < _NO_TIME, f"{length} is less than no time")
        yield Step(
            self._days.date(at), self._days.of(self._days.date(at)), at.astimezone(UTC), at.astimezone(UTC) + length
        )

    def day_steps(self, at: datetime, days: int) -> Iterator[Step]:
        _refuse(days < 1, f"{days} days are less than one")
        return self.time_steps(at, timedelta(days=days))


class WorkingTime(Calendar):
    """The windows of working days: `weekdays` (1 is Monday), changed by the holidays and make-up days of the site."""

    def __init__(
        self,
        name: str,
        days: Days,
        *,
        seasons: Iterable[Season],
        weekdays: Collection[int],
        closed_on_public_holidays: bool,
        open_on_make_up_days: bool,
    ) -> None:
        self.name = name
        self.days = days
        self._seasons = sorted(seasons, key=lambda season: season.begins, reverse=True)
        self._weekdays = frozenset(weekdays)
        self._rests_on_holidays = closed_on_public_holidays
        self._works_on_make_up_days = open_on_make_up_days
        self._windows: dict[date, tuple[Window, ...]] = {}

    def is_open(self, at: datetime) -> bool:
        return any(opens <= at < closes for opens, closes in self.windows(self.days.date(at)))

    def is_working_day(self, day: date) -> bool:
        """Whether this day of the site has any working window."""
        kind = self.days.of(day).kind
        if kind is DayKind.CLOSED or (kind is DayKind.HOLIDAY and self._rests_on_holidays):
            return False
        if kind is DayKind.OPEN or (kind is DayKind.MAKE_UP and self._works_on_make_up_days):
            return True
        return day.isoweekday() in self._weekdays

    def windows(self, day: date) -> tuple[Window, ...]:
        """The windows of one day of the site, in order; none when it is closed."""
        known = self._windows.get(day)
        if known is None:
            if len(self._windows) >= _DAYS_KEPT:
                self._windows.clear()
            known = self._windows[day] = self._windows_of(day)
        return known

    def time_steps(self, at: datetime, length: timedelta) -> Iterator[Step]:
        _refuse(length < _NO_TIME, f"{length} is less than no time")
        left, today = length, self.days.date(at)
        while True:
            kind, windows = self.days.of(today), self.windows(today)
            for opens, closes in windows:
                begins = max(opens, at.astimezone(UTC))
                if begins < closes:
                    ends = begins + min(left, closes - begins)
                    yield Step(today, kind, begins, ends)
                    left -= ends - begins
                    if left == _NO_TIME:
                        return
            if not windows:
                yield Step(today, kind)
            today += _ONE_DAY

    def day_steps(self, at: datetime, days: int) -> Iterator[Step]:
        _refuse(days < 1, f"{days} days are less than one")
        today, number = self.days.date(at), 0
        yield Step(today, self.days.of(today))
        while number < days:
            today += _ONE_DAY
            windows = self.windows(today)
            number += bool(windows)
            if windows:
                yield Step(today, self.days.of(today), windows[0][0], windows[-1][1], number)
            else:
                yield Step(today, self.days.of(today))

    def _windows_of(self, day: date) -> tuple[Window, ...]:
        if not self.is_working_day(day):
            return ()
        here = (day.month, day.day)
        # Before the first season of a year, the last season of the year before goes on.
        season = next((one for one in self._seasons if one.begins <= here), self._seasons[0])
        made = ((moment(day, o, self.days.zone), moment(day, c, self.days.zone)) for o, c in season.windows)
        return tuple(window for window in made if window[0] < window[1])


Calendars = Mapping[str, Calendar]
"""By name."""


def moment(day: date, at: time, zone: tzinfo) -> datetime:
    """The moment at which the clock of the site shows this time: the first one if it shows it twice in a night, the
    moment of the change if it skips it."""
    wanted = datetime.combine(day, at)
    early, late = (wanted.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    if late.astimezone(zone).replace(tzinfo=None) == wanted:
        return late
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < wanted:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def _last(steps: Iterator[Step]) -> datetime:
    ends = None
    for step in steps:
        ends = step.ends
    assert ends is not None, "a deadline ends with a step that counts"
    return ends


def _refuse(wrong: bool, why: str) -> None:
    if wrong:
        raise ValueError(why)

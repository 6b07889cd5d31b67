"""The hours for unrequested calls: never at night, and each attempt at another time of day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True)
class CallingHours:
    """`windows` are the times of a day, in order, on the `weekdays` (1 is Monday), by the site's clock."""

    windows: Sequence[tuple[time, time]]
    weekdays: Sequence[int]
    time_zone: tzinfo

    def is_open(self, at: datetime) -> bool:
        """Whether people may be called at this moment; the moment of closing is closed."""
        return self.next(at) == at

    def next(self, at: datetime) -> datetime:
        """The first moment from `at` on at which people may be called: `at` itself, or the next opening."""
        return next(max(at, start) for _, _, start, end in self._from(at) if at < end)

    def another(self, at: datetime, *, than: datetime) -> datetime:
        """The first moment from `at` on in another window than that of `than`.

        With only one window, on another day.
        """
        day, window = self._place(than)
        only = len(self.windows) == 1
        return next(
            max(at, start)
            for on, number, start, end in self._from(at)
            if at < end and not (number == window and (not only or on == day))
        )

    def next_day(self, at: datetime) -> datetime:
        """The first opening on a later day of the site."""
        today = at.astimezone(self.time_zone).date()
        return next(start for day, _, start, _ in self._from(at) if day > today)

    def _place(self, at: datetime) -> tuple[date, int | None]:
        """The day of the site and the window of a moment, if it is in one."""
        local = at.astimezone(self.time_zone)
        inside = (n for n, (start, end) in enumerate(self.windows) if start <= local.time() < end)
        return local.date(), next(inside, None)

    def _from(self, at: datetime) -> Iterator[tuple[date, int, datetime, datetime]]:
        """Every window from this day on: the day, the window's number in the day, its beginning and end."""
        day = at.astimezone(self.time_zone).date()
        while True:
            if day.isoweekday() in self.weekdays:
                for number, (start, end) in enumerate(self.windows):
                    yield day, number, self._moment(day, start), self._moment(day, end)
            day += timedelta(days=1)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.time_zone).astimezone(UTC)

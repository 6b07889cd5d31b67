"""Computes a roster: from shifts, hours and rotations follows who has which turn on any day, by the site's clock.

Times of day are the site's; a turn is a pair of moments, so that nights, midnight and clock changes are correct: the
next turn begins where one ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from models.time.days import DayKind, Days

LONGEST = timedelta(hours=26)
"""The longest turn: a day, and the hours by which a clock may be put back."""

_REST = (DayKind.HOLIDAY, DayKind.CLOSED)
_WORK = (DayKind.MAKE_UP, DayKind.OPEN)

DayOfYear = tuple[int, int]
"""Month and day."""


@dataclass(frozen=True)
class Hours:
    """From `start` until `end` (on the next day if that is not later) on these weekdays (1 is Monday) of the season.

    `holidays`: "same": like any other day; "closed": not on public holidays, but on make-up working days; "only": only
    on public holidays. The site's own entry for a date comes first, as for deadlines.
    """

    start: time
    end: time
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    season: tuple[DayOfYear, DayOfYear] | None = None
    holidays: str = "same"

    def on(self, day: date, dates: Days) -> bool:
        """Whether a turn begins on this day."""
        if not self._in_season(day):
            return False
        kind = dates.of(day).kind
        match self.holidays:
            case "only":
                return kind in _REST
            case "closed":
                return kind not in _REST and (kind in _WORK or day.isoweekday() in self.weekdays)
            case _:
                return day.isoweekday() in self.weekdays

    def turn(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        """Beginning and end of the turn of this day."""
        last = day if self.end > self.start else day + timedelta(days=1)
        start, end = (datetime.combine(*at, tzinfo=zone) for at in ((day, self.start), (last, self.end)))
        return start.astimezone(UTC), end.astimezone(UTC)

    def _in_season(self, day: date) -> bool:
        if self.season is None:
            return True
        (first, last), today = self.season, (day.month, day.day)
        return first <= today <= last if first <= last else today >= first or today <= last

    def as_json(self) -> dict[str, Any]:
        return {
            "start": f"{self.start:%H:%M}",
            "end": f"{self.end:%H:%M}",
            "weekdays": list(self.weekdays),
            "season": self.season and [list(end) for end in self.season],
            "holidays": self.holidays,
        }

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Hours":
        season = kept["season"] and tuple((month, day) for month, day in kept["season"])
        start, end = time.fromisoformat(kept["start"]), time.fromisoformat(kept["end"])
        return cls(start, end, tuple(kept["weekdays"]), season, kept["holidays"])


@dataclass(frozen=True)
class ShiftPlan:
    """`serves`: the groups it answers for; `need`: the number of people; `rule`: the rule behind it."""

    name: str
    zh: str
    en: str
    serves: tuple[str, ...]
    need: int
    rule: str
    hours: tuple[Hours, ...]
    handover: bool = True


@dataclass(frozen=True)
class RotationPlan:
    """Teams take turns at the shift, each for `days` days from `first_on` on; nobody after `last_on`."""

    shift: str
    first_on: date
    last_on: date | None
    days: int
    people: tuple[tuple[str, ...], ...]

    def team(self, day: date) -> tuple[str, ...]:
        return self.people[(day - self.first_on).days // self.days % len(self.people)]


@dataclass(frozen=True)
class CoverPlan:
    """This group must be answered round the clock; in a gap, `falls_to` answers."""

    group: str
    falls_to: str | None
    rule: str


@dataclass(frozen=True)
class Turn:
    """A shift on one day, without its people."""

    shift: ShiftPlan
    day: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Planned:
    """One person's part of a turn."""

    shift: str
    staff_number: str
    starts_at: datetime
    ends_at: datetime
    instead_of: str | None = None


@dataclass(frozen=True)
class Substitution:
    """`by` is on duty instead of `staff_number` from `start` until `end`; nobody if `by` is empty."""

    staff_number: str
    by: str | None
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Plan:
    """The whole imported roster."""

    shifts: tuple[ShiftPlan, ...] = ()
    rotations: tuple[RotationPlan, ...] = ()
    covers: tuple[CoverPlan, ...] = ()

    def turns(self, since: datetime, until: datetime, dates: Days) -> Iterator[Turn]:
        """Every turn of every shift that overlaps the time between the two moments."""
        day, last = dates.date(since - LONGEST), dates.date(until)
        while day <= last:
            for shift in self.shifts:
                for hours in shift.hours:
                    if hours.on(day, dates):
                        start, end = hours.turn(day, dates.zone)
                        if start < until and end > since:
                            yield Turn(shift, day, start, end)
            day += timedelta(days=1)

    def people(self, shift: str, day: date) -> tuple[str, ...]:
        """The team on this day: the rotation that began last counts; of two on the same day, the later in the file."""
        found = [
            rotation
            for rotation in self.rotations
            if rotation.shift == shift and rotation.first_on <= day <= (rotation.last_on or day)
        ]
        return max(reversed(found), key=lambda rotation: rotation.first_on).team(day) if found else ()

    def duties(
        self, since: datetime, until: datetime, dates: Days, approved: Iterable[Sequence[Substitution]] = ()
    ) -> list[Planned]:
        """The people of each part of each turn, with the approved swaps applied in the order of their approval."""
        duties = [
            Planned(turn.shift.name, number, turn.starts_at, turn.ends_at)
            for turn in self.turns(since, until, dates)
            for number in self.people(turn.shift.name, turn.day)
        ]
        for exchange in approved:
            duties = [part for duty in duties for part in _substituted(duty, exchange)]
        return sorted(duties, key=lambda duty: (duty.starts_at, duty.shift, duty.staff_number))


def _substituted(duty: Planned, exchange: Sequence[Substitution]) -> Iterator[Planned]:
    """The parts that remain, and the part that another person takes; both sides of an exchange change at once."""
    for change in exchange:
        start, end = max(duty.starts_at, change.start), min(duty.ends_at, change.end)
        if change.staff_number != duty.staff_number or start >= end:
            continue
        if duty.starts_at < start:
            yield replace(duty, ends_at=start)
        if change.by is not None:
            planned = duty.instead_of or duty.staff_number
            instead_of = planned if planned != change.by else None
            yield replace(duty, staff_number=change.by, instead_of=instead_of, starts_at=start, ends_at=end)
        if end < duty.ends_at:
            yield replace(duty, starts_at=end)
        return
    yield duty

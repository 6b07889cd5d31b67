"""The arithmetic of working time agrees with counting minute by minute, over the real calendars of 2024 to 2026."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from chinese_calendar import get_holiday_detail, is_workday
from chinese_calendar.constants import holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from models.states.tickets import TimeUnit
from models.time.calendar import Season, Span, WorkingTime
from models.time.days import Day, DayKind, Days

pytestmark = pytest.mark.unit

MINUTE = timedelta(minutes=1)
# China has no summer time; in Berlin the clock changes at night, in Santiago at midnight.
ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/Santiago")]
FIRST, LAST = date(2024, 1, 2), date(2026, 11, 30)


@st.composite
def windows(draw: st.DrawFn) -> list[tuple[time, time]]:
    """One to three windows a day, in whole minutes, in order."""
    count = draw(st.integers(1, 3))
    ends = draw(st.lists(st.integers(0, 24 * 60 - 1), min_size=2 * count, max_size=2 * count, unique=True).map(sorted))
    clock = [time(*divmod(minute, 60)) for minute in ends]
    return list(zip(clock[::2], clock[1::2], strict=True))


@st.composite
def calendars(draw: st.DrawFn) -> WorkingTime:
    begins = sorted(draw(st.sets(st.tuples(st.integers(1, 12), st.integers(1, 28)), min_size=1, max_size=3)))
    kinds = st.sampled_from([DayKind.CLOSED, DayKind.OPEN, DayKind.HOLIDAY, DayKind.MAKE_UP])
    exceptions = draw(st.dictionaries(st.dates(FIRST, LAST), kinds.map(lambda kind: Day(kind, "own")), max_size=5))
    return WorkingTime(
        "drawn",
        Days(draw(st.sampled_from(ZONES)), exceptions),
        seasons=[Season(day, draw(windows())) for day in begins],
        weekdays=draw(st.sets(st.integers(1, 7), min_size=1)),
        closed_on_public_holidays=draw(st.booleans()),
        open_on_make_up_days=draw(st.booleans()),
    )


ANY = st.datetimes(datetime(2024, 1, 2), datetime(2026, 11, 1))  # noqa: DTZ001
NEAR_HOLIDAYS = st.builds(
    lambda day, minutes: datetime.combine(day, time()) - timedelta(minutes=minutes),
    st.sampled_from(sorted(day for day in holidays if day.year in (2024, 2025, 2026))),
    st.integers(0, 4 * 24 * 60),
)
MOMENTS = st.one_of(ANY, NEAR_HOLIDAYS).map(lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC))


def is_open(calendar: WorkingTime, at: datetime) -> bool:
    """Decides minute by minute, from the local time and the calendar."""
    local = at.astimezone(calendar.days.zone)
    day, clock = local.date(), local.time()
    if local.fold:
        # The repeated hour: what opens or closes in it did so the first time.
        clock = time(local.hour, 59)
    return any(opens <= clock < closes for opens, closes in hours(calendar, day))


@lru_cache(maxsize=100)
def hours(calendar: WorkingTime, day: date) -> list[tuple[time, time]]:
    past = [season for season in calendar._seasons if season.begins <= (day.month, day.day)]
    season = max(past or calendar._seasons, key=lambda one: one.begins)
    return list(season.windows) if works(calendar, day) else []


def works(calendar: WorkingTime, day: date) -> bool:
    in_week = day.isoweekday() in calendar._weekdays
    kind = calendar.days.exceptions[day].kind if day in calendar.days.exceptions else None
    if kind is None and is_workday(day) != (day.isoweekday() < 6):
        kind = DayKind.MAKE_UP if is_workday(day) else DayKind.HOLIDAY
    if kind is DayKind.HOLIDAY or (kind is None and get_holiday_detail(day)[1]):
        return in_week and not calendar._rests_on_holidays
    if kind is DayKind.MAKE_UP:
        return in_week or calendar._works_on_make_up_days
    return in_week if kind is None else kind is DayKind.OPEN


@settings(max_examples=50)
@given(calendars(), MOMENTS, st.integers(1, 3), st.data())
def test_every_deadline_equals_the_one_found_by_counting_minutes(
    calendar: WorkingTime, at: datetime, horizon: int, data: st.DataObject
) -> None:
    minutes = [at + number * MINUTE for number in range(horizon * 24 * 60)]
    opened = [minute for minute in minutes if is_open(calendar, minute)]
    assert [minute for minute in minutes if calendar.is_open(minute)] == opened
    if opened:
        assert calendar.next_opening(at) == opened[0]
        count = data.draw(st.integers(1, len(opened)), "minutes")
        due = opened[count - 1] + MINUTE
        assert calendar.add_time(at, count * MINUTE) == due
        assert calendar.after(at, Span(count, TimeUnit.MINUTES, "drawn")) == due
    zone = calendar.days.zone
    ends = {minute.astimezone(zone).date(): minute + MINUTE for minute in opened}
    whole = sorted(set(ends) - {at.astimezone(zone).date(), minutes[-1].astimezone(zone).date()})
    for number, day in enumerate(whole, start=1):
        assert calendar.add_days(at, number) == ends[day]


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_working_days_of_a_year_are_the_published_ones(year: int) -> None:
    """R06-3: Monday to Friday without the public holidays, with the make-up days."""
    office = WorkingTime(
        "office",
        Days(ZONES[0]),
        seasons=[Season((1, 1), [(time(9), time(17))])],
        weekdays=[1, 2, 3, 4, 5],
        closed_on_public_holidays=True,
        open_on_make_up_days=True,
    )
    day, counted = date(year, 1, 1), 0
    while day.year == year:
        assert office.is_working_day(day) == is_workday(day), day
        counted += office.is_working_day(day)
        day += timedelta(days=1)
    before = datetime(year - 1, 12, 31, 12, tzinfo=ZONES[0])
    assert office.add_days(before, counted).astimezone(ZONES[0]).year == year
    assert (office.add_days(before, counted) + timedelta(days=30)).astimezone(ZONES[0]).year == year + 1

"""A wake-up has exactly one moment on each local day, whatever the clocks of the site do (R21-9)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.guests import wakeups
from models.guests.wakeups import WakeupOrder
from models.time.calendar import moment

pytestmark = pytest.mark.unit

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe"]
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(zones, days, clocks)
def test_each_local_day_has_one_moment_and_it_is_later_than_yesterdays(zone: ZoneInfo, day: date, at: time) -> None:
    yesterday, today = (moment(one, at, zone) for one in (day - timedelta(days=1), day))
    assert today.astimezone(zone).date() == day
    assert timedelta(hours=22) <= today - yesterday <= timedelta(hours=26)


@given(zones, days, clocks)
def test_the_clock_shows_the_ordered_time_wherever_it_exists(zone: ZoneInfo, day: date, at: time) -> None:
    shown = moment(day, at, zone).astimezone(zone)
    left_out = datetime.combine(day, at, zone).astimezone(UTC).astimezone(zone).time() != at
    assert shown.time() == at or (left_out and shown.time() > at)


@given(zones, days, clocks, st.integers(0, 24 * 60 - 1))
def test_the_next_date_is_the_first_whose_moment_is_still_to_come(
    zone: ZoneInfo, day: date, at: time, minute: int
) -> None:
    now = datetime.combine(day, time(0), UTC) + timedelta(minutes=minute)
    next_date = wakeups.next_date(at, now, zone)
    assert moment(next_date, at, zone) > now >= moment(next_date - timedelta(days=1), at, zone)


@given(days, st.integers(0, 400), st.sets(st.integers(1, 7), min_size=1))
def test_weekdays_are_each_of_them_once_also_on_leap_days(since: date, length: int, wanted: set[int]) -> None:
    order = WakeupOrder(weekdays="".join(map(str, sorted(wanted))), on_date=None)
    until = since + timedelta(days=length)
    found = list(wakeups.days_of(order, since, until))
    assert found == sorted(set(found))
    assert found == [
        day for n in range(length + 1) if (day := since + timedelta(days=n)).isoweekday() in wanted and day <= until
    ]


def test_a_wake_up_on_29_february_is_on_that_day() -> None:
    order = WakeupOrder(weekdays=None, on_date=date(2028, 2, 29))
    assert list(wakeups.days_of(order, date(2028, 1, 1), date(2028, 12, 31))) == [date(2028, 2, 29)]

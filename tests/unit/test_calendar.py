"""R03-1: the general manager's hotline keeps its hours, is closed on public holidays, and open on make-up days."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from models.calendar import Calendar, unknown_years
from models.home import PROJECT_ROOT
from models.policy import Policy

pytestmark = pytest.mark.unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
R03_1 = Calendar.of(Policy.load(PROJECT_ROOT / "policy.toml").general_manager, SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-02 08:29:59", False),
        ("2026-03-02 08:30:00", True),
        ("2026-03-02 11:29:59", True),
        ("2026-03-02 11:30:00", False),
        ("2026-03-02 13:29:59", False),
        ("2026-03-02 13:30:00", True),
        ("2026-03-02 16:29:59", True),
        ("2026-03-02 16:30:00", False),
    ],
)
def test_it_opens_and_closes_to_the_second_and_rests_at_noon(moment: str, is_open: bool) -> None:
    assert R03_1.is_open(at(moment)) is is_open


@pytest.mark.parametrize("day", ["2026-03-07", "2026-03-08"])
def test_an_ordinary_week_end_is_closed(day: str) -> None:
    assert not R03_1.is_open(at(f"{day} 10:00"))


@pytest.mark.parametrize("day", [f"2026-02-{day}" for day in range(15, 24)])
def test_the_nine_days_of_spring_festival_2026_are_closed(day: str) -> None:
    assert not R03_1.is_open(at(f"{day} 10:00"))


@pytest.mark.parametrize("day", ["2026-02-14", "2026-02-28"])
def test_the_saturdays_worked_for_spring_festival_2026_are_open(day: str) -> None:
    assert date.fromisoformat(day).isoweekday() == 6
    assert R03_1.is_open(at(f"{day} 10:00"))


def test_a_site_may_stay_closed_on_make_up_days() -> None:
    closed = Calendar(R03_1.windows, R03_1.weekdays, False, SHANGHAI)
    assert not closed.is_open(at("2026-02-14 10:00"))


def test_the_hours_are_those_of_the_site_and_not_of_the_machine() -> None:
    assert R03_1.is_open(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    berlin = Calendar(R03_1.windows, R03_1.weekdays, True, ZoneInfo("Europe/Berlin"))
    assert not berlin.is_open(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))


def test_a_year_whose_holidays_are_not_known_follows_the_weekdays_and_is_named() -> None:
    assert R03_1.is_open(datetime(2099, 10, 1, 10, tzinfo=SHANGHAI))
    assert unknown_years(datetime(2099, 3, 1, tzinfo=UTC), SHANGHAI) == [2099]
    assert unknown_years(datetime(2026, 3, 1, tzinfo=UTC), SHANGHAI) == []


def test_an_unknown_year_is_named_before_it_begins() -> None:
    last = max(year for year in range(2020, 2100) if not unknown_years(datetime(year, 3, 1, tzinfo=UTC), SHANGHAI))
    assert unknown_years(datetime(last, 12, 1, tzinfo=UTC), SHANGHAI) == [last + 1]


def test_windows_are_times_of_day() -> None:
    assert R03_1.windows == [(time(8, 30), time(11, 30)), (time(13, 30), time(16, 30))]

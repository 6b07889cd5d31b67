"""R03-1, R09-1: office hours and seasons; closed on public holidays, open on make-up days, in the site's time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site
from models.states.tickets import TimeUnit
from models.time.calendar import Season, Span, Wall, WorkingTime
from models.time.days import PUBLISHED_YEARS, Day, DayKind, Days

pytestmark = pytest.mark.unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
CALENDARS = Policy.load(PROJECT_ROOT / "policy.toml", Site.load(PROJECT_ROOT / "site.example.toml")).calendars
R03_1 = CALENDARS["general-manager"]
OFFICE = CALENDARS["office"]
NIGHT = ((time(0, 30), time(6)),)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def local(moment: datetime, zone: ZoneInfo = SHANGHAI) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def daily(days: Days, *windows: tuple[time, time], weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)) -> WorkingTime:
    return WorkingTime(
        "x",
        days,
        seasons=[Season((1, 1), windows)],
        weekdays=weekdays,
        closed_on_public_holidays=True,
        open_on_make_up_days=True,
    )


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
def test_office_hours_hold_to_the_second_and_noon_is_closed(moment: str, is_open: bool) -> None:
    """R03-1."""
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


@pytest.mark.parametrize(
    ("day", "closes"),
    [("2026-02-27", "18:30"), ("2026-03-02", "17:30"), ("2026-08-31", "17:30"), ("2026-09-01", "18:30")],
)
def test_in_spring_and_summer_the_office_closes_an_hour_earlier(day: str, closes: str) -> None:
    """R09-1."""
    assert OFFICE.next_opening(at(f"{day} 00:00")) == at(f"{day} 07:50")
    assert OFFICE.is_open(at(f"{day} {closes}") - timedelta(seconds=1))
    assert not OFFICE.is_open(at(f"{day} {closes}"))


@pytest.mark.parametrize(
    ("begins", "days", "due"),
    [
        ("2026-03-02 10:00", 3, "2026-03-05 17:30"),
        ("2026-03-02 23:00", 1, "2026-03-03 17:30"),
        ("2026-03-06 10:00", 1, "2026-03-09 17:30"),
        ("2026-03-07 10:00", 1, "2026-03-09 17:30"),  # a Saturday
        ("2026-02-13 10:00", 1, "2026-02-14 18:30"),  # the Saturday is worked
        ("2026-02-13 10:00", 3, "2026-02-25 18:30"),  # nine days of Spring Festival between
        ("2025-12-31 10:00", 1, "2026-01-04 18:30"),  # New Year, and a worked Sunday
        ("2026-09-30 10:00", 5, "2026-10-13 18:30"),  # National Day, and a worked Saturday
    ],
)
def test_working_days_skip_week_ends_and_holidays_and_count_make_up_days(begins: str, days: int, due: str) -> None:
    """R06-3, R08-5: the day of the call does not count; the last day ends when the office closes."""
    assert local(OFFICE.add_days(at(begins), days)) == due


@pytest.mark.parametrize(
    ("begins", "hours", "due"),
    [
        ("2026-03-02 08:00", 4, "2026-03-02 12:00"),
        ("2026-03-02 16:00", 4, "2026-03-03 10:20"),
        ("2026-03-02 07:50", 9 + 2 / 3, "2026-03-02 17:30"),  # the hours end with the day, not the next morning
        ("2026-02-13 17:30", 2, "2026-02-14 08:50"),
        ("2026-02-14 17:30", 2, "2026-02-24 08:50"),
    ],
)
def test_working_hours_do_not_count_while_the_office_is_closed(begins: str, hours: float, due: str) -> None:
    assert local(OFFICE.add_time(at(begins), timedelta(hours=hours))) == due


def test_the_break_at_noon_does_not_count() -> None:
    assert local(R03_1.add_time(at("2026-03-02 11:00"), timedelta(hours=1))) == "2026-03-02 14:00"
    assert local(R03_1.next_opening(at("2026-03-02 11:30"))) == "2026-03-02 13:30"
    assert R03_1.next_opening(at("2026-03-02 11:00")) == at("2026-03-02 11:00")


def test_by_the_wall_clock_every_minute_counts() -> None:
    wall, friday = CALENDARS["wall"], at("2026-02-13 23:00")
    assert isinstance(wall, Wall)
    assert wall.is_open(friday)
    assert wall.next_opening(friday) == friday
    assert local(wall.add_time(friday, timedelta(hours=8))) == "2026-02-14 07:00"
    assert local(wall.add_days(friday, 2)) == "2026-02-15 23:00"
    assert local(wall.after(friday, Span(30, TimeUnit.MINUTES))) == "2026-02-13 23:30"


@pytest.mark.parametrize("calendar", CALENDARS.values(), ids=CALENDARS)
def test_an_invalid_span_or_moment_is_refused(calendar: WorkingTime) -> None:
    for days in (0, -1):
        with pytest.raises(ValueError, match="less than one"):
            calendar.add_days(at("2026-03-02 10:00"), days)
    with pytest.raises(ValueError, match="less than no time"):
        calendar.add_time(at("2026-03-02 10:00"), timedelta(minutes=-1))
    with pytest.raises(ValueError, match="no time zone"):
        calendar.add_time(datetime(2026, 3, 2, 10), timedelta(hours=1))  # noqa: DTZ001


def test_the_sites_own_days_come_before_the_published_ones() -> None:
    exceptions = {
        date(2026, 3, 3): Day(DayKind.CLOSED, "停电检修"),
        date(2026, 3, 8): Day(DayKind.OPEN, "开放日"),
        date(2026, 2, 14): Day(DayKind.HOLIDAY, "春节"),
        date(2026, 3, 14): Day(DayKind.MAKE_UP, "补班"),
    }
    site = daily(Days(SHANGHAI, exceptions), (time(9), time(17)))
    assert not site.is_open(at("2026-03-03 10:00"))
    assert site.is_open(at("2026-03-08 10:00"))
    assert not site.is_open(at("2026-02-14 10:00"))
    assert site.is_open(at("2026-03-14 10:00"))
    assert local(site.add_days(at("2026-03-02 10:00"), 1)) == "2026-03-04 17:00"


def test_a_site_may_work_on_holidays_and_rest_on_make_up_days() -> None:
    """R18-1: the front desk works on public holidays as usual."""
    exceptions = {date(2026, 10, 2): Day(DayKind.CLOSED, "搬迁")}
    calendar = WorkingTime(
        "desk",
        Days(SHANGHAI, exceptions),
        seasons=[Season((1, 1), [(time(9), time(18))])],
        weekdays=[1, 2, 3, 4, 5],
        closed_on_public_holidays=False,
        open_on_make_up_days=False,
    )
    assert calendar.is_open(at("2026-10-01 10:00"))
    assert not calendar.is_open(at("2026-10-02 10:00")), "closed is closed for everybody"
    assert not calendar.is_open(at("2026-10-10 10:00"))


def test_the_hours_follow_the_sites_time_zone_and_not_the_machines() -> None:
    assert R03_1.is_open(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    berlin = daily(Days(BERLIN), (time(8, 30), time(11, 30)))
    assert not berlin.is_open(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))


def test_a_night_of_a_clock_change_has_an_hour_less_or_more() -> None:
    every_day = (1, 2, 3, 4, 5, 6, 7)
    berlin = daily(Days(BERLIN), *NIGHT, weekdays=every_day)
    for day, hours in (("2026-03-28", 5.5), ("2026-03-29", 4.5), ("2026-10-25", 6.5)):
        begins = at(f"{day} 00:00", BERLIN)
        assert berlin.add_time(begins, timedelta(hours=hours)) == at(f"{day} 06:00", BERLIN)


def test_a_skipped_local_time_is_the_moment_of_the_change_and_a_repeated_one_is_its_first() -> None:
    every_day = (1, 2, 3, 4, 5, 6, 7)
    skipped = daily(Days(BERLIN), (time(2, 30), time(4)), weekdays=every_day)
    assert skipped.next_opening(at("2026-03-29 00:00", BERLIN)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    gone = daily(Days(BERLIN), (time(2, 10), time(2, 50)), weekdays=every_day)
    assert local(gone.next_opening(at("2026-03-29 00:00", BERLIN)), BERLIN) == "2026-03-30 02:10"
    twice = daily(Days(BERLIN), (time(1), time(2, 30)), (time(2, 45), time(4)), weekdays=every_day)
    assert [twice.is_open(datetime(2026, 10, 25, 0, minute, tzinfo=UTC)) for minute in (29, 30, 44, 45)] == [
        True,
        False,
        False,
        True,
    ]
    assert twice.is_open(datetime(2026, 10, 25, 1, 35, tzinfo=UTC)), "02:35 for the second time"


def test_a_year_of_unknown_holidays_follows_the_weekdays_and_is_reported() -> None:
    days = Days(SHANGHAI)
    assert R03_1.is_open(datetime(2099, 10, 1, 10, tzinfo=SHANGHAI))
    assert days.unknown_years(datetime(2099, 3, 1, tzinfo=UTC), ahead_days=60) == [2099]
    assert days.unknown_years(datetime(2026, 3, 1, tzinfo=UTC), ahead_days=60) == []


def test_an_unknown_year_is_reported_in_advance_until_the_site_has_entered_it() -> None:
    last = max(PUBLISHED_YEARS)
    december = datetime(last, 12, 1, tzinfo=UTC)
    assert Days(SHANGHAI).unknown_years(december, ahead_days=60) == [last + 1]
    assert Days(SHANGHAI).unknown_years(december, ahead_days=10) == []
    assert Days(SHANGHAI, years=frozenset({last + 1})).unknown_years(december, ahead_days=60) == []

"""A deadline is explained day by day in the reader's words, and the explanation shows exactly what was counted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site
from models.states.tickets import ClockKind, TimeUnit
from models.tables import TicketClock
from models.tickets import explain
from models.time.calendar import WALL, Span
from models.time.days import Day, DayKind, Days

pytestmark = pytest.mark.unit

SITE = Site.load(PROJECT_ROOT / "site.example.toml")
POLICY = Policy.load(PROJECT_ROOT / "policy.toml", SITE)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def clock(begun: str, of: Span, due: datetime | None = None) -> TicketClock:
    calendar = POLICY.calendars.get(of.calendar)
    due_at = due or (calendar.after(at(begun), of) if calendar else at(begun))
    return TicketClock(
        kind=ClockKind.SOLUTION,
        round=1,
        begun_at=at(begun),
        due_at=due_at,
        figure=of.figure,
        unit=of.unit,
        calendar=of.calendar,
        rule="R06-3",
        policy_version="abc",
    )


def test_three_working_days_over_spring_festival() -> None:
    """R06-3, with the holiday and the Saturday worked in exchange."""
    row = clock("2026-02-13 10:00", Span(3, TimeUnit.DAYS, "office"))
    assert explain.clock(row, POLICY, SITE.days, "zh") == [
        "自 2026-02-13 10:00 起",
        "02-13（周五）：受理当天不计",
        "02-14（周六）：第 1 个工作日（调休上班：春节）",
        "02-15（周日）至02-23（周一）：休息（法定节假日：春节）",
        "02-24（周二）：第 2 个工作日",
        "02-25（周三）：第 3 个工作日，18:30 下班",
        "时限 2026-02-25 18:30",
    ]
    assert explain.clock(row, POLICY, SITE.days, "en") == [
        "from 2026-02-13 10:00",
        "Fri 02-13: the day it began does not count",
        "Sat 02-14: working day 1 (make-up working day: Spring Festival)",
        "Sun 02-15 to Mon 02-23: closed (public holiday: Spring Festival)",
        "Tue 02-24: working day 2",
        "Wed 02-25: working day 3, which closes at 18:30",
        "due 2026-02-25 18:30",
    ]


def test_working_hours_show_what_each_window_contributes() -> None:
    """R09-1."""
    row = clock("2026-03-06 16:00", Span(4, TimeUnit.HOURS, "office"))
    assert explain.clock(row, POLICY, SITE.days, "en") == [
        "from 2026-03-06 16:00",
        "Fri 03-06: 16:00-17:30 gives 1 h 30 min, 1 h 30 min so far",
        "Sat 03-07 to Sun 03-08: closed",
        "Mon 03-09: 07:50-10:20 gives 2 h 30 min, 4 h so far",
        "due 2026-03-09 10:20",
    ]


def test_by_the_wall_clock_only_the_two_ends_are_shown() -> None:
    row = clock("2026-02-13 23:00", Span(4, TimeUnit.HOURS, WALL))
    assert explain.clock(row, POLICY, SITE.days, "zh") == ["自 2026-02-13 23:00 起", "时限 2026-02-14 03:00"]
    assert explain.span(Span(4, TimeUnit.HOURS, WALL), "zh") == "4 小时（含夜间和节假日）"
    assert explain.span(Span(1, TimeUnit.DAYS, "office"), "en") == "1 working day (by office hours)"
    assert explain.span(Span(8, TimeUnit.HOURS, "office"), "zh") == "8 工作小时（按办公时间）"


def test_a_year_without_known_holidays_is_pointed_out() -> None:
    row = clock("2099-12-30 10:00", Span(2, TimeUnit.DAYS, "office"))
    lines = explain.clock(row, POLICY, SITE.days, "en")
    assert [line for line in lines if line.startswith("note")] == [
        "note: the public holidays of 2099 were not known: week-ends only",
        "note: the public holidays of 2100 were not known: week-ends only",
    ]


def test_a_later_change_of_the_calendar_is_pointed_out_and_changes_no_deadline() -> None:
    row = clock("2026-03-02 10:00", Span(1, TimeUnit.DAYS, "office"), due=at("2026-03-03 18:00"))
    told = explain.clock(row, POLICY, SITE.days, "en")
    assert told[-1] == "due 2026-03-03 18:00"
    assert told[-2] == (
        "note: by today's calendar it would be 2026-03-03 17:30; the deadline stays as the policy abc gave it"
    )
    gone = explain.clock(clock("2026-03-02 10:00", Span(1, TimeUnit.DAYS, "shop")), POLICY, SITE.days, "zh")
    assert gone[1] == "政策中已没有日历 shop，无法逐步说明"


def test_the_sites_own_day_is_shown_with_its_reason() -> None:
    days = Days(SHANGHAI, {date(2026, 3, 3): Day(DayKind.CLOSED, "搬迁")})
    calendar = POLICY.calendar_rules["office"].calendar("office", days)
    lines = explain.steps(calendar, at("2026-03-02 10:00"), Span(1, TimeUnit.DAYS, "office"), days, "zh")
    assert lines[1] == "03-03（周二）：休息（本单位休息：搬迁）"


@settings(max_examples=60)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 9, 30)),  # noqa: DTZ001
    st.integers(1, 40),
    st.sampled_from(TimeUnit),
    st.sampled_from(["office", "general-manager", WALL]),
)
def test_the_last_line_is_always_the_deadline(begun: datetime, figure: int, unit: TimeUnit, name: str) -> None:
    of = Span(figure, unit, name)
    row = clock(f"{begun:%Y-%m-%d %H:%M}", of)
    for language in ("zh", "en"):
        lines = explain.clock(row, POLICY, SITE.days, language)  # type: ignore[arg-type]
        assert lines[-1].endswith(f"{row.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
        assert not any("note" in line or "注意" in line for line in lines)
    if name != WALL and unit is not TimeUnit.DAYS:
        counted = [step for step in POLICY.calendars[name].steps(row.begun_at, of) if step.begins and step.ends]
        assert sum((s.ends - s.begins for s in counted if s.ends and s.begins), timedelta()) == of.length

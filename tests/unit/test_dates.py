"""A moment is written as people write it, and read in the site's time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hotline.terminal.dates import NoMoment, parse

pytestmark = pytest.mark.unit

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
"""Half past one in the morning of the 25th, in the site's time zone."""


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("今天 18:00", "2026-11-25 18:00:00"),
        ("明天 9:05", "2026-11-26 09:05:00"),
        ("后天 18:00", "2026-11-27 18:00:00"),
        ("today 18:00", "2026-11-25 18:00:00"),
        ("Tomorrow 12:00", "2026-11-26 12:00:00"),
        ("2026-11-30 12:00", "2026-11-30 12:00:00"),
        ("11-30 12:00", "2026-11-30 12:00:00"),
        ("18:00", "2026-11-25 18:00:00"),
        ("+2d", "2026-11-27 01:30:00"),
        ("+4h", "2026-11-25 05:30:00"),
        ("-1w", "2026-11-18 01:30:00"),
        ("11-30", "2026-11-30 23:59:59"),
    ],
)
def test_a_moment_is_understood(text: str, understood: str) -> None:
    assert f"{parse(text, NOW, ZONE, 'zh'):%Y-%m-%d %H:%M:%S}" == understood


def test_a_day_without_a_time_is_its_start_where_a_period_begins() -> None:
    assert f"{parse('yesterday', NOW, ZONE, 'en', end_of_day=False):%m-%d %H:%M}" == "11-24 00:00"


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-02-30", "today 18:60", "+2y", "1 2 3", "18:00 today"])
def test_an_invalid_moment_is_refused_with_examples(text: str) -> None:
    with pytest.raises(NoMoment, match=r"\+2d"):
        parse(text, NOW, ZONE, "zh")

"""Nobody is called at night, and nobody twice at the same time of day (R07-5)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ConfigError
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.time.calling_hours import CallingHours

pytestmark = pytest.mark.unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILE = PROJECT_ROOT / "policy.toml"
HOURS = Policy.load(FILE).follow_up.hours(SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "next_at"),
    [
        ("2026-03-02 09:29:59", "2026-03-02 09:30:00"),
        ("2026-03-02 09:30:00", "2026-03-02 09:30:00"),
        ("2026-03-02 11:30:00", "2026-03-02 14:30:00"),
        ("2026-03-02 19:59:59", "2026-03-02 19:59:59"),
        ("2026-03-02 20:00:00", "2026-03-03 09:30:00"),
        ("2026-03-02 23:59:59", "2026-03-03 09:30:00"),
        ("2026-03-02 00:00:00", "2026-03-02 09:30:00"),
    ],
)
def test_the_next_permitted_moment_to_call(moment: str, next_at: str) -> None:
    assert HOURS.next(at(moment)) == at(next_at)
    assert HOURS.is_open(at(moment)) == (moment == next_at)


@pytest.mark.parametrize(
    ("from_", "than", "another"),
    [
        # The window of the last attempt is skipped, today and on the days after.
        ("2026-03-02 10:00", "2026-03-02 10:00", "2026-03-02 14:30"),
        ("2026-03-02 16:50", "2026-03-02 14:50", "2026-03-02 18:30"),
        ("2026-03-02 21:00", "2026-03-02 19:00", "2026-03-03 09:30"),
        ("2026-03-03 09:00", "2026-03-02 10:00", "2026-03-03 14:30"),
        # An attempt made outside every window.
        ("2026-03-02 13:00", "2026-03-02 12:00", "2026-03-02 14:30"),
    ],
)
def test_the_next_attempt_is_made_at_another_time_of_day(from_: str, than: str, another: str) -> None:
    assert HOURS.another(at(from_), than=at(than)) == at(another)


def test_with_one_window_the_next_attempt_is_made_on_another_day() -> None:
    hours = CallingHours(HOURS.windows[:1], [1, 3], SHANGHAI)
    assert hours.another(at("2026-03-02 10:00"), than=at("2026-03-02 09:45")) == at("2026-03-04 09:30")
    assert hours.next(at("2026-03-03 10:00")) == at("2026-03-04 09:30")


@given(st.integers(min_value=0, max_value=10 * 365 * 24 * 60), st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]))
def test_never_at_night_whatever_the_moment(minutes: int, zone: str) -> None:
    hours = Policy.load(FILE).follow_up.hours(ZoneInfo(zone))
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    for found in (hours.next(now), hours.another(now, than=now)):
        assert found >= now
        assert 8 <= found.astimezone(ZoneInfo(zone)).hour < 21
        assert hours.is_open(found)


@pytest.mark.parametrize(
    "windows",
    [
        '["07:30-11:00"]',
        '["18:00-21:30"]',
        '["11:00-10:00"]',
        '["10:00-12:00", "11:00-13:00"]',
        "[]",
        '["9:30-11:00"]',
        '["22:00-23:00"]',
    ],
)
def test_no_policy_can_call_people_at_night(tmp_path: Path, windows: str) -> None:
    ours = '["09:30-11:30", "14:30-17:00", "18:30-20:00"]'
    text = FILE.read_text(encoding="utf-8")
    assert ours in text
    file = tmp_path / "policy.toml"
    file.write_text(text.replace(ours, windows), encoding="utf-8")
    with pytest.raises(ConfigError, match="08:00 to 21:00"):
        Policy.load(file)


def test_no_policy_can_call_anybody_more_than_three_times(tmp_path: Path) -> None:
    """R17-3."""
    file = tmp_path / "policy.toml"
    text = FILE.read_text(encoding="utf-8")
    assert "attempts          = { value = 3" in text
    file.write_text(text.replace("attempts          = { value = 3", "attempts          = { value = 4"), "utf-8")
    with pytest.raises(ConfigError, match="1, 2 or 3 times"):
        Policy.load(file)

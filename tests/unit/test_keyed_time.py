"""Every time that a guest keys is understood, asked about, or refused; nothing is guessed (R21-9)."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.time.keyed_time import times

pytestmark = pytest.mark.unit


def test_each_minute_of_the_day_can_be_keyed_in_four_digits() -> None:
    minutes = [time(hour, minute) for hour in range(24) for minute in range(60)]
    assert [times(f"{at:%H%M}") for at in minutes] == [(at,) for at in minutes]


def test_the_first_of_three_digits_is_the_hour_and_morning_or_afternoon_is_asked() -> None:
    for hour in range(1, 10):
        for minute in range(60):
            assert times(f"{hour}{minute:02}") == (time(hour, minute), time(hour + 12, minute))


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        ("6", (time(6), time(18))),
        ("06", (time(6),)),
        ("11", (time(11), time(23))),
        ("12", (time(0), time(12))),
        ("13", (time(13),)),
        ("23", (time(23),)),
        ("0", (time(0),)),
        ("00", (time(0),)),
        ("045", (time(0, 45),)),
        ("2400", (time(0),)),
        ("", ()),
        ("24", ()),
        ("99", ()),
        ("660", ()),
        ("0660", ()),
        ("2401", ()),
        ("2500", ()),
        ("06300", ()),
        ("6*30", ()),
        ("٦٣٠", ()),
    ],
)
def test_short_forms_are_understood_and_impossible_times_refused(keys: str, meant: tuple[time, ...]) -> None:
    assert times(keys) == meant


@given(st.text(alphabet="0123456789", max_size=6))
def test_the_time_read_back_is_the_time_keyed(keys: str) -> None:
    for at in times(keys):
        clock = {f"{at:%H%M}", f"{(at.hour - 1) % 12 + 1}{at.minute:02}", f"{at.hour}{at.minute:02}"}
        clock |= {"2400"} if at == time(0) else set()
        if at.minute == 0:
            clock |= {f"{at:%H}", str(at.hour), str((at.hour - 1) % 12 + 1)}
        assert keys in clock


@given(st.text(max_size=6))
def test_no_sequence_of_keys_causes_an_error(keys: str) -> None:
    meant = times(keys)
    assert len(meant) <= 2
    assert list(meant) == sorted(meant)

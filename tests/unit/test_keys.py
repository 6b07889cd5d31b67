"""A key that arrives twice, in the sound and by SIP INFO, is one key; a key that is pressed twice is two."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.ari.keys import Keys

pytestmark = pytest.mark.unit

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
Sent = list[tuple[str, float, int]]
"""Key, arrival (s), how long it was held (ms)."""


def counted(sent: Sent, channel: str = "c1") -> str:
    keys = Keys()
    return "".join(
        digit
        for digit, at, held in sorted(sent, key=lambda one: one[1])
        if not keys.has(
            {
                "type": "ChannelDtmfReceived",
                "digit": digit,
                "timestamp": (NOON + timedelta(seconds=at)).isoformat(timespec="milliseconds"),
                "duration_ms": held,
                "channel": {"id": channel},
            }
        )
    )


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ([("1", 0.10, 100), ("1", 0.14, 160)], "INFO 0.04 s behind the key"),
        ([("1", 0.10, 100), ("1", 0.20, 160)], "INFO 0.1 s behind the key"),
        ([("1", 0.02, 160), ("1", 0.42, 400)], "INFO at the press of a key that is held"),
        ([("1", 0.02, 100), ("1", 0.11, 100)], "INFO at the press, of the same length"),
        ([("1", 0.00, 160), ("1", 0.33, 300)], "INFO at the press, ahead of the sound"),
        ([("1", 0.10, 160), ("1", 0.10, 160)], "both at once"),
        ([("1", 0.232, 100), ("1", 0.283, 100), ("1", 0.428, 160)], "read again by Asterisk, then INFO"),
        ([("1", 0.932, 100), ("1", 0.977, 160), ("1", 1.023, 160)], "INFO read again by Asterisk"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_key_sent_both_ways_is_one_key(sent: Sent, key: str) -> None:
    assert counted(sent) == "1", key


@pytest.mark.parametrize(
    ("sent", "how"),
    [
        ([("1", 0.06, 60), ("1", 0.18, 60)], "in the sound, 60 ms between them"),
        ([("1", 0.09, 90), ("1", 0.26, 110)], "in the sound, by a quick finger"),
        ([("1", 0.00, 250), ("1", 0.15, 250)], "by INFO that claims 250 ms for every key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_key_pressed_twice_is_two_keys(sent: Sent, how: str) -> None:
    assert counted(sent) == "11", how


PRESSES = st.lists(
    # The key, how long it is held, and how long until the next one is pressed.
    st.tuples(st.sampled_from("0123456789*#"), st.integers(40, 600), st.integers(50, 800)),
    min_size=1,
    max_size=8,
)


def _pressed(presses: list[tuple[str, int, int]]) -> list[tuple[str, float, float, int]]:
    """Key, when pressed, when let go of (s), how long it was held (ms)."""
    at, all_of_them = 0.0, []
    for digit, held, gap in presses:
        all_of_them.append((digit, at, at + held / 1000, held))
        at += (held + gap) / 1000
    return all_of_them


@given(PRESSES, st.floats(0, 0.05))
def test_whatever_is_pressed_arrives_as_pressed_from_a_telephone_that_sends_it_both_ways(
    presses: list[tuple[str, int, int]], late_s: float
) -> None:
    """INFO comes when the key is let go of; it claims what was measured, and it is late."""
    in_the_sound = [(digit, up, held) for digit, _, up, held in _pressed(presses)]
    by_info = [(digit, up + late_s, held) for digit, up, held in in_the_sound]
    assert counted(in_the_sound + by_info) == "".join(digit for digit, *_ in presses)


@given(PRESSES)
def test_whatever_is_pressed_arrives_as_pressed_from_a_telephone_that_sends_it_one_way(
    presses: list[tuple[str, int, int]],
) -> None:
    pressed = "".join(digit for digit, *_ in presses)
    assert counted([(digit, up, held) for digit, _, up, held in _pressed(presses)]) == pressed


@given(st.text("0123456789*#", min_size=1, max_size=8), st.sampled_from([100, 160, 250]), st.integers(110, 400))
def test_a_telephone_that_sends_only_info_and_claims_one_length_loses_no_key(keys: str, held: int, gap: int) -> None:
    assert counted([(digit, n * gap / 1000, held) for n, digit in enumerate(keys)]) == keys


def test_keys_of_two_telephones_have_nothing_to_do_with_each_other() -> None:
    keys = Keys()
    for channel in ("c1", "c2"):
        at = NOON.isoformat()
        event = {"digit": "1", "timestamp": at, "duration_ms": 100, "channel": {"id": channel}}
        assert not keys.has(event)

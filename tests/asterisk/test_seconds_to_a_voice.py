"""Real telephones confirm three rows of "Seconds to a voice" in docs/performance.md, which virtual time measures."""

import time

import pytest

from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone

pytestmark = [pytest.mark.asterisk, pytest.mark.crowd]

CALLER, AGENT = tones(2)
SLACK_S = 2.0
"""For the network, the telephones' own time, and the quarter of a second of tone that is listened for."""


def hears(caller: Phone, since: float) -> float:
    caller.wait_tone(AGENT.hertz, 30, seconds=0.25)
    return time.monotonic() - since


def test_who_presses_nothing_has_a_voice_within_eighteen_seconds(true_rings: LiveHotline) -> None:
    agent, caller = true_rings.phone("7001", AGENT), true_rings.caller("13800138791", CALLER)
    agent.when_it_rings("answer")
    dialled = time.monotonic()
    caller.reach("8000")
    agent.wait_ringing(20)
    assert time.monotonic() - dialled <= 12.5 + SLACK_S
    assert hears(caller, dialled) <= 18 + SLACK_S


def test_who_presses_0_after_a_second_has_a_voice_within_seven(true_rings: LiveHotline) -> None:
    agent, caller = true_rings.phone("7001", AGENT), true_rings.caller("13800138792", CALLER)
    agent.when_it_rings("answer")
    dialled = time.monotonic()
    caller.reach("8000")
    time.sleep(1)
    caller.press("0")
    agent.wait_ringing()
    assert time.monotonic() - dialled <= 2.5 + SLACK_S
    assert hears(caller, dialled) <= 7 + SLACK_S


def test_help_rings_within_a_second_of_the_last_key_and_is_heard_within_four_of_the_technicians(
    true_rings: LiveHotline,
) -> None:
    technician, caller = true_rings.phone("7020", AGENT), true_rings.caller("13800138793", CALLER)
    caller.reach("8000")
    caller.wait_heard("menu", part=1)
    caller.press("1")
    caller.wait_heard("repair-menu", part=1)
    caller.press("1")
    keyed = time.monotonic()
    technician.wait_ringing()
    assert time.monotonic() - keyed <= 1 + SLACK_S
    technician.answer()
    technician.wait_heard("accept-with-1")
    technician.press("1")
    assert hears(caller, time.monotonic()) <= 4 + SLACK_S

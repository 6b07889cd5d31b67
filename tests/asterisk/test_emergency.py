"""An emergency call gets through whatever the trunks do, and the front desk never takes it away."""

from collections.abc import Callable

import pytest

from phones.faults import kept_dead
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from tests.asterisk.carrier import ACCOUNT, GATEWAY, IMS, TELECOM, TONE, PlayedCarrier

pytestmark = pytest.mark.asterisk

CALLER, DESK = tones(2)
Trunks = tuple[LiveHotline, PlayedCarrier]


@pytest.fixture
def world(several_trunks: Trunks, at_the_end: Callable[[LiveHotline], LiveHotline]) -> Trunks:
    hotline, carrier = several_trunks
    carrier.forgets()
    at_the_end(hotline)
    return hotline, carrier


def tried(carrier: PlayedCarrier) -> list[str]:
    return [trunk for trunk, _, _ in carrier.calls]


def hears(hotline: LiveHotline, phone: Phone, voices: set[float]) -> None:
    """Waits until it hears these of the three voices, and no other."""
    everybody = {CALLER.hertz, DESK.hertz, TONE[TELECOM]}
    hotline.until(lambda: phone.hears_now(everybody) == voices, f"{voices} at {phone.number}\n{phone.story()}", 25)


def test_an_emergency_call_goes_over_the_first_trunk_and_shows_a_number_of_it(world: Trunks) -> None:
    hotline, carrier = world
    caller = hotline.phone("1101", CALLER)
    caller.dial("110")
    caller.wait_tone(TONE[TELECOM])
    assert carrier.calls == [(TELECOM, "110", "8000")]
    caller.hang_up()
    carrier.until(lambda: carrier.over == [TELECOM], "end of the call")


@pytest.mark.parametrize("how", ["refuses", "forbids", "busy"])
def test_refused_by_one_trunk_an_emergency_call_goes_to_the_next_at_once(world: Trunks, how: str) -> None:
    hotline, carrier = world
    carrier.does(TELECOM, how)
    caller = hotline.phone("7020", CALLER)
    caller.dial("119")
    caller.wait_tone(TONE[IMS], 3)
    assert carrier.calls == [(TELECOM, "119", "8000"), (IMS, "119", ACCOUNT)]
    caller.hang_up()


def test_two_trunks_refuse_and_the_gateway_has_the_call(world: Trunks) -> None:
    hotline, carrier = world
    carrier.does(TELECOM, "refuses")
    carrier.does(IMS, "refuses")
    caller = hotline.phone("7020", CALLER)
    caller.dial("119")
    caller.wait_tone(TONE[GATEWAY], 4)
    assert tried(carrier) == [TELECOM, IMS, GATEWAY]
    caller.hang_up()


def test_after_four_silent_seconds_the_next_trunk_is_tried_too_and_the_first_to_answer_has_the_call(
    world: Trunks,
) -> None:
    hotline, carrier = world
    carrier.does(TELECOM, "late")
    carrier.does(IMS, "rings")
    caller = hotline.phone("1101", CALLER)
    caller.dial("110")
    carrier.until(lambda: tried(carrier) == [TELECOM, IMS], "second attempt", 6)
    assert carrier.over == []
    caller.wait_tone(TONE[TELECOM], 6)
    carrier.until(lambda: carrier.over == [IMS], "end of the other attempt")
    assert tried(carrier) == [TELECOM, IMS]
    caller.hang_up()


@pytest.mark.parametrize("how", ["rings-long", "progresses"])
def test_a_trunk_that_rings_or_plays_something_is_the_only_one(world: Trunks, how: str) -> None:
    hotline, carrier = world
    carrier.does(TELECOM, how)
    caller = hotline.phone("1101", CALLER)
    caller.dial("110")
    carrier.until(lambda: tried(carrier) == [TELECOM], "attempt")
    with pytest.raises(AssertionError):
        carrier.until(lambda: len(carrier.calls) > 1, "second attempt", 6.5)
    caller.hang_up()


def test_the_front_desk_joins_while_it_rings_and_neither_its_answer_nor_its_end_takes_the_call_away(
    world: Trunks,
) -> None:
    hotline, carrier = world
    carrier.does(TELECOM, "rings-long")
    desk, caller = hotline.phone("7001", DESK), hotline.phone("1101", CALLER)
    caller.dial("110")
    desk.wait_ringing(3)
    assert desk.call.number == "1101"
    desk.answer()
    desk.wait_heard("emergency-told", part=1)
    desk.press("1")
    caller.wait_tone(DESK.hertz, 4)
    desk.wait_tone(CALLER.hertz, 4)
    assert carrier.over == []
    hears(hotline, caller, {DESK.hertz, TONE[TELECOM]})
    hears(hotline, desk, {CALLER.hertz, TONE[TELECOM]})
    desk.press("2")
    hears(hotline, caller, {TONE[TELECOM]})
    hears(hotline, desk, {CALLER.hertz, TONE[TELECOM]})
    desk.hang_up()
    caller.wait_tone(TONE[TELECOM])
    assert (tried(carrier), carrier.over) == ([TELECOM], [])
    caller.hang_up()


def test_the_front_desk_that_has_heard_everything_listens(world: Trunks) -> None:
    hotline, _ = world
    desk, caller = hotline.phone("7001", DESK), hotline.phone("1101", CALLER)
    caller.dial("110")
    desk.wait_ringing(3)
    desk.answer()
    desk.wait_heard("emergency-told")
    desk.wait_heard("emergency-join")
    desk.wait_heard("emergency-told", 20)
    hears(hotline, desk, {CALLER.hertz, TONE[TELECOM]})
    hears(hotline, caller, {TONE[TELECOM]})
    caller.hang_up()
    desk.wait_ended()


def test_refused_by_every_trunk_the_caller_speaks_with_the_front_desk_until_a_trunk_takes_the_call(
    world: Trunks,
) -> None:
    hotline, carrier = world
    for trunk in TONE:
        carrier.does(trunk, "refuses")
    desk, caller = hotline.phone("7001", DESK), hotline.phone("1101", CALLER)
    caller.dial("110")
    desk.wait_ringing(3)
    desk.answer()
    desk.wait_heard("emergency-told", part=1)
    desk.press("1")
    caller.wait_tone(DESK.hertz, 6)
    desk.wait_tone(CALLER.hertz, 6)
    carrier.does(TELECOM, "answers")
    hears(hotline, caller, {DESK.hertz, TONE[TELECOM]})
    caller.hang_up()
    desk.wait_ended()


def test_with_every_program_of_ours_dead_the_next_trunk_and_the_front_desk_are_there(world: Trunks) -> None:
    hotline, carrier = world
    with kept_dead(hotline, "ivr"), kept_dead(hotline, "fallback"), kept_dead(hotline, "scheduler"):
        carrier.does(TELECOM, "silent")
        desk, caller = hotline.phone("7001", DESK), hotline.phone("1101", CALLER)
        caller.dial("119")
        desk.wait_ringing(3)
        desk.answer()
        desk.wait_heard("emergency-told", part=1)
        desk.press("1")
        caller.wait_tone(DESK.hertz, 4)
        carrier.until(lambda: tried(carrier) == [TELECOM, IMS], "second attempt", 6)
        desk.hang_up()
        caller.wait_tone(TONE[IMS], 5)
        caller.hang_up()
        carrier.until(lambda: sorted(carrier.over) == [IMS, TELECOM], "end of the calls")


@pytest.mark.parametrize("dialled", ["9110", "0110", "00110", "110%23", "020110", "0755110"])
@pytest.mark.parametrize("phone", ["7020", "1101"])
def test_numbers_dialled_by_habit_reach_the_police(world: Trunks, phone: str, dialled: str) -> None:
    hotline, carrier = world
    caller = hotline.phone(phone, CALLER)
    caller.dial(dialled)
    caller.wait_tone(TONE[TELECOM])
    assert carrier.calls == [(TELECOM, "110", "8000")]
    caller.hang_up()

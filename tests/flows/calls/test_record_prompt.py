"""A prompt said at the own telephone: the present one stays until a new one is kept by a key."""

import pytest

from models.calls.clicks import ClickKind, ClickOutcome
from models.tables import Call
from recordings import files, prompts
from tests.fakes.people import FakePhone
from tests.flows.calls.test_clicks import clicks_on, end_of
from tests.flows.world import Hotline
from tests.store.sounds import speech, wav

pytestmark = pytest.mark.flows

PROMPT = "zh/goodbye"


@pytest.fixture
def manager(hotline: Hotline) -> FakePhone:
    hotline.home.create_missing()
    return hotline.switch.phone("7050")


def clicked(hotline: Hotline) -> int:
    return clicks_on(hotline, ClickKind.RECORD_PROMPT, "7050", target=PROMPT)


async def says(hotline: Hotline, manager: FakePhone, words: bool = True) -> None:
    """And Asterisk writes down what it hears."""
    tapes = len(hotline.switch.recorded)
    await manager.hears("record-prompt", "beep")
    await manager.presses("#")
    await manager.until(lambda: len(hotline.switch.recorded) > tapes, "the end of the recording")
    if words:
        tape = list(hotline.switch.recorded)[-1]
        wav(files.original(hotline.home, tape), speech(2.0), at=hotline.clock.now())


async def test_it_is_said_again_then_kept(hotline: Hotline, manager: FakePhone) -> None:
    manager.answers()
    click = clicked(hotline)
    await says(hotline, manager)
    await manager.hears("record-choices")
    await manager.presses("2")
    await says(hotline, manager)
    await manager.hears("record-choices")
    await manager.presses("1")
    await manager.hears("record-kept")
    await manager.is_hung_up()
    assert await end_of(hotline, click) == ClickOutcome.DONE
    assert prompts.own_recording(hotline.home, "zh", "goodbye")
    (call,) = hotline.every(Call)
    assert (call.mode, call.menu_path) == ("from-screen", "record-prompt")
    assert hotline.tasks() == hotline.tickets() == []


async def test_without_a_voice_it_is_asked_for_again(hotline: Hotline, manager: FakePhone) -> None:
    manager.answers()
    clicked(hotline)
    await says(hotline, manager, words=False)
    await manager.hears("record-choices")
    await manager.presses("1")
    await manager.hears("record-silent", "record-prompt")
    assert not prompts.own_recording(hotline.home, "zh", "goodbye")


@pytest.mark.parametrize("keys", ["", "777"])
async def test_silence_and_wrong_keys_keep_the_present_one(hotline: Hotline, manager: FakePhone, keys: str) -> None:
    manager.answers()
    click = clicked(hotline)
    await says(hotline, manager)
    await manager.hears("record-choices")
    for key in keys:
        await manager.presses(key)
    await manager.is_hung_up(120)
    assert await end_of(hotline, click) == ClickOutcome.NOT_KEPT
    assert not prompts.own_recording(hotline.home, "zh", "goodbye")


async def test_who_hangs_up_at_the_choice_keeps_the_present_one(hotline: Hotline, manager: FakePhone) -> None:
    manager.answers()
    click = clicked(hotline)
    await says(hotline, manager)
    await manager.hears("record-choices")
    manager.hangs_up()
    assert await end_of(hotline, click) == ClickOutcome.NOT_KEPT
    assert not list(hotline.home.recording_spool.glob("*.wav"))


async def test_a_telephone_that_nobody_lifts_declines_or_is_unplugged_is_named(
    hotline: Hotline, manager: FakePhone
) -> None:
    assert await end_of(hotline, clicked(hotline)) == ClickOutcome.NOT_LIFTED
    manager.declines()
    assert await end_of(hotline, clicked(hotline)) == ClickOutcome.NOT_LIFTED
    manager.is_busy()
    assert await end_of(hotline, clicked(hotline)) == ClickOutcome.OWN_BUSY
    manager.is_unplugged()
    assert await end_of(hotline, clicked(hotline)) == ClickOutcome.OWN_UNREACHABLE

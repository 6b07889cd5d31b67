"""The text of the day is told after the time; whatever is wrong with it, the guest is woken (R21-10)."""

import pytest

from models.database.store import StoreUnavailable
from models.guests import wakeup_texts
from models.guests.wakeup_texts import SpokenText
from models.language import LANGUAGES, Language
from models.states.guests import WakeupState
from recordings.voice import sound
from recordings.voice.speak import file_of
from tests.flows.guests.wakeups import ordered, the_wake_up
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows


def weather(hotline: Hotline, *spoken: Language) -> None:
    """A text for today in both languages; only of these is its sound there."""
    today = hotline.clock.now().astimezone(hotline.site.time_zone).date()
    said = {language: SpokenText("晴", f"said/sun-{language}") for language in LANGUAGES}
    hotline.store.write(wakeup_texts.enter, today, today, today=today, by="7001", at=hotline.clock.now(), **said)
    for language in spoken:
        sound.write_whole(file_of(hotline.home, language, said[language].sound), b"1")
        hotline.switch.has_own_recording(said[language].sound, 5.0, language)


async def test_the_text_of_the_day_is_told_after_the_time_in_both_languages_and_once(hotline: Hotline) -> None:
    weather(hotline, "zh", "en")
    guest, _ = ordered(hotline)
    guest.answers()
    told = ("minute-1", "said/sun-zh", "wake-choices", "minute-1", "am", "said/sun-en", "wake-choices")
    await guest.hears(*told, "no-key", *["wake-choices"] * 2)
    assert guest.prompts.count("said/sun-zh") == 1
    await guest.presses("1")
    await guest.is_hung_up()
    assert the_wake_up(hotline).state is WakeupState.AWAKE


async def test_a_text_whose_sound_is_gone_is_left_out_and_a_text_is_cut_by_a_key(hotline: Hotline) -> None:
    weather(hotline, "zh")
    guest, _ = ordered(hotline, language="en")
    guest.answers()
    await guest.hears("am", "wake-choices", "good-morning", "said/sun-zh")
    await guest.presses("1")
    await guest.hears_out("wake-thanks")
    await guest.is_hung_up()
    assert "said/sun-en" not in guest.prompts


async def test_when_the_text_cannot_be_looked_up_the_guest_is_woken_without(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise StoreUnavailable("disk full")

    weather(hotline, "zh", "en")
    monkeypatch.setattr(wakeup_texts, "of_day", gone)
    guest, _ = ordered(hotline)
    guest.answers()
    await guest.hears("good-morning", "wake-choices")
    await guest.presses("1")
    await guest.is_hung_up()
    assert the_wake_up(hotline).state is WakeupState.AWAKE

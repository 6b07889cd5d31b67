"""Callers who ask hear the prices of paid services, if they are there in both languages (R08-11)."""

import asyncio

import pytest

from models.language import LANGUAGES, Language
from models.states.calls import EndedBy
from models.states.tickets import TicketKind
from recordings.prompts import PRICES
from recordings.voice import sound
from recordings.voice.speak import file_of
from tests.fakes.people import FakeCaller
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows

MENU = ("enquiry-menu", "enquiry-menu-prices")


def priced(hotline: Hotline, *languages: Language) -> None:
    """The site has prices of half a minute's length, in these languages."""
    for language in languages:
        sound.write_whole(file_of(hotline.home, language, PRICES), b"1")
        hotline.switch.has_own_recording(PRICES, 30.0, language)


async def enquires(hotline: Hotline) -> FakeCaller:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("3")
    return owner


async def hears_the_prices(hotline: Hotline) -> FakeCaller:
    owner = await enquires(hotline)
    await owner.hears("enquiry-menu")
    await owner.presses("3")
    await owner.hears(PRICES)
    return owner


async def test_the_prices_are_played_as_often_as_requested_and_the_menu_follows(hotline: Hotline) -> None:
    """R08-11: a caller who only listens needs no person, and leaves no ticket."""
    priced(hotline, *LANGUAGES)
    owner = await enquires(hotline)
    for _ in range(2):
        await owner.hears(*MENU)
        await owner.presses("3")
        await owner.hears_out(PRICES)
    await owner.hears(*MENU)
    owner.hangs_up()
    await owner.is_hung_up()
    record = hotline.record()
    assert record.call.menu_path == "enquiry_or_suggestion>prices>prices"
    assert (record.call.ended_by, record.rings) == (EndedBy.CALLER, [])
    assert hotline.tickets() == hotline.tasks() == []


async def test_a_key_during_the_prices_is_a_choice_of_the_menu(hotline: Hotline) -> None:
    """R08-11: the caller need not listen to the end."""
    priced(hotline, *LANGUAGES)
    agent = hotline.phone("7001").answers()
    owner = await hears_the_prices(hotline)
    price_list = owner.heard[-1]
    await asyncio.sleep(4)
    await owner.presses("1")
    await agent.hears("whisper-enquiry")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert price_list.ended is not None
    assert (price_list.whole, price_list.ended - price_list.began < 4.5) == (False, True)
    assert hotline.ticket().kind is TicketKind.ENQUIRY
    assert hotline.record().call.menu_path == "enquiry_or_suggestion>prices>enquiry"


async def test_a_star_during_the_prices_leads_back_to_the_menu(hotline: Hotline) -> None:
    """R08-11: star works here as everywhere."""
    priced(hotline, *LANGUAGES)
    owner = await hears_the_prices(hotline)
    await owner.presses("*")
    await owner.hears(*MENU)
    assert owner.prompts.count(PRICES) == 1
    assert "wrong-key" not in owner.prompts
    owner.hangs_up()


async def test_a_silent_caller_gets_a_person_after_the_prices(hotline: Hotline) -> None:
    """R08-11, R07-1: no caller is cut off for not pressing a key."""
    priced(hotline, *LANGUAGES)
    agent = hotline.phone("7001").answers()
    owner = await enquires(hotline)
    await owner.hears("enquiry-menu")
    await owner.presses("3")
    await owner.hears_out(PRICES)
    await owner.hears_out(MENU[-1])
    await agent.hears("whisper-enquiry")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert owner.prompts.count(PRICES) == 1


async def test_a_caller_who_hangs_up_during_the_prices_is_owed_no_call(hotline: Hotline) -> None:
    """R08-11: the caller has heard what the call was for."""
    priced(hotline, *LANGUAGES)
    owner = await hears_the_prices(hotline)
    owner.hangs_up()
    await owner.is_hung_up()
    assert hotline.tickets() == hotline.tasks() == []


@pytest.mark.parametrize("languages", [(), ("zh",), ("en",)])
async def test_without_prices_in_both_languages_key_3_is_a_wrong_key(
    hotline: Hotline, languages: tuple[Language, ...]
) -> None:
    """R08-11: a key is never silent."""
    priced(hotline, *languages)
    owner = await enquires(hotline)
    await owner.hears("enquiry-menu")
    await owner.presses("3")
    await owner.hears("wrong-key", "enquiry-menu")
    assert not {PRICES, "enquiry-menu-prices"} & set(owner.prompts)
    owner.hangs_up()


async def test_a_caller_who_chose_english_hears_the_prices_in_english(hotline: Hotline) -> None:
    """R08-11."""
    priced(hotline, *LANGUAGES)
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("9")
    await owner.hears("menu")
    await owner.presses("3")
    await owner.hears(*MENU)
    await owner.presses("3")
    await owner.hears_out(PRICES)
    assert {heard.language for heard in owner.heard if heard.prompt in (PRICES, *MENU)} == {"en"}
    owner.hangs_up()

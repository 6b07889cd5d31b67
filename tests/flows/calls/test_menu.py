"""The menu: keys at any time, two languages, and a person for callers who press nothing (R07-1, R15-5)."""

import asyncio

import pytest

from models.states.calls import EndedBy
from models.states.tickets import TicketKind
from tests.fakes.people import FakeCaller
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows


async def ends_in_a_talk(hotline: Hotline, caller: FakeCaller, whisper: str) -> None:
    """Agent 7001 takes the call, hears the subject, and ends the call."""
    agent = hotline.phone("7001").answers()
    await agent.hears(whisper)
    await caller.talks_with(agent)
    await asyncio.sleep(20)
    agent.hangs_up()
    await caller.is_hung_up()


@pytest.mark.parametrize(
    ("keys", "kind", "whisper", "path"),
    [
        (["1", "2"], TicketKind.REPAIR, "whisper-repair", "repair>ordinary_repair"),
        (["2"], TicketKind.COMPLAINT, "whisper-complaint", "complaint"),
        (["3", "1"], TicketKind.ENQUIRY, "whisper-enquiry", "enquiry_or_suggestion>enquiry"),
        (["3", "2"], TicketKind.SUGGESTION, "whisper-suggestion", "enquiry_or_suggestion>suggestion"),
        (["0"], TicketKind.ENQUIRY, "whisper-person", "person"),
    ],
)
async def test_each_choice_leads_to_a_ticket_and_a_person(
    hotline: Hotline, keys: list[str], kind: TicketKind, whisper: str, path: str
) -> None:
    owner = hotline.dial()
    for key, menu in zip(keys, ("menu", {"1": "repair-menu", "3": "enquiry-menu"}.get(keys[0], "")), strict=False):
        await owner.hears(menu)
        await owner.presses(key)
    await ends_in_a_talk(hotline, owner, whisper)
    assert hotline.ticket().kind is kind
    assert hotline.record().call.menu_path == path


async def test_a_caller_who_complains_hears_that_we_are_sorry(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.hears_out("complaint-received")
    await ends_in_a_talk(hotline, owner, "whisper-complaint")


async def test_nine_changes_to_english_and_everything_after_it_is_english(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("9")
    await owner.hears("greeting", "other-language", "menu")
    await owner.presses("1")
    await owner.hears("repair-menu")
    await owner.presses("2")
    chosen = next(place for place, heard in enumerate(owner.heard) if heard.language == "en")
    await ends_in_a_talk(hotline, owner, "whisper-repair")
    assert {heard.language for heard in owner.heard[chosen:]} == {"en"}
    assert hotline.phone("7001").languages == {"zh"}
    assert hotline.record().call.language == "en"
    assert hotline.ticket().language == "en"


async def test_nine_in_english_goes_back_to_chinese(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("9")
    await owner.hears("menu")
    await owner.presses("9")
    await owner.hears("menu")
    assert [heard.language for heard in owner.heard if heard.prompt == "menu"] == ["zh", "en", "zh"]
    owner.hangs_up()


async def test_a_wrong_key_is_announced_once_and_the_next_one_brings_a_person(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("7")
    await owner.hears("wrong-key", "menu")
    await owner.presses("8")
    await owner.hears("to-a-person")
    await ends_in_a_talk(hotline, owner, "whisper-person")
    assert owner.prompts.count("wrong-key") == 1
    assert hotline.ticket().kind is TicketKind.ENQUIRY


async def test_who_presses_nothing_after_the_menu_gets_a_person(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears_out("menu")
    await owner.hears("recording-notice", "to-a-person")
    assert owner.prompts == ["greeting", "other-language", "menu", "recording-notice", "to-a-person"]
    await ends_in_a_talk(hotline, owner, "whisper-person")


async def test_silence_in_the_second_menu_is_an_ordinary_repair(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("1")
    await owner.hears_out("repair-menu")
    await ends_in_a_talk(hotline, owner, "whisper-repair")
    assert hotline.ticket().kind is TicketKind.REPAIR


async def test_star_plays_the_menu_again_as_often_as_it_is_pressed(hotline: Hotline) -> None:
    owner = hotline.dial()
    for _ in range(4):
        await owner.hears("menu")
        await owner.presses("*")
    await owner.hears("menu")
    assert "wrong-key" not in owner.prompts
    await owner.presses("0")
    await ends_in_a_talk(hotline, owner, "whisper-person")


async def test_keys_are_accepted_during_the_first_words(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("greeting")
    await owner.presses("12")
    await ends_in_a_talk(hotline, owner, "whisper-repair")
    assert "menu" not in owner.prompts


async def test_a_key_cuts_the_prompt_within_a_quarter_of_a_second(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    menu = owner.heard[-1]
    await asyncio.sleep(2)
    await owner.presses("0")
    await owner.hears("to-a-person")
    assert not menu.whole
    assert menu.ended is not None
    assert 2.0 <= menu.ended - menu.began <= 2.25
    owner.hangs_up()


async def test_a_stranger_keys_building_and_room_and_the_agent_hears_them(hotline: Hotline) -> None:
    """R13-2: the room is on the ticket, and the unit it belongs to."""
    stranger = hotline.dial(number=STRANGER)
    await stranger.hears("menu")
    await stranger.presses("1")
    await stranger.hears("repair-menu")
    await stranger.presses("2")
    await stranger.hears("ask-building")
    await stranger.presses("3#")
    await stranger.hears("ask-room")
    await stranger.presses("1201#")
    await ends_in_a_talk(hotline, stranger, "whisper-repair")
    assert "building" in hotline.phone("7001").prompts
    ticket = hotline.ticket(STRANGER)
    assert (ticket.building, ticket.room) == ("3", "1201")
    assert ticket.unit_id is not None
    unit = hotline.record(STRANGER).unit
    assert unit is not None
    assert (unit.building, unit.unit) == ("3", "1201")


async def test_an_unknown_room_is_announced_and_the_caller_is_served_nevertheless(hotline: Hotline) -> None:
    stranger = hotline.dial(number=STRANGER)
    await stranger.hears("menu")
    await stranger.presses("2")
    await stranger.hears("ask-building")
    await stranger.presses("99#")
    await stranger.hears("ask-room")
    await stranger.presses("9#")
    await stranger.hears_out("not-found")
    await ends_in_a_talk(hotline, stranger, "whisper-complaint")
    assert "whisper-ending" in hotline.phone("7001").prompts
    assert (hotline.ticket(STRANGER).building, hotline.ticket(STRANGER).unit_id) == ("99", None)


async def test_a_stranger_may_simply_stay_on_the_line(hotline: Hotline) -> None:
    stranger = hotline.dial(number=STRANGER)
    await stranger.hears("menu")
    await stranger.presses("2")
    await stranger.hears_out("ask-building")
    await ends_in_a_talk(hotline, stranger, "whisper-complaint")
    assert hotline.ticket(STRANGER).building is None
    assert "whisper-ending" in hotline.phone("7001").prompts


async def test_an_owner_is_not_asked_for_the_address(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await ends_in_a_talk(hotline, owner, "whisper-complaint")
    assert "ask-building" not in owner.prompts


async def test_human_first_lets_a_person_answer_before_any_menu(hotline: Hotline) -> None:
    """GB/T 33358: the caller hears real ringing, is not charged, and then hears first words from a person."""
    hotline.rules("answer", mode="human-first")
    await hotline.is_restarted()
    agent = hotline.phone("7001").answers(after=4)
    owner = hotline.dial()
    await agent.rings()
    assert owner.channel is not None
    assert (owner.channel.state, owner.hears_ringing) == ("Ring", True)
    await agent.hears("whisper-person")
    await owner.hears("greeting", "recording-notice", "badge", "serves-you")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert "menu" not in owner.prompts
    assert (hotline.record().call.mode, hotline.record().call.ended_by) == ("human-first", EndedBy.AGENT)
    assert hotline.ticket().kind is TicketKind.ENQUIRY


async def test_human_first_with_nobody_there_takes_a_message(hotline: Hotline) -> None:
    """The telephones ring once, not again after a menu."""
    hotline.rules("answer", mode="human-first")
    await hotline.is_restarted()
    owner = hotline.dial()
    await owner.hears("greeting", "recording-notice", "nobody-free", "urgent-or-message", "leave-message", "beep")
    assert owner.prompts.count("recording-notice") == 1
    await owner.presses("#")
    await owner.is_hung_up()
    assert [ticket.kind for ticket in hotline.tickets()] == [TicketKind.ENQUIRY]
    assert hotline.ticket().caller_number == OWNER


async def test_human_first_with_nobody_there_still_calls_the_technicians(hotline: Hotline) -> None:
    hotline.rules("answer", mode="human-first")
    await hotline.is_restarted()
    owner = hotline.dial()
    await owner.hears("urgent-or-message")
    technician = hotline.phone("7021").answers()
    await owner.presses("1")
    await technician.hears("whisper-urgent")
    await technician.presses("1")
    await owner.talks_with(technician)
    technician.hangs_up()
    await owner.is_hung_up()
    assert hotline.ticket().kind is TicketKind.URGENT_REPAIR


async def test_human_first_while_all_are_talking_is_the_menu(hotline: Hotline) -> None:
    hotline.rules("answer", mode="human-first")
    await hotline.is_restarted()
    for phone in hotline.only("7001"):
        phone.phones_elsewhere()
    owner = hotline.dial()
    await owner.hears("greeting", "other-language", "menu")
    owner.hangs_up()
    await owner.is_hung_up()

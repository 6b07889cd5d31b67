"""Keys lead the caller, in the caller's language, with at most one reminder and no cut-off for pressing nothing."""

import pytest

from models.states.calls import EndedBy, RecordingState, Ring
from models.states.tickets import TicketKind
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of, stored_recording, ticket_of
from recordings import speech

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)


def test_key_9_is_english_to_the_end_of_the_call(hotline: LiveHotline) -> None:
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.3)
    caller = hotline.caller("13800138011", CALLER)
    caller.reach("8000")
    caller.wait_heard("greeting")
    caller.press("9")
    caller.language = "en"
    caller.wait_heard("greeting")
    caller.wait_heard("menu", part=2)
    caller.press("3")
    caller.wait_heard("enquiry-menu", part=1)
    caller.press("1")
    agent.wait_heard("whisper-enquiry")
    agent.press("1")
    caller.wait_spoken(speech.serves_you("7001"))
    caller.wait_tone(AGENT.hertz, seconds=1)
    caller.hang_up()

    record = call_of(hotline, "13800138011")
    assert record.call.language == "en"
    assert ticket_of(hotline, record).ticket.kind is TicketKind.ENQUIRY


def test_a_key_during_the_greeting_is_accepted_at_once(hotline: LiveHotline) -> None:
    caller = hotline.caller("13800138012", CALLER)
    caller.reach("8000")
    caller.wait_heard("greeting", part=1)
    caller.press("1")
    heard = caller.wait_heard("repair-menu", part=1)
    assert heard.at - caller.log[-2].at < 1, "the next prompt follows the key"
    caller.hang_up()
    record = call_of(hotline, "13800138012")
    assert record.call.menu_path == "repair"
    assert record.call.ticket_id is None


def test_a_wrong_key_is_announced_once_and_then_a_person_answers(hotline: LiveHotline) -> None:
    agent = hotline.phone("7001", AGENT)
    caller = hotline.caller("13800138013", CALLER)
    caller.reach("8000")
    caller.wait_heard("menu", part=1)
    caller.press("7")
    caller.wait_heard("wrong-key")
    caller.wait_heard("menu", part=1)
    caller.press("8")
    caller.wait_heard("to-a-person")
    agent.wait_ringing()
    agent.answer()
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_spoken(speech.serves_you("7001"))
    caller.wait_tone(AGENT.hertz, seconds=1)
    caller.hang_up()
    assert ticket_of(hotline, call_of(hotline, "13800138013")).ticket.kind is TicketKind.ENQUIRY


def test_who_presses_nothing_hears_that_it_is_recorded_and_gets_a_person(hotline: LiveHotline) -> None:
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.2)
    caller = hotline.caller("13800138014")
    caller.reach("8000")
    caller.wait_heard("menu", 25)
    caller.wait_heard("recording-notice", 6)
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_spoken(speech.serves_you("7001"))
    caller.wait_tone(AGENT.hertz, seconds=1)
    caller.hang_up()


def test_star_repeats_the_menu(hotline: LiveHotline) -> None:
    caller = hotline.caller("13800138015")
    caller.reach("8000")
    caller.wait_heard("menu", part=3)
    caller.press("*")
    caller.wait_heard("menu", part=3)
    caller.hang_up()


def test_a_hang_up_in_the_menu_is_saved_and_nobody_is_rung(hotline: LiveHotline) -> None:
    agent = hotline.phone("7001")
    caller = hotline.caller("13800138016")
    caller.reach("8000")
    caller.wait_heard("menu", part=1)
    caller.hang_up()
    record = call_of(hotline, "13800138016")
    assert (record.call.ended_by, record.call.end_reason) == (EndedBy.CALLER, "hung up while in the menu")
    assert record.rings == []
    assert agent.calls == []


def test_a_hang_up_while_ringing_still_leaves_a_ticket(hotline: LiveHotline) -> None:
    agent = hotline.phone("7001")
    caller = hotline.caller("13800138017")
    caller.reach("8000")
    choosing.ordinary_repair(caller)
    agent.wait_ringing()
    caller.hang_up()
    agent.wait_ended()
    record = call_of(hotline, "13800138017")
    assert [ring.outcome for ring in record.rings] == [Ring.CALLER_GONE]
    assert ticket_of(hotline, record).ticket.kind is TicketKind.REPAIR


def test_a_message_is_kept_up_to_the_hang_up(hotline: LiveHotline) -> None:
    caller = hotline.caller("13800138018", CALLER)
    caller.reach("8000")
    choosing.person(caller)
    choosing.words_of_a_message(caller)
    caller.hang_up()
    record = call_of(hotline, "13800138018")
    assert record.call.end_reason == "hung up while leaving a message"
    recording = stored_recording(hotline, record)
    assert recording.state is RecordingState.KEPT
    assert recording.seconds
    assert recording.seconds > 2


def test_the_owner_hears_the_tickets_state_and_a_stranger_with_the_wrong_room_hears_nothing(
    hotline: LiveHotline, owner: str
) -> None:
    caller = hotline.caller(owner)
    caller.reach("8000")
    choosing.ordinary_repair_of_an_owner(caller)
    caller.wait_heard("nobody-free")
    caller.hang_up()
    number = str(ticket_of(hotline, call_of(hotline, owner)).ticket.number)

    caller.reach("8000")
    caller.wait_heard("menu", part=1)
    caller.press("4")
    caller.wait_spoken(["your-ticket", *speech.digits(number), "state-is", "state-new"])
    caller.wait_heard("due-before")
    caller.hang_up()

    stranger = hotline.caller("13800138019")
    for room, answer in (("999", "ticket-not-found"), ("1201", "your-ticket")):
        stranger.reach("8000")
        stranger.wait_heard("menu", part=1)
        stranger.press("4")
        stranger.wait_heard("ask-ticket-number", part=1)
        stranger.press(f"{number}#")
        stranger.wait_heard("ask-ticket-room", part=1)
        stranger.press(f"{room}#")
        stranger.wait_heard(answer)
        stranger.hang_up()

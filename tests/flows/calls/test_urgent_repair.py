"""Urgent repairs: all technicians and the monitoring centre ring at once; who presses 1 first has it (R08-2, R05-4)."""

import asyncio

import pytest

from models.states.calls import EndedBy, Ring
from models.states.tickets import TicketKind, TicketState
from tests.fakes.people import FakeCaller
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows

ON_CALL = ("7020", "7021", "7022", "7030")


async def reports_a_burst_pipe(hotline: Hotline, number: str = OWNER) -> FakeCaller:
    caller = hotline.dial(number=number)
    await caller.hears("menu")
    await caller.presses("1")
    await caller.hears("repair-menu")
    await caller.presses("1")
    return caller


async def test_all_phones_ring_at_once_and_one_key_takes_the_call(hotline: Hotline) -> None:
    technician = hotline.phone("7021").answers(after=3)
    owner = await reports_a_burst_pipe(hotline)
    await owner.hears_out("urgent-connecting")
    await technician.hears("whisper-urgent", "accept-with-1")
    await technician.presses("1")
    await owner.hears("badge", "digit-7", "digit-0", "digit-2", "digit-1", "serves-you")
    await owner.talks_with(technician)
    assert [len(hotline.phone(number).rung) for number in ON_CALL] == [1, 1, 1, 1]
    began = [hotline.phone(number).rung[0] for number in ON_CALL]
    assert max(began) - min(began) < 0.1
    await asyncio.sleep(30)
    technician.hangs_up()
    await owner.is_hung_up()
    assert {r[1]: r[3] for r in hotline.rings()} == {
        "7020": Ring.TAKEN,
        "7021": Ring.CONNECTED,
        "7022": Ring.TAKEN,
        "7030": Ring.TAKEN,
    }
    assert hotline.ticket().kind is TicketKind.URGENT_REPAIR
    assert hotline.ticket().first_receiver == "7021"


async def test_help_rings_while_the_caller_hears_so_and_after_the_words_the_caller_hears_ringing(
    hotline: Hotline,
) -> None:
    owner = await reports_a_burst_pipe(hotline)
    await hotline.phone("7021").rings()
    await owner.hears("urgent-connecting")
    assert not owner.hears_ringing
    await owner.until(lambda: owner.hears_ringing, "ringing")
    assert owner.heard[-1].whole
    owner.hangs_up()
    await owner.is_hung_up()


async def test_who_takes_the_call_does_not_wait_for_the_words(hotline: Hotline) -> None:
    technician = hotline.phone("7021").answers(after=0)
    owner = await reports_a_burst_pipe(hotline)
    await technician.hears("whisper-urgent")
    await owner.hears("urgent-connecting")
    await technician.presses("1")
    await owner.hears("serves-you")
    assert [one.whole for one in owner.heard if one.prompt == "recording-notice"] == [True]
    assert [one.whole for one in owner.heard if one.prompt == "urgent-connecting"] == [False]
    technician.hangs_up()
    await owner.is_hung_up()


async def test_the_key_that_takes_the_call_accepts_its_ticket(hotline: Hotline) -> None:
    """R08-2: he is on his way, and nobody calls him about it before he must be there."""
    technician = hotline.phone("7021").answers()
    owner = await reports_a_burst_pipe(hotline)
    await technician.hears("accept-with-1")
    await technician.presses("1")
    await owner.talks_with(technician)
    ticket = hotline.ticket()
    assert (ticket.state, ticket.assignee) == (TicketState.ACCEPTED, "7021")
    technician.hangs_up()
    await owner.is_hung_up()


async def test_two_technicians_race_and_the_slower_one_hears_that_it_is_taken(hotline: Hotline) -> None:
    first, second = hotline.phone("7020").answers(after=2), hotline.phone("7021").answers(after=2)
    owner = await reports_a_burst_pipe(hotline)
    await first.hears("whisper-urgent")
    await second.hears("whisper-urgent")
    first.press("1")
    second.press("1")
    pressed_at = owner.now
    await second.hears("taken-by-colleague")
    assert owner.now - pressed_at < 1, "not after the rest of the whisper"
    await second.is_hung_up()
    await owner.talks_with(first)
    first.hangs_up()
    await owner.is_hung_up()
    assert [r[1] for r in hotline.rings() if r[3] is Ring.CONNECTED] == ["7020"]
    assert next(r[3] for r in hotline.rings() if r[1] == "7021") is Ring.TAKEN


async def test_a_colleague_still_hearing_that_it_is_taken_does_not_end_the_talk(hotline: Hotline) -> None:
    hotline.switch.has_own_recording("taken-by-colleague", 20)
    first, second = hotline.phone("7020").answers(after=2), hotline.phone("7021").answers(after=2)
    owner = await reports_a_burst_pipe(hotline)
    await second.hears("accept-with-1")
    await first.presses("1")
    await second.hears_out("taken-by-colleague")
    await second.is_hung_up()
    await asyncio.sleep(20)
    await owner.talks_with(first)
    first.hangs_up()
    await owner.is_hung_up()
    assert hotline.record().talked_seconds > 30


async def test_key_1_may_be_pressed_before_the_whisper_ends(hotline: Hotline) -> None:
    technician = hotline.phone("7020").answers()
    owner = await reports_a_burst_pipe(hotline)
    await technician.hears("whisper-urgent")
    await technician.presses("1")
    await owner.talks_with(technician)
    assert "accept-with-1" not in technician.prompts
    technician.hangs_up()
    await owner.is_hung_up()


async def test_a_voicemail_box_that_answers_does_not_get_the_call(hotline: Hotline) -> None:
    """R05-4: a phone on which nobody presses 1 was not answered by a human."""
    hotline.phone("7020").answers(after=1)
    technician = hotline.phone("7022").answers(after=12)
    owner = await reports_a_burst_pipe(hotline)
    await technician.hears("accept-with-1")
    await technician.presses("1")
    await owner.talks_with(technician)
    technician.hangs_up()
    await owner.is_hung_up()
    assert {r[1]: r[3] for r in hotline.rings()}["7020"] is Ring.TAKEN


async def test_a_technician_who_presses_2_declines_and_the_others_go_on_ringing(hotline: Hotline) -> None:
    unwilling, willing = hotline.phone("7020").answers(after=1), hotline.phone("7022").answers(after=20)
    owner = await reports_a_burst_pipe(hotline)
    await unwilling.hears("accept-with-1")
    await unwilling.presses("2")
    await unwilling.is_hung_up()
    await willing.hears("accept-with-1")
    await willing.presses("1")
    await owner.talks_with(willing)
    willing.hangs_up()
    await owner.is_hung_up()
    assert {r[1]: r[3] for r in hotline.rings()}["7020"] is Ring.DECLINED


async def test_nobody_presses_1_and_the_service_centre_takes_over(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers(after=2)
    owner = await reports_a_burst_pipe(hotline)
    await hotline.phone("7020").rings()
    rang_at = owner.now
    await agent.hears("whisper-urgent")
    assert agent.rung[0] - rang_at == pytest.approx(45, abs=0.5)
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert {r[3] for r in hotline.rings() if r[0] == "urgent"} == {Ring.NO_ANSWER}
    assert hotline.ticket().state is TicketState.NEW, "no technician has accepted it"


async def test_nobody_can_be_reached_and_the_message_belongs_to_the_urgent_ticket(hotline: Hotline) -> None:
    hotline.only()
    owner = await reports_a_burst_pipe(hotline)
    await owner.hears_out("beep")
    owner.speaks(5)
    await owner.hears("message-saved")
    await owner.is_hung_up()
    assert hotline.ticket().kind is TicketKind.URGENT_REPAIR
    assert hotline.recordings()[0].ticket_id == hotline.ticket().id


async def test_help_is_called_before_a_stranger_is_asked_anything(hotline: Hotline) -> None:
    technician = hotline.phone("7020").answers()
    stranger = await reports_a_burst_pipe(hotline, STRANGER)
    await technician.hears("whisper-urgent", "whisper-ending")
    assert "ask-building" not in stranger.prompts
    await technician.presses("1")
    await stranger.talks_with(technician)
    technician.hangs_up()
    await stranger.is_hung_up()


async def test_the_caller_hangs_up_while_a_technician_listens_to_the_whisper(hotline: Hotline) -> None:
    technician = hotline.phone("7020").answers()
    owner = await reports_a_burst_pipe(hotline)
    await technician.hears("whisper-urgent")
    owner.hangs_up()
    await technician.is_hung_up(within=1)
    await asyncio.sleep(1)
    assert hotline.record().call.ended_by is EndedBy.CALLER
    assert hotline.ticket().kind is TicketKind.URGENT_REPAIR
    assert {r[3] for r in hotline.rings()} == {Ring.CALLER_GONE}


async def test_a_technician_who_vanishes_after_pressing_1_is_replaced(hotline: Hotline) -> None:
    technician = hotline.phone("7020").answers()
    agent = hotline.phone("7001").answers()
    owner = await reports_a_burst_pipe(hotline)
    await technician.hears("accept-with-1")
    await technician.presses("1")
    await owner.hears("badge")
    technician.hangs_up(38)
    await owner.talks_with(agent)
    assert hotline.ticket().assignee is None
    agent.hangs_up()
    await owner.is_hung_up()

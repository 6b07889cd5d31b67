"""A hang-up is normal, wherever it happens: the rows say who ended the call and where, and promises stay."""

import asyncio

import pytest

from models.states.calls import EndedBy, RecordingState, Ring
from models.states.tickets import TicketKind
from tests.fakes.people import FakeCaller
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows

AT_ONCE_S = 1.0


async def hangs_up(hotline: Hotline, caller: FakeCaller) -> None:
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)


async def test_the_caller_hangs_up_before_the_answer(hotline: Hotline) -> None:
    owner = hotline.dial()
    await asyncio.sleep(0.005)
    await hangs_up(hotline, owner)
    assert [call.ended_by for call in [hotline.record().call]] == [EndedBy.CALLER]


@pytest.mark.parametrize("milliseconds", range(0, 40, 3))
async def test_the_caller_hangs_up_at_the_moment_of_the_answer(hotline: Hotline, milliseconds: int) -> None:
    owner = hotline.dial()
    await asyncio.sleep(milliseconds / 1000 + 0.0005)
    await hangs_up(hotline, owner)
    assert [call.ended_by for call in [hotline.record().call]] == [EndedBy.CALLER]


async def test_a_caller_who_hangs_up_in_the_menu_is_owed_nothing(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await asyncio.sleep(1)
    await hangs_up(hotline, owner)
    call = hotline.record().call
    assert (call.ended_by, call.end_reason) == (EndedBy.CALLER, "hung up while in the menu")
    assert hotline.tickets() == []


async def test_a_hang_up_in_the_second_menu_keeps_the_first_choice(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("1")
    await owner.hears("repair-menu")
    await hangs_up(hotline, owner)
    assert hotline.record().call.menu_path == "repair"


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        (["1", "1"], TicketKind.URGENT_REPAIR),
        (["1", "2"], TicketKind.REPAIR),
        (["2"], TicketKind.COMPLAINT),
        (["3", "1"], TicketKind.ENQUIRY),
        (["3", "2"], TicketKind.SUGGESTION),
        (["0"], TicketKind.ENQUIRY),
    ],
)
async def test_a_caller_who_hangs_up_right_after_choosing_has_his_ticket_and_is_owed_a_call(
    hotline: Hotline, keys: list[str], kind: TicketKind
) -> None:
    """R17-1. Write, then speak: the ticket exists before he hears that his complaint will be recorded."""
    owner = hotline.dial()
    for key, menu in zip(keys, ("menu", {"1": "repair-menu", "3": "enquiry-menu"}.get(keys[0], "")), strict=False):
        await owner.hears(menu)
        await owner.presses(key)
    await hangs_up(hotline, owner)
    assert hotline.ticket().kind is kind
    assert [task.ticket_id for task in hotline.tasks()] == [hotline.ticket().id]


async def test_a_stranger_who_hangs_up_while_keying_the_room_has_a_ticket(hotline: Hotline) -> None:
    stranger = hotline.dial(number=STRANGER)
    await stranger.hears("menu")
    await stranger.presses("2")
    await stranger.hears("ask-building")
    await stranger.presses("3")
    await hangs_up(hotline, stranger)
    assert hotline.ticket(STRANGER).kind is TicketKind.COMPLAINT
    assert {ring[3] for ring in hotline.rings(STRANGER)} == {Ring.CALLER_GONE}


async def test_the_caller_hangs_up_and_the_ringing_phones_stop_at_once(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await hotline.phone("7001").rings()
    await asyncio.sleep(7)
    await hangs_up(hotline, owner)
    assert hotline.phone("7001").channel is None
    assert hotline.rings() == [("group", "7001", 2, Ring.CALLER_GONE)]
    assert hotline.record().call.end_reason == "hung up while ringing"
    assert hotline.ticket().kind is TicketKind.COMPLAINT


async def test_the_caller_hangs_up_while_the_wider_circle_rings(hotline: Hotline) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await hotline.phone("7010").rings()
    await hangs_up(hotline, owner)
    assert {r[3] for r in hotline.rings()} == {Ring.CALLER_GONE}
    assert not any(phone.channel for phone in hotline.switch.phones.values())


async def test_the_caller_hangs_up_during_the_whisper_and_the_agent_is_released(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await agent.hears("whisper-complaint")
    await hangs_up(hotline, owner)
    await agent.is_hung_up(within=AT_ONCE_S)
    assert hotline.rings() == [("group", "7001", 1, Ring.CALLER_GONE)]


async def test_the_caller_hangs_up_during_the_agents_number(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.hears("serves-you")
    await hangs_up(hotline, owner)
    await agent.is_hung_up(within=AT_ONCE_S)
    assert hotline.record().call.ended_by is EndedBy.CALLER
    assert hotline.ticket().kind is TicketKind.COMPLAINT


async def test_a_talk_ended_by_the_caller_is_recorded_as_such(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.talks_with(agent)
    await asyncio.sleep(10)
    await hangs_up(hotline, owner)
    await agent.is_hung_up(within=AT_ONCE_S)
    record = hotline.record()
    assert (record.call.ended_by, record.talks[0].ended_by) == (EndedBy.CALLER, EndedBy.CALLER)
    assert record.call.end_reason == "hung up while talking"
    assert record.recordings[0].state is RecordingState.RECORDED


async def test_caller_and_agent_hang_up_at_the_same_moment(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.talks_with(agent)
    agent.hangs_up()
    await hangs_up(hotline, owner)
    assert hotline.record().call.ended_by in (EndedBy.CALLER, EndedBy.AGENT)
    assert hotline.record().talks[0].ended_by is not None


async def test_the_caller_hangs_up_during_a_message_and_its_words_are_kept(hotline: Hotline) -> None:
    hotline.only()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.hears_out("beep")
    owner.speaks(60)
    await asyncio.sleep(8)
    await hangs_up(hotline, owner)
    (message,) = hotline.recordings()
    assert message.state is RecordingState.RECORDED
    assert hotline.switch.recorded[message.name] == pytest.approx(8, abs=0.2)
    assert hotline.record().call.end_reason == "hung up while leaving a message"


async def test_the_caller_hangs_up_before_the_beep_and_only_the_ticket_stays(hotline: Hotline) -> None:
    hotline.only()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.hears("leave-message")
    await hangs_up(hotline, owner)
    assert hotline.recordings() == []
    assert hotline.ticket().kind is TicketKind.COMPLAINT


async def waits_in_line(caller: FakeCaller) -> FakeCaller:
    await caller.hears("menu")
    await caller.presses("2")
    await caller.hears("all-busy", "queue-choices")
    return caller


async def test_the_caller_hangs_up_in_the_queue_and_the_next_moves_up(hotline: Hotline) -> None:
    for phone in hotline.only("7001"):
        phone.phones_elsewhere()
    first = await waits_in_line(hotline.dial())
    second = await waits_in_line(hotline.dial(number="13900000002"))
    assert "number-1" in second.prompts
    await hangs_up(hotline, first)
    await second.hears("still-busy", "next-is-you")
    assert hotline.record().call.end_reason == "hung up while waiting"
    second.hangs_up()


async def test_an_agent_who_vanishes_during_the_whisper_costs_the_caller_nothing(hotline: Hotline) -> None:
    """An empty battery, a lost network: the next agent is rung."""
    agent, colleague = hotline.phone("7001").answers(), hotline.phone("7002").answers()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await agent.hears("whisper-complaint")
    agent.hangs_up(38)
    await owner.talks_with(colleague)
    colleague.hangs_up()
    await owner.is_hung_up()
    assert [(r[1], r[3]) for r in hotline.rings()] == [("7001", Ring.DECLINED), ("7002", Ring.CONNECTED)]


async def test_an_agent_who_vanishes_while_the_caller_hears_the_agents_number_is_replaced(hotline: Hotline) -> None:
    """Nobody is left in an empty bridge: another agent is rung."""
    agent, colleague = hotline.phone("7001").answers(), hotline.phone("7002").answers()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.hears("badge")
    agent.hangs_up(38)
    agent.is_unplugged()
    await owner.talks_with(colleague)
    colleague.hangs_up()
    await owner.is_hung_up()
    assert [talk.staff_number for talk in hotline.record().talks] == ["7002"]
    assert hotline.ticket().caller_number == OWNER

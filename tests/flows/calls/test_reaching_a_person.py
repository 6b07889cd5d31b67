"""From the menu to a person within three rings, or a wider circle, or a message; always a ticket (R05-2, R20-4)."""

import asyncio

import pytest

from models.states.calls import EndedBy, RecordingKind, RecordingState, Ring
from models.states.tickets import TicketKind
from models.tables import Call
from tests.fakes.people import FakeCaller
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows


async def reports_a_fault(caller: FakeCaller) -> None:
    await caller.hears("menu")
    await caller.presses("1")
    await caller.hears("repair-menu")
    await caller.presses("2")


async def test_a_repair_is_answered_on_the_first_ring(hotline: Hotline) -> None:
    """R05-2, R11-1, R15-5: the first words, the menu, a ticket, a whisper, the agent's number, a recorded talk."""
    agent = hotline.phone("7001").answers(after=2)
    owner = hotline.dial()
    await owner.hears_out("greeting")
    await reports_a_fault(owner)
    await agent.rings()
    await owner.hears_out("recording-notice")
    await owner.until(lambda: owner.hears_ringing, "ringing")
    assert hotline.ticket().kind is TicketKind.REPAIR
    await agent.hears("whisper-repair", "number-3", "building", "room")
    await owner.hears("badge", "digit-7", "digit-0", "digit-0", "digit-1", "serves-you")
    await owner.talks_with(agent)
    await asyncio.sleep(60)
    agent.hangs_up()
    await owner.hears_out("goodbye")
    await owner.is_hung_up()
    record = hotline.record()
    assert (record.call.ended_by, record.call.menu_path) == (EndedBy.AGENT, "repair>ordinary_repair")
    assert hotline.rings() == [("group", "7001", 1, Ring.CONNECTED)]
    assert record.owner is not None
    assert record.owner.name == "张三"
    assert record.talked_seconds == pytest.approx(60, abs=1)
    assert [(r.kind, r.state) for r in record.recordings] == [(RecordingKind.TALK, RecordingState.RECORDED)]
    assert hotline.switch.recorded[record.recordings[0].name] == pytest.approx(60, abs=1)
    assert hotline.ticket().first_receiver == "7001"


async def test_an_agent_answers_on_the_third_ring(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers(after=11)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(agent)
    owner.hangs_up()
    await owner.is_hung_up()
    await asyncio.sleep(1)
    assert hotline.rings() == [("group", "7001", 3, Ring.CONNECTED)]
    assert hotline.record().call.ended_by is EndedBy.CALLER
    assert hotline.record().talks[0].ended_by is EndedBy.CALLER


async def test_after_three_rings_a_colleague_answers_and_the_log_shows_whose_phone_went_unanswered(
    hotline: Hotline,
) -> None:
    """R20-4: the group and its neighbours ring too, the first phone rings on; the first to answer has the call."""
    neighbour = hotline.phone("7010").answers(after=3)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(neighbour)
    assert neighbour.rung[0] - hotline.phone("7001").rung[0] == pytest.approx(15, abs=0.5)
    neighbour.hangs_up()
    await owner.is_hung_up()
    assert hotline.rings() == [
        ("group", "7001", 4, Ring.TAKEN),
        ("widened", "7002", 1, Ring.TAKEN),
        ("widened", "7003", 1, Ring.TAKEN),
        ("widened", "7004", 1, Ring.TAKEN),
        ("widened", "7010", 1, Ring.CONNECTED),
    ]


async def test_the_first_agent_can_still_answer_after_three_rings(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers(after=17)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert hotline.rings()[0] == ("group", "7001", 4, Ring.CONNECTED)


async def test_only_the_supervisor_answers(hotline: Hotline) -> None:
    """R05-2: three rings, three more in the wider circle, then the duty supervisor."""
    supervisor = hotline.phone("7050").answers(after=6)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(supervisor)
    assert supervisor.rung[0] - hotline.phone("7001").rung[0] == pytest.approx(30, abs=0.5)
    supervisor.hangs_up()
    await owner.is_hung_up()
    assert hotline.rings()[-1] == ("supervisor", "7050", 2, Ring.CONNECTED)


async def test_three_rings_begin_when_a_phone_is_heard_to_ring_without_saying_so(hotline: Hotline) -> None:
    """R05-2: 183 with sound, no 180. The circle widens after three rings, not after four seconds more."""
    agent, colleague = hotline.phone("7001").is_only_heard_to_ring(), hotline.phone("7010").answers(after=2)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(colleague)
    assert colleague.rung[0] - agent.rung[0] == pytest.approx(15, abs=0.5)
    colleague.hangs_up()
    await owner.is_hung_up()
    assert ("group", "7001", 4, Ring.TAKEN) in hotline.rings()


async def test_nobody_answers_and_a_message_is_left(hotline: Hotline) -> None:
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.hears("nobody-free", "leave-message", "beep")
    assert not owner.hears_ringing
    (reserved,) = hotline.recordings()
    assert (reserved.kind, reserved.state) == (RecordingKind.MESSAGE, RecordingState.RESERVED)
    owner.speaks(7)
    await owner.hears("message-saved", "ticket-is", "digit-1", "digit-0", "digit-0", "digit-1", "ticket-again")
    await owner.is_hung_up()
    assert [r[3] for r in hotline.rings()] == [Ring.NO_ANSWER] * 6
    assert [r[2] for r in hotline.rings()] == [9, 6, 6, 6, 6, 3]
    (message,) = hotline.recordings()
    assert message.state is RecordingState.RECORDED
    assert message.expected_seconds == pytest.approx(7, abs=1)
    assert hotline.record().call.ended_by is EndedBy.SYSTEM
    assert hotline.ticket().kind is TicketKind.REPAIR


async def test_a_message_ends_with_the_hash_key(hotline: Hotline) -> None:
    hotline.only()
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.hears_out("beep")
    owner.speaks(60)
    await asyncio.sleep(10)
    await owner.presses("#")
    await owner.hears_out("message-saved")
    await owner.is_hung_up()
    assert hotline.recordings()[0].expected_seconds == pytest.approx(10, abs=1)


async def test_a_message_longer_than_three_minutes_is_ended_politely(hotline: Hotline) -> None:
    hotline.only()
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.hears_out("beep")
    owner.speaks(600)
    await owner.hears_out("message-saved")
    await owner.is_hung_up()
    assert hotline.recordings()[0].expected_seconds == pytest.approx(180, abs=2)


async def test_a_caller_who_leaves_an_empty_message_is_owed_a_call_back(hotline: Hotline) -> None:
    hotline.only()
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.hears_out("beep")
    await asyncio.sleep(0.3)
    await owner.presses("#")
    await owner.hears("message-empty", "ticket-is")
    await owner.is_hung_up()
    (task,) = hotline.tasks()
    assert (task.number, task.ticket_id) == (OWNER, hotline.ticket().id)


async def test_a_caller_who_leaves_a_silent_message_is_owed_a_call_back(hotline: Hotline) -> None:
    hotline.only()
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.hears("message-empty")
    await owner.is_hung_up()
    assert [task.number for task in hotline.tasks()] == [OWNER]


async def test_an_agent_who_declines_passes_the_call_on_at_once(hotline: Hotline) -> None:
    hotline.phone("7001").declines(after=1)
    second = hotline.phone("7002").answers(after=1)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(second)
    assert second.rung[0] - hotline.phone("7001").rung[0] == pytest.approx(1, abs=0.2)
    second.hangs_up()
    await owner.is_hung_up()
    assert hotline.rings() == [("group", "7001", 1, Ring.DECLINED), ("group", "7002", 1, Ring.CONNECTED)]


async def test_a_busy_agent_passes_the_call_on_at_once(hotline: Hotline) -> None:
    hotline.phone("7001").is_busy()
    second = hotline.phone("7002").answers(after=1)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(second)
    second.hangs_up()
    await owner.is_hung_up()
    assert hotline.rings() == [("group", "7001", 0, Ring.BUSY), ("group", "7002", 1, Ring.CONNECTED)]


async def test_when_all_agents_decline_a_message_is_taken_at_once(hotline: Hotline) -> None:
    for number in ("7001", "7002", "7003", "7004", "7010", "7050"):
        hotline.phone(number).declines(after=0.5)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await hotline.phone("7001").rings()
    rang_at = owner.now
    await owner.hears("nobody-free")
    assert owner.now - rang_at < 10
    owner.hangs_up()
    await owner.is_hung_up()
    await asyncio.sleep(1)
    assert {r[3] for r in hotline.rings()} == {Ring.DECLINED}


async def test_an_unregistered_phone_is_not_rung(hotline: Hotline) -> None:
    hotline.phone("7001").is_unplugged()
    second = hotline.phone("7002").answers()
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(second)
    second.hangs_up()
    await owner.is_hung_up()
    assert [r[1] for r in hotline.rings()] == ["7002"]


async def test_two_callers_at_once_ring_two_agents(hotline: Hotline) -> None:
    first, second = hotline.phone("7001").answers(after=2), hotline.phone("7002").answers(after=2)
    one, two = hotline.dial(number=OWNER), hotline.dial(number="13900000002")
    await asyncio.gather(reports_a_fault(one), reports_a_fault(two))
    await one.talks_with(first)
    await two.talks_with(second)
    first.hangs_up()
    second.hangs_up()
    await two.is_hung_up()


async def test_the_agent_idle_longest_is_rung_first(hotline: Hotline) -> None:
    for phone in hotline.only("7001", "7002"):
        phone.answers()
    for expected in ("7001", "7002", "7001"):
        owner = hotline.dial()
        await reports_a_fault(owner)
        await owner.talks_with(hotline.phone(expected))
        hotline.phone(expected).hangs_up()
        await owner.is_hung_up()


async def test_a_site_may_ring_the_whole_group_at_once(hotline: Hotline) -> None:
    hotline.rules("answer", first_ring="all")
    await hotline.is_restarted()
    third = hotline.phone("7003").answers(after=2)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(third)
    third.hangs_up()
    await owner.is_hung_up()
    outcomes = {r[1]: r[3] for r in hotline.rings()}
    assert outcomes == {"7001": Ring.TAKEN, "7002": Ring.TAKEN, "7003": Ring.CONNECTED, "7004": Ring.TAKEN}


async def test_two_agents_answer_at_the_same_moment_and_one_has_the_call(hotline: Hotline) -> None:
    hotline.rules("answer", first_ring="all")
    await hotline.is_restarted()
    for number in ("7001", "7002"):
        hotline.phone(number).answers(after=2)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.hears("serves-you")
    await asyncio.sleep(5)
    talking = [number for number in ("7001", "7002") if hotline.phone(number).channel is not None]
    assert len(talking) == 1
    hotline.phone(talking[0]).hangs_up()
    await owner.is_hung_up()
    assert sorted(r[3] or "" for r in hotline.rings())[:1] == [Ring.CONNECTED]


async def test_a_talk_that_cannot_be_recorded_goes_on(hotline: Hotline) -> None:
    hotline.errors_expected = True
    hotline.switch.refuses_to_record = True
    agent = hotline.phone("7001").answers()
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(agent)
    await asyncio.sleep(30)
    agent.hangs_up()
    await owner.hears_out("goodbye")
    await owner.is_hung_up()
    assert hotline.record().call.ended_by is EndedBy.AGENT


async def test_a_caller_without_a_number_is_served_like_any_other(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers()
    unknown = hotline.dial(number="")
    await unknown.hears("menu")
    await unknown.presses("0")
    await agent.hears("whisper-person", "whisper-unknown")
    await unknown.talks_with(agent)
    agent.hangs_up()
    await unknown.is_hung_up()
    (call,) = hotline.every(Call)
    assert call.caller_number is None


async def test_the_longest_talk_ends_after_its_time(hotline: Hotline) -> None:
    """R05-3: no call occupies a line for longer."""
    assert hotline.policy.call.longest_minutes == 120, "as delivered"
    hotline.rules("call", longest_minutes=20)
    agent = hotline.phone("7001").answers()
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(agent)
    for _ in range(3):
        await asyncio.sleep(590)
    await owner.is_hung_up()
    await asyncio.sleep(1)
    assert 1100 < hotline.record().talked_seconds < 1200


async def test_the_hold_key_of_the_agents_telephone_lets_the_caller_hear_music(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers(after=2)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(agent)
    for _ in range(2):
        assert agent.channel is not None
        agent.channel.send_event("ChannelHold")
        await owner.until(lambda: owner.hears_music, "music")
        agent.channel.send_event("ChannelUnhold")
        await owner.until(lambda: not owner.hears_music, "end of the music")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.hears_out("goodbye")
    await owner.is_hung_up()


async def test_the_hold_key_of_the_caller_lets_the_agent_hear_music_until_both_are_back(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers(after=2)
    owner = hotline.dial()
    await reports_a_fault(owner)
    await owner.talks_with(agent)
    assert agent.channel is not None
    assert owner.channel is not None
    owner.channel.send_event("ChannelHold")
    await agent.until(lambda: agent.hears_music, "music")
    agent.channel.send_event("ChannelHold")
    owner.channel.send_event("ChannelUnhold")
    await asyncio.sleep(1)
    assert owner.hears_music, "the agent is still away"
    agent.channel.send_event("ChannelUnhold")
    await owner.until(lambda: not owner.hears_music, "end of the music")
    await owner.talks_with(agent)
    await asyncio.sleep(60)
    owner.hangs_up()
    await asyncio.sleep(1)
    assert hotline.record().talked_seconds > 60

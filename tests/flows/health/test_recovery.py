"""The connection, our process or Asterisk breaks during calls: no caller is left in silence, and the rows agree."""

import asyncio

import pytest

from models.calls import calls
from models.states.calls import CallState, EndedBy, Ring
from models.states.tickets import TicketKind
from models.tables import Call
from models.tickets import tickets
from tests.fakes.people import FakeCaller, FakePhone
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows

LONGEST_MUTE_S = 20.0


async def breaks(hotline: Hotline, how: str) -> None:
    """The websocket breaks, or our process dies and is started again."""
    if how == "connection":
        hotline.switch.lose_connection(for_s=3)
    else:
        await hotline.is_killed()
        await asyncio.sleep(3)
        await hotline.is_restarted()


async def is_spoken_to_again(caller: FakeCaller) -> None:
    began = caller.now
    await caller.hears_out("interrupted")
    assert caller.now - began < LONGEST_MUTE_S


async def in_a_talk(hotline: Hotline, agent: FakePhone, for_s: float = 10) -> FakeCaller:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.talks_with(agent)
    await asyncio.sleep(for_s)
    return owner


async def hangs_up_while_away(hotline: Hotline, caller: FakeCaller, how: str) -> None:
    if how == "connection":
        hotline.switch.lose_connection(for_s=8)
    else:
        await hotline.is_killed()
    caller.hangs_up()
    await asyncio.sleep(8)
    if how == "process":
        await hotline.is_restarted()
    await asyncio.sleep(10)


either = pytest.mark.parametrize("how", ["connection", "process"])


@either
async def test_a_caller_in_the_menu_hears_an_apology_and_chooses_again(hotline: Hotline, how: str) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await breaks(hotline, how)
    await is_spoken_to_again(owner)
    await owner.hears("menu")
    await owner.presses("2")
    agent = hotline.phone("7001").answers()
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert len(hotline.every(Call)) == 1
    assert hotline.record().call.ended_by is EndedBy.AGENT


@either
async def test_a_long_prompt_is_cut_short_for_the_apology(hotline: Hotline, how: str) -> None:
    """The first words and the menu in English take 20 s, the longest that a caller may be left alone."""
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("9")
    await owner.hears("greeting")
    await breaks(hotline, how)
    began = owner.now
    await owner.hears("interrupted")
    assert owner.now - began < 4
    apology = owner.heard[-1]
    await owner.hears("menu")
    assert {apology.language, owner.heard[-1].language} == {"en"}, "the chosen language stays"
    owner.hangs_up()


@either
async def test_phones_stop_ringing_and_a_person_is_looked_for_again(hotline: Hotline, how: str) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    first = hotline.phone("7001")
    await first.rings()
    await breaks(hotline, how)
    await is_spoken_to_again(owner)
    await first.rings()
    assert [ring[3] for ring in hotline.rings()] == [Ring.CALLER_GONE, None]
    first.answers()
    await owner.talks_with(first)
    assert len(first.rung) == 2
    first.hangs_up()
    await owner.is_hung_up()
    assert [ticket.kind for ticket in hotline.tickets()] == [TicketKind.COMPLAINT]
    assert hotline.rings()[-1] == ("group", "7001", 1, Ring.CONNECTED)


@either
async def test_while_he_hears_the_apology_no_phone_rings_for_him_by_the_rows(hotline: Hotline, how: str) -> None:
    """His phones have stopped: until he is back, others are rung on them."""
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("1")
    await owner.hears("repair-menu")
    await owner.presses("1")
    technicians = [hotline.phone(number) for number in ("7020", "7021")]
    await technicians[1].rings()
    await breaks(hotline, how)
    await technicians[0].is_hung_up()
    await technicians[1].is_hung_up()
    assert owner.prompts[-1] == "interrupted"
    assert {ring[3] for ring in hotline.rings()} == {Ring.CALLER_GONE}
    owner.hangs_up()


@either
async def test_an_urgent_repair_calls_the_technicians_again(hotline: Hotline, how: str) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("1")
    await owner.hears("repair-menu")
    await owner.presses("1")
    technician = hotline.phone("7020")
    await technician.rings()
    await breaks(hotline, how)
    await is_spoken_to_again(owner)
    technician.answers()
    await technician.hears("accept-with-1")
    await technician.presses("1")
    await owner.talks_with(technician)
    technician.hangs_up()
    await owner.is_hung_up()


@either
@pytest.mark.parametrize("who", ["agent", "caller"])
async def test_a_talk_goes_on_and_its_end_is_written(hotline: Hotline, how: str, who: str) -> None:
    agent = hotline.phone("7001").answers()
    owner = await in_a_talk(hotline, agent)
    await breaks(hotline, how)
    await asyncio.sleep(60)
    await owner.talks_with(agent)
    (agent if who == "agent" else owner).hangs_up()
    await owner.is_hung_up()
    await agent.is_hung_up()
    await asyncio.sleep(1)
    record = hotline.record()
    assert record.talks[0].ended_by == record.call.ended_by == (EndedBy.AGENT if who == "agent" else EndedBy.CALLER)
    assert record.talked_seconds > 70
    assert len(hotline.switch.recorded) == 1


@either
async def test_an_unserved_caller_who_hung_up_meanwhile_is_owed_a_call_back(hotline: Hotline, how: str) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await hotline.phone("7001").rings()
    await hangs_up_while_away(hotline, owner, how)
    assert hotline.record().call.ended_by is EndedBy.NETWORK
    (task,) = hotline.tasks()
    assert (task.number, task.ticket_id) == (OWNER, hotline.ticket().id)


@either
async def test_a_served_caller_who_hung_up_meanwhile_is_owed_nothing(hotline: Hotline, how: str) -> None:
    agent = hotline.phone("7001").answers()
    owner = await in_a_talk(hotline, agent)
    await hangs_up_while_away(hotline, owner, how)
    assert hotline.record().call.state is CallState.ENDED
    assert hotline.tasks() == []
    assert agent.channel is None


@either
async def test_a_talk_of_two_seconds_whose_end_nobody_saw_is_owed_a_call(hotline: Hotline, how: str) -> None:
    """Nobody says in two seconds what it is about: the rest of the talk may have been, or not."""
    agent = hotline.phone("7001").answers()
    owner = await in_a_talk(hotline, agent, for_s=2)
    await hangs_up_while_away(hotline, owner, how)
    assert hotline.record().call.ended_by is EndedBy.NETWORK
    assert [task.number for task in hotline.tasks()] == [OWNER]


async def test_asterisk_dies_with_callers_in_the_menu_ringing_and_in_a_talk(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers()
    talking = await in_a_talk(hotline, agent)
    in_menu = hotline.dial(number="13900000002")
    await in_menu.hears("menu")
    ringing = hotline.dial(number="13800138000")
    await ringing.hears("menu")
    await ringing.presses("0")
    await hotline.phone("7002").rings()
    hotline.switch.restart()
    await asyncio.sleep(20)
    assert {call.ended_by for call in hotline.every(Call)} == {EndedBy.NETWORK}
    assert {task.number for task in hotline.tasks()} == {OWNER, "13900000002", "13800138000"}
    assert talking.channel is None
    later = hotline.dial()
    await later.hears("menu")
    await later.presses("0")
    await later.talks_with(agent)
    agent.hangs_up()


async def test_the_dialplan_takes_a_message_while_the_application_is_away(hotline: Hotline) -> None:
    """R13-1: the line is never dead."""
    hotline.switch.lose_connection(for_s=60)
    await asyncio.sleep(1)
    owner = hotline.dial()
    await owner.hears("fallback-apology", "beep", "message-saved")
    await owner.is_hung_up()
    assert hotline.switch.spool == [OWNER]
    assert hotline.every(Call) == []


async def test_a_caller_interrupted_three_times_leaves_a_message(hotline: Hotline) -> None:
    owner = hotline.dial()
    for _ in range(3):
        await owner.hears("menu")
        hotline.switch.lose_connection()
        await owner.hears_out("interrupted")
    await owner.hears("menu")
    hotline.switch.lose_connection()
    await owner.hears("fallback-apology")
    await owner.is_hung_up()
    await asyncio.sleep(hotline.policy.recovery.every_s + 5)
    assert hotline.record().call.ended_by is EndedBy.NETWORK


async def test_a_caller_in_the_queue_keeps_waiting_after_a_break(hotline: Hotline) -> None:
    (agent,) = hotline.only("7001")
    agent.phones_elsewhere()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("0")
    await owner.hears_out("queue-choices")
    hotline.switch.lose_connection(for_s=2)
    await is_spoken_to_again(owner)
    await owner.hears("all-busy")
    assert len(hotline.tickets()) == 1
    agent.answers().hangs_up()
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()


async def test_a_message_cut_off_by_a_break_is_kept(hotline: Hotline) -> None:
    hotline.only()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.hears_out("beep")
    owner.speaks(30)
    await asyncio.sleep(10)
    hotline.switch.lose_connection(for_s=2)
    await owner.hears("interrupted")
    owner.hangs_up()
    await owner.is_hung_up()
    await asyncio.sleep(1)
    assert len(hotline.switch.recorded) == 1
    assert [recording.name for recording in hotline.recordings()] == list(hotline.switch.recorded)


async def test_a_flow_that_fails_sends_the_caller_to_the_fallback(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever our fault, the caller is not left in silence."""
    hotline.errors_expected = True

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the database is full")

    monkeypatch.setattr(tickets, "open", broken)
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.hears("fallback-apology", "message-saved")
    await owner.is_hung_up()
    assert hotline.record().call.ended_by is EndedBy.SYSTEM
    assert "the database is full" in (hotline.record().call.end_reason or "")


async def test_a_caller_who_cannot_be_saved_is_sent_to_the_fallback(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotline.errors_expected = True

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the database is full")

    monkeypatch.setattr(calls, "take_up", broken)
    owner = hotline.dial()
    await owner.hears("fallback-apology", "message-saved")
    await owner.is_hung_up()
    assert hotline.switch.spool == [OWNER]

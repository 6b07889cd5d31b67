"""Whatever a caller is doing when our process dies or the connection breaks, the caller soon hears words again."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from models.calls import calls
from models.states.calls import CallState, EndedBy, Ring
from models.states.tickets import TicketKind
from models.tickets import call_backs
from tests.fakes.people import FakeCaller
from tests.flows.health.test_recovery import LONGEST_MUTE_S, breaks, either, in_a_talk, is_spoken_to_again
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows


async def is_arriving(owner: FakeCaller) -> None:
    await asyncio.sleep(0.003)


async def is_greeted(owner: FakeCaller) -> None:
    await owner.hears("greeting")


async def hears_the_menu(owner: FakeCaller) -> None:
    await owner.hears("menu")


async def keys_digits(owner: FakeCaller) -> None:
    await owner.hears("menu")
    await owner.presses("1")
    await owner.hears("repair-menu")
    await owner.presses("2")
    await owner.hears("ask-building")
    await owner.presses("3")


@either
@pytest.mark.parametrize("reaches", [is_arriving, is_greeted, hears_the_menu, keys_digits])
async def test_a_caller_without_a_ticket_chooses_again_and_with_one_reaches_a_person_at_once(
    hotline: Hotline, reaches: Callable[[FakeCaller], Awaitable[None]], how: str
) -> None:
    number = "13800138000" if reaches is keys_digits else OWNER
    owner = hotline.dial(number=number)
    await reaches(owner)
    before = len(owner.heard)
    await breaks(hotline, how)
    agent = hotline.phone("7001").answers()
    await owner.until(lambda: len(owner.heard) > before and owner.heard[-1].ended is None, "words")
    # A prompt being played runs to its end, and no silence follows it.
    for ended, began in pairwise(owner.heard):
        assert ended.ended is not None
        assert began.began - ended.ended < LONGEST_MUTE_S
    if reaches is not keys_digits:
        await owner.hears("menu")
        await owner.presses("0")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert hotline.record(number).call.ended_by is EndedBy.AGENT


@either
async def test_a_whisper_is_cut_off_and_the_agent_is_rung_again(hotline: Hotline, how: str) -> None:
    agent = hotline.phone("7001").answers()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await agent.until(lambda: bool(agent.prompts), "whisper")
    await breaks(hotline, how)
    await is_spoken_to_again(owner)
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert [ring[3] for ring in hotline.rings()] == [Ring.CALLER_GONE, Ring.CONNECTED]
    assert [ticket.kind for ticket in hotline.tickets()] == [TicketKind.COMPLAINT]


@either
async def test_an_agent_who_answers_during_the_outage_is_released_and_rung_again(hotline: Hotline, how: str) -> None:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    agent = hotline.phone("7001")
    await agent.rings()
    if how == "connection":
        hotline.switch.lose_connection(for_s=4)
    else:
        await hotline.is_killed()
    agent.picks_up()
    await asyncio.sleep(4)
    if how == "process":
        await hotline.is_restarted()
    await is_spoken_to_again(owner)
    agent.answers()
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert len(agent.rung) == 2


@either
async def test_a_caller_waiting_with_music_hears_an_apology_and_waits_on(hotline: Hotline, how: str) -> None:
    (agent,) = hotline.only("7001")
    agent.phones_elsewhere()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("0")
    await owner.hears_out("queue-choices")
    await owner.until(lambda: owner.hears_music, "music")
    await breaks(hotline, how)
    await is_spoken_to_again(owner)
    await owner.hears("all-busy")
    agent.hangs_up()
    agent.answers()
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()


@either
async def test_a_caller_leaving_a_message_is_asked_to_go_on_and_the_first_words_are_kept(
    hotline: Hotline, how: str
) -> None:
    hotline.only()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("2")
    await owner.hears_out("beep")
    owner.speaks(20)
    await asyncio.sleep(5)
    await breaks(hotline, how)
    await owner.hears("interrupted", "leave-message", "beep")
    owner.speaks(8)
    await owner.hears("message-saved")
    await owner.is_hung_up()
    assert len(hotline.switch.recorded) == len(hotline.recordings()) == 2
    assert len(hotline.tickets()) == 1


@either
async def test_a_talk_that_was_not_yet_recorded_is_recorded_from_then_on(hotline: Hotline, how: str) -> None:
    """R04-1: the process died between joining the talk and recording it."""
    hotline.errors_expected = True
    hotline.switch.refuses_to_record = True
    agent = hotline.phone("7001").answers()
    owner = await in_a_talk(hotline, agent)
    hotline.switch.refuses_to_record = False
    await breaks(hotline, how)
    await asyncio.sleep(30)
    assert len(hotline.switch.tapes) == 1
    agent.hangs_up()
    await owner.is_hung_up()
    assert list(hotline.switch.recorded) == [recording.name for recording in hotline.recordings()]


@pytest.mark.parametrize("command", ["/answer", "/addChannel", "/moh"])
async def test_a_command_whose_answer_is_lost_leaves_no_caller_in_silence_for_long(
    hotline: Hotline, command: str
) -> None:
    """The connection itself holds: only the time limit shows that this caller is not served."""
    (agent,) = hotline.only("7001")
    agent.phones_elsewhere() if command == "/moh" else agent.answers()
    hotline.switch.loses_answer_to = command
    owner = hotline.dial()
    if command != "/answer":
        await owner.hears("menu")
        await owner.presses("0")
    await owner.until(lambda: hotline.switch.loses_answer_to is None, "loss of the answer")
    await is_spoken_to_again(owner)
    if command == "/answer":
        await owner.hears("menu")
        await owner.presses("0")
    if command == "/moh":
        agent.hangs_up()
        agent.answers()
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert hotline.record().call.state is CallState.ENDED


async def test_a_call_that_ends_while_recovery_looks_is_owed_nothing(hotline: Hotline) -> None:
    """The call ends by itself between recovery's look at the rows and its look at the channels."""
    owner = hotline.dial()
    await owner.hears("menu")
    (row,) = await hotline.house.read(calls.active)
    owner.hangs_up()
    await owner.is_hung_up()
    await asyncio.sleep(1)
    site, policy, at = hotline.site, hotline.policy, hotline.clock.now()
    await hotline.house.write(call_backs.lose_call, row.call.id, owed=True, site=site, policy=policy, at=at)
    assert hotline.record().call.ended_by is EndedBy.CALLER
    assert hotline.tasks() == []


async def test_asterisk_dies_with_everybody_in_a_talk_and_each_caller_is_owed_a_call(hotline: Hotline) -> None:
    """R17-1; all of them are handled in one scan of recovery."""
    hotline.rules("answer", mode="human-first")
    await hotline.is_restarted()
    talking = []
    for number in range(4):
        talking.append(hotline.dial(number=f"1380013800{number}"))
    for phone in ("7001", "7002", "7003", "7004"):
        hotline.phone(phone).answers()
    for caller in talking:
        await caller.until(lambda caller=caller: caller.channel.bridge is not None, "talk")  # type: ignore[misc]
    hotline.switch.restart()
    await asyncio.sleep(20)
    assert {task.number for task in hotline.tasks()} == {caller.number for caller in talking}

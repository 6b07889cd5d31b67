"""What the staff click at the screen: to call, to transfer, to hold; an old click never acts."""

import asyncio
from typing import Any

import pytest

from ivr.clicks import CLICKED, Wanted
from models.calls import clicks
from models.calls.clicks import Click, ClickKind, ClickOutcome, ClickState
from models.people import presence
from models.states.calls import AttemptOutcome, EndedBy, ToMake, TransferState
from models.states.people import PresenceState
from models.tables import Call, CallToMake
from tests.fakes.people import FakePhone
from tests.flows.calls.calling_back import accepts, gives_up
from tests.flows.calls.transferring import ended, in_a_talk, in_one_talk, one_recording, written
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows


def clicks_on(hotline: Hotline, kind: ClickKind, by: str = "7001", **about: Any) -> int:
    """In a talk it is about the newest call. Returns the click's id."""
    if kind in (ClickKind.TRANSFER, ClickKind.HOLD, ClickKind.TAKE_BACK):
        about.setdefault("call_id", hotline.every(Call)[-1].id)
    rules: Any = {"site": hotline.site, "policy": hotline.policy, "at": hotline.clock.now()}
    return hotline.store.write(clicks.ask, by, kind, **about, **rules).id


def the(hotline: Hotline, click_id: int) -> Click:
    (found,) = hotline.every(Click, id=click_id)
    assert isinstance(found, Click)
    return found


def refusal(hotline: Hotline, click_id: int) -> str:
    found = the(hotline, click_id)
    assert found.outcome == ClickOutcome.REFUSED
    return found.refusal or ""


async def end_of(hotline: Hotline, click_id: int, within: float = 120) -> str | None:
    async with asyncio.timeout(within):
        while True:
            if (found := the(hotline, click_id)).state is ClickState.ENDED:
                return found.outcome
            await asyncio.sleep(0.2)


# -- to call --


async def test_my_telephone_rings_then_my_colleagues_and_we_talk(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    click = clicks_on(hotline, ClickKind.CALL, target="7020")
    await agent.rings()
    assert technician.rung == [], "nobody is called before I have lifted"
    await agent.hears("call-back-dialling")
    technician.answers(3)
    await technician.rings()
    await agent.until(lambda: agent.hears_ringing, "ringing")
    assert the(hotline, click).state is ClickState.DIALLING
    await agent.talks_with(technician)
    assert technician.prompts == [], "a colleague is not greeted"
    assert await end_of(hotline, click) == AttemptOutcome.CONNECTED
    agent.hangs_up()
    await technician.is_hung_up()
    await asyncio.sleep(1)
    (call,) = hotline.every(Call)
    assert (call.mode, call.caller_number, call.id) == ("from-screen", "7020", the(hotline, click).call_id)
    assert [talk.staff_number for talk in hotline.record("7020").talks] == ["7001"]
    assert hotline.tasks() == hotline.tickets() == []


async def test_an_outside_number_is_called_through_the_gate_and_greeted(hotline: Hotline, agent: FakePhone) -> None:
    owner = hotline.switch.public(OWNER).answers(after=2)
    click = clicks_on(hotline, ClickKind.CALL, target="139-0000-0001")
    await owner.hears("greeting", "recording-notice", "badge", "digit-7", "serves-you")
    await owner.talks_with(agent)
    owner.hangs_up()
    await agent.is_hung_up()
    assert await end_of(hotline, click) == AttemptOutcome.CONNECTED
    assert hotline.record().owner is not None


async def test_who_does_not_lift_calls_nobody(hotline: Hotline) -> None:
    (me,) = hotline.only("7001")
    owner = hotline.switch.public(OWNER)
    click = clicks_on(hotline, ClickKind.CALL, target=OWNER)
    await me.rings()
    assert await end_of(hotline, click) == ClickOutcome.NOT_LIFTED
    await me.is_hung_up()
    assert owner.rung == []


@pytest.mark.parametrize("what", ["busy", "declined", "no-answer", "unreachable"])
async def test_the_screen_says_why_nobody_was_reached(hotline: Hotline, agent: FakePhone, what: str) -> None:
    owner = hotline.switch.public(STRANGER)
    {"busy": owner.is_busy, "declined": owner.declines, "no-answer": owner.ignores, "unreachable": owner.is_unplugged}[
        what
    ]()
    click = clicks_on(hotline, ClickKind.CALL, target=STRANGER)
    assert await end_of(hotline, click, within=200) == what
    await agent.is_hung_up()
    await owner.is_hung_up()


async def test_who_hangs_up_while_the_other_one_is_rung_ends_it(hotline: Hotline, agent: FakePhone) -> None:
    owner = hotline.switch.public(OWNER)
    click = clicks_on(hotline, ClickKind.CALL, target=OWNER)
    await owner.rings()
    agent.hangs_up()
    assert await end_of(hotline, click) == AttemptOutcome.AGENT_GONE
    await owner.is_hung_up()


async def test_a_telephone_in_use_is_not_rung(hotline: Hotline) -> None:
    hotline.phone("7001").phones_elsewhere()
    click = clicks_on(hotline, ClickKind.CALL, target="7020")
    assert await end_of(hotline, click) == ClickOutcome.OWN_BUSY
    hotline.phone("7002").is_unplugged()
    click = clicks_on(hotline, ClickKind.CALL, by="7002", target="7020")
    assert await end_of(hotline, click) == ClickOutcome.OWN_UNREACHABLE
    assert hotline.phone("7020").rung == []


async def test_two_clicks_at_once_are_one_call(hotline: Hotline, agent: FakePhone, technician: FakePhone) -> None:
    first = clicks_on(hotline, ClickKind.CALL, target="7020")
    assert clicks_on(hotline, ClickKind.CALL, target="7020") == first
    assert "being done already" in refusal(hotline, clicks_on(hotline, ClickKind.CALL, target="7021"))
    technician.answers()
    await agent.talks_with(technician)
    assert (len(agent.rung), len(technician.rung)) == (1, 1)
    technician.hangs_up()
    await agent.is_hung_up()


async def test_a_click_from_before_a_restart_does_not_act(hotline: Hotline, agent: FakePhone) -> None:
    await hotline.is_killed()
    click = clicks_on(hotline, ClickKind.CALL, target="7020")
    await asyncio.sleep(hotline.policy.clicks.counts_s + 1)
    hotline.employ()
    await hotline.begin()
    assert await end_of(hotline, click) == ClickOutcome.TOO_LATE
    assert agent.rung == []


async def test_a_call_that_was_cut_off_is_not_made_again(hotline: Hotline, agent: FakePhone) -> None:
    owner = hotline.switch.public(OWNER)
    click = clicks_on(hotline, ClickKind.CALL, target=OWNER)
    await owner.rings()
    await hotline.is_restarted()
    assert await end_of(hotline, click) == ClickOutcome.INTERRUPTED
    await owner.is_hung_up()
    await agent.is_hung_up()
    await asyncio.sleep(hotline.policy.outgoing.lease_s + 10)
    assert (len(agent.rung), len(owner.rung)) == (1, 1)


async def test_a_task_is_called_back_by_who_clicks(hotline: Hotline) -> None:
    """R17-1: with the same rows, and the same key, as `hotline call-back`."""
    task = await gives_up(hotline)
    owner = hotline.switch.public(OWNER).answers()
    agent = hotline.phone("7010").answers()
    click = clicks_on(hotline, ClickKind.CALL_BACK, by="7010", task_id=task.id)
    await accepts(agent)
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    (made,) = hotline.every(CallToMake)
    assert (made.id, made.extension, made.state) == (the(hotline, click).call_to_make_id, "7010", ToMake.CONNECTED)
    assert the(hotline, click).outcome == ClickOutcome.DONE


# -- to transfer --


async def test_a_transfer_from_the_screen_needs_no_key_of_the_agent_but_the_colleagues(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    """R05-4: the same rows as `*2`."""
    owner = await in_a_talk(hotline, agent)
    click = clicks_on(hotline, ClickKind.TRANSFER, target="7020")
    await owner.hears("hold-please")
    technician.answers(1)
    await technician.hears("whisper-transfer", "whisper-reason", "kind-complaint", "accept-with-1")
    assert the(hotline, click).transfer_id == written(hotline).id
    assert written(hotline).state is TransferState.ASKED
    await technician.presses("1")
    await owner.talks_with(technician)
    assert in_one_talk(owner, agent, technician)
    assert "transfer-reason-choice" not in agent.prompts
    agent.hangs_up()
    technician.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline) == ("7020", TransferState.CONSENTED, None)
    one_recording(hotline)


async def test_who_wants_to_say_the_reason_says_it_aloud(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    clicks_on(hotline, ClickKind.TRANSFER, target="7020", with_reason=True)
    await agent.hears("transfer-reason", "beep")
    agent.speaks(4)
    await asyncio.sleep(4)
    await agent.presses("#")
    await technician.rings()
    assert written(hotline).reason_recording is not None
    agent.hangs_up()
    owner.hangs_up()
    await owner.is_hung_up()


@pytest.mark.parametrize("how", ["declines", "ignores"])
async def test_a_caller_whom_nobody_takes_comes_back_to_the_agent(
    hotline: Hotline, agent: FakePhone, technician: FakePhone, how: str
) -> None:
    owner = await in_a_talk(hotline, agent)
    getattr(technician, how)()
    clicks_on(hotline, ClickKind.TRANSFER, target="7020")
    await agent.hears_out("not-transferred-declined" if how == "declines" else "not-transferred-no-answer")
    await owner.talks_with(agent)
    owner.hangs_up()
    await owner.is_hung_up()


async def test_the_agent_takes_the_caller_back_with_a_click(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    clicks_on(hotline, ClickKind.TRANSFER, target="7020")
    await technician.rings()
    back = clicks_on(hotline, ClickKind.TAKE_BACK)
    assert await end_of(hotline, back) == ClickOutcome.DONE
    await owner.talks_with(agent)
    assert ended(hotline) == ("7020", TransferState.CANCELLED, None)
    assert technician.channel is None
    agent.hangs_up()
    await owner.is_hung_up()


async def test_a_click_counts_for_the_call_that_was_on_the_screen_and_no_other(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    click = clicks_on(hotline, ClickKind.TRANSFER, target="7020")
    owner.hangs_up()
    assert await end_of(hotline, click) in (ClickOutcome.CALL_OVER, ClickOutcome.NOT_NOW)
    await owner.is_hung_up()
    (first,) = hotline.every(Call)
    again = await in_a_talk(hotline, agent)
    assert "this call is over" in refusal(
        hotline, clicks_on(hotline, ClickKind.TRANSFER, target="7020", call_id=first.id)
    )
    await again.talks_with(agent)
    assert technician.rung == []
    again.hangs_up()
    await again.is_hung_up()


async def test_a_colleague_who_went_on_a_break_is_not_rung(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    hotline.store.write(presence.say, "7020", PresenceState.BREAK, at=hotline.clock.now())
    assert "off duty" in refusal(hotline, clicks_on(hotline, ClickKind.TRANSFER, target="7020"))
    assert in_one_talk(owner, agent)
    owner.hangs_up()
    await owner.is_hung_up()


async def test_a_click_that_was_given_up_does_not_act_when_its_talk_reads_it(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    assert agent.channel is not None
    click = the(hotline, clicks_on(hotline, ClickKind.TRANSFER, target="7020"))
    hotline.store.write(clicks.end, click.id, ClickOutcome.NOT_NOW, at=hotline.clock.now())
    wanted = Wanted(click)
    wanted.answer.cancel()
    hotline.ari.dispatch({"type": CLICKED, "channel": {"id": agent.channel.id}, "wanted": wanted})
    await asyncio.sleep(30)
    assert in_one_talk(owner, agent)
    assert technician.rung == []
    owner.hangs_up()
    await owner.is_hung_up()


# -- to hold --


async def test_a_caller_on_hold_hears_music_and_then_the_agent_again(hotline: Hotline, agent: FakePhone) -> None:
    owner = await in_a_talk(hotline, agent)
    hold = clicks_on(hotline, ClickKind.HOLD)
    await owner.until(lambda: owner.hears_music, "music")
    assert not in_one_talk(owner, agent)
    assert owner.voices == set()
    await asyncio.sleep(60)
    assert the(hotline, hold).state is ClickState.TAKEN
    back = clicks_on(hotline, ClickKind.TAKE_BACK)
    assert await end_of(hotline, back) == ClickOutcome.DONE
    await owner.talks_with(agent)
    assert the(hotline, hold).outcome == ClickOutcome.DONE
    clicks_on(hotline, ClickKind.HOLD)
    await owner.until(lambda: owner.hears_music, "music")
    await agent.presses("*")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    one_recording(hotline)


async def test_a_caller_on_hold_whose_agent_hangs_up_gets_another_one(hotline: Hotline, agent: FakePhone) -> None:
    owner = await in_a_talk(hotline, agent)
    hold = clicks_on(hotline, ClickKind.HOLD)
    await owner.until(lambda: owner.hears_music, "music")
    other = hotline.phone("7002").answers()
    agent.ignores()
    agent.hangs_up()
    await owner.hears("transfer-to-others")
    await owner.talks_with(other)
    assert the(hotline, hold).outcome == ClickOutcome.AGENT_GONE
    other.hangs_up()
    await owner.is_hung_up()
    assert [talk.ended_by for talk in hotline.record().talks] == [EndedBy.AGENT, EndedBy.AGENT]


async def test_a_caller_who_gives_up_on_hold_is_owed_a_call(hotline: Hotline, agent: FakePhone) -> None:
    owner = await in_a_talk(hotline, agent)
    hold = clicks_on(hotline, ClickKind.HOLD)
    await owner.until(lambda: owner.hears_music, "music")
    owner.hangs_up()
    await agent.is_hung_up()
    assert await end_of(hotline, hold) == ClickOutcome.CALLER_GONE
    (task,) = hotline.tasks()
    assert task.number == OWNER


async def test_a_restart_brings_the_two_on_hold_together_again(hotline: Hotline, agent: FakePhone) -> None:
    owner = await in_a_talk(hotline, agent)
    hold = clicks_on(hotline, ClickKind.HOLD)
    await owner.until(lambda: owner.hears_music, "music")
    await hotline.is_restarted()
    await owner.talks_with(agent)
    assert await end_of(hotline, hold) == ClickOutcome.INTERRUPTED
    agent.hangs_up()
    await owner.is_hung_up()


async def test_a_caller_on_hold_is_transferred_from_there(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    hold = clicks_on(hotline, ClickKind.HOLD)
    await owner.until(lambda: owner.hears_music, "music")
    clicks_on(hotline, ClickKind.TRANSFER, target="7020")
    technician.answers(1)
    await technician.hears("whisper-transfer", "accept-with-1")
    await technician.presses("1")
    await owner.talks_with(technician)
    assert the(hotline, hold).outcome == ClickOutcome.DONE
    agent.hangs_up()
    technician.hangs_up()
    await owner.is_hung_up()

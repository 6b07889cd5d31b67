"""After the agent has hung up, the caller may rate the talk by key; the score counts for the agent (R07-6, R11-4)."""

import asyncio

import pytest

from models.states.calls import EndedBy
from models.states.surveys import SurveyPurpose, SurveyState
from models.tables import Survey
from tests.fakes.people import FakeCaller, FakePhone
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows


async def talks(hotline: Hotline, agent: FakePhone, seconds: float = 30) -> FakeCaller:
    """A caller who has talked with an agent; the agent has hung up."""
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.talks_with(agent)
    await asyncio.sleep(seconds)
    agent.hangs_up()
    return caller


def the_survey(hotline: Hotline) -> Survey:
    (survey,) = hotline.every(Survey)
    assert isinstance(survey, Survey)
    return survey


async def test_a_score_counts_for_the_agent_of_the_talk(hotline: Hotline, agent: FakePhone) -> None:
    caller = await talks(hotline, agent)
    await caller.hears("rate-with-keys")
    await caller.presses("4")
    await caller.hears("rating-thanks")
    assert the_survey(hotline).score == 4, "saved before the thanks"
    await caller.hears_out("goodbye")
    await caller.is_hung_up()
    survey, record = the_survey(hotline), hotline.record()
    assert (survey.purpose, survey.state) == (SurveyPurpose.AFTER_TALK, SurveyState.ANSWERED)
    assert (survey.staff_number, survey.number, survey.talk_id) == ("7001", OWNER, record.talks[0].id)
    assert (record.call.ended_by, record.call.end_reason) == (EndedBy.AGENT, "completed")


async def test_a_caller_who_presses_nothing_hears_goodbye_after_a_moment(hotline: Hotline, agent: FakePhone) -> None:
    caller = await talks(hotline, agent)
    await caller.hears_out("rate-with-keys")
    ended = caller.now
    await caller.hears("goodbye")
    assert caller.now - ended < hotline.policy.follow_up.after_talk_wait_s + 1
    await caller.is_hung_up()
    assert the_survey(hotline).state is SurveyState.UNANSWERED


async def test_a_caller_may_hang_up_instead_as_most_people_do(hotline: Hotline, agent: FakePhone) -> None:
    caller = await talks(hotline, agent)
    await caller.hears("rate-with-keys")
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    assert the_survey(hotline).state is SurveyState.UNANSWERED
    assert hotline.tasks() == [], "the caller has been served"
    assert hotline.record().call.ended_by is EndedBy.AGENT


async def test_any_other_key_is_no_score(hotline: Hotline, agent: FakePhone) -> None:
    caller = await talks(hotline, agent)
    await caller.hears("rate-with-keys")
    await caller.presses("0")
    await caller.hears_out("goodbye")
    await caller.is_hung_up()
    assert (the_survey(hotline).state, the_survey(hotline).score) == (SurveyState.UNANSWERED, None)


async def test_after_a_transfer_the_score_counts_for_the_last_agent(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.talks_with(agent)
    technician.answers()
    await agent.presses("*2")
    await agent.hears("transfer-number")
    await agent.presses("7020")
    await agent.hears("transfer-reason-choice")
    await agent.presses("#")
    await technician.hears("accept-with-1")
    await technician.presses("1")
    await asyncio.sleep(5)
    agent.hangs_up()
    await asyncio.sleep(20)
    technician.hangs_up()
    await caller.hears("rate-with-keys")
    await caller.presses("5")
    await caller.is_hung_up()
    assert (the_survey(hotline).staff_number, the_survey(hotline).score) == ("7020", 5)


async def test_callers_who_hung_up_or_hardly_talked_or_left_a_message_are_not_asked(
    hotline: Hotline, agent: FakePhone
) -> None:
    short = await talks(hotline, agent, seconds=hotline.policy.follow_up.after_talk_from_s - 5)
    await short.is_hung_up()
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.talks_with(agent)
    await asyncio.sleep(30)
    caller.hangs_up()
    await caller.is_hung_up()
    agent.ignores()
    unserved = hotline.dial()
    await unserved.hears("menu")
    await unserved.presses("0")
    await unserved.hears("leave-message", "beep")
    await unserved.is_hung_up()
    assert "rate-with-keys" not in short.prompts + caller.prompts + unserved.prompts
    assert hotline.every(Survey) == []


async def test_killed_during_the_question_the_caller_is_not_connected_again(hotline: Hotline, agent: FakePhone) -> None:
    caller = await talks(hotline, agent)
    await caller.hears("rate-with-keys")
    await hotline.is_restarted()
    await caller.hears("interrupted", "goodbye")
    await caller.is_hung_up()
    assert len(agent.rung) == 1
    assert hotline.tasks() == []


async def test_the_policy_may_disable_the_question(hotline: Hotline, agent: FakePhone) -> None:
    hotline.rules("follow_up", after_talk=False)
    await hotline.is_restarted()
    caller = await talks(hotline, agent)
    await caller.hears_out("goodbye")
    await caller.is_hung_up()
    assert "rate-with-keys" not in caller.prompts


async def test_a_score_that_cannot_be_saved_does_not_prevent_the_goodbye(
    hotline: Hotline, agent: FakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotline.errors_expected = True

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("models.surveys.surveys.offer", fails)
    caller = await talks(hotline, agent)
    await caller.hears_out("goodbye")
    await caller.is_hung_up()

"""When the agent has hung up, the caller may say with a key how it was; it counts for the agent (R07-6, R11-4)."""

import asyncio

import pytest

from models.states.calls import EndedBy
from models.states.surveys import SurveyPurpose, SurveyState
from models.tables import Survey
from tests.fakes.people import FakeCaller, FakePhone
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows


async def talks(hotline: Hotline, agent: FakePhone, seconds: float = 30) -> FakeCaller:
    """A caller who has asked for a person and talked with him; the agent has hung up."""
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


async def test_he_presses_a_number_and_it_counts_for_who_has_talked_with_him(
    hotline: Hotline, agent: FakePhone
) -> None:
    caller = await talks(hotline, agent)
    await caller.hears("rate-with-keys")
    await caller.presses("4")
    await caller.hears("rating-thanks")
    assert the_survey(hotline).score == 4, "written before he is thanked"
    await caller.hears_out("goodbye")
    await caller.is_hung_up()
    survey, record = the_survey(hotline), hotline.record()
    assert (survey.purpose, survey.state) == (SurveyPurpose.AFTER_TALK, SurveyState.ANSWERED)
    assert (survey.staff_number, survey.number, survey.talk_id) == ("7001", OWNER, record.talks[0].id)
    assert (record.call.ended_by, record.call.end_reason) == (EndedBy.AGENT, "completed")


async def test_he_says_nothing_and_is_wished_goodbye_after_a_moment(hotline: Hotline, agent: FakePhone) -> None:
    caller = await talks(hotline, agent)
    await caller.hears_out("rate-with-keys")
    ended = caller.now
    await caller.hears("goodbye")
    assert caller.now - ended < hotline.policy.follow_up.after_talk_wait_s + 1
    await caller.is_hung_up()
    assert the_survey(hotline).state is SurveyState.UNANSWERED


async def test_he_hangs_up_instead_as_most_people_do(hotline: Hotline, agent: FakePhone) -> None:
    caller = await talks(hotline, agent)
    await caller.hears("rate-with-keys")
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    assert the_survey(hotline).state is SurveyState.UNANSWERED
    assert hotline.tasks() == [], "he has been served"
    assert hotline.record().call.ended_by is EndedBy.AGENT


async def test_any_other_key_is_no_score(hotline: Hotline, agent: FakePhone) -> None:
    caller = await talks(hotline, agent)
    await caller.hears("rate-with-keys")
    await caller.presses("0")
    await caller.hears_out("goodbye")
    await caller.is_hung_up()
    assert (the_survey(hotline).state, the_survey(hotline).score) == (SurveyState.UNANSWERED, None)


async def test_after_a_transfer_it_counts_for_who_has_talked_last(
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


async def test_nobody_is_asked_who_has_hung_up_himself_or_hardly_talked_or_left_a_message(
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


async def test_killed_while_he_is_asked_he_is_not_put_through_once_more(hotline: Hotline, agent: FakePhone) -> None:
    caller = await talks(hotline, agent)
    await caller.hears("rate-with-keys")
    await hotline.is_restarted()
    await caller.hears("interrupted", "goodbye")
    await caller.is_hung_up()
    assert len(agent.rung) == 1
    assert hotline.tasks() == []


async def test_the_policy_may_forbid_it(hotline: Hotline, agent: FakePhone) -> None:
    hotline.rules("follow_up", after_talk=False)
    await hotline.is_restarted()
    caller = await talks(hotline, agent)
    await caller.hears_out("goodbye")
    await caller.is_hung_up()
    assert "rate-with-keys" not in caller.prompts


async def test_what_cannot_be_written_keeps_nobody_from_his_goodbye(
    hotline: Hotline, agent: FakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotline.errors_expected = True

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("models.surveys.surveys.offer", fails)
    caller = await talks(hotline, agent)
    await caller.hears_out("goodbye")
    await caller.is_hung_up()

"""In a long talk the agent is reminded of its length, and the reminder is recorded (R05-3)."""

import asyncio

import pytest

from tests.fakes.people import FakePhone
from tests.flows.calls.transferring import in_a_talk, in_one_talk
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows


async def test_only_the_agent_is_reminded_of_a_long_talk_and_it_is_recorded(hotline: Hotline, agent: FakePhone) -> None:
    """R05-3."""
    owner = await in_a_talk(hotline, agent)
    began = owner.now - 10
    await agent.hears("talk-long-before", "number-10", "minutes", "talk-long-after")
    assert owner.now - began == pytest.approx(hotline.policy.call.warn_minutes * 60, abs=10)
    assert "talk-long-before" not in owner.prompts
    assert in_one_talk(owner, agent)
    await asyncio.sleep(1000)
    assert agent.prompts.count("talk-long-before") == 1
    agent.hangs_up()
    await owner.is_hung_up()
    assert hotline.record().talks[0].warned_at is not None


@pytest.mark.parametrize("who", ["owner", "agent"])
@pytest.mark.parametrize("milliseconds", [*range(0, 20, 2), 1500])
async def test_a_talk_ends_during_the_reminder_of_its_length(
    hotline: Hotline, agent: FakePhone, who: str, milliseconds: int
) -> None:
    owner = await in_a_talk(hotline, agent)
    await owner.until(lambda: hotline.record().talks[0].warned_at is not None, "warning", within=700)
    await asyncio.sleep(milliseconds / 1000)
    (owner if who == "owner" else agent).hangs_up()
    await owner.is_hung_up()
    await agent.is_hung_up()

"""A test call takes a caller's path but is no caller: it has its own row, and nothing else (R17-5, R05-7)."""

import asyncio

import pytest

from models.states.health import CanaryStep
from models.tables import Call, Canary
from recordings import prompts
from tests.fakes.people import FakeCaller
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows


def flown(hotline: Hotline) -> list[CanaryStep | None]:
    """Where each canary failed; None for one that succeeded."""
    return [canary.step for canary in hotline.every(Canary)]


async def test_a_canary_hears_the_first_words_presses_a_key_and_is_not_a_customers_call(hotline: Hotline) -> None:
    await hotline.reception.canary.fly()
    (canary,) = hotline.every(Canary)
    assert canary.ok
    assert canary.ms >= 1000 * prompts.duration(prompts.GREETING, "zh")
    assert hotline.every(Call) == hotline.tickets() == hotline.tasks() == []


async def test_missing_first_words_are_noticed(hotline: Hotline) -> None:
    hotline.errors_expected = True
    hotline.switch.loses(prompts.GREETING)
    await hotline.reception.canary.fly()
    assert flown(hotline) == [CanaryStep.PROMPT]
    hotline.switch.missing.clear()


async def test_without_a_connection_no_canary_is_sent(hotline: Hotline) -> None:
    hotline.errors_expected = True
    hotline.switch.lose_connection(for_s=10)
    await asyncio.sleep(1)
    await hotline.reception.canary.fly()
    assert flown(hotline) == [CanaryStep.CONNECT]


async def test_a_connection_that_breaks_during_a_canary_leaves_nothing_of_it(hotline: Hotline) -> None:
    hotline.errors_expected = True
    flying = asyncio.create_task(hotline.reception.canary.fly())
    await asyncio.sleep(1)
    hotline.switch.lose_connection(for_s=1)
    await flying
    assert flown(hotline) == [CanaryStep.PROMPT]
    assert hotline.every(Call) == []


async def test_recovery_cleans_up_the_canary_of_a_dead_process(hotline: Hotline) -> None:
    flying = asyncio.create_task(hotline.reception.canary.fly())
    await asyncio.sleep(1)
    flying.cancel()
    await hotline.is_restarted()
    await asyncio.sleep(hotline.policy.recovery.every_s + 5)
    assert (flown(hotline), hotline.every(Call), hotline.switch.spool) == ([], [], [])


async def test_a_caller_is_served_during_a_canary(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers()
    caller: FakeCaller = hotline.dial()
    await hotline.reception.canary.fly()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.talks_with(agent)
    agent.hangs_up()
    await caller.is_hung_up()
    assert flown(hotline) == [None]
    assert len(hotline.every(Call)) == 1

"""A store that is locked, full or gone costs the caller concerned the menu, and no other caller anything."""

import asyncio

import pytest

from models.database.store import StoreUnavailable
from models.states.calls import CallState, EndedBy
from models.tables import Call
from models.tickets import tickets
from tests.flows.health.test_recovery import in_a_talk
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows


def unavailable(*_: object, **__: object) -> None:
    raise StoreUnavailable("database is locked")


async def test_a_caller_who_chooses_without_a_store_goes_to_the_fallback_and_a_talk_goes_on(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotline.errors_expected = True
    agent = hotline.phone("7001").answers()
    talking = hotline.dial(number=STRANGER)
    await talking.hears("menu")
    await talking.presses("0")
    await talking.talks_with(agent)
    choosing = hotline.dial()
    await choosing.hears("menu")
    with monkeypatch.context() as patch:
        patch.setattr(hotline.store, "write", unavailable)
        await choosing.presses("2")
        await choosing.hears("fallback-apology")
        choosing.hangs_up()
        hung_up_in_the_menu = hotline.dial(number="")
        await asyncio.sleep(5)
        hung_up_in_the_menu.hangs_up()
        await asyncio.sleep(5)
    await talking.talks_with(agent)
    agent.hangs_up()
    await talking.is_hung_up()
    assert hotline.record(STRANGER).call.ended_by is EndedBy.AGENT
    await asyncio.sleep(hotline.policy.recovery.every_s + 5)
    assert hotline.record(OWNER).call.ended_by is EndedBy.NETWORK
    assert hotline.every(Call, state=CallState.ACTIVE) == []


async def test_a_hang_up_while_the_store_is_away_harms_no_other_caller(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotline.errors_expected = True
    going, staying = hotline.dial(), hotline.dial(number=STRANGER)
    await going.hears("menu")
    with monkeypatch.context() as patch:
        patch.setattr(hotline.store, "write", unavailable)
        going.hangs_up()
        await asyncio.sleep(1)
    agent = hotline.phone("7001").answers()
    await staying.presses("0")
    await staying.talks_with(agent)
    agent.hangs_up()
    await staying.is_hung_up()


async def test_a_talk_that_cannot_be_followed_at_once_after_a_restart_is_followed_later_and_nobody_else_notices(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotline.errors_expected = True
    agent = hotline.phone("7001").answers()
    talking = await in_a_talk(hotline, agent)
    await hotline.is_killed()
    with monkeypatch.context() as patch:
        patch.setattr(tickets, "row", unavailable)
        await hotline.is_restarted()
        await asyncio.sleep(2)
    choosing = hotline.dial(number=STRANGER)
    await choosing.hears("menu")
    choosing.hangs_up()
    await asyncio.sleep(hotline.policy.recovery.every_s + 5)
    await talking.talks_with(agent)
    agent.hangs_up()
    await talking.is_hung_up()
    assert hotline.record(OWNER).call.ended_by is EndedBy.AGENT

"""A nuisance caller hears one polite sentence; nobody is rung, and the row says why (`hotline block`)."""

from datetime import timedelta

import pytest

from models.calls import block_list
from tests.flows.world import STRANGER, Hotline

pytestmark = pytest.mark.flows


def block(hotline: Hotline, number: str) -> None:
    at, rules = hotline.clock.now(), {"site": hotline.site, "policy": hotline.policy}
    until = at + timedelta(hours=1)
    hotline.store.write(block_list.block, number, until=until, why="swears", by="7001", at=at, **rules)


async def test_a_blocked_caller_hears_a_sentence_and_rings_nobody(hotline: Hotline) -> None:
    block(hotline, STRANGER)
    caller = hotline.dial(number=STRANGER)
    await caller.hears("blocked", "goodbye")
    await caller.is_hung_up()
    record = hotline.record(STRANGER)
    assert (record.call.ended_by, record.call.end_reason) == ("system", "blocked")
    assert (record.rings, hotline.tickets(), hotline.tasks()) == ([], [], [])


async def test_others_and_a_caller_who_withholds_his_number_are_served(hotline: Hotline) -> None:
    block(hotline, STRANGER)
    for number in ("13800138001", "anonymous"):
        caller = hotline.dial(number=number)
        await caller.hears("menu")
        caller.hangs_up()
        await caller.is_hung_up()


async def test_a_telephone_of_ours_that_shows_a_blocked_number_is_served(hotline: Hotline) -> None:
    block(hotline, STRANGER)
    caller = hotline.dial(number=STRANGER, account="7002")
    await caller.hears("menu")
    caller.hangs_up()
    await caller.is_hung_up()

"""From the menu to a person within three rings, or a wider circle, or a message; always a ticket (R05-2, R20-4)."""

import asyncio

import pytest

from models.states import EndedBy, RecordingKind, RecordingState, Ring, TicketKind
from tests.fakes.people import Caller
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows


async def reports_a_fault(caller: Caller) -> None:
    await caller.hears("menu")
    await caller.presses("1")
    await caller.hears("repair-menu")
    await caller.presses("2")


async def test_a_repair_is_answered_on_the_first_ring(hotline: Hotline) -> None:
    """R05-2, R11-1, R15-5: the first words, the menu, a ticket, a whisper, the agent's number, a recorded talk."""
    agent = hotline.phone("7001").answers(after=2)
    owner = hotline.dial()
    await owner.hears_out("greeting")
    await owner.hears_out("recording-notice")
    await reports_a_fault(owner)
    await agent.rings()
    assert owner.hears_ringing
    assert hotline.ticket().kind is TicketKind.REPAIR
    await agent.hears("whisper-repair", "whisper-owner", "number-3", "building", "room")
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

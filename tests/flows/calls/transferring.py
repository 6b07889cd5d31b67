"""Shared by stories about transfers: an agent in a talk with an owner, and a colleague to transfer the owner to."""

import asyncio

import pytest

from models.states.calls import RecordingKind, RecordingState, Refusal, TransferState
from models.tables import Transfer
from tests.fakes.people import FakeCaller, FakePerson, FakePhone
from tests.flows.world import Hotline

CODE = "*2"


async def in_a_talk(hotline: Hotline, agent: FakePhone, line: str = "8000") -> FakeCaller:
    """An owner who complains, or who has called another line, and the agent who has answered."""
    owner = hotline.dial(line)
    if line == "8000":
        await owner.hears("menu")
        await owner.presses("2")
    await owner.talks_with(agent)
    await asyncio.sleep(10)
    return owner


async def transfers_to(agent: FakePhone, number: str) -> None:
    """Without a spoken introduction."""
    await agent.presses(CODE + number)
    await agent.hears("transfer-reason-choice")
    await agent.presses("#")


async def agrees(colleague: FakePhone, kind: str = "kind-complaint") -> None:
    await colleague.hears("whisper-transfer", "whisper-reason", kind, "accept-with-1")
    await colleague.presses("1")


def written(hotline: Hotline) -> Transfer:
    (transfer,) = hotline.record().transfers
    return transfer


def ended(hotline: Hotline) -> tuple[str | None, TransferState, Refusal | None]:
    transfer = written(hotline)
    assert transfer.ended_at is not None
    return transfer.to_number, transfer.state, transfer.refusal


def one_recording(hotline: Hotline) -> None:
    """One recording of the conversation, as long as the conversation."""
    (recording,) = [r for r in hotline.recordings() if r.kind is RecordingKind.TALK]
    assert recording.state is RecordingState.RECORDED
    talks = hotline.record().talks
    ends = [talk.ended_at for talk in talks if talk.ended_at is not None]
    seconds = (max(ends) - talks[0].started_at).total_seconds()
    assert hotline.switch.recorded[recording.name] == pytest.approx(seconds, abs=0.5)


def in_one_talk(*people: FakePerson) -> bool:
    bridges = {person.channel.bridge if person.channel else None for person in people}
    return len(bridges) == 1 and None not in bridges


async def agrees_after_having_begun(colleague: FakePhone) -> None:
    await colleague.hears("whisper-reason", "kind-complaint", "accept-with-1")
    await colleague.presses("1")

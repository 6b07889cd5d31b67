"""Transfers with consent (R05-4, R07-4): accepted, in vain, refused by the procedure."""

import asyncio

import pytest
from sqlalchemy.orm import Session

from models.states.calls import EndedBy, RecordingKind, RecordingState, Refusal, Ring, TransferState
from models.tables import Staff
from models.tickets import tickets
from tests.fakes.people import FakePhone
from tests.flows.calls.transferring import (
    CODE,
    agrees,
    agrees_after_having_begun,
    ended,
    in_a_talk,
    in_one_talk,
    one_recording,
    transfers_to,
    written,
)
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows

# -- accepted --


async def test_the_colleague_agrees_and_all_three_talk_until_the_agent_leaves(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    """R07-2: the department that must help is rung at once, and has the caller when it agrees."""
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    await owner.hears_out("hold-please")
    await owner.until(lambda: owner.hears_music, "music")
    await technician.rings()
    await agent.until(lambda: agent.hears_ringing, "ringing")
    assert written(hotline).state is TransferState.RINGING
    technician.answers(0)
    await technician.hears("whisper-transfer")
    assert written(hotline).asked_at is not None
    await agrees_after_having_begun(technician)
    await owner.talks_with(technician)
    assert in_one_talk(owner, agent, technician)
    assert not owner.hears_music
    await asyncio.sleep(5)
    agent.hangs_up()
    await asyncio.sleep(20)
    assert in_one_talk(owner, technician)
    technician.hangs_up()
    await owner.hears("goodbye")
    await owner.is_hung_up()

    assert ended(hotline) == ("7020", TransferState.CONSENTED, None)
    assert written(hotline).agent_left_at is None
    record = hotline.record()
    assert [(talk.staff_number, talk.ended_by) for talk in record.talks] == [
        ("7001", EndedBy.AGENT),
        ("7020", EndedBy.AGENT),
    ]
    assert hotline.rings()[-1] == ("transfer", "7020", 2, Ring.CONNECTED)
    assert hotline.ticket().first_receiver == "7001", "first-asked responsibility stays with the agent (R15-1)"
    one_recording(hotline)


async def test_the_agent_need_not_wait_for_the_answer(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    await technician.rings()
    agent.hangs_up()
    await asyncio.sleep(2)
    technician.answers(1)
    await agrees(technician)
    await owner.talks_with(technician)
    await asyncio.sleep(20)
    owner.hangs_up()
    await technician.is_hung_up(within=1)
    await asyncio.sleep(1)
    assert ended(hotline)[1] is TransferState.CONSENTED
    assert written(hotline).agent_left_at is not None
    assert hotline.record().talks[1].ended_by is EndedBy.CALLER
    one_recording(hotline)


async def test_the_colleague_hears_the_agents_own_words(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await agent.presses("*27020")
    await agent.hears("transfer-reason-choice")
    await agent.presses("1")
    await agent.hears_out("beep")
    agent.speaks(20)
    await asyncio.sleep(12)
    await agent.presses("#")
    technician.answers(1)
    transfer = written(hotline)
    await technician.hears("whisper-reason", f"recording:{transfer.reason_recording}")
    await technician.hears_out("decline-with-2")
    await asyncio.sleep(10)
    await technician.presses("1")
    await owner.talks_with(technician)
    agent.hangs_up()
    technician.hangs_up()
    await owner.is_hung_up()
    assert written(hotline).state is TransferState.CONSENTED
    assert [(r.kind, r.state) for r in hotline.recordings()] == [
        (RecordingKind.TALK, RecordingState.RECORDED),
        (RecordingKind.REASON, RecordingState.RECORDED),
    ]


async def test_the_general_managers_office_must_give_a_reason(hotline: Hotline, technician: FakePhone) -> None:
    """R03-3."""
    office = hotline.phone("7060").answers()
    owner = await in_a_talk(hotline, office, "8002")
    await office.presses("*27050")
    await office.hears("transfer-reason")
    for _ in range(hotline.policy.menu.tries):
        await office.hears_out("beep")
        await asyncio.sleep(0.3)
        await office.presses("#")
    await office.hears("not-transferred-no-reason")
    await owner.talks_with(office)
    office.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline) == ("7050", TransferState.REFUSED, Refusal.NO_REASON)
    assert hotline.phone("7050").rung == []


async def test_the_number_may_be_keyed_slowly_and_ended_with_hash(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await agent.presses(CODE)
    await agent.hears_out("transfer-number")
    await agent.presses("7020")
    await agent.hears("transfer-reason-choice")
    technician.answers(1)
    await agrees(technician)
    await owner.talks_with(technician)
    technician.hangs_up()
    await asyncio.sleep(5)
    assert in_one_talk(owner, agent), "the agent has stayed"
    agent.hangs_up()
    await owner.is_hung_up()


async def test_the_colleague_who_took_the_call_may_transfer_it_again(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    technician.answers(1)
    await agrees(technician)
    await owner.talks_with(technician)
    await technician.presses("*27030")
    await asyncio.sleep(3)
    assert len(hotline.record().transfers) == 1, "not while the agent is there"
    agent.hangs_up()
    await asyncio.sleep(1)
    monitoring = hotline.phone("7030").answers(1)
    await transfers_to(technician, "7030")
    await agrees(monitoring)
    technician.hangs_up()
    await owner.talks_with(monitoring)
    monitoring.hangs_up()
    await owner.is_hung_up()
    assert [transfer.to_number for transfer in hotline.record().transfers] == ["7020", "7030"]
    one_recording(hotline)


async def test_the_caller_on_hold_hears_an_announcement_every_twenty_seconds(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    hotline.rules("transfer", rings=16)
    await hotline.is_restarted()
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    await owner.hears_out("hold-please")
    for _ in range(3):
        silent_since = owner.now
        await owner.hears("hold-on")
        assert owner.now - silent_since <= hotline.policy.transfer.speak_every_s + 0.1
        await owner.until(lambda: owner.hears_music, "music")
    owner.hangs_up()
    await agent.is_hung_up(within=1)


# -- not accepted: the agent has the caller back --


@pytest.mark.parametrize(
    ("how", "state", "outcome"),
    [
        ("no answer", TransferState.NO_ANSWER, Ring.NO_ANSWER),
        ("declined", TransferState.DECLINED, Ring.DECLINED),
        ("key 2", TransferState.DECLINED, Ring.DECLINED),
        ("busy", TransferState.BUSY, Ring.BUSY),
        ("in a call", TransferState.BUSY, None),
        ("unplugged", TransferState.UNREACHABLE, None),
        ("voicemail", TransferState.NO_CONSENT, Ring.NO_ANSWER),
        ("vanishes", TransferState.DECLINED, Ring.DECLINED),
    ],
)
@pytest.mark.parametrize("waits", [True, False], ids=["the agent waits", "the agent has left"])
async def test_a_transfer_that_nobody_accepts_gives_the_caller_back(
    hotline: Hotline,
    agent: FakePhone,
    technician: FakePhone,
    how: str,
    state: TransferState,
    outcome: Ring | None,
    waits: bool,
) -> None:
    if how == "unplugged":
        technician.is_unplugged()
    if how == "in a call":
        technician.phones_elsewhere()
    if how == "busy":
        technician.is_busy()
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    if how not in ("busy", "in a call", "unplugged"):
        await technician.rings()
    if not waits:
        agent.hangs_up()
        agent.ignores()
    if how == "declined":
        technician.hangs_up(21)
    if how in ("key 2", "voicemail", "vanishes"):
        technician.answers(1)
        await technician.hears("whisper-transfer")
    if how == "key 2":
        await technician.presses("2")
    if how == "vanishes":
        technician.hangs_up(38)
    if waits:
        await agent.hears_out(f"not-transferred-{state}")
        await owner.talks_with(agent)
        agent.hangs_up()
    else:
        await owner.hears("transfer-to-others")
        colleague = hotline.phone("7002").answers(1)
        await owner.talks_with(colleague)
        colleague.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline) == ("7020", state, None)
    rung = [ring[3] for ring in hotline.rings() if ring[0] == "transfer"]
    assert rung == ([outcome] if outcome else [])
    if waits:
        one_recording(hotline)
        assert len(hotline.record().talks) == 1


async def test_the_agent_takes_the_caller_back_with_star(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    await technician.rings()
    await agent.presses("*")
    await technician.is_hung_up(within=1)
    await agent.hears("not-transferred-cancelled")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline) == ("7020", TransferState.CANCELLED, None)
    assert hotline.rings()[-1] == ("transfer", "7020", 1, Ring.CANCELLED)


async def test_an_agent_who_keys_no_number_has_the_caller_back(hotline: Hotline, agent: FakePhone) -> None:
    owner = await in_a_talk(hotline, agent)
    await agent.presses(CODE)
    await agent.hears("transfer-number", "not-transferred-cancelled")
    await owner.talks_with(agent)
    await agent.presses("*")
    await asyncio.sleep(hotline.policy.menu.digit_wait_s + 1)
    await agent.presses("2")
    await asyncio.sleep(5)
    assert in_one_talk(owner, agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline) == (None, TransferState.CANCELLED, None)


# -- refused by the procedure --


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ("7099", Refusal.UNKNOWN),
        ("1101", Refusal.UNKNOWN),
        ("7001", Refusal.HIMSELF),
        ("7060", Refusal.NOT_ALLOWED),
        ("7010", Refusal.COMPLAINED_OF),
        ("7021", Refusal.OFF_DUTY),
    ],
)
async def test_a_refused_number_is_announced_and_rings_nobody(
    hotline: Hotline, agent: FakePhone, number: str, refusal: Refusal
) -> None:
    """R07-4; R15-6: not to the subject of the complaint."""
    owner = await in_a_talk(hotline, agent)
    hotline.store.write(lambda session: hotline_off_duty(session, "7021"))
    now = hotline.clock.now()
    hotline.store.write(tickets.about, hotline.ticket().id, "7010", who="7001", at=now, policy=hotline.policy)
    rung = len(hotline.rings())
    await agent.presses(CODE + number)
    await owner.hears("hold-please")
    await agent.hears_out(f"not-transferred-{refusal}")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline) == (number, TransferState.REFUSED, refusal)
    assert len(hotline.rings()) == rung


def hotline_off_duty(session: Session, number: str) -> None:
    session.get_one(Staff, number).on_duty = False


async def test_the_subject_of_a_complaint_is_not_rung_for_the_group_either(hotline: Hotline, agent: FakePhone) -> None:
    """R15-6."""
    owner = await in_a_talk(hotline, agent)
    hotline.store.write(
        tickets.about, hotline.ticket().id, "7002", who="7001", at=hotline.clock.now(), policy=hotline.policy
    )
    complained_of, other = hotline.phone("7002").answers(1), hotline.phone("7003").answers(1)
    await transfers_to(agent, "7020")
    agent.hangs_up()
    agent.ignores()
    await owner.talks_with(other)
    other.hangs_up()
    await owner.is_hung_up()
    assert complained_of.rung == []

"""Putting a caller through with consent (R05-4, R07-4): whoever hangs up at whatever moment, the caller is not lost."""

import asyncio

import pytest
from sqlalchemy.orm import Session

from ivr.talk import TRANSFER_WANTED
from models import tickets
from models.states import EndedBy, RecordingKind, RecordingState, Refusal, Ring, TransferState
from models.tables import Staff, Transfer
from tests.fakes.people import Caller, Person, Phone
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows

CODE = "*2"


async def in_a_talk(hotline: Hotline, agent: Phone, line: str = "8000") -> Caller:
    """An owner who complains, or who has called another line, and the agent who has answered."""
    owner = hotline.dial(line)
    if line == "8000":
        await owner.hears("menu")
        await owner.presses("2")
    await owner.talks_with(agent)
    await asyncio.sleep(10)
    return owner


async def transfers_to(agent: Phone, number: str) -> None:
    """Without words of his own about the matter."""
    await agent.presses(CODE + number)
    await agent.hears("transfer-reason-choice")
    await agent.presses("#")


@pytest.fixture
def agent(hotline: Hotline) -> Phone:
    return hotline.phone("7001").answers()


@pytest.fixture
def technician(hotline: Hotline) -> Phone:
    return hotline.phone("7020")


async def agrees(colleague: Phone, kind: str = "kind-complaint") -> None:
    await colleague.hears("whisper-transfer", "whisper-owner", "whisper-reason", kind, "accept-with-1")
    await colleague.presses("1")


def written(hotline: Hotline) -> Transfer:
    (transfer,) = hotline.record().transfers
    return transfer


def ended(hotline: Hotline) -> tuple[str | None, TransferState, Refusal | None]:
    transfer = written(hotline)
    assert transfer.ended_at is not None
    return transfer.to_number, transfer.state, transfer.refusal


def one_recording(hotline: Hotline) -> None:
    """Of the conversation, and as long as it."""
    (recording,) = [r for r in hotline.recordings() if r.kind is RecordingKind.TALK]
    assert recording.state is RecordingState.RECORDED
    talks = hotline.record().talks
    ends = [talk.ended_at for talk in talks if talk.ended_at is not None]
    seconds = (max(ends) - talks[0].started_at).total_seconds()
    assert hotline.switch.recorded[recording.name] == pytest.approx(seconds, abs=0.5)


def in_one_talk(*people: Person) -> bool:
    bridges = {person.channel.bridge if person.channel else None for person in people}
    return len(bridges) == 1 and None not in bridges


# -- accepted --


async def test_the_colleague_says_yes_and_all_three_talk_until_the_agent_leaves(
    hotline: Hotline, agent: Phone, technician: Phone
) -> None:
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


async def agrees_after_having_begun(colleague: Phone) -> None:
    await colleague.hears("whisper-owner", "whisper-reason", "kind-complaint", "accept-with-1")
    await colleague.presses("1")


async def test_the_agent_need_not_wait_for_the_answer(hotline: Hotline, agent: Phone, technician: Phone) -> None:
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


async def test_the_colleague_hears_the_agents_own_words(hotline: Hotline, agent: Phone, technician: Phone) -> None:
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


async def test_the_general_managers_office_must_give_a_reason(hotline: Hotline, technician: Phone) -> None:
    """R03-3."""
    office = hotline.phone("7060").answers()
    owner = await in_a_talk(hotline, office, "8002")
    await office.presses("*27050")
    await office.hears("transfer-reason")
    for _ in range(hotline.policy.menu.tries):
        await office.hears_out("beep")
        await asyncio.sleep(0.3)
        await office.presses("#")
    await office.hears("transfer-no-reason")
    await owner.talks_with(office)
    office.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline) == ("7050", TransferState.REFUSED, Refusal.NO_REASON)
    assert hotline.phone("7050").rung == []


async def test_the_number_may_be_keyed_slowly_and_ended_with_the_hash_key(
    hotline: Hotline, agent: Phone, technician: Phone
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


async def test_a_transfer_may_be_asked_for_elsewhere(hotline: Hotline, agent: Phone, technician: Phone) -> None:
    owner = await in_a_talk(hotline, agent)
    assert agent.channel is not None
    hotline.ari.dispatch({"type": TRANSFER_WANTED, "channel": {"id": agent.channel.id}, "to": "7020"})
    await agent.hears("transfer-reason-choice")
    await agent.presses("#")
    technician.answers(1)
    await agrees(technician)
    await owner.talks_with(technician)
    agent.hangs_up()
    technician.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline)[1] is TransferState.CONSENTED


async def test_whoever_has_taken_the_call_may_put_it_through_again(
    hotline: Hotline, agent: Phone, technician: Phone
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


async def test_the_caller_on_hold_is_spoken_to_every_twenty_seconds(
    hotline: Hotline, agent: Phone, technician: Phone
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


# -- not accepted: the agent has his caller back --


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
async def test_nobody_takes_it(
    hotline: Hotline, agent: Phone, technician: Phone, how: str, state: TransferState, outcome: Ring | None, waits: bool
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
        await agent.hears_out(f"transfer-{state}")
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


async def test_the_agent_takes_his_caller_back_with_the_star_key(
    hotline: Hotline, agent: Phone, technician: Phone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    await technician.rings()
    await agent.presses("*")
    await technician.is_hung_up(within=1)
    await agent.hears("transfer-cancelled")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline) == ("7020", TransferState.CANCELLED, None)
    assert hotline.rings()[-1] == ("transfer", "7020", 1, Ring.CANCELLED)


async def test_an_agent_who_keys_no_number_has_his_caller_back(hotline: Hotline, agent: Phone) -> None:
    owner = await in_a_talk(hotline, agent)
    await agent.presses(CODE)
    await agent.hears("transfer-number", "transfer-cancelled")
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
async def test_a_refused_number_is_told_in_words_and_rings_nobody(
    hotline: Hotline, agent: Phone, number: str, refusal: Refusal
) -> None:
    """R07-4; R15-6: not to the person whom the complaint is about."""
    owner = await in_a_talk(hotline, agent)
    hotline.store.write(lambda session: hotline_off_duty(session, "7021"))
    now = hotline.clock.now()
    hotline.store.write(tickets.about, hotline.ticket().id, "7010", who="7001", at=now)
    rung = len(hotline.rings())
    await agent.presses(CODE + number)
    await owner.hears("hold-please")
    await agent.hears_out(f"transfer-{refusal}")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert ended(hotline) == (number, TransferState.REFUSED, refusal)
    assert len(hotline.rings()) == rung


def hotline_off_duty(session: Session, number: str) -> None:
    session.get_one(Staff, number).on_duty = False


async def test_who_is_complained_of_is_not_rung_for_the_group_either(hotline: Hotline, agent: Phone) -> None:
    """R15-6."""
    owner = await in_a_talk(hotline, agent)
    hotline.store.write(tickets.about, hotline.ticket().id, "7002", who="7001", at=hotline.clock.now())
    complained_of, other = hotline.phone("7002").answers(1), hotline.phone("7003").answers(1)
    await transfers_to(agent, "7020")
    agent.hangs_up()
    agent.ignores()
    await owner.talks_with(other)
    other.hangs_up()
    await owner.is_hung_up()
    assert complained_of.rung == []


# -- hanging up --

MOMENTS = ["keying", "reason", "recording", "ringing", "whisper", "being told why"]


async def until_the_moment(moment: str, agent: Phone, technician: Phone) -> None:
    await agent.presses(CODE)
    await agent.hears("transfer-number")
    if moment == "keying":
        return await agent.presses("70")
    await agent.presses("7020")
    await agent.hears("transfer-reason-choice")
    if moment == "reason":
        return None
    if moment == "recording":
        await agent.presses("1")
        await agent.hears_out("beep")
        agent.speaks(10)
        return await asyncio.sleep(3)
    await agent.presses("#")
    await technician.rings()
    if moment == "whisper":
        technician.answers(0.5)
        await technician.hears("whisper-transfer")
    if moment == "being told why":
        technician.hangs_up(21)
        await agent.hears("transfer-declined")
    return None


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_caller_hangs_up(hotline: Hotline, agent: Phone, technician: Phone, moment: str) -> None:
    owner = await in_a_talk(hotline, agent)
    await until_the_moment(moment, agent, technician)
    owner.hangs_up()
    await agent.is_hung_up(within=1)
    await technician.is_hung_up(within=1)
    await asyncio.sleep(1)
    state = TransferState.DECLINED if moment == "being told why" else TransferState.CALLER_GONE
    assert ended(hotline)[1] is state
    record = hotline.record()
    assert (record.call.ended_by, record.talks[0].ended_by) == (EndedBy.CALLER, EndedBy.CALLER)
    assert (record.call.end_reason or "").startswith("hung up while on hold")
    one_recording(hotline)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_agent_hangs_up(hotline: Hotline, agent: Phone, technician: Phone, moment: str) -> None:
    """Before anybody is rung the caller goes to the group at once; from then on the colleague has his three rings."""
    owner = await in_a_talk(hotline, agent)
    await until_the_moment(moment, agent, technician)
    agent.hangs_up()
    agent.ignores()
    if moment == "whisper":
        await agrees_after_having_begun(technician)
        await owner.talks_with(technician)
        technician.hangs_up()
    else:
        left_at = owner.now
        await owner.hears("transfer-to-others")
        assert owner.now - left_at < (16 if moment == "ringing" else 1)
        colleague = hotline.phone("7002").answers(1)
        await owner.talks_with(colleague)
        colleague.hangs_up()
    await owner.is_hung_up()
    states = {
        "ringing": TransferState.NO_ANSWER,
        "whisper": TransferState.CONSENTED,
        "being told why": TransferState.DECLINED,
    }
    assert ended(hotline)[1] is states.get(moment, TransferState.AGENT_GONE)
    assert written(hotline).agent_left_at is not None


async def test_nobody_of_the_group_answers_either_and_the_caller_leaves_a_message(
    hotline: Hotline, agent: Phone, technician: Phone
) -> None:
    """R05-2, R17-1: never to silence."""
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    await technician.rings()
    agent.hangs_up()
    agent.ignores()
    await owner.hears("transfer-to-others", "nobody-free", "beep")
    owner.speaks(5)
    await owner.hears("message-saved")
    await owner.is_hung_up()
    assert {ring[0] for ring in hotline.rings()} == {"group", "transfer", "widened", "supervisor"}
    assert hotline.record().call.ended_by is EndedBy.SYSTEM


@pytest.mark.parametrize("who", ["owner", "technician", "agent"])
async def test_one_of_three_who_talk_hangs_up(hotline: Hotline, agent: Phone, technician: Phone, who: str) -> None:
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    technician.answers(1)
    await agrees(technician)
    await owner.talks_with(technician)
    people: dict[str, Person] = {"owner": owner, "technician": technician, "agent": agent}
    people.pop(who).hangs_up()
    await asyncio.sleep(2)
    if who == "owner":
        assert agent.channel is None
        assert technician.channel is None
    else:
        assert in_one_talk(*people.values())
        people["agent" if who == "technician" else "technician"].hangs_up()
        await owner.is_hung_up()
    assert {talk.ended_by for talk in hotline.record().talks} == {EndedBy.CALLER if who == "owner" else EndedBy.AGENT}
    one_recording(hotline)


async def test_all_three_hang_up_in_the_same_moment_in_which_the_colleague_agrees(
    hotline: Hotline, agent: Phone, technician: Phone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    technician.answers(1)
    await technician.hears("accept-with-1")
    technician.press("1")
    agent.hangs_up()
    technician.hangs_up()
    await asyncio.sleep(0.1)
    owner.hangs_up()
    await owner.is_hung_up()
    await asyncio.sleep(1)
    assert written(hotline).state in (TransferState.CONSENTED, TransferState.DECLINED)


@pytest.mark.parametrize("milliseconds", range(0, 60, 5))
async def test_the_colleague_vanishes_in_the_moments_after_he_has_agreed(
    hotline: Hotline, agent: Phone, technician: Phone, milliseconds: int
) -> None:
    """The agent has left: somebody else is found."""
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    await technician.rings()
    agent.hangs_up()
    agent.ignores()
    technician.answers(1)
    await technician.hears("accept-with-1")
    technician.press("1")
    await asyncio.sleep(milliseconds / 1000)
    technician.hangs_up()
    technician.ignores()
    colleague = hotline.phone("7002").answers(1)
    await owner.until(lambda: owner.channel is None or in_one_talk(owner, colleague), "goodbye, or somebody else")
    colleague.hangs_up()
    await owner.is_hung_up()
    assert {"goodbye", "transfer-to-others"} & set(owner.prompts)


# -- a long talk --


async def test_a_long_talk_is_told_to_the_agent_alone_and_written(hotline: Hotline, agent: Phone) -> None:
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
async def test_a_talk_ends_while_it_is_told_to_be_long(
    hotline: Hotline, agent: Phone, who: str, milliseconds: int
) -> None:
    owner = await in_a_talk(hotline, agent)
    await owner.until(lambda: hotline.record().talks[0].warned_at is not None, "warning", within=700)
    await asyncio.sleep(milliseconds / 1000)
    (owner if who == "owner" else agent).hangs_up()
    await owner.is_hung_up()
    await agent.is_hung_up()


# -- interruptions on our side --


@pytest.mark.parametrize("moment", [*MOMENTS, "accepted"])
@pytest.mark.parametrize("waits", [True, False], ids=["the agent waits", "the agent has left"])
@pytest.mark.parametrize("how", ["connection", "process"])
async def test_we_die_in_the_midst_of_it(
    hotline: Hotline, agent: Phone, technician: Phone, moment: str, waits: bool, how: str
) -> None:
    """The agent has his caller back; if he has left, the caller is told and a person is looked for."""
    if not waits and moment not in ("ringing", "whisper", "accepted"):
        return
    owner = await in_a_talk(hotline, agent)
    if moment == "accepted":
        await transfers_to(agent, "7020")
        technician.answers(1)
        await agrees(technician)
        await owner.talks_with(technician)
    else:
        await until_the_moment(moment, agent, technician)
    if not waits:
        agent.hangs_up()
        agent.ignores()
        await asyncio.sleep(0.5)
    if how == "connection":
        hotline.switch.lose_connection(for_s=3)
    else:
        await hotline.is_killed()
        await asyncio.sleep(3)
        await hotline.is_restarted()
    broke_at = owner.now
    if moment == "accepted":
        await asyncio.sleep(10)
        assert in_one_talk(owner, technician, *([agent] if waits else []))
        technician.hangs_up()
        agent.hangs_up()
    elif waits:
        await owner.talks_with(agent)
        assert owner.now - broke_at < 20
        await asyncio.sleep(1)
        assert technician.channel is None
        agent.hangs_up()
    else:
        await owner.hears("interrupted")
        assert owner.now - broke_at < 20
        colleague = hotline.phone("7002").answers(1)
        await owner.talks_with(colleague)
        colleague.hangs_up()
    await owner.is_hung_up()
    known = {"accepted": TransferState.CONSENTED, "being told why": TransferState.DECLINED}
    assert ended(hotline)[1] is known.get(moment, TransferState.INTERRUPTED)

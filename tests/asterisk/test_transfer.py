"""A caller is transferred with the colleague's consent (R05-4, R07-4); whatever happens, the caller is not lost."""

from collections.abc import Callable, Iterator

import pytest

from models.calls.calls import CallRecord
from models.states.calls import EndedBy, RecordingState, Refusal, Ring, TransferState
from phones import choosing, hearing
from phones.instance import LiveHotline
from phones.microphone import Silence, tones
from phones.phone import Phone
from phones.written import call_of, played, stored_recording, ticket_of
from recordings import speech
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

CALLER, AGENT, COLLEAGUE = tones(3)
LONGEST_MUTE_S = 20.0


def in_a_talk(hotline: LiveHotline, number: str) -> tuple[Phone, Phone]:
    """Agent 7001 and a caller, who has reported a fault."""
    agent, caller = hotline.phone("7001", AGENT), hotline.caller(number, CALLER)
    agent.when_it_rings("answer", after_s=0.2)
    caller.reach("8000")
    choosing.ordinary_repair_of_an_owner(caller)
    agent.wait_heard("whisper-repair")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    agent.wait_tone(CALLER.hertz, seconds=1)
    return agent, caller


def transfers_to(agent: Phone, number: str) -> None:
    agent.press(f"*2{number}")
    agent.wait_heard("transfer-reason-choice", part=1)
    agent.press("#")


def hears_who_calls_and_why(colleague: Phone) -> None:
    colleague.wait_heard("whisper-transfer")
    colleague.wait_spoken(speech.room("3", "1201"))
    colleague.wait_heard("whisper-reason")
    colleague.wait_heard("kind-repair")
    colleague.wait_heard("accept-with-1")
    colleague.wait_heard("decline-with-2")


def hears_music(caller: Phone, seconds: float = 2.0) -> None:
    """Music since the last prompt that was waited for."""
    since = caller.call.ear.seconds
    caller.wait(lambda: caller.call.ear.seconds > since + seconds, seconds + 3, "music")
    assert hearing.silent_seconds(caller.heard()[-int(seconds * 8000) :]) < seconds / 2, caller.story()


def states(record: CallRecord) -> list[tuple[str | None, TransferState]]:
    return [(transfer.to_number, transfer.state) for transfer in record.transfers]


def test_the_agent_introduces_the_colleague_and_leaves_the_two_alone(hotline: LiveHotline, owner: str) -> None:
    """R03-3, R05-4: who calls and why, a key, all three; and one recording of the whole call (R04-1)."""
    agent, caller = in_a_talk(hotline, owner)
    technician = hotline.phone("7020", COLLEAGUE)
    technician.when_it_rings("answer", after_s=1.5)
    transfers_to(agent, "7020")
    caller.wait_heard("hold-please")
    hears_music(caller)
    hears_who_calls_and_why(technician)
    technician.press("1")
    agent.say(Silence())
    caller.wait_tone(COLLEAGUE.hertz, 10, seconds=1)
    technician.wait_tone(CALLER.hertz, 10, seconds=1)
    caller.say(Silence())
    agent.wait_tone(COLLEAGUE.hertz, 10, seconds=1)
    assert caller.call.keys == "", "the agent's keys are none of the caller's business"
    agent.hang_up()
    caller.say(CALLER)
    technician.wait_tone(CALLER.hertz, 10, seconds=1)
    technician.hang_up()
    caller.wait_heard("goodbye")
    caller.wait_ended()

    record = call_of(hotline, owner)
    assert states(record) == [("7020", TransferState.CONSENTED)]
    (transfer,) = record.transfers
    assert transfer.asked_at
    assert transfer.ended_at
    assert transfer.started_at < transfer.asked_at < transfer.ended_at
    assert [(talk.staff_number, talk.ended_by) for talk in record.talks] == [
        ("7001", EndedBy.AGENT),
        ("7020", EndedBy.AGENT),
    ]
    assert record.rings[-1].outcome is Ring.CONNECTED
    assert ticket_of(hotline, record).ticket.first_receiver == "7001"
    recording = stored_recording(hotline, record)
    ends = [talk.ended_at for talk in record.talks if talk.ended_at]
    assert recording.state is RecordingState.KEPT
    assert recording.seconds == pytest.approx((max(ends) - record.talks[0].started_at).total_seconds(), abs=1.5)
    sound = played(hotline, recording)
    first, second = (hearing.tone_span(sound, voice.hertz) for voice in (AGENT, COLLEAGUE))
    assert first[0] < 2 < second[0], "the agent first, then the colleague"
    assert second[1] > recording.seconds - 2
    assert hearing.tone_span(sound, CALLER.hertz)[1] > recording.seconds - 2, "the caller to the end"


def test_the_agent_records_the_reason_and_leaves_at_once(hotline: LiveHotline, owner: str) -> None:
    agent, caller = in_a_talk(hotline, owner)
    technician = hotline.phone("7020", COLLEAGUE)
    agent.press("*27020")
    agent.wait_heard("transfer-reason-choice", part=1)
    agent.press("1")
    agent.wait_heard("transfer-reason")
    agent.wait_heard("beep")
    said = agent.call.ear.seconds
    agent.wait(lambda: agent.call.ear.seconds > said + 3, 6, "words")
    agent.press("#")
    technician.wait_ringing()
    agent.hang_up()
    technician.answer()
    technician.wait_heard("whisper-reason")
    technician.wait_tone(AGENT.hertz, seconds=2)
    technician.wait_heard("accept-with-1")
    technician.press("1")
    caller.wait_tone(COLLEAGUE.hertz, 10, seconds=1)
    technician.wait_tone(CALLER.hertz, 10, seconds=1)
    caller.hang_up()
    technician.wait_ended()
    record = call_of(hotline, owner)
    assert states(record) == [("7020", TransferState.CONSENTED)]
    assert record.transfers[0].agent_left_at


def test_no_answer_a_voicemail_box_and_a_refusal_give_the_caller_back(hotline: LiveHotline, owner: str) -> None:
    """A voicemail box presses no key (R05-4)."""
    agent, caller = in_a_talk(hotline, owner)
    technician = hotline.phone("7020", COLLEAGUE)

    def transferred_in_vain(why: str, within: float) -> None:
        agent.wait_heard(why, within)
        caller.wait_tone(AGENT.hertz, 5, seconds=1)
        agent.wait_tone(CALLER.hertz, 5, seconds=1)

    transfers_to(agent, "7020")
    agent.wait_heard("transfer-ringing", part=2)
    transferred_in_vain("not-transferred-no-answer", 10)
    technician.wait_ended()

    transfers_to(agent, "7020")
    technician.wait_ringing()
    technician.answer()
    technician.wait_heard("decline-with-2", 20)
    caller.wait_heard("hold-on", 25)
    transferred_in_vain("not-transferred-no-consent", 25)
    technician.wait_ended()

    transfers_to(agent, "7020")
    technician.wait_ringing()
    technician.answer()
    technician.wait_heard("whisper-transfer")
    technician.press("2")
    transferred_in_vain("not-transferred-declined", 10)
    agent.hang_up()
    caller.wait_ended()
    endings = [TransferState.NO_ANSWER, TransferState.NO_CONSENT, TransferState.DECLINED]
    assert states(call_of(hotline, owner)) == [("7020", state) for state in endings]


def test_the_agent_has_left_and_nobody_takes_the_call_but_the_group_does(hotline: LiveHotline, owner: str) -> None:
    agent, caller = in_a_talk(hotline, owner)
    technician, other = hotline.phone("7020"), hotline.phone("7002", COLLEAGUE)
    agent.when_it_rings(None)
    transfers_to(agent, "7020")
    technician.wait_ringing()
    agent.hang_up()
    agent.close()
    caller.wait_heard("transfer-to-others", 12)
    other.wait_ringing()
    other.answer()
    other.wait_heard("whisper-repair")
    other.press("1")
    caller.wait_spoken(speech.serves_you("7002"))
    caller.wait_tone(COLLEAGUE.hertz, 10, seconds=1)
    caller.hang_up()
    record = call_of(hotline, owner)
    assert states(record) == [("7020", TransferState.NO_ANSWER)]
    assert [talk.staff_number for talk in record.talks] == ["7001", "7002"]
    recording = stored_recording(hotline, record)
    sound = played(hotline, recording)
    assert recording.state is RecordingState.KEPT
    assert [one.state for one in call_of(hotline, owner).recordings[1:]] == [RecordingState.JOINED]
    first, second = (hearing.tone_span(sound, voice.hertz) for voice in (AGENT, COLLEAGUE))
    assert 0 < first[1] < second[0] < second[1], "one file of the whole conversation (R04-1)"
    caller_is_heard = hearing.tone_span(sound, CALLER.hertz)
    assert caller_is_heard[0] < first[1]
    assert caller_is_heard[1] > second[0]


def test_the_caller_hangs_up_while_the_colleague_decides(hotline: LiveHotline, owner: str) -> None:
    agent, caller = in_a_talk(hotline, owner)
    technician = hotline.phone("7020")
    transfers_to(agent, "7020")
    technician.wait_ringing()
    technician.answer()
    technician.wait_heard("whisper-transfer")
    caller.hang_up()
    technician.wait_ended(3)
    agent.wait_ended(3)
    record = call_of(hotline, owner)
    assert states(record) == [("7020", TransferState.CALLER_GONE)]
    assert record.call.ended_by is EndedBy.CALLER


def test_a_forbidden_number_and_the_phones_own_transfer_are_refused(hotline: LiveHotline, owner: str) -> None:
    """R07-4: an agent may not transfer to the general manager, nor by the phone's button, which asks no consent."""
    agent, caller = in_a_talk(hotline, owner)
    colleague, general_manager = hotline.phone("7002"), hotline.phone("7060")
    agent.press("*27060")
    agent.wait_heard("not-transferred-not-allowed")
    caller.wait_tone(AGENT.hertz, 5, seconds=1)
    agent.refer("7002")
    caller.wait_tone(AGENT.hertz, 8, seconds=2)
    agent.wait_tone(CALLER.hertz, 5, seconds=2)
    agent.hang_up()
    caller.wait_ended()
    assert colleague.calls == general_manager.calls == []
    (transfer,) = call_of(hotline, owner).transfers
    assert (transfer.to_number, transfer.state, transfer.refusal) == (
        "7060",
        TransferState.REFUSED,
        Refusal.NOT_ALLOWED,
    )


def test_only_the_agent_is_reminded_of_a_long_talk(hotline: LiveHotline, owner: str) -> None:
    """R05-3: agent and caller go on hearing each other meanwhile."""
    agent, caller = in_a_talk(hotline, owner)
    caller.say(Silence())
    agent.wait_spoken(["talk-long-before", *speech.duration(1, "zh"), "talk-long-after"], 70)
    caller.wait_tone(AGENT.hertz, 5, seconds=2)
    assert hearing.tone_share(caller.heard()[-8 * 8000 :], AGENT.hertz) > 0.99, "nothing else was heard"
    agent.hang_up()
    caller.wait_ended()
    assert call_of(hotline, owner).talks[0].warned_at


@pytest.fixture(scope="module")
def to_be_killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    with LiveHotline.running(
        tmp_path_factory.mktemp("killed"), policy=QUICK_RINGS | {"transfer.rings": 20}
    ) as instance:
        yield instance


@pytest.fixture
def mortal(to_be_killed: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """A hotline for tests that kill parts of it; colleagues have half a minute to answer."""
    return at_the_end(to_be_killed)


def test_the_application_dies_while_the_colleague_is_rung_and_the_agent_has_the_caller_back(
    mortal: LiveHotline,
) -> None:
    agent, caller = strangers_talk(mortal, "13800138091")
    technician = mortal.phone("7020")
    transfers_to(agent, "7020")
    technician.wait_ringing()
    restarts = mortal.kill("ivr")
    caller.wait_tone(AGENT.hertz, LONGEST_MUTE_S, seconds=1)
    agent.wait_tone(CALLER.hertz, 5, seconds=1)
    mortal.wait_restarted("ivr", restarts)
    technician.wait_ended()
    agent.hang_up()
    caller.wait_heard("goodbye")
    caller.wait_ended()
    record = call_of(mortal, "13800138091")
    assert states(record) == [("7020", TransferState.INTERRUPTED)]
    assert [(talk.staff_number, talk.ended_by) for talk in record.talks] == [("7001", EndedBy.AGENT)]


def test_the_application_dies_when_the_agent_has_left_and_the_caller_reaches_a_person(mortal: LiveHotline) -> None:
    agent, caller = strangers_talk(mortal, "13800138092")
    technician, other = mortal.phone("7020"), mortal.phone("7002", COLLEAGUE)
    transfers_to(agent, "7020")
    technician.wait_ringing()
    agent.hang_up()
    agent.close()
    caller.wait_heard("hold-please")
    mortal.kill("ivr")
    caller.wait_heard("interrupted", LONGEST_MUTE_S)
    other.wait_ringing(15)
    technician.wait_ended()
    other.answer()
    other.wait_heard("whisper-person")
    other.press("1")
    caller.wait_tone(COLLEAGUE.hertz, 15, seconds=1)
    caller.hang_up()
    assert states(call_of(mortal, "13800138092")) == [("7020", TransferState.INTERRUPTED)]


def strangers_talk(hotline: LiveHotline, number: str) -> tuple[Phone, Phone]:
    """As `in_a_talk`, with a caller who is not in the directory."""
    agent, caller = hotline.phone("7001", AGENT), hotline.caller(number, CALLER)
    agent.when_it_rings("answer", after_s=0.2)
    caller.reach("8000")
    choosing.ordinary_repair(caller)
    agent.wait_heard("whisper-repair")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    agent.wait_tone(CALLER.hertz, seconds=1)
    return agent, caller

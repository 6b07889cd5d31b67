"""The certainty bench: its telephones speak correct SIP, and its judge misses nothing (R21-9 to R21-13)."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certainty.ears import Ears, prompts
from tests.certainty.judge import Judge, Verdict
from tests.certainty.killer import Kill
from tests.certainty.log import Log, LogEvent, What, read
from tests.certainty.promises import WakeupPromise, rooms, table
from tests.certainty.sip import SipMessage, request, response, signed, voice
from tests.certainty.telephones import SipLeg, Telephones

pytestmark = pytest.mark.unit

HERE, ASTERISK = ("127.0.0.1", 5070), ("127.0.0.1", 5060)
PROMISE = WakeupPromise("1101", 1000.0, ("awake",))


# -- the telephones ---------------------------------------------------------------------------------------------------


def test_a_challenge_is_answered_as_in_the_rfc() -> None:
    """RFC 2617, 3.5, without its qop."""
    challenge = (
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9"'
    )
    proof = signed(challenge, "GET", "/dir/index.html", "Mufasa", "Circle Of Life")
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in proof
    assert 'opaque="5ccc069c403ebaf9"' in proof


def test_anything_but_a_sip_message_is_ignored() -> None:
    assert SipMessage.parse(b"\r\n\r\n") is None


class Wire(asyncio.DatagramTransport):
    """Keeps what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[SipMessage] = []

    def sendto(self, data: bytes, addr: object = None) -> None:
        message = SipMessage.parse(data)
        assert message is not None
        self.sent.append(message)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass

    def said(self) -> list[str]:
        return [message.start for message in self.sent]


class OneTelephone:
    """Telephone 1101 on a fake wire."""

    def __init__(self, folder: Path) -> None:
        self.log, self.wire, self.legs = Log(folder / "log.jsonl"), Wire(), list[SipLeg]()
        self.phones = Telephones(ASTERISK, HERE, {"1101": "secret"}, {}, self.log, self._called)
        self.phones._transport = self.wire

    async def _called(self, leg: SipLeg) -> None:
        self.legs.append(leg)

    def asterisk(self, method: str) -> None:
        lines = (
            "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1",
            "From: <sip:8000@127.0.0.1>;tag=theirs",
            "To: <sip:1101@127.0.0.1>",
            "Call-ID: call-1",
            f"CSeq: 7 {method}",
            "Contact: <sip:asterisk@127.0.0.1:5060>",
        )
        body = voice("127.0.0.1", 20000) if method == "INVITE" else ""
        self.phones.datagram_received(request(method, "sip:1101@127.0.0.1:5070", *lines, body=body), ASTERISK)

    def answers(self, status: str) -> None:
        self.phones.datagram_received(response(self.wire.sent[-1], status, "theirs"), ASTERISK)

    async def is_called(self) -> SipLeg:
        self.asterisk("INVITE")
        await asyncio.sleep(0)
        return self.legs[-1]

    def logged(self) -> list[tuple[What, str]]:
        self.log.close()
        return [(event.what, event.detail) for event in read(self.log.file)]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[OneTelephone]:
    stage = OneTelephone(tmp_path)
    yield stage
    stage.log.close()


def test_a_guest_answers_presses_1_and_the_other_side_hangs_up(stage: OneTelephone) -> None:
    async def story() -> None:
        leg = await stage.is_called()
        leg.ring()
        answering = asyncio.create_task(leg.answer())
        await asyncio.sleep(0)
        stage.asterisk("ACK")
        assert await answering
        pressing = asyncio.create_task(leg.press("1"))
        await asyncio.sleep(0)
        key = stage.wire.sent[-1]
        assert key.start == "INFO sip:asterisk@127.0.0.1:5060 SIP/2.0"
        assert key.body == "Signal=1\r\nDuration=160\r\n"
        assert key.header("to") == "<sip:8000@127.0.0.1>;tag=theirs"
        stage.answers("200 OK")
        assert await pressing
        stage.asterisk("BYE")

    asyncio.run(story())
    answered = stage.wire.sent[2]
    assert stage.wire.said()[:3] == ["SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]
    assert answered.audio == (HERE[0], HERE[1] + 2)
    assert stage.logged() == [
        (What.INVITED, ""),
        (What.ANSWERED, ""),
        (What.KEY, "1"),
        (What.ENDED, "ended by the other side"),
    ]


def test_a_cancelled_ring_is_answered_with_487(stage: OneTelephone) -> None:
    async def story() -> None:
        leg = await stage.is_called()
        leg.ring()
        stage.asterisk("CANCEL")
        assert not await leg.answer()

    asyncio.run(story())
    assert stage.wire.said()[2:] == ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]
    assert stage.logged()[-1] == (What.ENDED, "cancelled")


def test_it_registers_with_its_password(stage: OneTelephone) -> None:
    async def story() -> None:
        registering = asyncio.create_task(stage.phones.plug_in("1101"))
        await asyncio.sleep(0)
        first = stage.wire.sent[-1]
        challenge = 'WWW-Authenticate: Digest realm="hotline",nonce="n",algorithm=MD5,qop="auth"'
        stage.phones.datagram_received(response(first, "401 Unauthorized", "t", challenge), ASTERISK)
        for _ in range(5):
            await asyncio.sleep(0)
        assert 'username="1101"' in stage.wire.sent[-1].header("authorization")
        assert stage.wire.sent[-1].branch != first.branch
        stage.answers("200 OK")
        await registering

    asyncio.run(story())
    assert stage.logged() == [(What.REGISTERED, "SIP/2.0 200 OK")]


def test_the_number_of_a_room_is_heard_digit_by_digit(tmp_path: Path) -> None:
    for name, byte in (("digit-1", 1), ("digit-0", 2), ("knock-told", 3)):
        voice_of_it = b"".join(bytes([byte, place]) * 80 for place in range(4))
        (tmp_path / f"{name}.alaw").write_bytes(voice_of_it)
    reported: list[tuple[What, str]] = []
    ears = Ears(prompts(tmp_path), lambda what, detail: reported.append((what, detail)))
    for byte in (3, 1, 1, 2, 1):
        for place in range(3):
            ears.packet(bytes([byte, place]) * 80)
    assert ears.room == "1101"
    assert reported[-1] == (What.NAMED, "1101")
    assert ears.heard == {"knock-told": 1, "digit-1": 3, "digit-0": 1}


def test_a_packet_that_another_prompt_has_too_is_no_proof_of_the_thanks(tmp_path: Path) -> None:
    """Nearly silent packets occur in several prompts, and not all prompts are listened for."""
    common = b"\xd5" * 160
    (tmp_path / "wake-thanks.alaw").write_bytes(b"\x01" * 160 + common + b"\x02" * 161)
    (tmp_path / "minute-59.alaw").write_bytes(b"\x03" * 160 + common + b"\x04" * 161)
    ears = Ears(prompts(tmp_path), lambda what, detail: None)
    ears.packet(common)
    assert not ears.heard
    ears.packet(b"\x02" * 160)
    assert ears.heard == {"wake-thanks": 1}


# -- the judge --------------------------------------------------------------------------------------------------------


def call(phone: str, at: float, *happened: tuple[float, What, str], ended: float = 4.0) -> list[LogEvent]:
    """A ring, and what happens this many seconds after it."""
    moments = ((0.0, What.INVITED, ""), *happened, (ended, What.ENDED, ""))
    return [LogEvent(at + after, at + after, phone, f"{phone}-{at}", what, detail) for after, what, detail in moments]


def awake(at: float) -> list[LogEvent]:
    return call("1101", at, (1, What.ANSWERED, ""), (2, What.KEY, "1"), (2.1, What.HEARD, "wake-thanks"))


def reported(at: float, room: str = "1101") -> list[LogEvent]:
    """A member of staff reports, 2.1 s later, that the guest is awake."""
    return call("7040", at, (1, What.NAMED, room), (2, What.KEY, "2"), (2.1, What.HEARD, "knock-awake"))


def judged(
    *calls: list[LogEvent], kills: tuple[Kill, ...] = (), promises: tuple[WakeupPromise, ...] = (PROMISE,)
) -> Verdict:
    events = sorted((event for one in calls for event in one), key=lambda event: event.at)
    return Judge(list(promises), events, list(kills), again_s=5, snooze_s=9).verdict()


def test_a_guest_who_presses_1_is_awake_and_nothing_is_wrong() -> None:
    verdict = judged(call("1101", 1000.2), awake(1009.2))
    assert (verdict.kept_by_guest, verdict.red, verdict.rings) == (1, [], 2)
    assert verdict.lateness == [pytest.approx(0.2)]


def test_a_guest_who_does_not_answer_and_is_reported_to_nobody_is_lost() -> None:
    assert judged(call("1101", 1000)).red == ["1 of 1 lost"]


def test_a_guest_reported_to_the_staff_with_the_wrong_room_is_lost() -> None:
    assert len(judged(call("1101", 1000), reported(1030, "1102")).lost) == 1


def test_a_guest_reported_awake_by_the_staff_is_kept() -> None:
    assert judged(call("1101", 1000), reported(1030)).kept_by_staff == 1


def test_a_ring_after_the_thanks_is_wrong_whatever_was_killed() -> None:
    verdict = judged(awake(1000), awake(1030), kills=(Kill("ivr", 1020, 1022),))
    assert len(verdict.after) == 1
    assert verdict.red == ["1 of 2 rings when no wake-up was due"]


def test_a_ring_before_its_time_is_wrong() -> None:
    assert len(judged(awake(990), awake(1000)).after) == 1


def test_a_ring_during_the_snooze_is_wrong() -> None:
    slept = call("1101", 1000, (2, What.KEY, "2"), (2.1, What.HEARD, "wake-again"))
    assert len(judged(slept, awake(1009.5)).after) == 1
    assert judged(slept, awake(1011.2)).red == []
    # The store was away for three seconds at the key; the snooze is as long as the guest asked for.
    answered_late = call("1101", 1000, (2, What.KEY, "2"), (5.1, What.HEARD, "wake-again"), ended=6)
    assert judged(answered_late, awake(1011.2)).red == []


def test_a_ring_that_goes_on_after_the_staffs_report_is_wrong_unless_asterisk_died() -> None:
    long = call("1101", 1030, ended=60)
    assert len(judged(long, reported(1031)).after) == 1
    assert judged(long, reported(1031), kills=(Kill("asterisk", 1032, 1036),)).after == []


def test_two_rings_at_once_are_a_fault_that_only_a_kill_explains() -> None:
    twice = call("1101", 1000, ended=30), awake(1010)
    assert len(judged(*twice).unexplained) == 1
    verdict = judged(*twice, kills=(Kill("ivr", 1005, 1008),))
    assert (len(verdict.extra), verdict.unexplained) == (1, [])
    assert verdict.red == ["1 extra rings for 1: more than 1%"]


def test_a_ring_earlier_than_the_policy_says_is_extra_unless_a_kill_made_it_needed() -> None:
    soon = call("1101", 1000, ended=2), awake(1003)
    assert len(judged(*soon).unexplained) == 1
    verdict = judged(*soon, kills=(Kill("ivr", 1001, 1002.5),))
    assert (verdict.extra, verdict.again, verdict.red) == ([], 1, [])


def test_a_key_lost_to_a_kill_excuses_the_next_ring_which_is_extra_without_a_kill() -> None:
    pressed = call("1101", 1000, (2, What.KEY, "1"))
    verdict = judged(pressed, awake(1010), kills=(Kill("ivr", 1001, 1005),))
    assert (verdict.red, verdict.again, verdict.in_vain) == ([], 1, 1)
    assert len(judged(pressed, awake(1010)).unexplained) == 1


def test_a_key_pressed_during_an_apology_is_no_proof_of_being_awake() -> None:
    sorry = call("1101", 1000, (1, What.HEARD, "called-apology"), (2, What.KEY, "1"))
    assert len(judged(sorry).lost) == 1


def test_a_first_ring_after_more_than_30_s_is_late() -> None:
    assert judged(awake(1031)).red == ["1 of 1 late by more than 30 s: more than 2%"]


def test_a_guest_only_reported_to_the_staff_is_late_unless_the_telephone_was_unregistered() -> None:
    assert judged(reported(1024)).late == 1
    assert judged(reported(1024), promises=(WakeupPromise("1101", 1000.0, ("unregistered",)),)).red == []


def test_a_wake_up_is_not_kept_by_the_next_wake_up_of_its_room() -> None:
    later = WakeupPromise("1101", 1100.0, ("awake",))
    assert len(judged(awake(1100.1), promises=(PROMISE, later)).lost) == 1
    assert judged(call("1101", 1000), awake(1100.1), promises=(PROMISE, later)).lost == []


def test_the_same_seed_makes_the_same_wake_ups_and_leaves_each_room_time_between_two() -> None:
    numbers = rooms(200)
    assert len(set(numbers)) == 200
    made = table(7, 1000, numbers, 0.0, 600.0)
    assert made == table(7, 1000, numbers, 0.0, 600.0)
    assert {one.room for one in made} == set(numbers)
    by_room = [sorted(one.due for one in made if one.room == room) for room in numbers]
    assert min(b - a for dues in by_room for a, b in itertools.pairwise(dues)) > 100

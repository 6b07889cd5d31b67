"""*8 on real telephones: a caller who rings unanswered at one phone is served from another (R20-4)."""

import pytest

from models.states.calls import Ring
from phones import choosing, hearing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from phones.written import call_of, played, stored_recording, tasks_of
from recordings import speech

pytestmark = pytest.mark.asterisk

CALLER, FIRST, SECOND = tones(3)


def unanswered(hotline: LiveHotline, number: str) -> Phone:
    """A caller who asks for a person."""
    caller = hotline.caller(number, CALLER)
    caller.reach("8000")
    choosing.person(caller)
    return caller


def test_a_colleague_picks_up_a_call_that_rings_at_another_phone(hotline: LiveHotline) -> None:
    rung = hotline.phone("7001", FIRST)
    caller = unanswered(hotline, "13800138431")
    rung.wait_ringing()
    # Registered only now, so that 7001 has been idle longest.
    colleague = hotline.phone("7002", SECOND)
    colleague.reach("*8")
    colleague.wait_heard("whisper-person")
    rung.wait_ended()
    caller.wait_spoken(speech.serves_you("7002"))
    caller.wait_tone(SECOND.hertz, seconds=2)
    colleague.wait_tone(CALLER.hertz, seconds=2)
    colleague.hang_up()
    caller.wait_ended()

    record = call_of(hotline, "13800138431")
    outcomes = [(ring.stage, ring.staff_number, ring.outcome) for ring in record.rings]
    assert outcomes == [("group", "7001", Ring.TAKEN), ("pickup", "7002", Ring.CONNECTED)]
    assert [talk.staff_number for talk in record.talks] == ["7002"]
    assert len(record.recordings) == 1
    sound = played(hotline, stored_recording(hotline, record))
    for voice in (CALLER, SECOND):
        begins, ends = hearing.tone_span(sound, voice.hertz)
        assert ends - begins > 1, "both are in the one recording (R04-1)"
    assert tasks_of(hotline, record) == []


def test_nothing_rings_and_the_colleague_hears_so(hotline: LiveHotline) -> None:
    colleague = hotline.phone("7002")
    colleague.reach("*8")
    colleague.wait_heard("pickup-nothing")
    colleague.wait_ended()


def test_two_colleagues_pick_up_at_once_and_one_has_the_caller(hotline: LiveHotline) -> None:
    rung = hotline.phone("7001")
    caller = unanswered(hotline, "13800138432")
    rung.wait_ringing()
    one, other = hotline.phone("7002", FIRST), hotline.phone("7003", SECOND)
    one.dial("*8")
    other.dial("*8")
    loser = hotline.until(
        lambda: next((phone for phone in (one, other) if phone.call.ended_at), None), "end of the slower's call", 15
    )
    winner = other if loser is one else one
    caller.wait_spoken(speech.serves_you(winner.number))
    caller.wait_tone(winner.mic.hertz, seconds=1)
    caller.hang_up()
    winner.wait_ended()
    rings = call_of(hotline, "13800138432").rings
    assert [ring.staff_number for ring in rings if ring.outcome is Ring.CONNECTED] == [winner.number]

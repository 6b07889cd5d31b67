"""The hold key of a telephone: the other side hears music, and afterwards the two hear each other again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from phones import choosing, hearing
from phones.instance import CARRIER, LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from phones.raw import RawPhone, registered
from phones.written import call_of
from recordings import speech

pytestmark = pytest.mark.asterisk

NUMBER = "13800138481"
BARESIP, RAW = tones(2)
_HEARD_S = 2.0
_MUSIC = 0.5
"""No more than this share of it is silent."""

HOLDS: dict[str, Callable[[RawPhone], str]] = {
    "sendonly": lambda phone: phone.sdp("a=sendonly\r\n"),
    "sendonly, another codec": lambda phone: phone.sdp("a=sendonly\r\n", codec="0 PCMU/8000"),
    "inactive": lambda phone: phone.sdp("a=inactive\r\n"),
    "inactive, another codec": lambda phone: phone.sdp("a=inactive\r\n", codec="9 G722/8000"),
    "0.0.0.0 (RFC 2543)": lambda phone: phone.sdp(listens_at="0.0.0.0"),
}


def silent_part(phone: Phone) -> float:
    """How much of the next two seconds is silent, 0 to 1."""
    since = phone.call.ear.seconds + 0.5
    phone.wait(lambda: phone.call.ear.seconds > since + _HEARD_S, 6, "sound")
    return hearing.silent_seconds(phone.heard()[-int(_HEARD_S * 8000) :]) / _HEARD_S


def hear_each_other(phone: Phone, raw: RawPhone) -> None:
    raw.media.speaks(RAW.hertz)
    phone.wait_tone(RAW.hertz, 10, seconds=1)
    raw.media.wait_tone(BARESIP.hertz)
    raw.media.speaks(None)


@contextmanager
def talk_of_an_agent_with_a_hold_key(hotline: LiveHotline) -> Iterator[tuple[Phone, RawPhone]]:
    caller = hotline.caller(NUMBER, BARESIP)
    with registered(hotline, "7001") as agent:
        caller.reach("8000")
        choosing.person(caller)
        agent.wait_rung(seconds=20)
        caller.wait_spoken(speech.serves_you("7001"), 20)
        yield caller, agent
        agent.request("BYE")
        caller.wait_heard("goodbye")
        caller.wait_ended()
    assert [talk.staff_number for talk in call_of(hotline, NUMBER).talks] == ["7001"]


@pytest.mark.parametrize("how", HOLDS)
def test_a_caller_on_hold_hears_music_and_then_the_agent_again(hotline: LiveHotline, how: str) -> None:
    with talk_of_an_agent_with_a_hold_key(hotline) as (caller, agent):
        hear_each_other(caller, agent)
        for _ in range(2):
            assert agent.offers(HOLDS[how](agent)).status == 200
            assert silent_part(caller) < _MUSIC
            assert agent.offers(agent.sdp("a=sendrecv\r\n")).status == 200
            hear_each_other(caller, agent)
            assert silent_part(caller) > 0.9


@pytest.mark.parametrize("how", HOLDS)
def test_an_agent_whom_the_caller_puts_on_hold_hears_music_and_not_silence(hotline: LiveHotline, how: str) -> None:
    agent = hotline.phone("7001", BARESIP)
    with RawPhone(NUMBER, (hotline.site.sip.address, hotline.ports.sip), CARRIER) as caller:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("menu")
        caller.press("0")
        agent.wait_ringing(20)
        agent.answer()
        agent.wait_heard("whisper-person")
        agent.press("1")
        caller.media.wait_tone(BARESIP.hertz, timeout=20)
        assert caller.offers(HOLDS[how](caller)).status == 200
        assert silent_part(agent) < _MUSIC
        assert caller.offers(caller.sdp("a=sendrecv\r\n")).status == 200
        hear_each_other(agent, caller)
        assert silent_part(agent) > 0.9
    agent.wait_ended()
    record = call_of(hotline, NUMBER)
    assert [talk.staff_number for talk in record.talks] == ["7001"]
    assert record.call.end_reason == "hung up while talking"


def test_who_holds_while_held_gives_the_music_back_only_when_both_are_back(hotline: LiveHotline) -> None:
    with registered(hotline, "7001") as agent, RawPhone(NUMBER, agent.server, CARRIER) as caller:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("menu")
        caller.press("0")
        agent.wait_rung(seconds=20)
        agent.wait(lambda: agent.sounds > 50, "the whisper", 20)
        agent.press("1")
        agent.media.speaks(RAW.hertz)
        caller.media.wait_tone(RAW.hertz, timeout=20)
        agent.media.speaks(None)
        assert agent.holds().status == 200
        assert caller.holds().status == 200
        assert caller.holds(False).status == 200
        assert caller.media.silent_share(_HEARD_S) < _MUSIC
        assert agent.holds(False).status == 200
        agent.media.speaks(RAW.hertz)
        caller.media.wait_tone(RAW.hertz)
    call_of(hotline, NUMBER)

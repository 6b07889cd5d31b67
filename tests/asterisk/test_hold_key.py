"""The hold key of an agent's telephone: the caller hears music, and the agent again afterwards."""

import pytest

from phones import choosing, hearing
from phones.instance import LiveHotline
from phones.phone import Phone
from phones.raw import registered
from phones.written import call_of
from recordings import speech

pytestmark = pytest.mark.asterisk

NUMBER = "13800138481"
_HEARD_S = 2.0


def silent_part(caller: Phone) -> float:
    """How much of the next two seconds is silent."""
    since = caller.call.ear.seconds + 0.5
    caller.wait(lambda: caller.call.ear.seconds > since + _HEARD_S, 6, "sound")
    return hearing.silent_seconds(caller.heard()[-int(_HEARD_S * 8000) :]) / _HEARD_S


def test_a_caller_on_hold_hears_music(hotline: LiveHotline) -> None:
    caller = hotline.caller(NUMBER)
    with registered(hotline, "7001") as agent:
        caller.reach("8000")
        choosing.person(caller)
        agent.wait_rung(seconds=20)
        caller.wait_spoken(speech.serves_you("7001"), 20)
        assert silent_part(caller) > 0.9
        for _ in range(2):
            assert agent.holds().status == 200
            assert silent_part(caller) < 0.5
            assert agent.holds(False).status == 200
            assert silent_part(caller) > 0.9
        agent.request("BYE")
        caller.wait_heard("goodbye")
        caller.wait_ended()
    assert [talk.staff_number for talk in call_of(hotline, NUMBER).talks] == ["7001"]

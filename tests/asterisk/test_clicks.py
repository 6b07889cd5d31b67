"""Calls, transfers and holds that an agent clicks, on real telephones (R05-4, R17-1)."""

from datetime import timedelta
from typing import Any

import pytest

from models.calls import clicks
from models.calls.clicks import Click, ClickKind, ClickOutcome, ClickState
from models.clock import SystemClock
from models.states.calls import AttemptOutcome, TransferState
from phones.instance import LiveHotline
from phones.microphone import Silence, tones
from phones.network import public_number
from phones.written import call_of
from recordings import speech
from tests.asterisk.test_transfer import (
    AGENT,
    CALLER,
    COLLEAGUE,
    hears_music,
    hears_who_calls_and_why,
    in_a_talk,
    states,
)

pytestmark = pytest.mark.asterisk

OUTSIDE = tones(4)[3]


def clicks_on(hotline: LiveHotline, kind: ClickKind, *, ago_s: float = 0, by: str = "7001", **about: Any) -> int:
    """In a talk it is about the one that this person talks in. Returns the click's id."""
    at = SystemClock().now()
    if kind in (ClickKind.TRANSFER, ClickKind.HOLD, ClickKind.TAKE_BACK) and "call_id" not in about:
        talk = hotline.store.read(clicks.standing, by, at=at).talk
        about["call_id"] = talk.call_id if talk else None
    rules: Any = {"site": hotline.site, "policy": hotline.policy, "at": at - timedelta(seconds=ago_s)}
    return hotline.store.write(clicks.ask, by, kind, **about, **rules).id


def end_of(hotline: LiveHotline, click: int, timeout: float = 20) -> str | None:
    def ended() -> Click | None:
        row = hotline.store.read(lambda session: session.get_one(Click, click))
        return row if row.state is ClickState.ENDED else None

    return hotline.until(ended, "end of the click", timeout).outcome


def test_my_telephone_rings_then_my_colleagues_and_we_talk(hotline: LiveHotline) -> None:
    agent, technician = hotline.phone("7001", AGENT), hotline.phone("7020", COLLEAGUE)
    click = clicks_on(hotline, ClickKind.CALL, target="7020")
    agent.wait_ringing(3)
    assert technician.calls == [], "nobody is called before I have lifted"
    agent.answer()
    technician.wait_ringing()
    assert technician.call.number == "7001"
    technician.answer()
    technician.wait_tone(AGENT.hertz, 10, seconds=1)
    agent.wait_tone(COLLEAGUE.hertz, 10, seconds=1)
    assert end_of(hotline, click) == AttemptOutcome.CONNECTED
    technician.hang_up()
    agent.wait_ended()
    record = call_of(hotline, "7020")
    assert (record.call.mode, [talk.staff_number for talk in record.talks]) == ("from-screen", ["7001"])


def test_an_outside_number_is_called_over_the_trunk_and_greeted(hotline: LiveHotline) -> None:
    number = "13800138181"
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.2)
    with public_number(hotline, number, OUTSIDE) as customer:
        customer.when_it_rings("answer", after_s=1)
        click = clicks_on(hotline, ClickKind.CALL, target=number)
        customer.wait_heard("recording-notice", 20)
        assert customer.call.number == hotline.site.main_number
        customer.wait_spoken(speech.serves_you("7001"))
        customer.wait_tone(AGENT.hertz, seconds=1, timeout=10)
        agent.wait_tone(OUTSIDE.hertz, seconds=1)
        customer.hang_up()
        agent.wait_ended()
    assert end_of(hotline, click) == AttemptOutcome.CONNECTED
    assert len(call_of(hotline, number).recordings) == 1


def test_the_screen_says_that_the_other_one_is_busy_and_my_telephone_is_free_again(hotline: LiveHotline) -> None:
    number = "13800138182"
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.2)
    with public_number(hotline, number, OUTSIDE) as customer:
        customer.when_it_rings("reject", after_s=0.3)
        click = clicks_on(hotline, ClickKind.CALL, target=number)
        assert end_of(hotline, click) == AttemptOutcome.BUSY
        agent.wait_ended()


def test_a_transfer_from_the_screen_needs_the_colleagues_key_and_none_of_the_agent(
    hotline: LiveHotline, owner: str
) -> None:
    """R05-4: who calls and why is heard, a key consents, all three talk."""
    agent, caller = in_a_talk(hotline, owner)
    technician = hotline.phone("7020", COLLEAGUE)
    technician.when_it_rings("answer", after_s=1.5)
    click = clicks_on(hotline, ClickKind.TRANSFER, target="7020")
    caller.wait_heard("hold-please")
    hears_music(caller)
    hears_who_calls_and_why(technician)
    technician.press("1")
    agent.say(Silence())
    caller.wait_tone(COLLEAGUE.hertz, 10, seconds=1)
    technician.wait_tone(CALLER.hertz, 10, seconds=1)
    agent.hang_up()
    technician.hang_up()
    caller.wait_heard("goodbye")
    caller.wait_ended()
    record = call_of(hotline, owner)
    assert states(record) == [("7020", TransferState.CONSENTED)]
    row = hotline.store.read(lambda session: session.get_one(Click, click))
    assert (row.outcome, row.transfer_id) == (ClickOutcome.DONE, record.transfers[0].id)


@pytest.mark.parametrize("how", ["declines", "does not answer"])
def test_a_caller_whom_nobody_takes_is_back_with_the_agent(hotline: LiveHotline, owner: str, how: str) -> None:
    agent, caller = in_a_talk(hotline, owner)
    technician = hotline.phone("7020", COLLEAGUE)
    if how == "declines":
        technician.when_it_rings("answer", after_s=0.5)
    clicks_on(hotline, ClickKind.TRANSFER, target="7020")
    if how == "declines":
        technician.wait_heard("whisper-transfer", 20)
        technician.press("2")
    agent.wait_heard("not-transferred-declined" if how == "declines" else "not-transferred-no-answer", 30)
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    agent.wait_tone(CALLER.hertz, 10, seconds=1)
    caller.hang_up()
    agent.wait_ended()
    ended = TransferState.DECLINED if how == "declines" else TransferState.NO_ANSWER
    assert states(call_of(hotline, owner)) == [("7020", ended)]


def test_a_caller_on_hold_hears_music_and_the_agent_nothing_until_taken_back(hotline: LiveHotline, owner: str) -> None:
    agent, caller = in_a_talk(hotline, owner)
    hold = clicks_on(hotline, ClickKind.HOLD)
    hotline.until(lambda: hotline.store.read(clicks.standing, "7001", at=SystemClock().now()).on_hold, "hold")
    hears_music(caller)
    assert end_of(hotline, clicks_on(hotline, ClickKind.TAKE_BACK)) == ClickOutcome.DONE
    caller.wait_tone(AGENT.hertz, 10, seconds=1)
    agent.wait_tone(CALLER.hertz, 10, seconds=1)
    assert end_of(hotline, hold) == ClickOutcome.DONE
    agent.hang_up()
    caller.wait_heard("goodbye")
    caller.wait_ended()
    call_of(hotline, owner)


def test_a_click_for_a_call_that_is_just_over_does_nothing(hotline: LiveHotline, owner: str) -> None:
    agent, caller = in_a_talk(hotline, owner)
    technician = hotline.phone("7020", COLLEAGUE)
    caller.hang_up()
    agent.wait_ended()
    over = call_of(hotline, owner).call.id
    assert end_of(hotline, clicks_on(hotline, ClickKind.TRANSFER, target="7020", call_id=over)) == ClickOutcome.REFUSED
    assert technician.calls == []


def test_a_click_from_before_a_restart_rings_nobody(hotline: LiveHotline) -> None:
    agent = hotline.phone("7001", AGENT)
    restarts = hotline.kill("ivr")
    click = clicks_on(hotline, ClickKind.CALL, ago_s=hotline.policy.clicks.counts_s - 0.2, target="7020")
    hotline.wait_restarted("ivr", restarts)
    assert end_of(hotline, click) == ClickOutcome.TOO_LATE
    assert agent.calls == []


def test_a_restart_in_a_hold_brings_the_two_together_again(hotline: LiveHotline, owner: str) -> None:
    agent, caller = in_a_talk(hotline, owner)
    hold = clicks_on(hotline, ClickKind.HOLD)
    hears_music(caller)
    restarts = hotline.kill("ivr")
    hotline.wait_restarted("ivr", restarts)
    caller.wait_tone(AGENT.hertz, 20, seconds=1)
    agent.wait_tone(CALLER.hertz, 10, seconds=1)
    assert end_of(hotline, hold) == ClickOutcome.INTERRUPTED
    caller.hang_up()
    agent.wait_ended()
    call_of(hotline, owner)

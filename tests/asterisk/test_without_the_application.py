"""With no program of ours running the line still answers: help is called, a message becomes a ticket (R13-1, R17-1)."""

import time
from collections.abc import Callable, Iterator

import pytest

from models.states.calls import CallState, RecordingState
from models.states.tickets import TaskKind, TicketKind
from phones.faults import kept_dead
from phones.instance import LiveHotline
from phones.microphone import Speech, tones
from phones.network import public_number
from phones.written import filed_call, stored_recording, tasks_of, ticket_of

pytestmark = pytest.mark.asterisk

CALLER, OPERATOR = tones(2)
NUMBER = "1380013846"


@pytest.fixture(scope="module")
def broken(quick: LiveHotline) -> Iterator[LiveHotline]:
    with kept_dead(quick, "ivr"), kept_dead(quick, "fallback"):
        yield quick


@pytest.fixture
def without_ivr(broken: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """The hotline with short rings, reduced to the dialplan."""
    return at_the_end(broken)


@pytest.mark.parametrize("phone", ["7020", "1101"])
def test_an_emergency_call_is_connected_though_the_application_is_dead(without_ivr: LiveHotline, phone: str) -> None:
    with public_number(without_ivr, "119", OPERATOR) as fire_brigade:
        caller = without_ivr.phone(phone, CALLER)
        caller.dial("119")
        call = fire_brigade.wait_ringing()
        assert (call.number, call.incoming) == ("8000", True)  # a number of ours, which the carrier accepts
        fire_brigade.answer()
        caller.wait_answered()
        caller.wait_tone(OPERATOR.hertz)
        fire_brigade.wait_tone(CALLER.hertz)
        fire_brigade.hang_up()
        caller.wait_ended()


def test_without_the_application_a_caller_leaves_a_message_that_becomes_a_ticket(
    without_ivr: LiveHotline, words: Speech
) -> None:
    hotline, number = without_ivr, f"{NUMBER}1"
    caller = hotline.caller(number)
    caller.reach("8000")
    caller.wait_heard("fallback-apology")
    caller.wait_tone(950, seconds=0.2)
    caller.say(words)
    time.sleep(3.5)  # speaking takes its time
    caller.press("#")
    caller.wait_heard("message-saved")
    caller.wait_ended()

    record = filed_call(hotline, number)
    assert (record.call.line, record.call.state) == ("8000", CallState.ENDED)
    assert ticket_of(hotline, record).ticket.kind is TicketKind.MESSAGE
    (task,) = tasks_of(hotline, record)
    assert (task.kind, task.number) == (TaskKind.CALL_BACK, number)
    recording = stored_recording(hotline, record)
    assert recording.state is RecordingState.KEPT
    assert 2.5 < recording.seconds < 5.5
    assert list(hotline.home.message_spool.iterdir()) == []


def test_a_caller_who_hangs_up_on_the_apology_is_still_owed_a_call(without_ivr: LiveHotline) -> None:
    hotline, number = without_ivr, f"{NUMBER}2"
    caller = hotline.caller(number)
    caller.reach("8001")
    caller.wait_heard("fallback-apology", part=1)
    caller.hang_up()
    record = filed_call(hotline, number)
    assert record.call.line == "8001"
    assert [(task.kind, task.number) for task in tasks_of(hotline, record)] == [(TaskKind.CALL_BACK, number)]


def test_a_silent_caller_hears_that_the_number_is_noted(without_ivr: LiveHotline) -> None:
    hotline, number = without_ivr, f"{NUMBER}3"
    caller = hotline.caller(number)
    caller.reach("8000")
    caller.wait_heard("fallback-apology")
    caller.wait_heard("message-empty")
    caller.wait_ended()
    record = filed_call(hotline, number)
    assert ticket_of(hotline, record).ticket.kind is TicketKind.MESSAGE

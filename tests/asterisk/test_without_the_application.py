"""With the application dead the line still answers: help is called, a message becomes a ticket (R13-1, R17-1)."""

import contextlib
import os
import signal
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.calls import CallRecord
from models.states import CallState, RecordingState, TaskKind, TicketKind
from phones.instance import Instance
from phones.microphone import Speech, Tone, tones
from phones.network import public_number
from phones.written import call_of, stored_recording, tasks_of, ticket_of

pytestmark = pytest.mark.asterisk

CALLER, OPERATOR = tones(2)
NUMBER = "13900139000"


@contextlib.contextmanager
def kept_dead(hotline: Instance, name: str) -> Iterator[None]:
    """However often the supervisor starts it again, the child dies at once: a program broken by a bad update."""
    over = threading.Event()

    def strike() -> None:
        while not over.wait(0.02):
            pid = hotline.state().get("children", {}).get(name, {}).get("pid")
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    restarts = hotline.child(name)["restarts"]
    striker = threading.Thread(target=strike, name=f"{name} dies")
    striker.start()
    try:
        hotline.until(lambda: hotline.child(name)["restarts"] > restarts, f"death of {name}")
        yield
    finally:
        over.set()
        striker.join()
        hotline.until(lambda: hotline.child(name)["state"] == "up", f"recovery of {name}", 30)


@pytest.fixture(scope="module")
def broken(quick: Instance) -> Iterator[Instance]:
    with kept_dead(quick, "ivr"):
        yield quick


@pytest.fixture
def without_ivr(broken: Instance, at_the_end: Callable[[Instance], Instance]) -> Instance:
    """The hotline with quick rings, whose application does not come to life."""
    return at_the_end(broken)


@pytest.mark.parametrize("phone", ["7020", "1101"])
def test_an_emergency_call_goes_out_though_the_application_is_dead(without_ivr: Instance, phone: str) -> None:
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


@pytest.fixture
def words(tmp_path: Path) -> Speech:
    """What the caller wants to say: three seconds of a tone, then nothing."""
    path = tmp_path / "words.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((Tone(CALLER.hertz, 3).samples() * 32767).astype("<i2").tobytes())
    return Speech(path)


def test_without_the_application_a_caller_leaves_a_message_that_becomes_a_ticket(
    without_ivr: Instance, words: Speech
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

    record = hotline.until(lambda: filed(hotline, number), "filed message", 30)
    assert (record.call.line, record.call.state) == ("8000", CallState.ENDED)
    assert ticket_of(hotline, record).ticket.kind is TicketKind.MESSAGE
    (task,) = tasks_of(hotline, record)
    assert (task.kind, task.number) == (TaskKind.CALL_BACK, number)
    recording = stored_recording(hotline, record)
    assert recording.state is RecordingState.KEPT
    assert 2.5 < recording.seconds < 5.5
    assert list(hotline.home.message_spool.iterdir()) == []


def test_a_caller_who_hangs_up_on_the_apology_is_still_owed_a_call(without_ivr: Instance) -> None:
    hotline, number = without_ivr, f"{NUMBER}2"
    caller = hotline.caller(number)
    caller.reach("8001")
    caller.wait_heard("fallback-apology", part=1)
    caller.hang_up()
    record = hotline.until(lambda: filed(hotline, number), "filed call", 30)
    assert record.call.line == "8001"
    assert [(task.kind, task.number) for task in tasks_of(hotline, record)] == [(TaskKind.CALL_BACK, number)]


def test_a_caller_who_says_nothing_is_told_that_his_number_is_noted(without_ivr: Instance) -> None:
    hotline, number = without_ivr, f"{NUMBER}3"
    caller = hotline.caller(number)
    caller.reach("8000")
    caller.wait_heard("fallback-apology")
    caller.wait_heard("message-empty")
    caller.wait_ended()
    record = hotline.until(lambda: filed(hotline, number), "filed call", 30)
    assert ticket_of(hotline, record).ticket.kind is TicketKind.MESSAGE


def filed(hotline: Instance, number: str) -> CallRecord | None:
    with contextlib.suppress(RuntimeError):
        return call_of(hotline, number)
    return None

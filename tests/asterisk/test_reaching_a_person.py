"""A caller reaches a person within three rings, or the circle widens until somebody has the call or the message."""

import pytest

from models.states import CallState, EndedBy, RecordingState, Ring, TicketKind
from phones.instance import Instance
from phones.microphone import tones
from phones.written import call_of, stored_recording, ticket_of

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)
NUMBER = "13800138000"


def choose_ordinary_repair(caller) -> None:
    caller.wait_heard("menu", part=1)
    caller.press("1")
    caller.wait_heard("repair-menu", part=1)
    caller.press("2")
    caller.wait_heard("ask-building", part=1)
    caller.press("#")


def test_the_first_ring_is_answered_and_the_talk_is_heard_recorded_and_written(hotline: Instance) -> None:
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.5)
    caller = hotline.caller(NUMBER, CALLER)
    caller.reach("8000")
    caller.wait_heard("greeting")
    caller.wait_heard("recording-notice")
    choose_ordinary_repair(caller)
    caller.wait_tone(450)
    agent.wait_heard("whisper-repair")
    caller.wait_heard("serves-you")
    caller.wait_tone(AGENT.hertz, 8)
    agent.wait_tone(CALLER.hertz, 8)
    agent.hang_up()
    caller.wait_heard("goodbye")
    caller.wait_ended()

    record = call_of(hotline, NUMBER)
    assert (record.call.state, record.call.ended_by) == (CallState.ENDED, EndedBy.AGENT)
    assert [(ring.stage, ring.staff_number, ring.outcome, ring.rings) for ring in record.rings] == [
        ("group", "7001", Ring.CONNECTED, 1)
    ]
    ticket = ticket_of(hotline, record).ticket
    assert ticket.kind is TicketKind.REPAIR
    recording = stored_recording(hotline, record)
    assert recording.state is RecordingState.KEPT

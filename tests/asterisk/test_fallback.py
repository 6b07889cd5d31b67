"""With the application dead the fallback serves callers: help rings, a message has its number (R13-1, R17-1, R08-2)."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from models.calls.calls import Ring
from models.states.calls import CallState, EndedBy, RecordingKind, RecordingState
from models.states.tickets import TaskKind, TicketKind
from models.tables import Recording
from phones.faults import kept_dead, standing_still, store_gone, store_locked
from phones.instance import CARRIER, LiveHotline
from phones.microphone import Speech, tones
from phones.phone import Phone
from phones.raw import RawPhone, registered
from phones.sip import Reply
from phones.written import call_of, channels, filed_call, stored_recording, tasks_of, ticket_of
from recordings import speech

pytestmark = pytest.mark.asterisk

CALLER, FIRST, SECOND = tones(3)
NUMBER = "1390013910"


@pytest.fixture(scope="module")
def broken(quick: LiveHotline) -> Iterator[LiveHotline]:
    with kept_dead(quick, "ivr"):
        yield quick


@pytest.fixture
def without_ivr(broken: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """The hotline with short rings, whose application never starts."""
    return at_the_end(broken)


def reaching(hotline: LiveHotline, number: str, line: str = "8000") -> Phone:
    caller = hotline.caller(number, CALLER)
    caller.reach(line)
    return caller


def urgent(hotline: LiveHotline, number: str) -> Phone:
    caller = reaching(hotline, number)
    caller.wait_heard("fallback-menu", part=1)
    caller.press("1")
    caller.wait_heard("urgent-connecting")
    return caller


def leaves_words(caller: Phone, words: Speech) -> None:
    caller.wait_heard("leave-message")
    caller.wait_heard("beep")
    caller.say(words)
    time.sleep(3.5)  # speaking takes its time
    caller.press("#")


def test_an_urgent_repair_rings_technicians_and_monitoring_at_once_and_is_recorded(without_ivr: LiveHotline) -> None:
    hotline, number = without_ivr, f"{NUMBER}1"
    first, second, centre = hotline.phone("7020"), hotline.phone("7021", SECOND), hotline.phone("7030")
    caller = urgent(hotline, number)
    for phone in (first, second, centre):
        phone.wait_ringing()
    second.answer()
    second.wait_heard("whisper-urgent")
    caller.wait_spoken(speech.serves_you("7021"))  # R11-1
    first.wait_ended()
    centre.wait_ended()
    caller.wait_tone(SECOND.hertz, seconds=1)
    second.wait_tone(CALLER.hertz, seconds=1)
    second.hang_up()
    caller.wait_heard("goodbye")
    caller.wait_ended()

    record = call_of(hotline, number)
    assert (record.call.line, record.call.mode, record.call.ended_by) == ("8000", "fallback", EndedBy.AGENT)
    assert {(ring.staff_number, ring.stage): ring.outcome for ring in record.rings} == {
        ("7020", "urgent"): Ring.TAKEN,
        ("7021", "urgent"): Ring.CONNECTED,
        ("7030", "urgent"): Ring.TAKEN,
    }
    (talk,) = record.talks
    assert (talk.staff_number, talk.ended_by) == ("7021", EndedBy.AGENT)
    ticket = ticket_of(hotline, record).ticket
    assert (ticket.kind, ticket.first_receiver) == (TicketKind.URGENT_REPAIR, "7021")
    recording = stored_recording(hotline, record)
    assert (recording.kind, recording.state) == (RecordingKind.TALK, RecordingState.KEPT)
    assert recording.seconds > 0.8
    assert tasks_of(hotline, record) == []
    assert list(hotline.home.message_spool.iterdir()) == []


def test_nobody_answers_and_a_message_is_left_and_the_tickets_number_heard(
    without_ivr: LiveHotline, words: Speech
) -> None:
    hotline, number = without_ivr, f"{NUMBER}2"
    agent = hotline.phone("7001")
    caller = reaching(hotline, number)
    caller.wait_heard("fallback-menu", 25)
    caller.wait_heard("to-a-person")  # says nothing
    agent.wait_ringing()
    caller.wait_heard("nobody-free")
    agent.wait_ended()
    leaves_words(caller, words)
    caller.wait_heard("message-saved")
    written = call_of(hotline, number)
    ticket = ticket_of(hotline, written).ticket
    caller.wait_heard("due-before")
    caller.wait_spoken(speech.ticket_number(str(ticket.number)))
    caller.wait_heard("goodbye")
    caller.wait_ended()

    record = call_of(hotline, number)
    assert [(ring.staff_number, ring.stage, ring.outcome, ring.rings) for ring in record.rings] == [
        ("7001", "group", Ring.NO_ANSWER, 3)
    ]
    assert ticket.kind is TicketKind.MESSAGE
    recording = stored_recording(hotline, record)
    assert (recording.kind, recording.state) == (RecordingKind.MESSAGE, RecordingState.KEPT)
    assert 2.5 < recording.seconds < 5.5
    assert len(record.recordings) == 1
    assert list(hotline.home.message_spool.iterdir()) == []


def test_a_caller_who_hangs_up_while_the_phones_ring_has_a_ticket_and_is_owed_a_call(without_ivr: LiveHotline) -> None:
    hotline, number = without_ivr, f"{NUMBER}3"
    technician = hotline.phone("7020")
    caller = urgent(hotline, number)
    technician.wait_ringing()
    caller.hang_up()
    technician.wait_ended()
    record = call_of(hotline, number)
    assert (record.call.ended_by, record.call.end_reason) == (EndedBy.CALLER, "hung up while ringing")
    assert [ring.outcome for ring in record.rings] == [Ring.CALLER_GONE]
    assert ticket_of(hotline, record).ticket.kind is TicketKind.URGENT_REPAIR
    assert [(task.kind, task.number) for task in tasks_of(hotline, record)] == [(TaskKind.CALL_BACK, number)]
    assert record.recordings == []


BUSY, DECLINES, RINGS = (Reply("486 Busy Here"),), (Reply("603 Decline"),), (Reply("180 Ringing"),)
FORWARDS = (Reply("302 Moved Temporarily", ("Contact: <sip:7003@127.0.0.1>",)),)


@pytest.mark.parametrize(
    ("answers", "ended"),
    [
        ((FORWARDS, BUSY, DECLINES), [Ring.REDIRECTED, Ring.BUSY, Ring.DECLINED]),
        ((RINGS, BUSY, DECLINES), [Ring.NO_ANSWER, Ring.BUSY, Ring.DECLINED]),
        ((FORWARDS, RINGS, RINGS), [Ring.REDIRECTED, Ring.NO_ANSWER, Ring.NO_ANSWER]),
    ],
)
def test_each_of_several_phones_has_the_end_that_it_has_given_itself(
    without_ivr: LiveHotline, answers: tuple[tuple[Reply, ...], ...], ended: list[Ring]
) -> None:
    hotline, number = without_ivr, f"139001390{ended.count(Ring.BUSY)}{ended.count(Ring.REDIRECTED)}"
    with contextlib.ExitStack() as phones:
        for agent, answer in zip(("7001", "7002", "7003"), answers, strict=True):
            phones.enter_context(registered(hotline, agent, answer))
        caller = reaching(hotline, number)
        caller.wait_heard("to-a-person", 40)
        caller.wait_heard("leave-message", 40)
        caller.hang_up()
    assert [ring.outcome for ring in call_of(hotline, number).rings] == ended


@pytest.mark.parametrize("who", ["caller", "agent"])
def test_a_talk_whose_line_has_failed_was_ended_by_nobody_and_the_caller_is_owed_a_call(
    without_ivr: LiveHotline, who: str
) -> None:
    """Q.850 in the header Reason of BYE (RFC 3326), as the application judges it."""
    hotline, number = without_ivr, f"139001391{len(who)}9"
    with (
        registered(hotline, "7001") as agent,
        RawPhone(number, (hotline.site.sip.address, hotline.ports.sip), CARRIER) as caller,
    ):
        assert caller.invite("8000").status == 200
        agent.wait_rung(seconds=30)
        caller.media.wait_heard("serves-you", part=0.5)
        hotline.until(lambda: _bridged(hotline), "talk", 20)
        (caller if who == "caller" else agent).request("BYE", ["Reason: Q.850;cause=41"])
        if who == "agent":
            caller.media.wait_heard("interrupted")
            caller.media.wait_heard("leave-message")
            caller.request("BYE")
        record = call_of(hotline, number)
    assert [talk.ended_by for talk in record.talks] == [EndedBy.NETWORK]
    assert record.call.ended_by is (EndedBy.NETWORK if who == "caller" else EndedBy.CALLER)
    notes = {"caller": "cut off while talking", "agent": "hung up while leaving a message"}
    assert [(task.kind, task.note) for task in tasks_of(hotline, record)] == [(TaskKind.CALL_BACK, notes[who])]


def _bridged(hotline: LiveHotline) -> bool:
    """The fallback has joined the two."""
    return sum(channel["dialplan"]["app_name"] == "Bridge" for channel in channels(hotline)) > 0


def test_a_caller_who_ends_the_talk_is_owed_nothing(without_ivr: LiveHotline) -> None:
    hotline, number = without_ivr, f"{NUMBER}4"
    manager = hotline.phone("7050", FIRST)
    manager.when_it_rings("answer", after_s=0.2)
    caller = reaching(hotline, number, "8001")
    caller.wait_heard("fallback-menu", part=1)
    caller.press("2")
    manager.wait_heard("whisper-supervision")
    caller.wait_tone(FIRST.hertz, seconds=1)
    caller.hang_up()
    manager.wait_ended()
    record = call_of(hotline, number)
    assert (record.call.ended_by, record.call.end_reason) == (EndedBy.CALLER, "hung up while talking")
    assert [(talk.staff_number, talk.ended_by) for talk in record.talks] == [("7050", EndedBy.CALLER)]
    assert ticket_of(hotline, record).ticket.kind is TicketKind.COMPLAINT
    assert tasks_of(hotline, record) == []


@pytest.mark.parametrize("fault", [store_locked, store_gone])
def test_without_the_store_help_rings_and_a_message_is_filed_once_the_store_is_back(
    without_ivr: LiveHotline, words: Speech, fault: Callable[[LiveHotline], contextlib.AbstractContextManager[None]]
) -> None:
    hotline, number = without_ivr, f"{NUMBER}{5 + (fault is store_gone)}"
    technician = hotline.phone("7020")
    with fault(hotline):
        caller = hotline.caller(number)
        caller.reach("8000", 15)
        caller.wait_heard("fallback-menu", part=1)
        caller.press("1")
        technician.wait_ringing(15)
        caller.wait_heard("nobody-free", 30)
        leaves_words(caller, words)
        caller.wait_heard("message-saved")
        caller.wait_heard("goodbye")
        caller.wait_ended()
    record = filed_call(hotline, number)
    assert (record.call.mode, record.call.ended_by) == ("fallback", EndedBy.SYSTEM)
    assert [(ring.staff_number, ring.outcome) for ring in record.rings] == [("7020", Ring.NO_ANSWER)]
    assert ticket_of(hotline, record).ticket.kind is TicketKind.URGENT_REPAIR
    assert [(task.kind, task.number, task.times) for task in tasks_of(hotline, record)] == [
        (TaskKind.CALL_BACK, number, 1)
    ]
    assert stored_recording(hotline, record).state is RecordingState.KEPT
    every = hotline.store.read(lambda s: s.scalars(select(Recording).where(Recording.call_id == record.call.id)).all())
    assert len(every) == 1
    assert list(hotline.home.message_spool.iterdir()) == []


@pytest.mark.crowd
def test_thirty_callers_at_once_are_thirty_processes_and_each_call_is_saved(without_ivr: LiveHotline) -> None:
    hotline = without_ivr
    numbers = [f"136000000{number:02}" for number in range(30)]
    callers = [hotline.caller(number) for number in numbers]
    for caller in callers:
        caller.dial("8000")
    for caller in callers:
        caller.wait_heard("fallback-menu", 40, part=1)
    assert len(children_of(hotline.child("fallback")["pid"])) == 30
    for caller in callers:
        caller.hang_up()
    records = [call_of(hotline, number, 30) for number in numbers]
    assert {(record.call.mode, record.call.ended_by) for record in records} == {("fallback", EndedBy.CALLER)}
    assert [len(tasks_of(hotline, record)) for record in records] == [1] * 30


def test_the_dialplan_takes_the_caller_from_a_hung_fallback_within_seconds(without_ivr: LiveHotline) -> None:
    hotline, number = without_ivr, f"{NUMBER}7"
    caller = hotline.caller(number)
    with standing_still(hotline, "fallback"):
        began = time.monotonic()
        caller.reach("8000")
        assert time.monotonic() - began < 6
        caller.wait_heard("fallback-apology", part=1)
        caller.hang_up()
    record = filed_call(hotline, number)
    assert len(tasks_of(hotline, record)) == 1


def test_a_caller_who_hangs_up_on_a_hung_fallback_is_owed_a_call(without_ivr: LiveHotline) -> None:
    hotline, number = without_ivr, f"{NUMBER}8"
    caller = hotline.caller(number)
    with standing_still(hotline, "fallback"):
        caller.dial("8000")
        hotline.until(lambda: channels(hotline), "call in Asterisk")
        caller.hang_up()
        hotline.until(lambda: not channels(hotline), "end of the call")
    record = filed_call(hotline, number)
    assert len(tasks_of(hotline, record)) == 1


def test_the_dialplan_takes_the_caller_from_a_fallback_killed_during_the_call(without_ivr: LiveHotline) -> None:
    hotline, number = without_ivr, f"{NUMBER}9"
    caller = reaching(hotline, number)
    caller.wait_heard("fallback-menu", part=1)
    for child in children_of(hotline.child("fallback")["pid"]):
        os.kill(child, signal.SIGKILL)
    caller.wait_heard("fallback-apology", part=1)
    caller.hang_up()
    record = filed_call(hotline, number)
    assert (record.call.mode, record.call.state) == ("fallback", CallState.ENDED)
    assert len(tasks_of(hotline, record)) == 1


@pytest.mark.parametrize("moment", ["before the talk", "in the talk"])
def test_a_talk_goes_on_when_the_fallback_is_killed_and_the_call_is_saved(
    without_ivr: LiveHotline, moment: str
) -> None:
    """The dialplan files the call; it does not know of the talk, so the caller is called back."""
    hotline, number = without_ivr, "13800138804" if moment == "in the talk" else "13800138805"
    manager = hotline.phone("7050", FIRST)
    manager.when_it_rings("answer", after_s=0.2)
    caller = reaching(hotline, number, "8001")
    caller.wait_heard("fallback-menu", part=1)
    caller.press("2")
    if moment == "in the talk":
        caller.wait_tone(FIRST.hertz, 20, seconds=1)
    else:
        caller.wait_heard(speech.serves_you("7050")[0], part=0.3)
    for child in children_of(hotline.child("fallback")["pid"]):
        os.kill(child, signal.SIGKILL)
    caller.wait_tone(FIRST.hertz, 15, seconds=2)
    manager.wait_tone(CALLER.hertz, 15, seconds=2)
    manager.hang_up()
    caller.wait_ended()
    record = filed_call(hotline, number)
    assert (record.call.mode, record.call.state) == ("fallback", CallState.ENDED)
    assert [(task.kind, task.number) for task in tasks_of(hotline, record)] == [(TaskKind.CALL_BACK, number)]
    assert stored_recording(hotline, record).state is RecordingState.PARTIAL


def test_a_stopping_fallback_lets_a_call_finish_or_leaves_it_to_the_dialplan(
    without_ivr: LiveHotline,
) -> None:
    hotline, number = without_ivr, f"{NUMBER}0"
    caller = reaching(hotline, number)
    caller.wait_heard("fallback-menu", part=1)
    restarts = hotline.child("fallback")["restarts"]
    os.kill(hotline.child("fallback")["pid"], signal.SIGTERM)
    newcomer = hotline.caller(f"{NUMBER}00")
    newcomer.reach("8000")
    newcomer.wait_heard("fallback-apology", part=1)
    newcomer.hang_up()
    caller.wait_heard("fallback-apology", 20, part=1)
    caller.hang_up()
    hotline.wait_restarted("fallback", restarts)
    record = filed_call(hotline, number)
    assert len(tasks_of(hotline, record)) == 1


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]

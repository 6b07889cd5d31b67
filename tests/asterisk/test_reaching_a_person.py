"""A caller reaches a person within three rings, or the circle widens until an agent answers or a message is left."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import SystemClock
from models.states.calls import CallState, EndedBy, RecordingKind, RecordingState, Ring
from models.states.tickets import TicketKind, TicketState
from models.tables import RingRow, Ticket
from models.tickets import deadlines
from phones import choosing, hearing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of, stored_recording, ticket_of
from recordings import speech

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)


def outcomes(rings: list[RingRow]) -> list[tuple[str, str | None, Ring | None]]:
    return [(ring.stage, ring.staff_number, ring.outcome) for ring in rings]


def test_a_call_answered_on_the_first_ring_is_heard_recorded_and_saved(hotline: LiveHotline) -> None:
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.5)
    caller = hotline.caller("13800138001", CALLER)
    caller.reach("8000")
    caller.wait_heard("greeting")
    choosing.ordinary_repair(caller)
    caller.wait_heard("recording-notice")
    agent.wait_heard("whisper-repair")
    agent.wait_spoken(speech.ending("13800138001"))
    caller.wait_spoken(speech.serves_you("7001"))
    caller.wait_tone(AGENT.hertz, seconds=1)
    agent.wait_tone(CALLER.hertz, seconds=1)
    agent.hang_up()
    caller.wait_heard("goodbye")
    caller.wait_ended()

    record = call_of(hotline, "13800138001")
    assert (record.call.state, record.call.ended_by) == (CallState.ENDED, EndedBy.AGENT)
    assert outcomes(record.rings) == [("group", "7001", Ring.CONNECTED)]
    assert record.rings[0].rings == 1
    ticket = ticket_of(hotline, record).ticket
    assert (ticket.kind, ticket.first_receiver) == (TicketKind.REPAIR, "7001")
    recording = stored_recording(hotline, record)
    assert recording.state is RecordingState.KEPT
    assert (recording.call_id, recording.ticket_id) == (record.call.id, ticket.id)
    assert recording.path
    assert (hotline.home.path / recording.path).stat().st_size > 1000


def test_an_agent_who_answers_on_the_third_ring_has_the_call(true_rings: LiveHotline) -> None:
    agent = true_rings.phone("7001", AGENT)
    caller = true_rings.caller("13800138002", CALLER)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_ringing()
    agent.wait(lambda: agent.call.rang_s > 11, 12, "third ring")
    assert hearing.tone_seconds(caller.heard(), 450) >= 0.5, "after the first words the caller hears the ringing"
    agent.answer()
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_spoken(speech.serves_you("7001"))
    caller.wait_tone(AGENT.hertz, seconds=1)
    caller.hang_up()

    record = call_of(true_rings, "13800138002")
    assert outcomes(record.rings) == [("group", "7001", Ring.CONNECTED)]
    assert record.rings[0].rings == 3
    assert record.call.ended_by is EndedBy.CALLER


def test_after_three_rings_the_neighbours_ring_too_and_a_colleague_has_the_call(true_rings: LiveHotline) -> None:
    sleeper, colleague = true_rings.phone("7001"), true_rings.phone("7010", AGENT)
    caller = true_rings.caller("13800138003", CALLER)
    caller.reach("8000")
    choosing.person(caller)
    sleeper.wait_ringing()
    colleague.wait_ringing(18)
    assert 14.5 <= sleeper.call.rang_s <= 16.5, "the circle widens after three rings (R05-2)"
    colleague.wait(lambda: colleague.call.rang_s > 2, 3, "second look at the clock")
    colleague.answer()
    colleague.wait_heard("whisper-person")
    colleague.press("1")
    sleeper.wait_ended()
    caller.wait_spoken(speech.serves_you("7010"))
    colleague.wait_tone(CALLER.hertz, seconds=1)
    colleague.hang_up()
    caller.wait_ended()

    record = call_of(true_rings, "13800138003")
    assert outcomes(record.rings) == [("group", "7001", Ring.TAKEN), ("widened", "7010", Ring.CONNECTED)]
    assert [ring.rings for ring in record.rings] == [4, 1]


def by_when(hotline: LiveHotline, number: str) -> list[str]:
    """The words of the time at which the clock of this caller's ticket ends (R11-2)."""
    newest = select(Ticket).where(Ticket.caller_number == number).order_by(Ticket.id.desc()).limit(1)

    def ends(session: Session) -> datetime | None:
        ticket = session.scalars(newest).one()
        return deadlines.answer_by(session, ticket.id, after=ticket.opened_at)

    by, zone = hotline.store.read(ends), hotline.site.time_zone
    assert by is not None
    return speech.due(by.astimezone(zone), SystemClock().now().astimezone(zone))


def test_who_complains_by_key_hears_by_when_there_is_an_answer(hotline: LiveHotline) -> None:
    """R11-2: four hours from now (R08-3), before anybody is rung."""
    hotline.phone("7001", AGENT).when_it_rings("answer", after_s=0.5)
    caller = hotline.caller("13800138391", CALLER)
    caller.reach("8000")
    caller.wait_heard("menu", part=1)
    caller.press("2")
    caller.wait_heard("complaint-received")
    caller.wait_spoken(by_when(hotline, "13800138391"))
    caller.hang_up()
    caller.wait_ended()


def test_nobody_answers_and_the_message_is_kept_with_the_ticket(hotline: LiveHotline, owner: str) -> None:
    hotline.phone("7001")
    supervisor = hotline.phone("7050")
    caller = hotline.caller(owner, CALLER)
    caller.reach("8000")
    choosing.person(caller)
    supervisor.wait_ringing(15)
    caller.wait_heard("nobody-free", 15)
    choosing.words_of_a_message(caller)
    caller.press("#")
    caller.wait_heard("message-saved")
    number = str(hotline.store.read(newest_ticket))
    caller.wait_spoken(by_when(hotline, owner))
    caller.wait_spoken(["ticket-is", *speech.digits(number)])
    caller.wait_heard("goodbye")
    caller.wait_ended()

    record = call_of(hotline, owner)
    assert outcomes(record.rings) == [("group", "7001", Ring.NO_ANSWER), ("supervisor", "7050", Ring.NO_ANSWER)]
    assert record.owner
    assert record.owner.name == "王建国"
    recording = stored_recording(hotline, record)
    assert (recording.kind, recording.state) == (RecordingKind.MESSAGE, RecordingState.KEPT)
    assert recording.ticket_id == ticket_of(hotline, record).ticket.id
    assert "7001" in ivr_log(hotline), "the log names the agent who did not answer"


def test_agents_who_decline_pass_the_caller_on_at_once(hotline: LiveHotline) -> None:
    unwilling = [hotline.phone("7001"), hotline.phone("7002")]
    supervisor = hotline.phone("7050", AGENT)
    for agent in unwilling:
        agent.when_it_rings("reject", after_s=0.3)
    caller = hotline.caller("13800138005", CALLER)
    caller.reach("8000")
    choosing.person(caller)
    supervisor.wait_ringing(6)
    supervisor.answer()
    supervisor.wait_heard("whisper-person")
    supervisor.press("1")
    caller.wait_spoken(speech.serves_you("7050"))
    caller.hang_up()
    rings = outcomes(call_of(hotline, "13800138005").rings)
    assert sorted(rings) == [
        ("group", "7001", Ring.BUSY),
        ("group", "7002", Ring.BUSY),
        ("supervisor", "7050", Ring.CONNECTED),
        ("widened", "7001", Ring.BUSY),
        ("widened", "7002", Ring.BUSY),
    ]


def test_with_nobody_on_duty_a_message_is_taken_at_once(hotline: LiveHotline) -> None:
    caller = hotline.caller("13800138006", CALLER)
    caller.reach("8000")
    choosing.person(caller)
    caller.wait_heard("nobody-free")
    caller.hang_up()
    record = call_of(hotline, "13800138006")
    assert record.rings == []
    assert ticket_of(hotline, record).ticket.state is TicketState.NEW


def newest_ticket(session: Session) -> int:
    return session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one().number


def ivr_log(hotline: LiveHotline) -> str:
    return (hotline.home.logs / "ivr.log").read_text(encoding="utf-8")

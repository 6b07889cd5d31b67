"""More callers than agents, and several phones for one caller: waiting, call backs, and the first to press 1."""

from datetime import timedelta

import pytest

from models.states.calls import EndedBy, Ring
from models.states.tickets import TaskKind, TicketKind
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from phones.written import call_of, tasks_of, ticket_of
from recordings import speech

pytestmark = pytest.mark.asterisk

CALLER, FIRST, SECOND = tones(3)


def urgent_call(hotline: LiveHotline, number: str) -> Phone:
    caller = hotline.caller(number, CALLER)
    caller.reach("8000")
    choosing.urgent_repair(caller)
    return caller


def test_of_two_technicians_the_first_to_press_1_has_the_call(hotline: LiveHotline) -> None:
    first, second, third = hotline.phone("7020", FIRST), hotline.phone("7021", SECOND), hotline.phone("7030")
    for technician in (first, second):
        technician.when_it_rings("answer", after_s=0.4)
    caller = urgent_call(hotline, "13800138031")
    third.wait_ringing()
    for technician in (first, second):
        technician.wait_heard("whisper-urgent")
    second.press("1")
    first.press("1")
    loser = hotline.until(
        lambda: next((t for t in (first, second) if t.call.ended_at), None), "end of the slower's call"
    )
    winner = second if loser is first else first
    loser.wait_heard("taken-by-colleague")
    third.wait_ended()
    caller.wait_spoken(speech.serves_you(winner.number))
    caller.wait_tone(winner.mic.hertz, seconds=1)
    winner.wait_tone(CALLER.hertz, seconds=1)
    winner.hang_up()
    caller.wait_ended()

    record = call_of(hotline, "13800138031")
    assert {ring.staff_number: ring.outcome for ring in record.rings} == {
        winner.number: Ring.CONNECTED,
        loser.number: Ring.TAKEN,
        "7030": Ring.TAKEN,
    }
    assert len({ring.stage for ring in record.rings}) == 1, "all rang at once"
    ticket = ticket_of(hotline, record).ticket
    assert (ticket.kind, ticket.first_receiver) == (TicketKind.URGENT_REPAIR, winner.number)


def test_a_technicians_voicemail_box_does_not_get_the_call(hotline: LiveHotline) -> None:
    """R05-4: a phone on which nobody presses a key was not answered by a person."""
    box, technician = hotline.phone("7020", FIRST), hotline.phone("7021", SECOND)
    box.when_it_rings("answer", after_s=0.2)
    caller = urgent_call(hotline, "13800138032")
    box.wait_heard("accept-with-1", 25)
    technician.answer()
    technician.wait_heard("whisper-urgent")
    technician.press("1")
    caller.wait_spoken(speech.serves_you("7021"))
    caller.wait_tone(SECOND.hertz, seconds=1)
    caller.hang_up()
    record = call_of(hotline, "13800138032")
    assert [ring.staff_number for ring in record.rings if ring.outcome is Ring.CONNECTED] == ["7021"]


@pytest.fixture
def busy_agent(hotline: LiveHotline) -> Phone:
    """The only agent on duty, who is talking with a caller."""
    agent = hotline.phone("7001", FIRST)
    agent.when_it_rings("answer", after_s=0.2)
    talking = hotline.caller("13800138040")
    talking.reach("8000")
    choosing.person(talking)
    agent.wait_heard("whisper-person")
    agent.press("1")
    talking.wait_tone(FIRST.hertz, 15, seconds=0.5)
    return agent


def test_all_agents_are_talking_and_the_caller_requests_a_call_back(hotline: LiveHotline, busy_agent: Phone) -> None:
    caller = hotline.caller("13800138041", CALLER)
    caller.reach("8000")
    choosing.person(caller)
    caller.wait_heard("all-busy")
    caller.wait_heard("next-is-you")
    caller.wait_heard("queue-choices")
    caller.press("1")
    caller.wait_spoken(speech.call_back(30, "zh"))
    caller.wait_heard("goodbye", 20)
    caller.wait_ended()
    assert busy_agent.call.ended_at is None, "the talk was not disturbed"

    record = call_of(hotline, "13800138041")
    assert (record.call.ended_by, record.rings) == (EndedBy.SYSTEM, [])
    (task,) = tasks_of(hotline, record)
    assert (task.kind, task.number, task.owner_group) == (TaskKind.CALL_BACK, "13800138041", "agents")
    assert task.due_at - task.opened_at == timedelta(minutes=30)
    assert task.ticket_id == ticket_of(hotline, record).ticket.id


def test_a_changed_place_in_the_queue_is_announced_and_the_freed_agent_takes_the_next(
    hotline: LiveHotline, busy_agent: Phone
) -> None:
    first, second = hotline.caller("13800138042", CALLER), hotline.caller("13800138043", SECOND)
    first.reach("8000")
    choosing.person(first)
    first.wait_heard("next-is-you")
    second.reach("8000")
    choosing.person(second)
    second.wait_heard("queue-ahead-after")
    first.hang_up()
    second.wait_heard("still-busy")
    second.wait_heard("next-is-you")
    busy_agent.hang_up()
    busy_agent.wait_ringing()
    busy_agent.wait_heard("whisper-person")
    busy_agent.press("1")
    second.wait_spoken(speech.serves_you("7001"))
    second.wait_tone(FIRST.hertz, seconds=1)
    second.hang_up()
    assert call_of(hotline, "13800138042").call.end_reason == "hung up while waiting"
    assert [ring.outcome for ring in call_of(hotline, "13800138043").rings] == [Ring.CONNECTED]

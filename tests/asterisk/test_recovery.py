"""The application or Asterisk is killed during calls: talks go on, no caller is left in silence, rows agree (R13-1)."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import SystemClock
from models.instance.secrets import Secrets
from models.states.calls import CallState, EndedBy, RecordingKind, RecordingState, Ring
from models.states.tickets import Source, TaskKind, TicketEventKind, TicketKind, TicketState
from models.tables import Recording
from models.tickets import dispatch, intake, tickets
from models.tickets.intake import Facts
from phones import choosing
from phones.hearing import voices
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of, channels, played, tasks_of, ticket_of, wait_nothing_left
from recordings import speech
from tests.asterisk.conftest import ALONE

pytestmark = pytest.mark.asterisk

LONGEST_MUTE_S, LONGEST_WORDS_S = 20.0, 10.0
CALLER, AGENT, COLLEAGUE = tones(3)
IN_THE_MENU, RINGING, TALKING = "13800138061", "13800138062", "13800138063"


@pytest.fixture(scope="module")
def to_be_killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    with LiveHotline.running(tmp_path_factory.mktemp("killed"), policy=ALONE) as instance:
        yield instance


@pytest.fixture
def mortal(to_be_killed: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """The hotline as delivered, for tests that kill parts of it."""
    return at_the_end(to_be_killed)


def test_the_application_is_killed_with_callers_in_menu_ringing_and_talk(mortal: LiveHotline) -> None:
    agent, colleague = mortal.phone("7001", AGENT), mortal.phone("7002", COLLEAGUE)
    talking = mortal.caller(TALKING, CALLER)
    talking.reach("8000")
    choosing.person(talking)
    mortal.until(lambda: agent.calls or colleague.calls, "ringing of an agent")
    served_by, other = (agent, colleague) if agent.calls else (colleague, agent)
    served_by.answer()
    served_by.wait_heard("whisper-person")
    served_by.press("1")
    talking.wait_tone(served_by.mic.hertz, 15, seconds=1)
    ringing = mortal.caller(RINGING)
    ringing.reach("8000")
    choosing.ordinary_repair(ringing)
    other.wait_ringing()
    in_the_menu = mortal.caller(IN_THE_MENU)
    in_the_menu.reach("8000")
    in_the_menu.wait_heard("greeting", part=0.5)
    in_the_menu.press("9")
    in_the_menu.wait_heard("greeting", language="en")

    restarts, began = mortal.kill("ivr"), time.monotonic()
    talking.wait_tone(served_by.mic.hertz, 3, seconds=2)
    served_by.wait_tone(CALLER.hertz, 3, seconds=2)
    for cut_off, language in ((in_the_menu, "en"), (ringing, "zh")):
        apology = cut_off.wait_heard("interrupted", LONGEST_MUTE_S, part=1, language=language)
        assert apology.at - began < LONGEST_WORDS_S, "the words in English, which last for longer, are cut short"
    mortal.wait_restarted("ivr", restarts)
    in_the_menu.wait_heard("menu", part=1, language="en")
    other.wait_ringing(15)
    other.answer()
    other.wait_heard("whisper-person")
    other.press("1")
    ringing.wait_spoken(speech.serves_you(other.number))
    ringing.wait_tone(other.mic.hertz, seconds=1)

    talking.wait_tone(served_by.mic.hertz, 3, seconds=2)
    in_the_menu.hang_up()
    other.hang_up()
    served_by.hang_up()
    talking.wait_ended()
    ringing.wait_ended()
    wait_nothing_left(mortal)
    ends = {number: call_of(mortal, number).call for number in (IN_THE_MENU, RINGING, TALKING)}
    assert {call.state for call in ends.values()} == {CallState.ENDED}
    assert [call.ended_by for call in ends.values()] == [EndedBy.CALLER, EndedBy.AGENT, EndedBy.AGENT]
    assert call_of(mortal, TALKING).talked_seconds > 10
    rung = call_of(mortal, RINGING)
    assert [ring.outcome for ring in rung.rings] == [Ring.CALLER_GONE, Ring.CONNECTED]
    assert ticket_of(mortal, rung).ticket.first_receiver == other.number


def test_the_application_is_killed_while_a_note_is_spoken_and_what_was_said_is_kept(mortal: LiveHotline) -> None:
    """R10-4: from *32; the technician could not say whether to keep it."""
    given: dict[str, Any] = {"who": "7001", "at": SystemClock().now()}
    visit: dict[str, Any] = {"kind": TicketKind.REPAIR, "source": Source.VISIT, "language": "zh"}
    ticket = mortal.store.write(
        intake.new, facts=Facts(problem="the tap drips"), policy=mortal.policy, **visit, **given
    )
    mortal.store.write(dispatch.assign, ticket.id, staff_number="7020", **given)
    technician = mortal.phone("7020", AGENT)
    technician.reach(f"*32{ticket.number}")
    technician.wait_heard("ticket-acts", part=1)
    technician.press("5")
    technician.wait_heard("leave-message")
    technician.wait_heard("beep")
    technician.hears_now([], 3)
    restarts = mortal.kill("ivr")
    technician.hang_up()
    technician.wait_ended()
    mortal.wait_restarted("ivr", restarts)

    def kept(session: Session) -> Recording | None:
        note = select(Recording).where(Recording.ticket_id == ticket.id, Recording.kind == RecordingKind.SPOKEN_NOTE)
        return session.scalar(note.where(Recording.state == RecordingState.KEPT))

    note = mortal.until(lambda: mortal.store.read(kept), "stored note", 60)
    assert voices(played(mortal, note), [AGENT.hertz]) == {AGENT.hertz}
    record = mortal.store.read(tickets.get, ticket.id)
    assert record is not None
    noted = [(event.who, event.text) for event in record.events if event.kind is TicketEventKind.NOTED]
    assert noted == [("7020", "spoken-note-cut-off")]
    mortal.store.write(tickets.move, ticket.id, to=TicketState.DONE, who="7020", at=SystemClock().now())


def test_the_application_is_killed_between_the_agents_key_and_the_talk(mortal: LiveHotline) -> None:
    """The caller hears the agent's number: the agent has the call, and the two are not joined yet."""
    agent = mortal.phone("7001", AGENT)
    caller = mortal.caller("13800138803", CALLER)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_ringing()
    agent.answer()
    agent.wait_heard("whisper-person", part=0.5)
    agent.press("1")
    caller.wait_heard(speech.serves_you("7001")[0], part=0.3)
    mortal.kill("ivr")
    caller.wait_heard("interrupted", LONGEST_MUTE_S, part=1)
    agent.wait_ended()
    agent.wait_ringing(15)
    agent.answer()
    agent.wait_heard("whisper-person", part=0.5)
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    caller.hang_up()
    record = call_of(mortal, "13800138803")
    assert [ring.outcome for ring in record.rings] == [Ring.CONNECTED, Ring.CONNECTED]
    assert len(record.talks) == len(record.recordings) == 1
    assert tasks_of(mortal, record) == []


def test_a_caller_who_hangs_up_while_the_application_is_dead_is_owed_a_call_back(mortal: LiveHotline) -> None:
    agent = mortal.phone("7001")
    caller = mortal.caller("13800138064")
    caller.reach("8000")
    choosing.ordinary_repair(caller)
    agent.wait_ringing()
    restarts = mortal.kill("ivr")
    caller.hang_up()
    mortal.wait_restarted("ivr", restarts)
    agent.wait_ended(20)
    record = call_of(mortal, "13800138064")
    assert record.call.ended_by is EndedBy.NETWORK
    assert [(task.kind, task.number) for task in tasks_of(mortal, record)] == [(TaskKind.CALL_BACK, "13800138064")]


def test_the_application_is_killed_while_a_supervisor_has_joined_a_talk(mortal: LiveHotline) -> None:
    """R04-1: the supervisor is no lost caller, and nothing is left of the listening at the agent's telephone."""
    agent, supervisor = mortal.phone("7001", AGENT), mortal.phone("7050", COLLEAGUE)
    agent.when_it_rings("answer", after_s=0.3)
    caller = mortal.caller("13800138066", CALLER)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    supervisor.reach("*90")
    supervisor.wait_heard("monitor-pin", part=1)
    supervisor.press(Secrets.load_or_create(mortal.home, mortal.site).pins["7050"])
    supervisor.wait_heard("monitor-whom", part=1)
    supervisor.press("#")
    supervisor.wait_heard("monitor-listen", part=1)
    supervisor.press("3")
    supervisor.wait_heard("monitor-join")
    mortal.until(lambda: caller.hears_now([COLLEAGUE.hertz]), "supervisor's voice at the caller", 10)

    restarts = mortal.kill("ivr")
    supervisor.wait_heard("feature-unavailable", LONGEST_MUTE_S)
    supervisor.wait_ended()
    mortal.wait_restarted("ivr", restarts)
    caller.wait_tone(AGENT.hertz, seconds=2)
    agent.wait_tone(CALLER.hertz, seconds=2)
    agent.hang_up()
    caller.wait_heard("goodbye")
    wait_nothing_left(mortal)
    record = call_of(mortal, "13800138066")
    assert record.call.ended_by is EndedBy.AGENT
    assert (len(record.talks), len(record.recordings), tasks_of(mortal, record)) == (1, 1, [])


def test_asterisk_is_killed_in_a_talk_and_the_line_is_open_again(mortal: LiveHotline) -> None:
    agent = mortal.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.3)
    caller = mortal.caller("13800138065", CALLER)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)

    restarts = mortal.kill("asterisk")
    for phone in (caller, agent):
        phone.hang_up()  # Asterisk can no longer end their calls
    mortal.wait_restarted("asterisk", restarts)
    record = call_of(mortal, "13800138065")
    assert record.call.ended_by is EndedBy.NETWORK
    assert [(task.kind, task.number) for task in tasks_of(mortal, record)] == [(TaskKind.CALL_BACK, "13800138065")]
    assert channels(mortal) == []

    caller.reach("8000", 20)
    choosing.person(caller)
    agent.wait_ringing()
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    caller.hang_up()
    assert call_of(mortal, "13800138065").call.ended_by is EndedBy.CALLER

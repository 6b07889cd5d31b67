"""The customer has hung up: an agent without a console hears it, and says by key what becomes of the ticket (R11-3)."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from models.states.calls import EndedBy, RecordingKind
from models.states.tickets import TicketState
from models.tables import Recording, Ticket
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from phones.written import call_of, ticket_of
from recordings import speech
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)
BY_KEY = QUICK_RINGS | {"call.ask_agent": True, "call.ask_agent_from_s": 2, "notify.kinds": []}


@pytest.fixture(scope="module")
def by_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    with LiveHotline.running(tmp_path_factory.mktemp("by-key"), policy=BY_KEY) as instance:
        yield instance


@pytest.fixture
def hotline(by_key: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(by_key)


def after_a_talk(hotline: LiveHotline, number: str) -> tuple[Phone, Ticket]:
    """The agent's telephone is on the line when the customer has gone."""
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.5)
    caller = hotline.caller(number, CALLER)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_tone(CALLER.hertz, 30, seconds=3)
    caller.hang_up()
    caller.wait_ended()
    agent.wait_heard("customer-gone")
    agent.wait_heard("write-up-choices", part=1)
    record = call_of(hotline, number)
    hotline.until(lambda: call_of(hotline, number).call.ended_at, "the end of the call on file")
    return agent, ticket_of(hotline, record).ticket


def saves(agent: Phone, ticket: Ticket, *act: str) -> None:
    agent.wait_spoken([*speech.digits(str(ticket.number)), *act])
    agent.wait_heard("act-confirm", part=1)
    agent.press("1")
    agent.wait_heard("act-saved")


def now(hotline: LiveHotline, ticket: Ticket) -> Ticket:
    return hotline.store.read(lambda session: session.get_one(Ticket, ticket.id))


def test_a_department_is_chosen_by_key_and_the_ticket_is_dispatched_to_it(hotline: LiveHotline) -> None:
    """R10-1."""
    agent, ticket = after_a_talk(hotline, "13800138401")
    agent.press("2")
    agent.wait_spoken(["department-technician", "press", "number-2"])
    agent.press("2")
    saves(agent, ticket, "act-dispatch", "department-technician")
    agent.wait_heard("write-up-choices", part=1)
    agent.hang_up()
    agent.wait_ended()
    assert (now(hotline, ticket).state, now(hotline, ticket).department) == (TicketState.DISPATCHED, "engineering")
    call = call_of(hotline, "13800138401")
    assert call.call.ended_by is EndedBy.CALLER
    assert len(call.rings) == 1, "the agent is not rung again for it"


def test_a_note_is_spoken_and_then_the_ticket_is_settled(hotline: LiveHotline) -> None:
    agent, ticket = after_a_talk(hotline, "13800138402")
    agent.press("4")
    agent.wait_heard("leave-message")
    agent.wait_heard("beep")
    agent.hears_now([], 3)
    agent.press("#")
    agent.wait_heard("act-note")
    agent.wait_tone(AGENT.hertz, seconds=2)
    agent.wait_heard("act-confirm", part=1)
    agent.press("1")
    agent.wait_heard("act-saved")
    agent.wait_heard("write-up-choices", part=1)
    agent.press("1")
    saves(agent, ticket, "act-done")
    agent.hang_up()
    agent.wait_ended()
    assert now(hotline, ticket).state is TicketState.DONE
    recordings = hotline.store.read(lambda s: list(s.scalars(select(Recording).filter_by(ticket_id=ticket.id))))
    assert RecordingKind.SPOKEN_NOTE in {one.kind for one in recordings}


def test_who_hangs_up_has_changed_nothing(hotline: LiveHotline) -> None:
    agent, ticket = after_a_talk(hotline, "13800138403")
    agent.press("1")
    agent.wait_heard("act-done")
    agent.hang_up()
    agent.wait_ended()
    assert now(hotline, ticket).state is TicketState.NEW

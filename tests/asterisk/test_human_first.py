"""In human-first mode the caller hears real ringing and a person, and the menu only after three rings (GB/T 33358)."""

from collections.abc import Callable, Iterator

import pytest

from models.states.calls import Ring
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of, ticket_of
from recordings import speech
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)


@pytest.fixture(scope="module")
def without_a_menu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    policy = QUICK_RINGS | {"answer.mode": "human-first"}
    with LiveHotline.running(tmp_path_factory.mktemp("human-first"), policy=policy) as instance:
        yield instance


@pytest.fixture
def human_first(without_a_menu: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(without_a_menu)


def test_a_person_answers_and_the_call_is_free_until_then(human_first: LiveHotline) -> None:
    agent = human_first.phone("7001", AGENT)
    caller = human_first.caller("13800138421", CALLER)
    caller.dial("8000")
    agent.wait_ringing()
    caller.wait_ringing()
    assert caller.call.answered_at is None, "a caller who waits for a person pays nothing yet"
    agent.answer()
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_heard("greeting")
    caller.wait_heard("recording-notice")
    caller.wait_spoken(speech.serves_you("7001"))
    caller.wait_tone(AGENT.hertz, seconds=1)
    caller.hang_up()
    record = call_of(human_first, "13800138421")
    assert (record.call.menu_path, [ring.outcome for ring in record.rings]) == ("", [Ring.CONNECTED])
    assert ticket_of(human_first, record).ticket.first_receiver == "7001"


def test_nobody_answers_and_the_caller_may_still_call_the_technicians(human_first: LiveHotline) -> None:
    agent = human_first.phone("7001")
    caller = human_first.caller("13800138422")
    caller.dial("8000")
    agent.wait_ringing()
    caller.wait_heard("greeting", 20)
    caller.wait_heard("recording-notice")
    technician = human_first.phone("7020", AGENT)
    caller.wait_heard("urgent-or-message", part=1)
    caller.press("1")
    technician.wait_ringing()
    technician.answer()
    technician.wait_heard("whisper-urgent")
    technician.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    caller.hang_up()
    record = call_of(human_first, "13800138422")
    assert [(ring.stage, ring.outcome) for ring in record.rings] == [
        ("group", Ring.NO_ANSWER),
        ("urgent", Ring.CONNECTED),
    ]

"""The general manager's hotline keeps its hours (R03-1); supervision (R08-4) and switchboard (R14-1) are answered."""

from collections.abc import Callable, Iterator

import pytest

from models.clock import SystemClock
from models.states.calls import RecordingState, Ring
from models.states.tickets import TicketKind
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of, stored_recording, ticket_of
from recordings import speech

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)


@pytest.fixture(scope="module")
def on_a_day_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """A hotline whose general manager has hours on one day only: the day after tomorrow."""
    day = (SystemClock().now().isoweekday() + 1) % 7 + 1
    hours = {
        "general_manager.weekdays": [day],
        "general_manager.open_on_make_up_days": False,
    }
    with LiveHotline.running(tmp_path_factory.mktemp("day-off"), policy=hours) as instance:
        yield instance


@pytest.fixture
def closed(on_a_day_off: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(on_a_day_off)


def test_outside_its_hours_the_general_managers_line_announces_them_and_takes_a_message(closed: LiveHotline) -> None:
    manager = closed.phone("7060")
    caller = closed.caller("13800138051", CALLER)
    caller.reach("8002")
    caller.wait_heard("gm-welcome")
    hours = closed.policy.general_manager
    caller.wait_spoken(["gm-hours", *speech.opening_hours(hours.hours, hours.weekdays), "gm-holidays"], 25)
    caller.wait_heard("gm-choices", part=1)
    caller.press("1")
    choosing.words_of_a_message(caller)
    caller.press("#")
    caller.wait_heard("message-saved")
    caller.wait_ended(20)
    assert manager.calls == []
    record = call_of(closed, "13800138051")
    ticket = ticket_of(closed, record).ticket
    assert (record.call.menu_path, ticket.kind) == ("closed-message", TicketKind.GENERAL_MANAGER)
    recording = stored_recording(closed, record)
    assert (recording.state, recording.ticket_id) == (RecordingState.KEPT, ticket.id)


def test_outside_its_hours_key_2_leads_to_the_service_hotline(closed: LiveHotline) -> None:
    caller = closed.caller("13800138052")
    caller.reach("8002")
    caller.wait_heard("gm-hours")
    caller.press("2")
    choosing.person(caller)
    caller.wait_heard("leave-message", part=1)
    caller.hang_up()
    assert call_of(closed, "13800138052").call.menu_path == "closed-hotline>person"


@pytest.mark.parametrize(
    ("line", "staff", "welcome", "whisper", "kind"),
    [
        ("8001", "7050", "supervision-welcome", "whisper-supervision", TicketKind.COMPLAINT),
        ("8003", "7001", "recording-notice", "whisper-switchboard", TicketKind.ENQUIRY),
    ],
)
def test_the_line_is_answered_by_its_own_group(
    hotline: LiveHotline, owner: str, line: str, staff: str, welcome: str, whisper: str, kind: TicketKind
) -> None:
    person = hotline.phone(staff, AGENT)
    person.when_it_rings("answer", after_s=0.2)
    caller = hotline.caller(owner, CALLER)
    caller.reach(line)
    caller.wait_heard(welcome)
    person.wait_heard(whisper)
    person.wait_spoken(speech.room("3", "1201", "zh"))
    caller.wait_spoken(speech.serves_you(staff))
    caller.wait_tone(AGENT.hertz, seconds=1)
    caller.hang_up()
    record = call_of(hotline, owner)
    assert [ring.outcome for ring in record.rings] == [Ring.CONNECTED]
    assert ticket_of(hotline, record).ticket.kind is kind

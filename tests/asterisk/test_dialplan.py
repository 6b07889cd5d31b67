"""What each phone may dial: help always, colleagues and lines where permitted, and an announcement for the rest."""

from collections.abc import Callable, Iterator

import pytest

from phones.instance import LiveHotline
from phones.microphone import tones
from phones.network import public_number
from phones.phone import NothingHappened, Phone
from phones.written import call_of
from recordings import speech

pytestmark = pytest.mark.asterisk

CALLER, OPERATOR, COLLEAGUE = tones(3)
NUMBER = "13800138451"
_STRANGERS_PLACE = 81
SILENT_TRUNK = "127.0.0.9"


@pytest.fixture(scope="module")
def dead_trunk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """A hotline whose carrier is an address that never answers."""
    folder = tmp_path_factory.mktemp("dead-trunk")
    with LiveHotline.running(folder, site={"carrier.addresses": [SILENT_TRUNK]}) as instance:
        yield instance


# --- emergency calls ---


def test_the_front_desk_is_notified_of_an_emergency_call_while_it_is_connected(hotline: LiveHotline) -> None:
    desk = hotline.phone("7001")
    with public_number(hotline, "110", OPERATOR) as police:
        caller = hotline.phone("1101", CALLER)
        caller.dial("110")
        police.wait_ringing()
        police.answer()
        assert desk.wait_ringing().number == "1101"
        desk.answer()
        desk.wait_heard("emergency-told")
        desk.wait_spoken(["emergency-phone", *speech.digits("1101")])
        desk.wait_spoken(["emergency-number", *speech.digits("110")])
        caller.wait_tone(OPERATOR.hertz)
        caller.hang_up()
        police.wait_ended()
        desk.hang_up()


def test_while_the_trunk_is_dead_the_front_desk_is_rung_again_and_speaks_with_the_caller(
    dead_trunk: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]
) -> None:
    hotline = at_the_end(dead_trunk)
    desk, caller = hotline.phone("7001", COLLEAGUE), hotline.phone("1102", CALLER)
    caller.dial("120")
    desk.wait_ringing()  # notified at once
    desk.answer()
    desk.wait_heard("emergency-told")
    desk.hang_up()
    desk.wait(lambda: len(desk.calls) == 2 and desk.call.ended_at is None, 15, "the second notice")
    assert (desk.call.number, desk.call.name) == ("1102", "SOS 120")
    desk.answer()
    desk.wait_heard("emergency-told", part=1)
    desk.press("1")
    caller.wait_tone(COLLEAGUE.hertz)
    desk.wait_tone(CALLER.hertz)
    caller.hang_up()
    desk.wait_ended()


# --- who may dial what ---


@pytest.mark.parametrize(
    ("phone", "number", "announcement"),
    [
        ("7020", "7999", "number-unknown"),
        ("1101", "5", "number-unknown"),
        ("1101", "*77", "number-unknown"),
        ("7020", "7021", "number-unavailable"),  # it exists, but is not registered
        ("1101", "1102", "not-permitted"),  # R21-3
        ("1101", "7001", "not-permitted"),
    ],
)
def test_a_number_that_leads_nowhere_is_answered_with_an_announcement(
    hotline: LiveHotline, phone: str, number: str, announcement: str
) -> None:
    rung = [hotline.phone(other) for other in ("1102", "7001")]
    caller = hotline.phone(phone)
    caller.dial(number)
    caller.wait_heard(announcement)
    caller.wait_ended()
    assert [other.calls for other in rung] == [[], []]


@pytest.mark.parametrize("number", ["7002", "1101"])
def test_staff_reach_each_other_and_the_rooms(hotline: LiveHotline, number: str) -> None:
    called, caller = hotline.phone(number, COLLEAGUE), hotline.phone("7020", CALLER)
    caller.dial(number)
    assert called.wait_ringing().number == "7020"
    caller.wait_ringing()
    called.answer()
    caller.wait_tone(COLLEAGUE.hertz)
    called.wait_tone(CALLER.hertz)
    called.hang_up()
    caller.wait_ended()


def test_a_room_that_dials_0_reaches_the_front_desk(hotline: LiveHotline) -> None:
    desk, room = hotline.phone("7001"), hotline.phone("1101")
    room.dial("0")
    room.wait_heard("switchboard-welcome")
    desk.wait_ringing()
    room.hang_up()
    assert call_of(hotline, "1101").call.line == "8003"


@pytest.mark.parametrize("number", ["7001", "110", "9110", "7999"])
def test_the_public_network_reaches_our_lines_only(hotline: LiveHotline, number: str) -> None:
    rung, caller = hotline.phone("7001"), hotline.caller(NUMBER)
    caller.dial(number)
    assert caller.wait_ended().status == 404
    assert rung.calls == []


def test_a_stranger_on_the_network_reaches_nobody(hotline: LiveHotline) -> None:
    """Neither a foreign address nor a wrong password gets in."""
    control, rtp = hotline.ports.phone(_STRANGERS_PLACE)
    folder = hotline.home.path / "phones" / "stranger"
    server = f"{hotline.site.sip.address}:{hotline.ports.sip}"
    with Phone("8888", None, server, folder, control, rtp, address="127.0.0.3") as stranger:
        stranger.dial("8000")
        assert stranger.wait_ended().status == 401
    with Phone("7001", "not-the-password", server, folder, control, rtp) as thief:
        thief.wait(lambda: any(event.kind == "not registered" for event in thief.log), 5, "refusal")
        with pytest.raises(NothingHappened):
            thief.registered(0.5)

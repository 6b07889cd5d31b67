"""What a rung telephone answers never starts a call: nobody rings whom the hotline has not chosen."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import SystemClock
from models.instance.secrets import Secrets
from models.people import presence
from models.states.calls import Ring
from models.states.people import PresenceState
from models.tables import Staff, Talk
from phones import choosing
from phones.faults import kept_dead
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.network import public_number
from phones.phone import Phone
from phones.raw import RawPhone, forwarding, registered
from phones.sip import RINGS_AND_ANSWERS, Reply, moved_to
from phones.written import call_of, channels
from recordings import speech
from scheduler import duty_phone
from scheduler.duty_phone import AlarmAbout

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)
NUMBER = "13800138471"
TARGETS = ["7003", "8000", "110"]
"""A colleague, a line of ours, the police."""
CHANNELS = ["Local%2F7003%40colleagues", "PJSIP%2F7003", "PJSIP/7003"]
"""The colleague once more, by names that Asterisk takes for a channel."""
POLICE = ["Local%2F110%40emergency", "PJSIP%2Fcarrier%2Fsip%3A110%40127.0.0.2%3A{carrier}"]
"""The police, in the same way."""


@pytest.fixture
def police(hotline: LiveHotline) -> Iterator[Phone]:
    with public_number(hotline, "110") as phone:
        yield phone


@pytest.fixture
def bystander(hotline: LiveHotline) -> Iterator[Phone]:
    """The colleague on a break, whom nobody may ring; after 7001, 7002 is the next to be rung."""

    def rested(session: Session) -> None:
        session.get_one(Staff, "7001").idle_since = None
        session.get_one(Staff, "7002").idle_since = SystemClock().now()

    hotline.store.write(rested)
    hotline.store.write(presence.say, "7003", PresenceState.BREAK, at=SystemClock().now())
    yield hotline.phone("7003")
    hotline.store.write(presence.say, "7003", PresenceState.ON_DUTY, at=SystemClock().now())


def nobody_else_was_rung(*phones: Phone) -> None:
    assert [phone.number for phone in phones if phone.calls] == []


@pytest.mark.parametrize("to", [*TARGETS, *CHANNELS, *POLICE])
def test_an_agents_telephone_that_forwards_its_calls_does_not_get_this_one(
    hotline: LiveHotline, bystander: Phone, police: Phone, to: str
) -> None:
    """R05-2: the next colleague rings."""
    colleague, caller = hotline.phone("7002", AGENT), hotline.caller(NUMBER, CALLER)
    with forwarding(hotline, "7001", to.format(carrier=hotline.ports.carrier)) as phone:
        caller.reach("8000")
        choosing.person(caller)
        phone.wait_rung()
        colleague.wait_ringing()
        assert len(channels(hotline)) == 2
        colleague.answer()
        caller.wait_tone(AGENT.hertz, 20)
        caller.hang_up()
        colleague.wait_ended()
        assert len(phone.rung) == 1
    nobody_else_was_rung(bystander, police)
    rung = [(ring.staff_number, ring.outcome) for ring in call_of(hotline, NUMBER).rings]
    assert rung == [("7001", Ring.REDIRECTED), ("7002", Ring.CONNECTED)]
    assert "telephone 7001 forwards its calls" in (hotline.home.logs / "ivr.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ("404 Not Found", Ring.UNREACHABLE),
        ("480 Temporarily Unavailable", Ring.NO_ANSWER),
        ("486 Busy Here", Ring.BUSY),
        ("500 Server Internal Error", Ring.UNREACHABLE),
        ("503 Service Unavailable", Ring.UNREACHABLE),
        ("603 Decline", Ring.DECLINED),
    ],
)
def test_whatever_a_rung_telephone_answers_has_a_name_and_the_next_colleague_rings(
    hotline: LiveHotline, bystander: Phone, says: str, outcome: Ring
) -> None:
    """R05-2."""
    colleague, caller = hotline.phone("7002", AGENT), hotline.caller(NUMBER, CALLER)
    with registered(hotline, "7001", (Reply("180 Ringing"), Reply(says))) as phone:
        caller.reach("8000")
        choosing.person(caller)
        phone.wait_rung()
        colleague.wait_ringing()
        colleague.answer()
        caller.wait_tone(AGENT.hertz, 20)
        caller.hang_up()
        colleague.wait_ended()
        assert len(phone.rung) == 1
    nobody_else_was_rung(bystander)
    rung = [(ring.staff_number, ring.outcome) for ring in call_of(hotline, NUMBER).rings]
    assert rung == [("7001", outcome), ("7002", Ring.CONNECTED)]


def test_a_telephone_that_is_heard_to_ring_without_saying_so_has_its_three_rings(
    hotline: LiveHotline, bystander: Phone
) -> None:
    """R05-2: 183 with sound is ringing as well as 180."""
    colleague, caller = hotline.phone("7002", AGENT), hotline.caller(NUMBER, CALLER)
    with registered(hotline, "7001", (Reply("183 Session Progress"),)) as phone:
        caller.reach("8000")
        choosing.person(caller)
        phone.wait_rung()
        colleague.wait_ringing(20)
        colleague.answer()
        caller.wait_tone(AGENT.hertz, 20)
        caller.hang_up()
        colleague.wait_ended()
    silent = next(ring for ring in call_of(hotline, NUMBER).rings if ring.staff_number == "7001")
    assert silent.ringing_at is not None
    assert silent.rings >= hotline.policy.answer.rings


@pytest.mark.parametrize("to", [*TARGETS, *CHANNELS])
def test_a_colleague_who_is_dialled_and_forwards_his_calls_is_not_reached(
    hotline: LiveHotline, bystander: Phone, police: Phone, to: str
) -> None:
    caller = hotline.phone("7020")
    with forwarding(hotline, "7001", to) as phone:
        caller.dial("7001")
        phone.wait_rung()
        caller.wait_ended()
        assert len(phone.rung) == 1
    nobody_else_was_rung(bystander, police)


@pytest.mark.parametrize("to", ["7020", "8000", "Local%2F7020%40colleagues", "PJSIP%2F7020"])
def test_a_front_desk_that_forwards_its_calls_starts_none_while_an_emergency_call_goes_out(
    hotline: LiveHotline, police: Phone, to: str
) -> None:
    """The front desk is notified, and rung again for help after 10 s."""
    caller, technician = hotline.phone("1101"), hotline.phone("7020")
    with forwarding(hotline, "7001", to) as phone:
        caller.dial("110")
        police.wait_ringing()
        phone.wait_rung(2, 15)
        police.answer()
        caller.wait_answered()
        caller.hang_up()
        police.wait_ended()
        assert len(phone.rung) == 2
        assert len(police.calls) == 1
    nobody_else_was_rung(technician)


@pytest.mark.parametrize("to", [*TARGETS, *CHANNELS])
def test_without_the_application_a_telephone_that_forwards_its_calls_starts_none(
    quick: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline], bystander: Phone, police: Phone, to: str
) -> None:
    hotline = at_the_end(quick)
    with kept_dead(hotline, "ivr"), forwarding(hotline, "7001", to) as phone:
        caller = hotline.caller(NUMBER, CALLER)
        caller.reach("8000")
        caller.wait_heard("to-a-person", 30)
        phone.wait_rung()
        caller.wait_heard("leave-message", 20)
        caller.hang_up()
        assert len(phone.rung) == 1
    nobody_else_was_rung(bystander, police)
    rung = [(ring.staff_number, ring.outcome) for ring in call_of(hotline, NUMBER).rings]
    assert rung == [("7001", Ring.REDIRECTED)]


@pytest.mark.parametrize("to", [*TARGETS, *CHANNELS, *POLICE])
def test_a_monitoring_centre_that_forwards_its_calls_starts_none_when_the_alarm_rings(
    hotline: LiveHotline, bystander: Phone, police: Phone, to: str
) -> None:
    """R17-5: the scheduler's one call (decision 1)."""
    with forwarding(hotline, "7030", to.format(carrier=hotline.ports.carrier)) as phone:
        duty_phone.ring(hotline.home, hotline.site, "fault-forwarded", AlarmAbout.CALLS)
        phone.wait_rung()
        hotline.until(lambda: not channels(hotline), "end of the alarm")
        assert len(phone.rung) == 1
    nobody_else_was_rung(bystander, police)


@pytest.mark.parametrize("to", [*CHANNELS, *POLICE])
def test_a_telephone_that_forwards_a_call_after_the_application_has_died_starts_none(
    hotline: LiveHotline, bystander: Phone, police: Phone, to: str
) -> None:
    """R13-1: the caller is taken up again, and nobody else in his place."""
    caller = hotline.caller(NUMBER, CALLER)
    where = f"sip:{to.format(carrier=hotline.ports.carrier)}@{hotline.site.sip.address}:{hotline.ports.sip}"
    with registered(hotline, "7001", (Reply("180 Ringing"),)) as phone:
        caller.reach("8000")
        choosing.person(caller)
        phone.wait_rung()
        with kept_dead(hotline, "ivr"):
            phone.replies(moved_to(where))
            hotline.until(lambda: len(channels(hotline)) == 1, "end of the leg")
        caller.wait_heard("interrupted", 30)
        caller.hang_up()
        caller.wait_ended()
    nobody_else_was_rung(bystander, police)
    assert call_of(hotline, NUMBER).rings[0].outcome is Ring.CALLER_GONE


def test_a_telephone_that_says_it_is_being_forwarded_goes_on_ringing(
    hotline: LiveHotline, bystander: Phone, police: Phone
) -> None:
    """181 and its Contact are words only."""
    caller = hotline.phone("7020")
    where = f"Contact: <sip:110@{hotline.site.sip.address}:{hotline.ports.sip}>"
    says = (Reply("180 Ringing"), Reply("181 Call Is Being Forwarded", (where,)), Reply("200 OK"))
    with registered(hotline, "7001", says) as phone:
        caller.reach("7001")
        assert len(phone.rung) == 1
        caller.hang_up()
        caller.wait_ended()
    nobody_else_was_rung(bystander, police)


def talking(hotline: LiveHotline, caller: Phone, phone: RawPhone) -> None:
    caller.reach("8000")
    choosing.person(caller)
    phone.wait_rung()
    caller.wait_spoken(speech.serves_you("7001"), 20)
    going_on = select(Talk).where(Talk.ended_at.is_(None))
    hotline.until(lambda: hotline.store.read(lambda session: session.scalar(going_on)), "talk")


def test_a_telephones_own_transfer_moves_no_call(hotline: LiveHotline, bystander: Phone, police: Phone) -> None:
    """REFER, blind and with Replaces: transfers go through the hotline, which asks first (R05-4)."""
    caller, host = hotline.caller(NUMBER, CALLER), f"{hotline.site.sip.address}:{hotline.ports.sip}"
    replaces = "?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc"
    with registered(hotline, "7001", RINGS_AND_ANSWERS) as phone:
        talking(hotline, caller, phone)
        for target in (f"<sip:110@{host}>", f"<sip:7003@{host}>", f"<sip:7003@{host}{replaces}>"):
            phone.send("REFER", [f"Refer-To: {target}", "Referred-By: <sip:7001@hotline>"])
            assert phone.holds(False).status == 200, "Asterisk has read what came before"
        assert [m.first for m in phone.received if m.status and m.method == "REFER" and m.status < 300] == []
        assert len(channels(hotline)) == 2
        phone.request("BYE")
        caller.wait_heard("goodbye")
        caller.wait_ended()
    nobody_else_was_rung(bystander, police)


def test_an_invite_with_replaces_does_not_take_a_talk_over(hotline: LiveHotline, bystander: Phone) -> None:
    """A stranger to the talk, though it knows its names, has to prove who it is, and is then a caller of its own."""
    caller = hotline.caller(NUMBER, CALLER)
    with registered(hotline, "7001", RINGS_AND_ANSWERS) as phone:
        talking(hotline, caller, phone)
        assert phone.dialog is not None
        tag = r";tag="
        ours, theirs = phone.dialog.local.partition(tag)[2], phone.dialog.remote.partition(tag)[2]
        replaces = f"Replaces: {phone.dialog.call_id};to-tag={ours};from-tag={theirs}"
        with RawPhone("7002", phone.server) as thief:
            assert thief.invite("7001", headers=[replaces]).status == 401
            password = Secrets.load_or_create(hotline.home, hotline.site).sip["7002"]
            assert thief.invite("7022", headers=[replaces], password=password).status != 401
        hotline.until(lambda: len(channels(hotline)) == 2, "the end of what it heard: 7022 is not there")
        assert not phone.dialog.ended
        caller.hang_up()
    nobody_else_was_rung(bystander)

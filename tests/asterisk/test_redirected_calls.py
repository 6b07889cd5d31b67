"""Whom the hotline calls on its own account, or rings for a transfer, sends its call nowhere else (SIP 302)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from models.clock import SystemClock
from models.guests import wakeup_attempts
from models.people import presence
from models.states.calls import AttemptOutcome, Ring, TransferState
from models.states.guests import Confirmed, KnockOutcome
from models.states.people import PresenceState
from models.states.tickets import StepOutcome
from models.tables import Attempt, CallToMake
from models.tables.wakeups import Knock
from phones import choosing
from phones.instance import CARRIER, LiveHotline
from phones.network import public_number
from phones.phone import Phone
from phones.raw import RawPhone, forwarding
from phones.sip import moved_to
from phones.written import call_of, tasks_of
from recordings import speech
from tests.asterisk import test_escalation, test_transfer
from tests.asterisk.test_call_back import call_back
from tests.asterisk.test_follow_up import AT_ONCE, is_done, where_it_is_noon
from tests.asterisk.test_redirected import nobody_else_was_rung
from tests.asterisk.test_wake_up import IN_SECONDS, attempts, ordered

pytestmark = pytest.mark.asterisk

TARGETS = ["PJSIP%2F7003", "PJSIP%2Fcarrier%2Fsip%3A110%40127.0.0.2%3A{carrier}"]
"""A colleague and the police, by names that Asterisk takes for a channel; test_redirected has more."""
AT_ONCE_AND_SHORT = IN_SECONDS | AT_ONCE | test_escalation.QUICK_LADDER | {"menu.tries": 2}


@pytest.fixture(scope="module")
def of_the_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    site = {"site.time_zone": where_it_is_noon(SystemClock().now())}
    with LiveHotline.running(tmp_path_factory.mktemp("calling"), site=site, policy=AT_ONCE_AND_SHORT) as instance:
        yield instance


@pytest.fixture
def hotline(of_the_file: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """A hotline that makes every call of its own within seconds."""
    return at_the_end(of_the_file)


@pytest.fixture
def bystander(hotline: LiveHotline) -> Iterator[Phone]:
    """The colleague on a break, whom nobody may ring."""
    hotline.store.write(presence.say, "7003", PresenceState.BREAK, at=SystemClock().now())
    yield hotline.phone("7003")
    hotline.store.write(presence.say, "7003", PresenceState.ON_DUTY, at=SystemClock().now())


@contextmanager
def redirects(hotline: LiveHotline, number: str, to: str) -> Iterator[RawPhone]:
    with forwarding(hotline, number, to.format(carrier=hotline.ports.carrier)) as phone:
        yield phone


@contextmanager
def the_network_redirects(hotline: LiveHotline, to: str) -> Iterator[RawPhone]:
    """The carrier's answer to every call."""
    server = (hotline.site.sip.address, hotline.ports.sip)
    where = f"sip:{to.format(carrier=hotline.ports.carrier)}@{server[0]}:{server[1]}"
    with RawPhone("carrier", server, CARRIER, moved_to(where), hotline.ports.carrier) as carrier:
        yield carrier


def outcomes(hotline: LiveHotline, number: str) -> list[AttemptOutcome | None]:
    """Of the calls to this customer."""
    mine = select(Attempt).join(CallToMake, CallToMake.id == Attempt.call_to_make_id).order_by(Attempt.id)
    mine = mine.where(CallToMake.number == number)
    return hotline.store.read(lambda session: [attempt.outcome for attempt in session.scalars(mine)])


@pytest.mark.parametrize("to", TARGETS)
def test_neither_the_guest_nor_the_floor_attendant_is_called_elsewhere(
    hotline: LiveHotline, bystander: Phone, to: str
) -> None:
    """R21-11: the wake-up has reached nobody, and the knock has not either."""
    with (
        public_number(hotline, "110") as police,
        redirects(hotline, "1102", to) as guest,
        redirects(hotline, "7040", to) as attendant,
    ):
        wakeup_id = ordered(hotline, "1102", guest=to[:20])
        guest.wait_rung(seconds=10)
        attendant.wait_rung(seconds=20)
        knocks = select(Knock.outcome).where(Knock.wakeup_id == wakeup_id, Knock.staff_number == "7040")
        outcome = hotline.until(lambda: hotline.store.read(lambda session: session.scalar(knocks)), "end of the knock")
        at = SystemClock().now()
        hotline.store.write(wakeup_attempts.confirm, "1102", by="7001", how=Confirmed.CODE, at=at)
        nobody_else_was_rung(bystander, police)
    assert outcome is KnockOutcome.REDIRECTED
    assert hotline.store.read(attempts, wakeup_id)[0].outcome is Ring.REDIRECTED


@pytest.mark.parametrize("to", TARGETS)
def test_an_escalation_that_is_redirected_goes_to_the_next_person(
    hotline: LiveHotline, bystander: Phone, to: str
) -> None:
    """R07-9."""
    manager = hotline.phone("7050")
    with redirects(hotline, "7020", to) as technician, public_number(hotline, "110") as police:
        ticket = test_escalation.urgent_repair(hotline, f"1380013850{TARGETS.index(to)}")
        technician.wait_rung(seconds=30)
        manager.wait_ringing(30)
        manager.answer()
        manager.wait_heard("escalation-choices", 30)
        manager.press("1")
        manager.wait_heard("escalation-taken")
        manager.wait_ended()
        nobody_else_was_rung(bystander, police)
    first, *colleagues, last = test_escalation.steps(hotline, ticket)
    assert (first, last) == (("7020", StepOutcome.REDIRECTED), ("7050", StepOutcome.ACCEPTED))
    assert {outcome for _, outcome in colleagues} == {StepOutcome.UNREACHABLE}, "they have no telephone at hand"


@pytest.mark.parametrize("to", TARGETS)
def test_a_customer_whose_telephone_redirects_is_asked_nothing(hotline: LiveHotline, bystander: Phone, to: str) -> None:
    """R07-5."""
    number = f"1380013847{TARGETS.index(to)}"
    with the_network_redirects(hotline, to) as network:
        is_done(hotline, number)
        network.wait_rung(seconds=30)
        hotline.until(lambda: outcomes(hotline, number)[:1] not in ([], [None]), "end of the attempt")
        assert [message.first.split()[1].partition("@")[0] for message in network.rung] == [f"sip:{number}"]
        nobody_else_was_rung(bystander)
    assert outcomes(hotline, number)[0] is AttemptOutcome.REDIRECTED


@pytest.mark.parametrize("to", TARGETS)
def test_the_agent_hears_that_a_customer_who_redirects_cannot_be_reached(
    hotline: LiveHotline, bystander: Phone, to: str
) -> None:
    """R17-1."""
    number = f"1380013849{TARGETS.index(to)}"
    caller = hotline.caller(number)
    caller.reach("8000")
    choosing.person(caller)
    caller.wait_heard("recording-notice", part=0.5)
    caller.hang_up()
    (task,) = hotline.until(lambda: tasks_of(hotline, call_of(hotline, number)), "task")
    agent = hotline.phone("7002")
    agent.when_it_rings("answer", after_s=0.2)
    with the_network_redirects(hotline, to) as network:
        command = call_back(hotline, task, "--staff", "7002")
        agent.wait_heard("accept-call-back", 25)
        agent.press("1")
        agent.wait_heard("call-back-unreachable", 20)
        agent.wait_ended()
        said, _ = command.communicate(timeout=20)
        assert [message.first.split()[1].partition("@")[0] for message in network.rung] == [f"sip:{number}"]
    assert "redirected" in said
    nobody_else_was_rung(bystander)


@pytest.mark.parametrize("to", TARGETS)
def test_a_colleague_whose_telephone_redirects_gets_no_transfer(
    hotline: LiveHotline, bystander: Phone, to: str
) -> None:
    """R05-4: the agent hears it, and has the caller back."""
    agent, caller = test_transfer.in_a_talk(hotline, number := f"1380013848{TARGETS.index(to)}")
    with redirects(hotline, "7021", to) as colleague, public_number(hotline, "110") as police:
        test_transfer.transfers_to(agent, "7021")
        colleague.wait_rung(seconds=20)
        agent.wait_spoken(speech.not_transferred(TransferState.REDIRECTED), 20)
        caller.wait_tone(test_transfer.AGENT.hertz, 15, seconds=1)
        caller.hang_up()
        agent.wait_ended()
        nobody_else_was_rung(bystander, police)
    assert test_transfer.states(call_of(hotline, number)) == [("7021", TransferState.REDIRECTED)]

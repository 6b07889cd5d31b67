"""Follow-up calls on real telephones, over the trunk: is the finished work settled? (R07-5, R15-4)"""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy import select

from models.calls import calls
from models.clock import SystemClock
from models.states.calls import EndedBy
from models.states.surveys import SurveyPurpose, SurveyState
from models.states.tickets import TaskKind, TicketKind, TicketState
from models.surveys import opt_outs
from models.tables import Survey, Task, Ticket
from models.tickets import tickets
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.network import public_number
from phones.written import call_of
from recordings import speech
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

CUSTOMER, AGENT = tones(2)
AT_ONCE = {
    "follow_up.windows": ["08:00-21:00"],
    "follow_up.delay_minutes": 0,
    "follow_up.after_talk": True,
    "follow_up.after_talk_from_s": 0,
}


def where_it_is_noon(now: datetime) -> str:
    """Nobody is called at night, whatever the policy says: so the site is in a time zone where it is day now."""
    ahead = 13 - now.hour
    return f"Etc/GMT{-ahead:+}"


@pytest.fixture(scope="module")
def of_the_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    site = {"site.time_zone": where_it_is_noon(SystemClock().now())}
    policy = QUICK_RINGS | AT_ONCE
    with LiveHotline.running(tmp_path_factory.mktemp("asking"), site=site, policy=policy) as instance:
        yield instance


@pytest.fixture
def asking(of_the_file: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """A hotline that asks as soon as a ticket is done, and after every talk."""
    return at_the_end(of_the_file)


def is_done(hotline: LiveHotline, number: str) -> Ticket:
    """A repair that was reported from this number to 7001, and is done."""
    store, at = hotline.store, SystemClock().now()
    begin = {"line": "8000", "caller_number": number, "language": "zh", "at": at}
    call = store.write(calls.begin, channel_id=f"before-{number}", **begin)
    ticket = store.write(tickets.open, kind=TicketKind.REPAIR, call_id=call.id, at=at, policy=hotline.policy)
    store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=at)
    store.write(tickets.receive, ticket.id, "7001", at=at)
    return store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=at)


def survey_of(hotline: LiveHotline, number: str) -> Survey:
    """Waits until the customer is no longer being asked."""

    def over() -> Survey | None:
        found = hotline.store.read(lambda s: s.scalar(select(Survey).where(Survey.number == number)))
        return found if found is not None and found.ended_at is not None else None

    return hotline.until(over, f"end of the survey of {number}")


def state_of(hotline: LiveHotline, ticket: Ticket) -> TicketState:
    return hotline.store.read(lambda s: s.get_one(Ticket, ticket.id).state)


def test_a_satisfied_customer_presses_a_score_by_key_and_the_ticket_is_confirmed(asking: LiveHotline) -> None:
    number = "13800138601"
    with public_number(asking, number) as customer:
        customer.when_it_rings("answer", after_s=0.5)
        ticket = is_done(asking, number)
        customer.wait_ringing(30)
        assert customer.call.number == asking.site.main_number
        customer.wait_heard("follow-up-intro", 20)
        customer.wait_spoken(["your-ticket", *speech.digits(str(ticket.number))])
        customer.wait_heard("follow-up-done")
        customer.wait_heard("rate-with-keys", part=1)
        customer.press("5")
        customer.wait_heard("rating-thanks")
        assert state_of(asking, ticket) is TicketState.CONFIRMED
        customer.wait_heard("good-day")
        customer.wait_ended()
    survey = survey_of(asking, number)
    assert (survey.state, survey.score, survey.attempts) == (SurveyState.ANSWERED, 5, 1)
    assert call_of(asking, number).call.mode == "follow-up"


def test_a_ticket_that_is_not_settled_is_reopened_and_the_lead_is_notified(asking: LiveHotline) -> None:
    """R15-1."""
    number = "13800138602"
    with public_number(asking, number) as customer:
        customer.when_it_rings("answer", after_s=0.5)
        ticket = is_done(asking, number)
        customer.wait_ringing(30)
        customer.wait_heard("follow-up-intro", 20)
        customer.press("0")
        customer.wait_heard("follow-up-reopened", 20)
        assert state_of(asking, ticket) is TicketState.REOPENED
        customer.wait_ended()
    assert survey_of(asking, number).settled is False
    lead = select(Task).where(Task.kind == TaskKind.NOT_SATISFIED, Task.ticket_id == ticket.id)
    assert [task.owner_staff for task in asking.store.read(lambda s: list(s.scalars(lead)))] == ["7050"]


def test_a_customer_who_opts_out_is_not_called_again(asking: LiveHotline) -> None:
    number = "13800138603"
    with public_number(asking, number) as customer:
        customer.when_it_rings("answer", after_s=0.5)
        is_done(asking, number)
        customer.wait_ringing(30)
        customer.wait_heard("follow-up-intro", 20)
        customer.press("9")
        customer.wait_heard("opt-out-confirm", 20)
        customer.press("1")
        customer.wait_heard("opt-out-done")
        customer.wait_ended()
    assert survey_of(asking, number).state is SurveyState.OPTED_OUT
    assert number in [one.number for one in asking.store.read(opt_outs.newest, limit=99)]


def test_after_a_talk_the_caller_rates_it_by_key(asking: LiveHotline) -> None:
    """R07-6."""
    agent = asking.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.5)
    caller = asking.caller("13800138604", CUSTOMER)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    agent.hang_up()
    caller.wait_heard("rate-with-keys", part=1)
    caller.press("4")
    caller.wait_heard("rating-thanks")
    caller.wait_heard("goodbye")
    caller.wait_ended()
    survey = survey_of(asking, "13800138604")
    assert (survey.purpose, survey.score, survey.staff_number) == (SurveyPurpose.AFTER_TALK, 4, "7001")

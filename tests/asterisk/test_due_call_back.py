"""Due call backs on real telephones: made by themselves, or taken by *33 at the telephone in the hand (R17-1)."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from models.states.calls import AttemptOutcome
from models.states.tickets import TaskState
from models.tables import Attempt, CallToMake, Task
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.network import public_number
from recordings import speech
from tests.asterisk.conftest import QUICK_RINGS
from tests.asterisk.test_call_back import gives_up

pytestmark = pytest.mark.asterisk

CUSTOMER, AGENT, COLLEAGUE = tones(3)
DUE_WITHIN_S = 90.0
"""A minute after the request, as delivered."""


@pytest.fixture(scope="module")
def calling_back(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """Call backs are made as delivered, but at whatever hour this runs."""
    policy = QUICK_RINGS | {"call_back.by_itself": True, "call_back.hours": "00:00-23:59", "outgoing.lease_s": 30}
    with LiveHotline.running(tmp_path_factory.mktemp("calling-back"), policy=policy) as instance:
        yield instance


@pytest.fixture
def desk(calling_back: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(calling_back)


def attempts(hotline: LiveHotline, task: Task) -> list[Attempt]:
    mine = select(Attempt).join(CallToMake, CallToMake.id == Attempt.call_to_make_id)
    ordered = mine.where(CallToMake.task_id == task.id).order_by(Attempt.id)
    return hotline.store.read(lambda session: list(session.scalars(ordered)))


def state(hotline: LiveHotline, task: Task) -> TaskState:
    return hotline.store.read(lambda session: session.get_one(Task, task.id).state)


@pytest.mark.timeout(300)
def test_a_due_call_back_rings_an_agent_and_then_the_next_who_is_joined_with_the_customer(desk: LiveHotline) -> None:
    number = "13800138281"
    task = gives_up(desk, number)
    first, second = desk.phone("7001", AGENT), desk.phone("7002", COLLEAGUE)
    first.when_it_rings("reject", after_s=0.5)
    second.when_it_rings("answer", after_s=0.2)
    with public_number(desk, number, CUSTOMER) as customer:
        second.wait_heard("whisper-call-back", DUE_WITHIN_S)
        second.wait_spoken(["whisper-ending", *speech.digits(number[-4:])])
        second.wait_heard("accept-call-back")
        assert customer.calls == [], "nobody is called before an agent has said yes"
        second.press("1")
        customer.wait_ringing()
        customer.answer()
        customer.wait_heard("recording-notice")
        customer.wait_spoken(speech.serves_you("7002"))
        customer.wait_tone(COLLEAGUE.hertz, seconds=desk.policy.tasks.talk_counts_from_s + 1, timeout=10)
        second.wait_tone(CUSTOMER.hertz, seconds=1)
        second.hang_up()
        customer.wait_ended()
    desk.until(lambda: state(desk, task) is TaskState.CLOSED, "end of the task")
    assert len(first.calls) == 1
    (attempt,) = attempts(desk, task)
    assert (attempt.outcome, attempt.staff_number) == (AttemptOutcome.CONNECTED, "7002")
    assert attempt.started_at < task.due_at


@pytest.mark.timeout(300)
def test_an_agent_takes_the_next_one_with_a_code_and_is_not_rung(desk: LiveHotline) -> None:
    number = "13800138282"
    task = gives_up(desk, number)
    agent = desk.phone("7001", AGENT)
    with public_number(desk, number, CUSTOMER) as customer:
        customer.when_it_rings("answer", after_s=0.5)
        agent.reach("*33")
        agent.wait_heard("whisper-call-back")
        agent.wait_spoken(["whisper-ending", *speech.digits(number[-4:])])
        customer.wait_tone(AGENT.hertz, seconds=desk.policy.tasks.talk_counts_from_s + 1, timeout=30)
        agent.wait_tone(CUSTOMER.hertz, seconds=1)
        agent.hang_up()
        customer.wait_ended()
    desk.until(lambda: state(desk, task) is TaskState.CLOSED, "end of the task")
    assert [attempt.outcome for attempt in attempts(desk, task)] == [AttemptOutcome.CONNECTED]
    assert len(agent.calls) == 1
    agent.reach("*33")
    agent.wait_heard("call-back-none")
    agent.wait_ended()


@pytest.mark.timeout(300)
def test_ivr_and_scheduler_die_while_the_agent_is_rung_and_one_call_is_made(desk: LiveHotline) -> None:
    number = "13800138283"
    task = gives_up(desk, number)
    desk.store.write(lambda session: setattr(session.get_one(Task, task.id), "call_at", task.opened_at))
    agent = desk.phone("7003", AGENT)
    with public_number(desk, number, CUSTOMER) as customer:
        agent.wait_ringing(20)
        for program in ("scheduler", "ivr"):
            desk.wait_restarted(program, desk.kill(program))
        agent.wait_ended(15)
        agent.wait_ringing(desk.policy.outgoing.lease_s + 30)
        agent.answer()
        agent.wait_heard("accept-call-back")
        agent.press("1")
        customer.when_it_rings("answer", after_s=0.5)
        customer.wait_tone(AGENT.hertz, seconds=desk.policy.tasks.talk_counts_from_s + 1, timeout=30)
        agent.hang_up()
        customer.wait_ended()
        assert len(customer.calls) == 1
    desk.until(lambda: state(desk, task) is TaskState.CLOSED, "end of the task")
    outcomes = [attempt.outcome for attempt in attempts(desk, task)]
    assert outcomes == [AttemptOutcome.INTERRUPTED, AttemptOutcome.CONNECTED]

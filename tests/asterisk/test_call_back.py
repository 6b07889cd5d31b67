"""Call backs on real telephones, over the trunk: the agent, a key, the customer, their talk (R17-1)."""

import subprocess
from collections.abc import Callable

import pytest
from sqlalchemy import select

from models.clock import SystemClock
from models.states.calls import AttemptOutcome
from models.states.tickets import TaskState
from models.tables import Attempt, CallToMake, Task
from models.tickets import tasks
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.network import public_number
from phones.written import call_of, tasks_of
from recordings import speech

pytestmark = pytest.mark.asterisk

CUSTOMER, AGENT = tones(2)
Command = subprocess.Popen[str]


def gives_up(hotline: LiveHotline, number: str) -> Task:
    """A caller of this number hangs up while it rings; returns the task for the call back."""
    agent = hotline.phone("7001")
    caller = hotline.phone(number) if number in hotline.site.phones else hotline.caller(number)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_ringing()
    caller.hang_up()
    agent.wait_ended()
    (task,) = hotline.until(lambda: tasks_of(hotline, call_of(hotline, number)), "task")
    hotline.close_phones()
    return task


@pytest.fixture
def missed(hotline: LiveHotline) -> Callable[[str], Task]:
    return lambda number: gives_up(hotline, number)


def call_back(hotline: LiveHotline, task: Task, *options: str) -> Command:
    """`hotline call-back`, as an agent types it."""
    return hotline.command("call-back", str(task.id), *options)


def attempts(hotline: LiveHotline, task: Task) -> list[Attempt]:
    mine = select(Attempt).join(CallToMake, CallToMake.id == Attempt.call_to_make_id)
    return hotline.store.read(lambda session: list(session.scalars(mine.where(CallToMake.task_id == task.id))))


def state(hotline: LiveHotline, task: Task) -> TaskState:
    return hotline.store.read(lambda session: session.get_one(Task, task.id).state)


def test_the_agent_accepts_by_key_the_customer_answers_and_their_talk_settles_the_task(
    hotline: LiveHotline, missed: Callable[[str], Task]
) -> None:
    task, number = missed("13800138081"), "13800138081"
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.2)
    with public_number(hotline, number, CUSTOMER) as customer:
        command = call_back(hotline, task)
        agent.wait_heard("whisper-call-back")
        agent.wait_spoken(["whisper-ending", *speech.digits(number[-4:])])
        agent.wait_heard("accept-call-back")
        assert customer.calls == [], "nobody is called before the agent has said yes"
        agent.press("1")
        customer.wait_ringing()
        assert customer.call.number == hotline.site.main_number
        customer.answer()
        customer.wait_heard("recording-notice")
        customer.wait_spoken(speech.serves_you("7001"))
        customer.wait_tone(AGENT.hertz, seconds=hotline.policy.tasks.talk_counts_from_s + 1, timeout=10)
        agent.wait_tone(CUSTOMER.hertz, seconds=1)
        agent.hang_up()
        customer.wait_ended()
    said, _ = command.communicate(timeout=20)
    assert command.returncode == 0, said
    assert "connected" in said
    hotline.until(lambda: state(hotline, task) is TaskState.CLOSED, "end of the task")
    record = call_of(hotline, number)
    assert (record.call.mode, len(record.talks), len(record.recordings)) == ("call-back", 1, 1)
    assert [attempt.outcome for attempt in attempts(hotline, task)] == [AttemptOutcome.CONNECTED]


def test_the_agent_hears_that_the_customer_is_busy_and_the_task_stays(
    hotline: LiveHotline, missed: Callable[[str], Task]
) -> None:
    task, number = missed("13800138082"), "13800138082"
    agent = hotline.phone("7002", AGENT)
    agent.when_it_rings("answer", after_s=0.2)
    with public_number(hotline, number, CUSTOMER) as customer:
        customer.when_it_rings("reject", after_s=0.5)
        command = call_back(hotline, task, "--staff", "7002")
        agent.wait_heard("accept-call-back", 25)
        agent.press("1")
        agent.wait_heard("call-back-busy", 20)
        agent.wait_ended()
    said, _ = command.communicate(timeout=20)
    assert command.returncode == 1, said
    assert "busy" in said
    assert state(hotline, task) is TaskState.OPEN
    assert [attempt.outcome for attempt in attempts(hotline, task)] == [AttemptOutcome.BUSY]


def test_a_guest_in_a_room_is_called_back_inside_and_not_over_the_trunk(
    hotline: LiveHotline, missed: Callable[[str], Task]
) -> None:
    task = missed("1101")
    agent, guest = hotline.phone("7001", AGENT), hotline.phone("1101", CUSTOMER)
    agent.when_it_rings("answer", after_s=0.2)
    guest.when_it_rings("answer", after_s=0.5)
    command = call_back(hotline, task)
    agent.wait_heard("accept-call-back", 25)
    agent.press("1")
    guest.wait_tone(AGENT.hertz, seconds=hotline.policy.tasks.talk_counts_from_s + 1, timeout=30)
    agent.wait_tone(CUSTOMER.hertz, seconds=1)
    assert guest.call.number == "8000"
    agent.hang_up()
    guest.wait_ended()
    said, _ = command.communicate(timeout=20)
    assert command.returncode == 0, said
    hotline.until(lambda: state(hotline, task) is TaskState.CLOSED, "end of the task")


def test_a_premium_number_is_refused_and_no_telephone_rings(
    hotline: LiveHotline, missed: Callable[[str], Task]
) -> None:
    """R05-8, R20-5."""
    task, number = missed("16812345"), "16812345"
    agent = hotline.phone("7001", AGENT)
    with public_number(hotline, number, CUSTOMER) as paid:
        said, _ = call_back(hotline, task).communicate(timeout=20)
        assert "premium-rate number, never called (R20-5)" in said
        assert (agent.calls, paid.calls) == ([], [])
    assert state(hotline, task) is TaskState.OPEN
    assert [attempt.outcome for attempt in attempts(hotline, task)] == [AttemptOutcome.REFUSED]


def test_the_application_dies_while_the_customer_is_rung_and_no_phone_rings_forever(
    hotline: LiveHotline, missed: Callable[[str], Task]
) -> None:
    task, number = missed("13800138083"), "13800138083"
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.2)
    with public_number(hotline, number, CUSTOMER) as customer:
        command = call_back(hotline, task)
        agent.wait_heard("accept-call-back", 25)
        agent.press("1")
        customer.wait_ringing()
        restarts = hotline.kill("ivr")
        hotline.wait_restarted("ivr", restarts)
        customer.wait_ended(15)
        agent.wait_ended(15)
        assert state(hotline, task) is TaskState.OPEN
        assert [attempt.outcome for attempt in attempts(hotline, task)] == [None], "the next one is made of its lease"
    hotline.store.write(tasks.close, task.id, at=SystemClock().now(), note="so that nobody is rung in the next test")
    command.kill()
    command.communicate()

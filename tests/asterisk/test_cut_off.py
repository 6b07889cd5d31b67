"""Who ended a call is the truth: a line that is lost was ended by nobody, and the caller is owed a call (R17-1)."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from models.states.calls import EndedBy
from models.states.tickets import TaskState
from models.tables import Task
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from phones.raw import registered
from phones.sip import RINGS_AND_ANSWERS
from phones.written import call_of, tasks_of
from tests.asterisk.conftest import QUICK_RINGS
from tests.asterisk.test_redirected import talking

pytestmark = pytest.mark.asterisk

CALLER, AGENT, OTHER = tones(3)
NO_SOUND_S = 3


@pytest.fixture(scope="module")
def of_the_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    policy = QUICK_RINGS | {"call.no_sound_s": NO_SOUND_S}
    with LiveHotline.running(tmp_path_factory.mktemp("lost"), policy=policy) as instance:
        yield instance


@pytest.fixture
def soon_lost(of_the_file: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """A hotline that gives a line up after three seconds without sound."""
    return at_the_end(of_the_file)


def in_a_talk(hotline: LiveHotline, number: str) -> tuple[Phone, Phone]:
    """The caller and agent 7001."""
    agent, caller = hotline.phone("7001", AGENT), hotline.caller(number, CALLER)
    agent.when_it_rings("answer", after_s=0.2)
    caller.reach("8000")
    choosing.person(caller)
    caller.wait_tone(AGENT.hertz, 20, seconds=1)
    return caller, agent


def owed(hotline: LiveHotline, number: str) -> list[Task]:
    return hotline.store.read(lambda session: list(session.scalars(select(Task).where(Task.number == number))))


def test_a_caller_whose_agent_loses_power_gets_another_one_and_is_owed_a_call_until_they_have_talked(
    soon_lost: LiveHotline,
) -> None:
    caller, agent = in_a_talk(soon_lost, number := "13800138901")
    agent.pull_the_plug()
    other = soon_lost.phone("7002", OTHER)
    caller.wait_heard("interrupted", 3 * NO_SOUND_S)
    other.wait_ringing()
    (task,) = soon_lost.until(lambda: owed(soon_lost, number), "task")
    assert (task.note, task.state) == ("cut off while talking", TaskState.OPEN)
    other.answer()
    caller.wait_tone(OTHER.hertz, 40, seconds=soon_lost.policy.tasks.talk_counts_from_s + 1)
    other.hang_up()
    caller.wait_ended()
    ended = call_of(soon_lost, number)
    assert [(talk.staff_number, talk.ended_by) for talk in ended.talks] == [
        ("7001", EndedBy.NETWORK),
        ("7002", EndedBy.AGENT),
    ]
    assert [task.state for task in tasks_of(soon_lost, ended)] == [TaskState.CLOSED]


def test_a_caller_whose_own_line_dies_is_owed_a_call(soon_lost: LiveHotline) -> None:
    caller, agent = in_a_talk(soon_lost, number := "13800138902")
    caller.pull_the_plug()
    agent.wait_ended(3 * NO_SOUND_S)
    ended = call_of(soon_lost, number)
    assert (ended.call.ended_by, ended.call.end_reason) == (EndedBy.NETWORK, "cut off while talking")
    assert [talk.ended_by for talk in ended.talks] == [EndedBy.NETWORK]
    assert [task.note for task in tasks_of(soon_lost, ended)] == ["cut off while talking"]


@pytest.mark.parametrize("cause", [38, 41, 42, 44])
def test_a_telephone_that_says_that_its_network_has_failed_has_not_hung_up(hotline: LiveHotline, cause: int) -> None:
    """Q.850 in the header Reason of BYE (RFC 3326)."""
    caller = hotline.caller(number := f"138001389{cause}", CALLER)
    with registered(hotline, "7001", RINGS_AND_ANSWERS) as phone:
        talking(hotline, caller, phone)
        phone.request("BYE", [f"Reason: Q.850;cause={cause}"])
        caller.wait_heard("interrupted")
    caller.hang_up()
    ended = call_of(hotline, number)
    assert [talk.ended_by for talk in ended.talks] == [EndedBy.NETWORK]
    assert [(task.note.splitlines()[0], task.times) for task in tasks_of(hotline, ended)] == [
        ("cut off while talking", 1)
    ]


@pytest.mark.parametrize("who", ["caller", "agent"])
def test_a_normal_hang_up_is_logged_as_nothing_unusual(hotline: LiveHotline, who: str) -> None:
    logs = [hotline.home.logs / name for name in ("asterisk.log", "ivr.log")]
    before = [log.stat().st_size for log in logs]
    caller, agent = in_a_talk(hotline, number := f"1380013891{len(who)}")
    (caller if who == "caller" else agent).hang_up()
    if who == "agent":
        caller.wait_heard("goodbye")
    caller.wait_ended()
    agent.wait_ended()
    assert [talk.ended_by for talk in call_of(hotline, number).talks] == [EndedBy(who)]
    said = [log.read_bytes()[size:].decode() for log, size in zip(logs, before, strict=True)]
    assert [line for text in said for line in text.splitlines() if "WARNING" in line or "ERROR" in line] == []

"""*20 and *21 on real telephones, and the mobile of an agent who is away from the desk (R05-1)."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models.clock import SystemClock
from models.people import presence
from models.states.calls import Ring
from models.states.people import PresenceState
from models.tables import Staff, Task
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.network import public_number
from phones.phone import Phone
from phones.written import call_of, tasks_of
from recordings import speech

pytestmark = pytest.mark.asterisk

CALLER, FIRST, SECOND = tones(3)
MOBILE = "13711112222"


def says(phone: Phone, code: str, confirmation: str) -> None:
    phone.reach(code)
    phone.wait_heard(confirmation)
    phone.wait_ended()


@pytest.fixture(autouse=True)
def nobody_stays_on_a_break(hotline: LiveHotline) -> Iterator[None]:
    """However the test ends: other tests need everyone on duty."""
    yield
    for number in ("7001", "7002", "7003"):
        hotline.store.write(presence.say, number, PresenceState.ON_DUTY, at=SystemClock().now())


def person_wanted(hotline: LiveHotline, number: str) -> Phone:
    caller = hotline.caller(number, CALLER)
    caller.reach("8000")
    choosing.person(caller)
    return caller


def test_an_agent_is_not_rung_on_a_break_and_is_rung_again_on_duty(hotline: LiveHotline) -> None:
    first, second = hotline.phone("7001", FIRST), hotline.phone("7002", SECOND)
    second.when_it_rings("answer", after_s=0.2)
    says(first, "*21", "presence-break")
    caller = person_wanted(hotline, "13800138071")
    caller.wait_tone(SECOND.hertz, 25, seconds=1)
    caller.hang_up()
    second.wait_ended()
    assert len(first.calls) == 1, "only the call in which the agent set the break"

    says(first, "*20", "presence-on-duty")
    says(second, "*21", "presence-break")
    caller = person_wanted(hotline, "13800138072")
    first.wait_ringing()
    caller.hang_up()
    says(second, "*20", "presence-on-duty")
    assert [ring.staff_number for ring in call_of(hotline, "13800138072").rings] == ["7001"]


@pytest.fixture
def away(hotline: LiveHotline) -> Iterator[None]:
    """7004 has a mobile and no telephone on the desk."""

    def write(session: Session, mobile: str | None) -> None:
        session.get_one(Staff, "7004").mobile = mobile

    hotline.store.write(write, MOBILE)
    yield
    hotline.store.write(write, None)


@pytest.mark.usefixtures("away")
def test_the_agents_mobile_rings_over_the_trunk_and_a_key_takes_the_caller(hotline: LiveHotline) -> None:
    with public_number(hotline, MOBILE, FIRST) as mobile:
        mobile.when_it_rings("answer", after_s=0.3)
        caller = person_wanted(hotline, "13800138073")
        mobile.wait_heard("whisper-person")
        assert mobile.call.number == hotline.site.main_number, "a carrier refuses a number that is not ours"
        mobile.wait_heard("accept-with-1")
        mobile.press("1")
        caller.wait_spoken(speech.serves_you("7004"))
        caller.wait_tone(FIRST.hertz, seconds=1)
        mobile.wait_tone(CALLER.hertz, seconds=1)
        caller.hang_up()
        mobile.wait_ended()
    (ring,) = call_of(hotline, "13800138073").rings
    assert (ring.staff_number, ring.phone, ring.outcome) == ("7004", MOBILE, Ring.CONNECTED)


@pytest.mark.usefixtures("away")
def test_the_agents_voicemail_box_does_not_get_the_caller(hotline: LiveHotline) -> None:
    """R05-4: a voicemail box presses no key; another agent is found."""
    neighbour = hotline.phone("7010", SECOND)
    with public_number(hotline, MOBILE, FIRST) as box:
        box.when_it_rings("answer", after_s=0.1)
        caller = person_wanted(hotline, "13800138074")
        box.wait_heard("accept-with-1", 25)
        neighbour.wait_ringing(20)
        neighbour.answer()
        caller.wait_tone(SECOND.hertz, 20, seconds=1)
        box.wait_ended()
        caller.hang_up()
    rings = call_of(hotline, "13800138074").rings
    assert {ring.staff_number: ring.outcome for ring in rings} == {"7004": Ring.TAKEN, "7010": Ring.CONNECTED}


def test_a_caller_who_gives_up_is_a_task_until_reaching_us(hotline: LiveHotline) -> None:
    """R17-1."""
    agent = hotline.phone("7001", FIRST)
    caller = person_wanted(hotline, "13800138075")
    agent.wait_ringing()
    caller.hang_up()
    hotline.until(lambda: tasks_of(hotline, call_of(hotline, "13800138075")), "task")
    (task,) = tasks_of(hotline, call_of(hotline, "13800138075"))
    assert (task.owner_group, task.closed_at) == ("agents", None)

    agent.when_it_rings("answer", after_s=0.2)
    again = person_wanted(hotline, "13800138075")
    again.wait_spoken(speech.serves_you("7001"), 30)
    again.wait_tone(FIRST.hertz, 15, seconds=hotline.policy.tasks.talk_counts_from_s + 1)
    again.hang_up()
    agent.wait_ended()

    def closed() -> bool:
        return hotline.store.read(lambda session: session.get_one(Task, task.id).closed_at is not None)

    hotline.until(closed, "end of the task")


def test_breaks_are_saved(hotline: LiveHotline) -> None:
    says(hotline.phone("7003"), "*21", "presence-break")
    said = {staff.number: row for staff, row in hotline.store.read(presence.everybody)}
    row = said["7003"]
    assert row is not None
    assert row.state is PresenceState.BREAK
    says(hotline.phone("7003"), "*20", "presence-on-duty")

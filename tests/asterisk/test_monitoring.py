"""*90 on real telephones: who hears whom in each mode, and a talk that goes on undisturbed (R04-1)."""

from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import pytest
from sqlalchemy import select

from models.calls.calls import CallRecord
from models.instance.secrets import Secrets
from models.people import pins
from models.states.calls import EndedBy, RecordingState
from models.tables import AccessEntry
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from phones.written import call_of, stored_recording
from recordings import speech

pytestmark = pytest.mark.asterisk

CALLER, AGENT, SUPERVISOR = tones(3)


def in_a_talk(hotline: LiveHotline, number: str) -> tuple[Phone, Phone]:
    agent, caller = hotline.phone("7001", AGENT), hotline.caller(number, CALLER)
    agent.when_it_rings("answer", after_s=0.2)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    agent.wait_tone(CALLER.hertz, seconds=1)
    return agent, caller


def proves_himself(hotline: LiveHotline, supervisor: Phone) -> None:
    supervisor.reach("*90")
    supervisor.wait_heard("monitor-pin", part=1)
    supervisor.press(Secrets.load_or_create(hotline.home, hotline.site).pins["7050"])
    supervisor.wait_heard("monitor-whom", part=1)


def listens(hotline: LiveHotline) -> Phone:
    """The manager, who hears agent 7001."""
    supervisor = hotline.phone("7050", SUPERVISOR)
    proves_himself(hotline, supervisor)
    supervisor.press("7001")
    supervisor.wait_spoken(speech.staff("7001"))
    supervisor.wait_heard("monitor-listen")
    return supervisor


def hear(*people: Phone) -> list[set[str]]:
    """The voices that each of them hears now."""
    names = {CALLER.hertz: "caller", AGENT.hertz: "agent", SUPERVISOR.hertz: "supervisor"}
    with ThreadPoolExecutor(len(people)) as at_once:
        return [
            {names[hertz] for hertz in heard} for heard in at_once.map(Phone.hears_now, people, repeat(list(names)))
        ]


def logged(hotline: LiveHotline, record: CallRecord) -> list[tuple[str, str]]:
    """The entries of this call in the access log."""
    subject = f"7001, call {record.call.id}"
    query = select(AccessEntry).where(AccessEntry.subject == subject).order_by(AccessEntry.id)
    return [(entry.who, entry.what) for entry in hotline.store.read(lambda session: list(session.scalars(query)))]


def test_a_supervisor_listens_whispers_and_joins_and_the_recording_is_one_and_whole(hotline: LiveHotline) -> None:
    agent, caller = in_a_talk(hotline, "13800138701")
    supervisor = listens(hotline)
    assert hear(agent, caller, supervisor) == [{"caller"}, {"agent"}, {"caller", "agent"}]
    supervisor.press("2")
    supervisor.wait_heard("monitor-whisper")
    assert hear(agent, caller, supervisor) == [{"caller", "supervisor"}, {"agent"}, {"caller", "agent"}]
    supervisor.press("3")
    supervisor.wait_heard("monitor-join")
    assert hear(agent, caller, supervisor) == [{"caller", "supervisor"}, {"agent", "supervisor"}, {"caller", "agent"}]
    supervisor.press("1")
    supervisor.wait_heard("monitor-listen")
    supervisor.press("0")
    supervisor.wait_heard("monitor-whom", part=1)
    assert hear(agent, caller) == [{"caller"}, {"agent"}]
    supervisor.hang_up()
    assert (agent.call.keys, caller.call.keys) == ("", ""), "neither hears the supervisor's keys"
    agent.hang_up()
    caller.wait_heard("goodbye")
    caller.wait_ended()

    record = call_of(hotline, "13800138701")
    assert logged(hotline, record) == [
        ("7050", f"monitor-{what}") for what in ("listen", "whisper", "join", "listen", "ended")
    ]
    (talk,) = record.talks
    assert (talk.staff_number, talk.ended_by, len(record.recordings)) == ("7001", EndedBy.AGENT, 1)
    assert [ring.staff_number for ring in record.rings] == ["7001"]
    recording = stored_recording(hotline, record)
    assert talk.ended_at
    assert recording.state is RecordingState.KEPT
    assert recording.seconds == pytest.approx((talk.ended_at - talk.started_at).total_seconds(), abs=1.5)


def test_the_talk_goes_on_after_the_supervisor_and_its_end_is_announced(hotline: LiveHotline) -> None:
    agent, caller = in_a_talk(hotline, "13800138702")
    supervisor = listens(hotline)
    supervisor.press("3")
    supervisor.wait_heard("monitor-join")
    supervisor.hang_up()
    assert hear(agent, caller) == [{"caller"}, {"agent"}]
    proves_himself(hotline, supervisor)
    supervisor.press("#")
    supervisor.wait_spoken(speech.staff("7001"))
    supervisor.wait_heard("monitor-listen")
    caller.hang_up()
    supervisor.wait_heard("monitor-talk-over")
    supervisor.wait_heard("monitor-whom", part=1)
    supervisor.press("7002")
    supervisor.wait_heard("monitor-not-talking")
    supervisor.hang_up()
    record = call_of(hotline, "13800138702")
    assert record.call.ended_by is EndedBy.CALLER
    assert [what for _, what in logged(hotline, record)] == [
        f"monitor-{what}" for what in ("listen", "join", "ended", "listen", "ended")
    ]


def test_without_the_right_or_the_pin_nobody_listens_and_the_log_names_the_attempt(hotline: LiveHotline) -> None:
    agent, supervisor = hotline.phone("7002"), hotline.phone("7050")
    agent.reach("*90")
    agent.wait_heard("monitor-no-role")
    agent.wait_ended()
    supervisor.reach("*90")
    for _ in range(3):
        supervisor.wait_heard("monitor-pin", part=1)
        supervisor.press("000000")
        supervisor.wait_heard("monitor-wrong-pin")
    supervisor.wait_heard("monitor-locked")
    supervisor.wait_ended()
    # For the stories that come after this one.
    hotline.store.write(pins.right, "7050")
    query = select(AccessEntry).where(AccessEntry.what.startswith("monitor-refused")).order_by(AccessEntry.id.desc())
    tried = hotline.store.read(lambda session: [(one.who, one.what) for one in session.scalars(query.limit(5))])
    wrong = ("7050", "monitor-refused: wrong-pin")
    assert tried == [("7050", "monitor-refused: locked")] + [wrong] * 3 + [("7002", "monitor-refused: no-role")]

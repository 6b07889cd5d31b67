"""Asterisk is killed during twenty talks: each caller is owed a call, and each recording is kept (R17-1, R04-1)."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.states.calls import EndedBy, RecordingState
from models.states.tickets import TaskKind
from models.tables import Call, Recording, Talk
from phones import hearing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of, channels, played, tasks_of
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = [pytest.mark.asterisk, pytest.mark.crowd]

TALKS = 20
_VOICES = tones(2 * TALKS)
CALLERS = dict(zip([f"138001388{place}" for place in range(20, 20 + TALKS)], _VOICES[::2], strict=True))
AGENTS = dict(zip([str(number) for number in range(7071, 7071 + TALKS)], _VOICES[1::2], strict=True))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    with LiveHotline.running(tmp_path_factory.mktemp("large"), policy=QUICK_RINGS, agents=AGENTS) as instance:
        yield instance


@pytest.fixture
def hotline(large: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """A hotline with twenty more agents."""
    return at_the_end(large)


def talks(hotline: LiveHotline) -> dict[str, str]:
    """Which caller talks with which agent."""

    def going_on(session: Session) -> dict[str, str]:
        found = select(Call.caller_number, Talk.staff_number).join(Talk).where(Talk.ended_at.is_(None))
        return dict(session.execute(found).all())

    return hotline.store.read(going_on)


def stored(hotline: LiveHotline) -> dict[str, Recording]:
    """The stored recordings, by their callers' numbers."""

    def put_away(session: Session) -> dict[str, Recording]:
        found = select(Call.caller_number, Recording).join(Recording).where(Recording.path.is_not(None))
        return dict(session.execute(found).all())

    return hotline.store.read(put_away)


def test_asterisk_is_killed_during_twenty_talks(hotline: LiveHotline) -> None:
    agents = {number: hotline.phone(number, voice) for number, voice in AGENTS.items()}
    callers = {number: hotline.caller(number, voice) for number, voice in CALLERS.items()}
    for agent in agents.values():
        agent.when_it_rings("answer", after_s=0.2)
    for caller in callers.values():
        caller.dial("8000")
    for caller in callers.values():
        caller.wait_heard("greeting", 20, part=0.5)
        caller.press("0")
    for agent in agents.values():
        agent.wait_ringing(30)
        agent.wait_heard("whisper-person", part=0.5)
        agent.press("1")
    hotline.until(lambda: len(talks(hotline)) == TALKS, "all talks", 30)
    served_by = talks(hotline)
    for number, caller in callers.items():
        caller.wait_tone(AGENTS[served_by[number]].hertz, 20, seconds=2)

    restarts = hotline.kill("asterisk")
    for phone in (*callers.values(), *agents.values()):
        phone.hang_up()  # Asterisk can no longer end their calls
    hotline.wait_restarted("asterisk", restarts)
    records = {number: call_of(hotline, number) for number in CALLERS}
    assert {record.call.ended_by for record in records.values()} == {EndedBy.NETWORK}
    for number, record in records.items():
        assert [(task.kind, task.number) for task in tasks_of(hotline, record)] == [(TaskKind.CALL_BACK, number)]
    assert channels(hotline) == []
    again = callers["13800138820"]
    again.reach("8000", 20)
    again.wait_heard("greeting", part=1)
    again.hang_up()

    hotline.until(lambda: len(stored(hotline)) == TALKS, "twenty stored recordings", 60)
    for number, recording in stored(hotline).items():
        assert recording.state is RecordingState.PARTIAL
        sound = played(hotline, recording)
        for voice in (CALLERS[number], AGENTS[served_by[number]]):
            begins, ends = hearing.tone_span(sound, voice.hertz)
            assert ends - begins > 1, f"{recording.name}: {voice.hertz:g} Hz from {begins} s to {ends} s"
    assert list(hotline.home.recording_spool.iterdir()) == []

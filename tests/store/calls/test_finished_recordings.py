"""A finished recording is stored whole, one file for a conversation; a silent message is called back (R04-1)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from models.calls import calls, recordings
from models.calls.calls import EndedBy
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.states.calls import RecordingKind, RecordingState
from models.tables import Call
from models.tickets import tasks
from recordings import audio
from scheduler.scans.finished_recordings import finished_recordings
from scheduler.scope import Scope
from tests.store.calls.recorded import Switch, later, switch
from tests.store.sounds import level, played, silence, speech, wav

__all__ = ["switch"]

pytestmark = pytest.mark.store


@pytest.mark.parametrize("form", ["opus", "mp3"])
def test_a_talk_is_stored_whole_levelled_and_with_its_date_and_the_original_is_removed(
    form: str, scope: Scope, switch: Switch, tmp_path: Path
) -> None:
    text = (PROJECT_ROOT / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "policy.toml").write_text(text.replace('"opus"', f'"{form}"'), encoding="utf-8")
    scope = replace(scope, policy=Policy.load(tmp_path / "policy.toml", scope.site))
    began = scope.clock.now()
    switch.talk(said=9.5)
    assert finished_recordings(later(scope, minutes=1)) == 1
    row = switch.row()
    assert (row.state, row.format, row.path) == (RecordingState.KEPT, form, f"recordings/2026/03/talk-1.{form}")
    assert (row.seconds, row.expected_seconds, row.note) == (9.5, 10, None)
    assert row.level == pytest.approx(-30, abs=0.5)
    assert row.retain_until == began + timedelta(days=180)
    assert row.path is not None
    assert level(played(scope.home.path / row.path)[4000:-4000]) == pytest.approx(-20, abs=1.5)
    assert not switch.file("talk-1").exists()
    assert finished_recordings(later(scope, minutes=1)) == 0


@pytest.mark.parametrize(
    ("said", "lasts", "state", "note"),
    [
        (7.5, 10, RecordingState.KEPT, None),
        (6.0, 10, RecordingState.PARTIAL, "6.0 s of 10.0 s"),
        (95.5, 100, RecordingState.KEPT, None),
        (94.0, 100, RecordingState.PARTIAL, "94.0 s of 100.0 s"),
        (12.0, 10, RecordingState.KEPT, None),
    ],
)
def test_a_recording_shorter_than_its_talk_is_partial(
    said: float, lasts: float, state: RecordingState, note: str | None, scope: Scope, switch: Switch
) -> None:
    switch.talk(said=said, lasts=lasts)
    finished_recordings(later(scope, minutes=3))
    assert (switch.row().state, switch.row().note) == (state, note)


def test_a_message_is_compared_with_the_length_that_asterisk_reports(
    scope: Scope, switch: Switch, begin_call: Callable[..., Call]
) -> None:
    for name, seconds in (("whole", 5.0), ("short", 20.0)):
        call = begin_call(f"c-{name}")
        switch.reserve(name, RecordingKind.MESSAGE, call)
        wav(switch.file(name), speech(5), at=scope.clock.now())
        scope.store.write(recordings.ended, name, seconds, at=scope.clock.now())
    assert finished_recordings(later(scope, minutes=1)) == 2
    assert (switch.row("whole").state, switch.row("short").state) == (RecordingState.KEPT, RecordingState.PARTIAL)


def test_a_file_left_by_a_killed_asterisk_is_repaired(scope: Scope, switch: Switch) -> None:
    switch.talk("whole", said=10, header_bytes=0)
    switch.talk("half", said=4, header_bytes=10_000_000)
    assert finished_recordings(later(scope, minutes=1)) == 2
    assert (switch.row("whole").state, switch.row("whole").seconds) == (RecordingState.KEPT, 10)
    assert (switch.row("half").state, switch.row("half").seconds) == (RecordingState.PARTIAL, 4)
    path = switch.row("half").path
    assert path is not None
    assert audio.stored_seconds(scope.home.path / path) == pytest.approx(4, abs=0.2)


class Parts:
    """A conversation whose recording was started again; each part is known by its loudness."""

    def __init__(self, scope: Scope, switch: Switch, begin_call: Callable[..., Call]) -> None:
        self.scope, self.switch, self.call = scope, switch, begin_call("c-parts")

    def talk(self, name: str, dbfs: float, *, ended: bool = True) -> None:
        """A talk of ten seconds, all of it recorded."""
        store, began = self.scope.store, self.scope.clock.now()
        self.switch.reserve(name, RecordingKind.TALK, self.call)
        legs = {"bridge_id": name, "caller_channel": "c", "leg_channel": f"l-{name}"}
        talk = store.write(calls.begin_talk, call_id=self.call.id, staff_number="7001", at=began, **legs)
        until = later(self.scope, seconds=10).clock.now()
        store.write(calls.end_talk, talk, by=EndedBy.AGENT, at=until)
        if ended:
            store.write(recordings.ended, name, None, at=until)
        wav(self.switch.file(name), speech(10, dbfs), at=until)

    def end(self) -> None:
        self.scope.store.write(calls.end, self.call.id, by=EndedBy.AGENT, reason="completed", at=self.scope.clock.now())


@pytest.fixture
def parts(scope: Scope, switch: Switch, begin_call: Callable[..., Call]) -> Parts:
    return Parts(scope, switch, begin_call)


def test_one_conversation_is_one_recording_however_often_recording_was_started_again(
    scope: Scope, switch: Switch, parts: Parts
) -> None:
    """R04-1. The first part was cut off when our program died; its end was never reported."""
    parts.talk("first", -30, ended=False)
    assert finished_recordings(later(scope, minutes=2)) == 0, "more may follow while the call goes on"
    parts.talk("second", -50)
    parts.talk("third", -30)
    parts.end()
    assert finished_recordings(later(scope, minutes=2)) == 1
    first, second, third = switch.row("first"), switch.row("second"), switch.row("third")
    assert (first.state, first.note) == (RecordingState.KEPT, None)
    assert (first.seconds, first.expected_seconds) == (30, 30)
    assert [(part.state, part.path, part.note) for part in (second, third)] == [
        (RecordingState.JOINED, None, "in first")
    ] * 2
    assert first.path is not None
    heard = played(scope.home.path / first.path)
    one, two, three = (level(heard[at * 8000 : (at + 8) * 8000]) for at in (1, 11, 21))
    assert one == pytest.approx(three, abs=0.5)
    assert one - two == pytest.approx(20, abs=2)
    assert list(scope.home.recording_spool.iterdir()) == []
    assert finished_recordings(later(scope, hours=1)) == 0


def test_a_conversation_with_a_missing_part_is_partial(scope: Scope, switch: Switch, parts: Parts) -> None:
    parts.talk("first", -30)
    parts.talk("second", -30)
    parts.end()
    switch.file("first").unlink()
    assert finished_recordings(scope) == 0, "the file may still come"
    assert finished_recordings(later(scope, minutes=2)) == 1
    first = switch.row("first")
    assert (first.state, first.note) == (RecordingState.PARTIAL, "10.0 s of 20.0 s")
    assert switch.row("second").state is RecordingState.JOINED


def test_a_hold_on_one_part_of_a_conversation_holds_all_of_it(scope: Scope, switch: Switch, parts: Parts) -> None:
    parts.talk("first", -30)
    parts.talk("second", -30)
    held = {"who": "manager", "reason": "a complaint", "at": scope.clock.now()}
    assert scope.store.write(recordings.hold, switch.row("second").id, **held)
    parts.end()
    finished_recordings(later(scope, minutes=2))
    assert (switch.row("first").held_by, switch.row("first").hold_reason) == ("manager", "a complaint")


def test_a_message_hung_up_before_the_beep_is_empty_and_not_lost(
    scope: Scope, switch: Switch, begin_call: Callable[..., Call], caplog: pytest.LogCaptureFixture
) -> None:
    call = begin_call()
    switch.reserve("message-1", RecordingKind.MESSAGE, call)
    scope.store.write(calls.end, call.id, by=EndedBy.CALLER, reason="hung up", at=scope.clock.now())
    finished_recordings(later(scope, minutes=2))
    assert switch.row("message-1").state is RecordingState.EMPTY
    assert caplog.messages == []


def test_a_caller_who_left_a_message_without_words_is_owed_one_call_back(
    scope: Scope, switch: Switch, begin_call: Callable[..., Call]
) -> None:
    """R17-1."""
    for name, sound in (("silent", silence(10)), ("spoken", speech(10))):
        call = begin_call(f"c-{name}", caller_number=f"1380000{len(name)}")
        switch.reserve(name, RecordingKind.MESSAGE, call)
        scope.store.write(recordings.ended, name, 10, at=scope.clock.now())
        wav(switch.file(name), sound, at=scope.clock.now())
    finished_recordings(later(scope, minutes=1))
    finished_recordings(later(scope, minutes=1))
    (task,) = scope.store.read(tasks.pending, limit=9)
    silent = scope.store.read(recordings.by_name, "silent")
    assert silent is not None
    assert (task.call_id, task.owner_group, task.note) == (silent.call_id, "agents", "left a message without words")


def test_silence_is_kept_as_empty_and_a_recording_without_sound_has_no_file(scope: Scope, switch: Switch) -> None:
    switch.talk("silent")
    wav(switch.file("silent"), silence(10), at=scope.clock.now())
    switch.talk("nothing")
    wav(switch.file("nothing"), at=scope.clock.now())
    finished_recordings(later(scope, minutes=1))
    silent, nothing = switch.row("silent"), switch.row("nothing")
    assert (silent.state, silent.note, silent.level) == (RecordingState.EMPTY, "nobody speaks", None)
    assert silent.path is not None
    assert (nothing.state, nothing.note, nothing.path) == (RecordingState.EMPTY, "there is no sound", None)
    assert list(scope.home.recording_spool.iterdir()) == []

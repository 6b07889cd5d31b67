"""A recording is put away whole and once, or stays where it is and is tried again (R04-1, R14-2)."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import calls, recordings
from models.calls.calls import EndedBy
from models.database.store import Store
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.states.calls import RecordingKind, RecordingState
from models.tables import Call, Recording
from models.tickets import tasks
from recordings import audio, files
from scheduler.scans.finished_recordings import LEASE, finished_recordings
from scheduler.scope import Scope
from tests.store.sounds import level, played, silence, speech, wav, written

pytestmark = pytest.mark.store


class Switch:
    """What a conversation and Asterisk do before the scan comes."""

    def __init__(self, scope: Scope, begin_call: Callable[..., Call]) -> None:
        self.scope, self._begin_call = scope, begin_call

    def talk(
        self, name: str = "talk-1", *, said: float | None = 10, lasts: float = 10, told: int | None = None
    ) -> Call:
        """A talk that lasts so long and of which so much is recorded (None: there is no file)."""
        store, began = self.scope.store, self.scope.clock.now()
        ended = began + timedelta(seconds=lasts)
        call = self._begin_call(f"c-{name}", at=began)
        self.reserve(name, RecordingKind.TALK, call)
        legs = {"bridge_id": name, "caller_channel": "c", "leg_channel": "l"}
        talk = store.write(calls.begin_talk, call_id=call.id, staff_number="7001", at=began, **legs)
        store.write(calls.end_talk, talk, by=EndedBy.AGENT, at=ended)
        store.write(recordings.ended, name, None, at=ended)
        store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=ended)
        if said is not None:
            wav(self.file(name), speech(said), at=ended, told_bytes=told)
        return call

    def reserve(self, name: str, kind: RecordingKind, call: Call) -> None:
        now = self.scope.clock.now()
        self.scope.store.write(
            recordings.reserve,
            name=name,
            kind=kind,
            call_id=call.id,
            ticket_id=None,
            at=now,
            retain_until=now + timedelta(days=180),
        )

    def file(self, name: str) -> Path:
        return files.original(self.scope.home, name)

    def row(self, name: str = "talk-1") -> Recording:
        found = self.scope.store.read(recordings.by_name, name)
        assert found is not None
        return found


@pytest.fixture
def switch(scope: Scope, begin_call: Callable[..., Call]) -> Switch:
    return Switch(scope, begin_call)


def later(scope: Scope, **by: float) -> Scope:
    scope.clock.forward(**by)  # type: ignore[attr-defined]
    return scope


@pytest.mark.parametrize("form", ["opus", "mp3"])
def test_a_talk_is_stored_whole_level_and_with_its_date_and_the_original_goes(
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
def test_what_is_shorter_than_the_talk_is_partial(
    said: float, lasts: float, state: RecordingState, note: str | None, scope: Scope, switch: Switch
) -> None:
    switch.talk(said=said, lasts=lasts)
    finished_recordings(later(scope, minutes=3))
    assert (switch.row().state, switch.row().note) == (state, note)


def test_a_message_is_measured_by_what_asterisk_says(
    scope: Scope, switch: Switch, begin_call: Callable[..., Call]
) -> None:
    for name, told in (("whole", 5.0), ("short", 20.0)):
        call = begin_call(f"c-{name}")
        switch.reserve(name, RecordingKind.MESSAGE, call)
        wav(switch.file(name), speech(5), at=scope.clock.now())
        scope.store.write(recordings.ended, name, told, at=scope.clock.now())
    assert finished_recordings(later(scope, minutes=1)) == 2
    assert (switch.row("whole").state, switch.row("short").state) == (RecordingState.KEPT, RecordingState.PARTIAL)


def test_a_file_that_a_killed_asterisk_left_is_repaired(scope: Scope, switch: Switch) -> None:
    switch.talk("whole", said=10, told=0)
    switch.talk("half", said=4, told=10_000_000)
    assert finished_recordings(later(scope, minutes=1)) == 2
    assert (switch.row("whole").state, switch.row("whole").seconds) == (RecordingState.KEPT, 10)
    assert (switch.row("half").state, switch.row("half").seconds) == (RecordingState.PARTIAL, 4)
    path = switch.row("half").path
    assert path is not None
    assert audio.stored_seconds(scope.home.path / path) == pytest.approx(4, abs=0.2)


class Parts:
    """A conversation whose recording had to be begun anew: each part is heard by its loudness."""

    def __init__(self, scope: Scope, switch: Switch, begin_call: Callable[..., Call]) -> None:
        self.scope, self.switch, self.call = scope, switch, begin_call("c-parts")

    def talk(self, name: str, dbfs: float, *, ended: bool = True) -> None:
        """Ten seconds, of which all is recorded."""
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


def test_one_conversation_is_one_recording_however_often_it_had_to_be_begun_anew(
    scope: Scope, switch: Switch, parts: Parts
) -> None:
    """R04-1. The first part was cut off by a death of our program, and never said to have ended."""
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


def test_what_is_missing_of_a_conversation_makes_it_partial(scope: Scope, switch: Switch, parts: Parts) -> None:
    parts.talk("first", -30)
    parts.talk("second", -30)
    parts.end()
    switch.file("first").unlink()
    assert finished_recordings(scope) == 0, "the file may still come"
    assert finished_recordings(later(scope, minutes=2)) == 1
    first = switch.row("first")
    assert (first.state, first.note) == (RecordingState.PARTIAL, "10.0 s of 20.0 s")
    assert switch.row("second").state is RecordingState.JOINED


def test_who_holds_a_part_of_a_conversation_holds_all_of_it(scope: Scope, switch: Switch, parts: Parts) -> None:
    parts.talk("first", -30)
    parts.talk("second", -30)
    held = {"who": "manager", "reason": "a complaint", "at": scope.clock.now()}
    assert scope.store.write(recordings.hold, switch.row("second").id, **held)
    parts.end()
    finished_recordings(later(scope, minutes=2))
    assert (switch.row("first").held_by, switch.row("first").hold_reason) == ("manager", "a complaint")


def test_a_talk_without_a_file_is_lost_after_a_minute_and_said_once(
    scope: Scope, switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    switch.talk(said=None)
    finished_recordings(later(scope, seconds=20))
    assert switch.row().state is RecordingState.RECORDED
    assert caplog.messages == []
    finished_recordings(later(scope, seconds=60))
    finished_recordings(later(scope, minutes=60))
    assert (switch.row().state, switch.row().note) == (RecordingState.LOST, "there is no file")
    assert caplog.messages == ["recording talk-1: there is no file of it"]


def test_who_hung_up_before_the_beep_has_lost_nothing(
    scope: Scope, switch: Switch, begin_call: Callable[..., Call], caplog: pytest.LogCaptureFixture
) -> None:
    call = begin_call()
    switch.reserve("message-1", RecordingKind.MESSAGE, call)
    scope.store.write(calls.end, call.id, by=EndedBy.CALLER, reason="hung up", at=scope.clock.now())
    finished_recordings(later(scope, minutes=2))
    assert switch.row("message-1").state is RecordingState.EMPTY
    assert caplog.messages == []


def test_what_goes_on_is_left_alone_and_taken_as_partial_when_its_call_ended_without_a_word(
    scope: Scope, switch: Switch, begin_call: Callable[..., Call]
) -> None:
    call = begin_call()
    switch.reserve("message-1", RecordingKind.MESSAGE, call)
    wav(switch.file("message-1"), speech(5), at=scope.clock.now(), told_bytes=0)
    assert finished_recordings(later(scope, minutes=30)) == 0
    assert switch.file("message-1").exists()
    scope.store.write(calls.end, call.id, by=EndedBy.NETWORK, reason="gone", at=scope.clock.now())
    assert finished_recordings(scope) == 1
    row = switch.row("message-1")
    assert (row.state, row.seconds, row.note) == (
        RecordingState.PARTIAL,
        5,
        "its call ended without an end of the recording",
    )


def test_a_file_that_is_still_being_written_waits(scope: Scope, switch: Switch) -> None:
    switch.talk()
    later(scope, seconds=20)
    written(switch.file("talk-1"), scope.clock.now())
    assert finished_recordings(later(scope, seconds=2)) == 0
    assert (switch.row().state, switch.row().tries) == (RecordingState.RECORDED, 0)
    assert finished_recordings(later(scope, seconds=4)) == 1


def test_whoever_has_left_a_message_in_which_nobody_speaks_is_owed_a_call_back_once(
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


def test_silence_is_kept_as_empty_and_no_sound_at_all_has_no_file(scope: Scope, switch: Switch) -> None:
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


def test_one_that_cannot_be_read_holds_up_no_other_and_is_tried_later_and_later(
    scope: Scope, switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    switch.talk("bad")
    switch.file("bad").write_bytes(b"x" * 1000)
    written(switch.file("bad"), scope.clock.now())
    switch.talk("good")
    assert finished_recordings(later(scope, minutes=1)) == 1
    assert switch.row("good").state is RecordingState.KEPT
    pauses = []
    for _ in range(8):
        row = switch.row("bad")
        pauses.append((row.retry_at - scope.clock.now()).total_seconds())
        later(scope, seconds=pauses[-1])
        finished_recordings(scope)
    assert pauses == [10, 40, 160, 640, 2560, 3600, 3600, 3600]
    assert (row.state, row.note) == (RecordingState.RECORDED, "is no WAV file")
    assert switch.file("bad").exists()
    assert caplog.messages == ["recording bad: is no WAV file"]


def test_a_full_disk_keeps_the_original_until_there_is_room(
    scope: Scope, switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    switch.talk()
    with monkeypatch.context() as disk:
        disk.setattr(audio, "store", full)
        assert finished_recordings(later(scope, minutes=1)) == 0
    assert switch.file("talk-1").exists()
    assert "No space left" in (switch.row().note or "")
    assert finished_recordings(later(scope, minutes=1)) == 1
    assert (switch.row().state, switch.row().note) == (RecordingState.KEPT, None)


def test_two_schedulers_at_once_take_each_recording_once(
    scope: Scope, switch: Switch, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"talk-{number}" for number in range(8)]
    for name in names:
        switch.talk(name, said=1, lasts=1)
    later(scope, minutes=1)
    stored: list[str] = []
    barrier = threading.Barrier(2)
    store_sound, to_finish = audio.store, recordings.to_finish

    def counted(sources: list[Path], target: Path, **how: Any) -> audio.Sound:
        stored.extend(source.stem for source in sources)
        return store_sound(sources, target, **how)

    def both_see_all(session: Any, **which: Any) -> list[Recording]:
        found = to_finish(session, **which)
        barrier.wait(30)
        return found

    monkeypatch.setattr(audio, "store", counted)
    monkeypatch.setattr(recordings, "to_finish", both_see_all)
    finished: list[int] = []

    def look() -> None:
        own = Store(url)
        finished.append(finished_recordings(replace(scope, store=own)))
        own.close()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stored) == names
    assert sum(finished) == 8
    rows = scope.store.read(lambda session: session.scalars(select(Recording)).all())
    assert {(row.state, row.tries) for row in rows} == {(RecordingState.KEPT, 0)}


def test_an_original_that_was_put_away_before_a_crash_goes_and_a_strange_file_is_named(
    scope: Scope, switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    switch.talk("known")
    finished_recordings(later(scope, minutes=1))
    wav(switch.file("known"), speech(1), at=scope.clock.now())
    wav(switch.file("strange"), speech(1), at=scope.clock.now())
    switch.talk("going-on", said=None)
    finished_recordings(scope)
    assert switch.file("known").exists(), "it may have been put away a moment ago"
    later(scope, seconds=LEASE.total_seconds() + 1)
    finished_recordings(scope)
    finished_recordings(later(scope, minutes=1))
    assert not switch.file("known").exists()
    assert switch.file("strange").exists()
    assert caplog.messages.count("recording strange: is in the spool and no call knows it") == 1


def test_a_file_that_turns_up_after_it_was_called_lost_is_not_deleted(scope: Scope, switch: Switch) -> None:
    switch.talk(said=None)
    finished_recordings(later(scope, minutes=5))
    assert switch.row().state is RecordingState.LOST
    wav(switch.file("talk-1"), speech(10), at=scope.clock.now())
    finished_recordings(later(scope, hours=1))
    assert switch.file("talk-1").exists()

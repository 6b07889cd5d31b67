"""A recording that cannot be stored yet stays where it is and is tried again; none is stored twice (R14-2)."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import calls, recordings
from models.calls.calls import EndedBy
from models.database.store import Store
from models.states.calls import RecordingKind, RecordingState
from models.tables import Call, Recording
from recordings import audio
from scheduler.scans.finished_recordings import LEASE, finished_recordings
from scheduler.scope import Scope
from tests.store.calls.recorded import Switch, later, switch
from tests.store.sounds import speech, wav, written

__all__ = ["switch"]

pytestmark = pytest.mark.store


def test_a_talk_without_a_file_is_lost_after_a_minute_and_logged_once(
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


def test_an_ongoing_recording_is_left_alone_and_partial_when_its_call_ended_without_reporting_it(
    scope: Scope, switch: Switch, begin_call: Callable[..., Call]
) -> None:
    call = begin_call()
    switch.reserve("message-1", RecordingKind.MESSAGE, call)
    wav(switch.file("message-1"), speech(5), at=scope.clock.now(), header_bytes=0)
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


def test_an_unreadable_recording_delays_no_other_and_is_retried_at_growing_pauses(
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


def test_two_schedulers_at_once_store_each_recording_once(
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


def test_an_original_stored_before_a_crash_is_removed_and_an_unknown_file_is_logged(
    scope: Scope, switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    switch.talk("known")
    finished_recordings(later(scope, minutes=1))
    wav(switch.file("known"), speech(1), at=scope.clock.now())
    wav(switch.file("strange"), speech(1), at=scope.clock.now())
    switch.talk("going-on", said=None)
    finished_recordings(scope)
    assert switch.file("known").exists(), "it may have been stored a moment ago"
    later(scope, seconds=LEASE.total_seconds() + 1)
    finished_recordings(scope)
    finished_recordings(later(scope, minutes=1))
    assert not switch.file("known").exists()
    assert switch.file("strange").exists()
    assert caplog.messages.count("recording strange: is in the spool and no call knows it") == 1


def test_a_file_that_appears_after_its_recording_was_lost_is_not_deleted(scope: Scope, switch: Switch) -> None:
    switch.talk(said=None)
    finished_recordings(later(scope, minutes=5))
    assert switch.row().state is RecordingState.LOST
    wav(switch.file("talk-1"), speech(10), at=scope.clock.now())
    finished_recordings(later(scope, hours=1))
    assert switch.file("talk-1").exists()

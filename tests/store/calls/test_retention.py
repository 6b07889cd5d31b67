"""A recording is kept until its date and removed by the next scan (R14-3)."""

import importlib
from datetime import timedelta
from pathlib import Path

import pytest

from models.calls import recordings
from models.states.calls import RecordingKind, RecordingState
from models.tables import Recording
from scheduler.scans.retention import retention
from scheduler.scope import Scope

pytestmark = pytest.mark.store


def keep(
    scope: Scope, name: str, *, days: int, state: RecordingState = RecordingState.KEPT, path: str | None = None
) -> Path:
    """A recording of this moment, stored, with its file."""
    now = scope.clock.now()
    row = scope.store.write(
        recordings.reserve,
        name=name,
        kind=RecordingKind.TALK,
        call_id=None,
        ticket_id=None,
        at=now,
        retain_until=now + timedelta(days=days),
    )
    path = path or f"recordings/2026/03/{name}.opus"
    scope.store.write(recordings.finish, row.id, state=state, at=now, path=path, seconds=1.0)
    file = scope.home.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"sound")
    return file


def row(scope: Scope, name: str) -> Recording:
    found = scope.store.read(recordings.by_name, name)
    assert found is not None
    return found


def later(scope: Scope, **by: float) -> Scope:
    scope.clock.forward(**by)  # type: ignore[attr-defined]
    return scope


def test_only_recordings_past_their_date_are_removed_file_and_row_together(scope: Scope) -> None:
    short, long = keep(scope, "short", days=180), keep(scope, "long", days=365)
    assert retention(later(scope, days=179, hours=23)) == 0
    assert short.exists()
    assert retention(later(scope, hours=1)) == 1
    assert (short.exists(), long.exists()) == (False, True)
    gone = row(scope, "short")
    assert (gone.state, gone.path, gone.seconds) == (RecordingState.REMOVED, None, 1.0)
    assert gone.note == "removed 2026-08-29 04:00 UTC"
    assert row(scope, "long").state is RecordingState.KEPT
    assert retention(scope) == 0


@pytest.mark.parametrize("state", [RecordingState.KEPT, RecordingState.PARTIAL, RecordingState.EMPTY])
def test_every_state_of_a_stored_file_is_removed(state: RecordingState, scope: Scope) -> None:
    file = keep(scope, "one", days=1, state=state)
    assert retention(later(scope, days=1)) == 1
    assert not file.exists()


@pytest.mark.parametrize("state", [RecordingState.LOST, RecordingState.RECORDED, RecordingState.RESERVED])
def test_a_recording_not_yet_stored_is_not_removed(state: RecordingState, scope: Scope) -> None:
    keep(scope, "one", days=1, state=state)
    assert retention(later(scope, days=400)) == 0
    assert row(scope, "one").state is state


def test_a_date_postponed_after_storing_is_the_one_that_counts(scope: Scope) -> None:
    file = keep(scope, "one", days=1)
    kept = row(scope, "one")

    def postpone(session: object) -> None:
        session.get(Recording, kept.id).retain_until = kept.retain_until + timedelta(days=9)  # type: ignore[attr-defined]

    scope.store.write(postpone)
    assert retention(later(scope, days=5)) == 0
    assert file.exists()
    assert retention(later(scope, days=5)) == 1


def test_more_recordings_than_one_batch_are_removed_in_one_scan(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("scheduler.scans.retention"), "BATCH", 3)
    kept = [keep(scope, f"one-{number}", days=1) for number in range(7)]
    assert retention(later(scope, days=1)) == 7
    assert not any(file.exists() for file in kept)


def test_a_recording_whose_file_is_already_gone_becomes_removed(scope: Scope) -> None:
    keep(scope, "one", days=1).unlink()
    assert retention(later(scope, days=1)) == 1
    assert row(scope, "one").state is RecordingState.REMOVED


@pytest.mark.parametrize("path", ["site.toml", "recordings/../policy.toml", "asterisk/lib/astdb"])
def test_a_path_that_leads_out_of_the_recordings_is_never_deleted(
    path: str, scope: Scope, caplog: pytest.LogCaptureFixture
) -> None:
    outside, inside = keep(scope, "out", days=1, path=path), keep(scope, "in", days=1)
    assert retention(later(scope, days=1)) == 1
    assert (outside.exists(), inside.exists()) == (True, False)
    assert (row(scope, "out").state, row(scope, "out").tries) == (RecordingState.KEPT, 1)
    assert "is not in" in caplog.text


def test_a_file_that_cannot_be_removed_now_is_removed_later(scope: Scope) -> None:
    file = keep(scope, "one", days=1)
    file.unlink()
    file.mkdir()
    assert retention(later(scope, days=1)) == 0
    file.rmdir()
    file.write_bytes(b"sound")
    assert retention(later(scope, minutes=59)) == 0
    assert retention(later(scope, minutes=1)) == 1
    assert not file.exists()

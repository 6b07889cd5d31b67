"""Checks, levels and stores what Asterisk has recorded; the original is deleted when the stored file is written.

A recording whose call ended without its end being noted (a crash) is stored as it is found, as "partial".
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from models.calls import recordings
from models.database.store import StoreUnavailable
from models.states.calls import RecordingKind, RecordingState
from models.tables import Recording
from models.tickets import call_backs, tasks
from recordings import audio, files
from scheduler.scope import Scope

BATCH = 20
LEASE = timedelta(minutes=10)
STILL_WRITTEN = timedelta(seconds=3)
"""Asterisk completes a file a moment after it reports the end; a file that still grows is not finished."""
NO_FILE_GRACE = timedelta(minutes=1)
LONGEST_PUSH_BACK = timedelta(hours=1)
TOLERANCE_S = 3.0
TOLERANCE_SHARE = 0.05
"""How much shorter than the talk a complete recording may be: it starts a moment after the talk's row."""
FINAL = frozenset(RecordingState) - {RecordingState.RESERVED, RecordingState.RECORDED}


class NotYet(Exception):
    """Nothing is wrong: this recording is looked at again later."""


def finished_recordings(scope: Scope) -> int:
    """Stores what is due, one by one; what cannot be stored is pushed back and reported (R04-1, R14-2)."""
    now = scope.clock.now()
    finished = 0
    for recording in scope.store.read(recordings.to_finish, at=now, limit=BATCH):
        if not scope.store.write(recordings.claim, recording, until=now + LEASE):
            continue
        try:
            _finish(scope, recording, now)
            finished += 1
        except NotYet:
            scope.store.write(recordings.wait, recording.id, until=now + STILL_WRITTEN)
        except StoreUnavailable:
            raise
        except Exception as error:
            # Whatever it is, it concerns this recording only: the others are still stored.
            delay = min(LONGEST_PUSH_BACK, timedelta(seconds=10 * 4 ** min(recording.tries, 10)))
            scope.store.write(recordings.push_back, recording.id, until=now + delay, note=str(error))
            scope.report(f"recording {recording.name}", str(error))
    _sweep(scope, now)
    return finished


def _finish(scope: Scope, recording: Recording, now: datetime) -> None:
    """Stores the recording and the later parts of the same conversation as one file (R04-1)."""
    parts = [recording, *scope.store.read(recordings.further_parts, recording)]
    talked = scope.store.read(recordings.talk_seconds, parts) if recording.kind is RecordingKind.TALK else None
    expected = talked if recording.expected_seconds is None else recording.expected_seconds
    there = {part.name: files.original(scope.home, part.name) for part in parts}
    sources = [source for source in there.values() if source.exists()]
    missing = [part for part in parts if there[part.name] not in sources]
    if any(_may_come(part, now) for part in missing) or any(now - _written(one) < STILL_WRITTEN for one in sources):
        raise NotYet
    if not sources:
        # A caller who hung up before the beep has said nothing that could be lost.
        lost = bool(expected) or (expected is None and recording.state is RecordingState.RECORDED)
        state = RecordingState.LOST if lost else RecordingState.EMPTY
        _write(scope, parts, state=state, at=now, expected_seconds=expected, note="there is no file")
        if lost:
            scope.report(f"recording {recording.name}", "there is no file of it")
        return
    seconds = sum(audio.seconds(source) for source in sources)
    path, sound = None, audio.Sound(seconds, None)
    if seconds > 0:
        form = scope.policy.recording.format
        path = files.stored(
            scope.home, recording.name, at=recording.reserved_at, time_zone=scope.site.time_zone, format=form
        )
        sound = audio.store(
            sources,
            path,
            format=form,
            bitrate_kbps=scope.policy.recording.bitrate_kbps,
            target_dbfs=scope.policy.recording.target_dbfs,
        )
    state, note = judge(parts[-1], sound, expected)
    _write(
        scope,
        parts,
        state=state,
        at=now,
        path=path.relative_to(scope.home.path).as_posix() if path else None,
        format=scope.policy.recording.format if path else None,
        seconds=seconds,
        expected_seconds=expected,
        level=sound.level,
        note=note,
    )
    for source in sources:
        source.unlink()


def _may_come(part: Recording, now: datetime) -> bool:
    """Whether the missing file of this recording may still appear."""
    return now - max(part.ended_at or part.reserved_at, part.reserved_at) < NO_FILE_GRACE


def _write(scope: Scope, parts: list[Recording], *, state: RecordingState, at: datetime, **fields: Any) -> None:
    """Writes the result. A caller whose message has no speech in it is owed a call back (R17-1)."""
    recording, *further = parts

    def write(session: Session) -> None:
        recordings.finish(session, recording.id, state=state, at=at, **fields)
        for part in further:
            recordings.join(session, part.id, recording, at=at)
        wordless = recording.kind is RecordingKind.MESSAGE and state in (RecordingState.EMPTY, RecordingState.LOST)
        if not wordless or recording.call_id is None or tasks.of_call(session, recording.call_id):
            return
        call_backs.owe(
            session,
            recording.call_id,
            "left a message without words",
            site=scope.site,
            policy=scope.policy,
            at=at,
            ticket_id=recording.ticket_id,
        )

    scope.store.write(write)


def judge(last: Recording, sound: audio.Sound, expected: float | None) -> tuple[RecordingState, str | None]:
    """The state of the recording, and why it is not simply kept; `last` is its last or only part."""
    if sound.level is None:
        return RecordingState.EMPTY, "nobody speaks" if sound.seconds else "there is no sound"
    if last.state is RecordingState.RESERVED:
        return RecordingState.PARTIAL, "its call ended without an end of the recording"
    tolerance = max(TOLERANCE_S, TOLERANCE_SHARE * (expected or 0.0))
    if expected is not None and sound.seconds < expected - tolerance:
        return RecordingState.PARTIAL, f"{sound.seconds:.1f} s of {expected:.1f} s"
    return RecordingState.KEPT, None


def _sweep(scope: Scope, now: datetime) -> None:
    """Deletes originals that are already stored (after a crash in between); reports files that belong to no call."""
    try:
        lying = {path.stem: path for path in scope.home.recording_spool.glob("*.wav") if now - _written(path) > LEASE}
        states = scope.store.read(recordings.states_of, lying) if lying else {}
    except (OSError, StoreUnavailable) as error:
        scope.report("recording spool", str(error))
        return
    for name, path in lying.items():
        if name not in states:
            scope.report(f"recording {name}", "is in the spool and no call knows it")
        elif states[name] in FINAL - {RecordingState.LOST}:
            path.unlink(missing_ok=True)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)

"""Compares files, rows and talks at the start and once a day; differences are reported, never repaired (R04-1)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from models.calls import recordings
from models.health import findings
from models.health.findings import Subject
from models.states.calls import RecordingState
from models.states.health import FindingKind
from scheduler.scope import Scope

PAGE = 500
SETTLED = timedelta(minutes=15)
"""A younger file may still be on its way from the spool to its month's folder."""
KINDS = (FindingKind.FILE_WITHOUT_ROW, FindingKind.ROW_WITHOUT_FILE, FindingKind.TALK_WITHOUT_RECORDING)
HAS_A_FILE = (RecordingState.KEPT, RecordingState.PARTIAL, RecordingState.EMPTY)


def reconcile(scope: Scope) -> int:
    """Returns how many findings are new; those that no longer hold are settled. Raises StoreUnavailable."""
    now = scope.clock.now()
    found: dict[Subject, int | None] = {}
    found |= dict.fromkeys(((FindingKind.FILE_WITHOUT_ROW, path) for path in _unknown_files(scope, now)), None)
    found |= _missing_files(scope)
    found |= _talks(scope, now)
    new = scope.store.write(findings.settle, KINDS, found, at=now)
    for finding in new:
        scope.report(finding.subject, finding.kind.value)
    return len(new)


def _unknown_files(scope: Scope, now: datetime) -> list[str]:
    unknown: list[str] = []
    kept = (path for path in scope.home.recordings.glob("*/*/*") if path.is_file() and _old(path, now))
    for some in _pages(kept):
        paths = [path.relative_to(scope.home.path).as_posix() for path in some]
        known = scope.store.read(recordings.by_paths, paths)
        unknown += [path for path in paths if path not in known]
    spooled = (path for path in scope.home.recording_spool.glob("*.wav") if _old(path, now))
    for some in _pages(spooled):
        states = scope.store.read(recordings.states_of, [path.stem for path in some])
        unknown += [path.relative_to(scope.home.path).as_posix() for path in some if path.stem not in states]
    return unknown


def _missing_files(scope: Scope) -> dict[Subject, int | None]:
    missing: dict[Subject, int | None] = {}
    after = 0
    while page := scope.store.read(recordings.with_files, after=after, limit=PAGE):
        after = page[-1].id
        for row in page:
            if row.state in HAS_A_FILE and row.path and not (scope.home.path / row.path).is_file():
                missing[FindingKind.ROW_WITHOUT_FILE, row.name] = row.call_id
    return missing


def _talks(scope: Scope, now: datetime) -> dict[Subject, int | None]:
    without: dict[Subject, int | None] = {}
    # Recordings of older talks have been deleted by now (R14-3).
    kept_since = now - timedelta(days=scope.policy.recording.retention_days)
    first = scope.store.read(recordings.first_talk, kept_since)
    if first is None:
        return without
    after = first - 1
    while page := scope.store.read(recordings.talks_without, after=after, limit=PAGE):
        after = page[-1][0].id
        for talk, lacks in page:
            if lacks and talk.ended_at is not None and now - talk.ended_at > SETTLED:
                without[FindingKind.TALK_WITHOUT_RECORDING, talk.bridge_id] = talk.call_id
    return without


def _pages(paths: Iterable[Path]) -> Iterator[list[Path]]:
    rest = iter(paths)
    while page := list(islice(rest, PAGE)):
        yield page


def _old(path: Path, now: datetime) -> bool:
    try:
        return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > SETTLED
    except FileNotFoundError:
        return False

"""Files, rows and talks that do not agree are found, reported once, and settled when they agree again (R04-1)."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import calls, recordings
from models.calls.calls import EndedBy
from models.health import findings
from models.health.findings import FindingKind
from models.states.calls import RecordingKind
from models.states.tickets import TicketKind
from models.tables import AccessEntry, Call, Ticket
from scheduler.scans.disk_room import disk_room
from scheduler.scans.reconcile import reconcile
from scheduler.scans.retention import retention
from scheduler.scope import Scope
from tests.store.calls.test_retention import keep, later, row

pytestmark = pytest.mark.store


def open_ones(scope: Scope) -> list[tuple[FindingKind, str]]:
    return [(finding.kind, finding.subject) for finding in scope.store.read(findings.still_open, limit=100)]


def old(path: Path, scope: Scope) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"sound")
    at = (scope.clock.now() - timedelta(hours=1)).timestamp()
    os.utime(path, (at, at))
    return path


def test_files_and_rows_that_agree_are_no_finding(scope: Scope) -> None:
    file = keep(scope, "one", days=180)
    old(file, scope)
    assert reconcile(scope) == 0
    assert open_ones(scope) == []


def test_a_row_whose_file_is_gone_is_found_once_and_settled_when_it_is_back(scope: Scope) -> None:
    file = keep(scope, "one", days=180)
    file.unlink()
    assert reconcile(scope) == 1
    assert reconcile(later(scope, days=1)) == 0
    assert open_ones(scope) == [(FindingKind.ROW_WITHOUT_FILE, "one")]
    old(file, scope)
    assert reconcile(later(scope, days=1)) == 0
    assert open_ones(scope) == []


def test_files_that_no_row_knows_are_found_in_their_month_and_in_the_spool(scope: Scope) -> None:
    old(scope.home.recordings / "2026" / "03" / "stray.opus", scope)
    old(scope.home.recording_spool / "left.wav", scope)
    fresh = scope.home.recording_spool / "going-on.wav"
    fresh.write_bytes(b"sound")
    at = scope.clock.now().timestamp()
    os.utime(fresh, (at, at))
    assert reconcile(scope) == 2
    assert sorted(subject for _, subject in open_ones(scope)) == [
        "asterisk/spool/recording/left.wav",
        "recordings/2026/03/stray.opus",
    ]


@pytest.mark.parametrize("reserved", [True, False])
def test_a_talk_without_a_recording_is_found(reserved: bool, scope: Scope, begin_call: Callable[..., Call]) -> None:
    now = scope.clock.now()
    call = begin_call()
    fields: dict[str, Any] = {"staff_number": "7001", "caller_channel": "c", "leg_channel": "l"}
    talk = scope.store.write(calls.begin_talk, call_id=call.id, bridge_id="c1-talk-1", at=now, **fields)
    if reserved:
        scope.store.write(
            recordings.reserve,
            name="c1-talk-1",
            kind=RecordingKind.TALK,
            call_id=call.id,
            ticket_id=None,
            at=now,
            retain_until=now + timedelta(days=9),
        )
    assert reconcile(scope) == 0, "the talk is still going on"
    scope.store.write(calls.end_talk, talk, by=EndedBy.AGENT, at=now)
    assert reconcile(later(scope, hours=1)) == (0 if reserved else 1)
    if not reserved:
        (found,) = scope.store.read(findings.still_open, limit=9)
        assert (found.kind, found.subject, found.call_id) == (
            FindingKind.TALK_WITHOUT_RECORDING,
            "c1-talk-1",
            call.id,
        )


def test_a_talk_whose_recording_would_be_expired_is_not_a_finding(
    scope: Scope, begin_call: Callable[..., Call]
) -> None:
    """R14-3: a missing recording is a finding only while recordings of that time are kept."""
    fields = {"staff_number": "7001", "caller_channel": "c", "leg_channel": "l", "bridge_id": "b"}
    for name in ("old", "young"):
        now = scope.clock.now()
        call = begin_call(name, at=now)
        talk = scope.store.write(calls.begin_talk, call_id=call.id, at=now, **fields)
        scope.store.write(calls.end_talk, talk, by=EndedBy.AGENT, at=now)
        assert reconcile(later(scope, hours=1)) == 1
        assert reconcile(later(scope, days=scope.policy.recording.retention_days)) == 0
        assert open_ones(scope) == []


def test_a_talk_recorded_by_the_fallback_is_no_finding(scope: Scope, begin_call: Callable[..., Call]) -> None:
    now, call = scope.clock.now(), begin_call("c2")
    fields = {"staff_number": "7001", "caller_channel": "c2", "leg_channel": "leg", "bridge_id": "leg"}
    talk = scope.store.write(calls.begin_talk, call_id=call.id, at=now, **fields)
    scope.store.write(
        recordings.reserve,
        name="spool-1.1",
        kind=RecordingKind.TALK,
        call_id=call.id,
        ticket_id=None,
        at=now,
        retain_until=now + timedelta(days=180),
    )
    scope.store.write(calls.end_talk, talk, by=EndedBy.AGENT, at=now)
    assert reconcile(later(scope, days=1)) == 0


def test_a_held_recording_is_never_removed_and_the_log_says_who_and_why(scope: Scope) -> None:
    file = keep(scope, "one", days=1)
    number = row(scope, "one").id
    now = scope.clock.now()
    assert scope.store.write(recordings.hold, number, who="wang", reason="complaint 1007", at=now)
    assert retention(later(scope, days=400)) == 0
    assert file.exists()
    assert scope.store.write(recordings.let_go, number, who="li", reason="settled", at=now)
    assert not scope.store.write(recordings.let_go, number, who="li", reason="settled", at=now)
    assert retention(scope) == 1
    assert not file.exists()
    assert not scope.store.write(recordings.hold, number, who="wang", reason="too late", at=now)
    entries = scope.store.read(lambda session: list(session.scalars(select(AccessEntry).order_by(AccessEntry.id))))
    assert [(entry.who, entry.what, entry.subject) for entry in entries] == [
        ("wang", "hold", f"recording {number}: complaint 1007"),
        ("li", "hold ended", f"recording {number}: settled"),
    ]


def test_a_hold_set_while_retention_looks_keeps_the_file(scope: Scope) -> None:
    file = keep(scope, "one", days=1)
    later(scope, days=2)
    read = scope.store.read

    def read_then_hold(query: Any, **kwargs: Any) -> Any:
        found = read(query, **kwargs)
        for recording in found:
            scope.store.write(recordings.hold, recording.id, who="wang", reason="police", at=scope.clock.now())
        return found

    scope.store.read = read_then_hold  # type: ignore[method-assign, assignment]
    assert retention(scope) == 0
    assert file.exists()


def test_a_nearly_full_disk_is_one_ticket_while_it_lasts(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    def room(megabytes: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=megabytes * 1_000_000))

    least = scope.policy.recording.least_room_mb
    room(least)
    assert disk_room(scope) == 0
    room(least - 1)
    assert [disk_room(scope), disk_room(scope), disk_room(replace(scope))] == [1, 0, 0]
    assert [kind for kind, _ in open_ones(scope)] == [FindingKind.DISK_NEARLY_FULL]
    room(least)
    assert disk_room(scope) == 0
    assert open_ones(scope) == []
    room(0)
    assert disk_room(scope) == 1
    tickets = scope.store.read(lambda session: list(session.scalars(select(Ticket))))
    assert [ticket.kind for ticket in tickets] == [TicketKind.FAULT] * 2

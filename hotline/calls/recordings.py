"""`hotline recordings`: what is kept, what does not agree, holds, and listening, which is logged (R04-1, R05-9)."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened, operator
from hotline.terminal.wording import moment, say, seconds, word
from models.calls import recordings
from models.clock import SystemClock
from models.health import findings
from models.health.findings import Finding
from models.tables import FIRST_NUMBER, Recording
from recordings import files

COLUMNS = ("id", "started_at", "kind", "state", "length_s", "call", "ticket", "held", "note")
MISMATCH_COLUMNS = ("id", "started_at", "kind", "subject", "call")


class NoSuchRecording(Exception):
    """The text is for the person at the terminal."""


def list_recordings(this: Opened, view: ListView, limit: int) -> None:
    """Prints the newest. Raises StoreUnavailable."""
    rows = this.open_store().read(recordings.newest, limit=limit)
    if view.as_json:
        print_json([_fields(row) for row in rows])
    else:
        print_table([_texts(row, this) for row in rows], COLUMNS, view.language)


def list_mismatches(this: Opened, view: ListView, limit: int) -> None:
    """Prints what the nightly comparison has found and is not settled. Raises StoreUnavailable."""
    open_ones: list[Finding] = this.open_store().read(findings.still_open, limit=limit)
    if view.as_json:
        names = ("id", "kind", "subject", "call_id", "ticket_id", "found_at")
        print_json([{name: getattr(finding, name) for name in names} for finding in open_ones])
        return
    rows = [
        {
            "id": str(finding.id),
            "started_at": moment(finding.found_at, this.site.time_zone),
            "kind": word(finding.kind, view.language),
            "subject": finding.subject,
            "call": str(finding.call_id or ""),
        }
        for finding in open_ones
    ]
    print_table(rows, MISMATCH_COLUMNS, view.language)


def hold(this: Opened, number: int, reason: str) -> None:
    """Keeps it whatever its date. Raises NoSuchRecording, StoreUnavailable."""
    held = this.open_store().write(recordings.hold, number, who=operator(), reason=reason, at=SystemClock().now())
    if not held:
        raise _none(number)
    print(say(f"录音 {number} 已保留,不会被删除", f"recording {number} is held: it is not removed", this.language))


def let_go(this: Opened, number: int, reason: str) -> None:
    """Its date counts again. Raises NoSuchRecording, StoreUnavailable."""
    if not this.open_store().write(recordings.let_go, number, who=operator(), reason=reason, at=SystemClock().now()):
        raise NoSuchRecording(f"recording {number} is not held  录音 {number} 未被保留")
    print(say(f"录音 {number} 不再保留", f"recording {number} is held no more", this.language))


def play(this: Opened, number: int) -> None:
    """Writes into the access log, then tells the path and plays it where a player is. Raises NoSuchRecording."""
    path = _opened(this, number, "listened")
    print(path)
    player = shutil.which("ffplay")
    if player and sys.stdout.isatty():
        subprocess.run([player, "-v", "error", "-nodisp", "-autoexit", str(path)], check=False)


def export(this: Opened, number: int, target: Path) -> None:
    """Writes into the access log, then copies the file. Raises NoSuchRecording, OSError."""
    path = _opened(this, number, f"exported to {target}")
    if target.is_dir():
        target = target / path.name
    if target.exists():
        raise NoSuchRecording(f"{target} is there already: choose another name  {target} 已存在")
    shutil.copyfile(path, target)
    print(target)


def _opened(this: Opened, number: int, what: str) -> Path:
    row: Recording | None = this.open_store().write(
        recordings.opened, number, who=operator(), what=what, at=SystemClock().now()
    )
    if row is None:
        raise _none(number)
    path = files.within(this.home, row.path) if row.path else files.original(this.home, row.name)
    if not path.is_file():
        raise NoSuchRecording(
            f"recording {number} has no file ({row.state}; {row.note or '-'})  录音 {number} 没有文件"
        )
    return path


def _none(number: int) -> NoSuchRecording:
    return NoSuchRecording(
        f"there is no recording {number} to be had: `hotline recordings` lists them  没有录音 {number}"
    )


def _fields(row: Recording) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind.value,
        "state": row.state.value,
        "call_id": row.call_id,
        "ticket_id": row.ticket_id,
        "reserved_at": row.reserved_at,
        "ended_at": row.ended_at,
        "seconds": row.seconds,
        "expected_seconds": row.expected_seconds,
        "retain_until": row.retain_until,
        "held_at": row.held_at,
        "held_by": row.held_by,
        "hold_reason": row.hold_reason,
        "note": row.note,
    }


def _texts(row: Recording, this: Opened) -> dict[str, str]:
    return {
        "id": str(row.id),
        "started_at": moment(row.reserved_at, this.site.time_zone),
        "kind": word(row.kind, this.language),
        "state": word(row.state, this.language),
        "length_s": seconds(row.seconds) if row.seconds is not None else "",
        "call": str(row.call_id or ""),
        "ticket": str(row.ticket_id + FIRST_NUMBER) if row.ticket_id else "",
        "held": f"{row.held_by}: {row.hold_reason}" if row.held_at else "",
        "note": row.note or "",
    }

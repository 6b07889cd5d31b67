"""`hotline recordings`: what has been recorded; who listens to one or takes a copy is logged first (R04-1, R05-9)."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from hotline.listing import View, log_reveal, print_json, print_table
from hotline.opening import Opened, operator
from hotline.wording import moment, say, seconds, word
from models import people, recordings
from models.clock import SystemClock
from models.recordings import RecordingRecord
from models.states import RecordingState
from models.store import Store
from models.tables import FIRST_NUMBER, Recording
from recordings import files

COLUMNS = (
    "id", "started_at", "kind", "state", "seconds", "caller", "unit", "owner", "ticket", "retain_until", "held_by",
    "hold_reason", "note",
)  # fmt: skip


class RecordingRefused(Exception):
    """This can't be done with this recording; the text is for the person at the terminal."""


def list_recordings(this: Opened, view: View, limit: int) -> None:
    """Prints the newest recordings. Raises StoreUnavailable."""
    store = this.store()
    log_reveal(store, view, f"the newest {limit} recordings")

    def read(session: Session) -> list[RecordingRecord]:
        return recordings.recent(session, limit=limit)

    rows = [as_fields(record, view) for record in store.read(read)]
    if view.as_json:
        print_json(rows)
    else:
        print_table([_as_texts(row, this) for row in rows], COLUMNS, view.language)


def as_fields(record: RecordingRecord, view: View) -> dict[str, Any]:
    """The recording's stable field names. Where its file is, is only told by `play`, which is logged."""
    row, call = record.recording, record.call
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind.value,
        "state": row.state.value,
        "started_at": row.reserved_at,
        "ended_at": row.ended_at,
        "seconds": row.seconds,
        "expected_seconds": row.expected_seconds,
        "format": row.format,
        "retain_until": row.retain_until,
        "held_at": row.held_at,
        "held_by": row.held_by,
        "hold_reason": row.hold_reason,
        "note": row.note,
        "line": call.line if call else None,
        "caller": view.number(call.caller_number) if call else None,
        "owner": view.name(record.owner.name) if record.owner else None,
        "building": record.unit.building if record.unit else None,
        "unit": record.unit.unit if record.unit else None,
        "call": row.call_id,
        "ticket": FIRST_NUMBER + row.ticket_id if row.ticket_id else None,
    }


def play(this: Opened, number: int) -> None:
    """Plays it here or, where nothing plays, tells where it is. Raises RecordingRefused, StoreUnavailable."""
    store = this.store()
    row, file = _stored(this, store, number)
    _log(store, "recording played", f"recording {number} ({row.name})")
    player = shutil.which("ffplay")
    if player is None or subprocess.run([player, "-nodisp", "-autoexit", "-loglevel", "error", str(file)]).returncode:
        print(file)


def export(this: Opened, number: int, target: Path) -> None:
    """Copies it to a file that isn't there yet. Raises RecordingRefused, StoreUnavailable."""
    store, language = this.store(), this.language
    row, file = _stored(this, store, number)
    target = target / file.name if target.is_dir() else target
    if target.exists():
        raise RecordingRefused(say(f"{target} 已存在", f"{target} is there already", language))
    _log(store, "recording exported", f"recording {number} ({row.name}) to {target.absolute()}")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.touch(mode=0o600)
        shutil.copyfile(file, part)
        part.rename(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RecordingRefused(
            say(f"无法写入 {target}:{error.strerror}", f"{target} can't be written: {error.strerror}", language)
        ) from error
    print(target)


def hold(this: Opened, number: int, reason: str) -> None:
    """It is not removed until it is released. Raises RecordingRefused, StoreUnavailable."""
    if not reason.strip():
        raise RecordingRefused(say("请说明保留原因", "say why it is to be held", this.language))

    def write(session: Session) -> bool:
        at, who = SystemClock().now(), operator()
        held = recordings.hold(session, number, who=who, reason=reason, at=at)
        if held:
            people.log_access(session, who=who, what="recording held", subject=f"recording {number}: {reason}", at=at)
        return held

    store = this.store()
    if not store.write(write):
        row = _row(this, store, number)
        if row.held_at is None:
            _refuse_state(row, this)
        raise RecordingRefused(
            say(f"录音 {number} 已由 {row.held_by} 保留:{row.hold_reason}",
                f"recording {number} is held already by {row.held_by}: {row.hold_reason}", this.language)
        )  # fmt: skip
    print(
        say(f"录音 {number} 已保留,到期不删除", f"recording {number} is held: it stays until released", this.language)
    )


def release(this: Opened, number: int, reason: str) -> None:
    """Its retention date counts again. Raises RecordingRefused, StoreUnavailable."""

    def write(session: Session) -> bool:
        freed = recordings.let_go(session, number)
        if freed:
            subject = f"recording {number}: {reason}" if reason else f"recording {number}"
            at = SystemClock().now()
            people.log_access(session, who=operator(), what="recording released", subject=subject, at=at)
        return freed

    store = this.store()
    if not store.write(write):
        _row(this, store, number)
        raise RecordingRefused(say(f"录音 {number} 未被保留", f"recording {number} is not held", this.language))
    until = moment(_row(this, store, number).retain_until, this.site.time_zone)
    print(
        say(
            f"录音 {number} 已解除保留,保存至 {until}",
            f"recording {number} is released, kept until {until}",
            this.language,
        )
    )


def _row(this: Opened, store: Store, number: int) -> Recording:
    row = store.read(recordings.get, number)
    if row is None:
        raise RecordingRefused(say(f"没有录音 {number}", f"there is no recording {number}", this.language))
    return row


def _stored(this: Opened, store: Store, number: int) -> tuple[Recording, Path]:
    row = _row(this, store, number)
    if row.path is None:
        _refuse_state(row, this)
    file = files.within(this.home, row.path)
    if not file.exists():
        raise RecordingRefused(
            say(f"录音 {number} 的文件不在了", f"the file of recording {number} is gone", this.language)
        )
    return row, file


def _refuse_state(row: Recording, this: Opened) -> NoReturn:
    state = word(row.state.value, this.language)
    raise RecordingRefused(
        say(f"录音 {row.id} 没有文件:{state}", f"recording {row.id} has no file: {state}", this.language)
    )


def _log(store: Store, what: str, subject: str) -> None:
    """Committed when this returns: nobody listens unseen (R05-9)."""

    def write(session: Session) -> None:
        people.log_access(session, who=operator(), what=what, subject=subject, at=SystemClock().now())

    store.write(write)


def _as_texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
    language, zone = this.language, this.site.time_zone
    gone = row["state"] == RecordingState.REMOVED
    return {key: str(row[key] or "") for key in COLUMNS} | {
        "started_at": moment(row["started_at"], zone),
        "kind": word(row["kind"], language),
        "state": word(row["state"], language),
        "seconds": seconds(row["seconds"]),
        "unit": "-".join(part for part in (row["building"], row["unit"]) if part),
        "caller": row["caller"] or say("未显示", "withheld", language),
        "retain_until": "" if gone else f"{row['retain_until'].astimezone(zone):%Y-%m-%d}",
    }

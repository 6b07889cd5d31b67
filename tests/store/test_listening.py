"""Who listens to a recording, copies it or puts it on hold is in the access log before he gets it (R04-1, R05-9)."""

import stat
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import recordings_list
from hotline.opening import operator
from models import recordings
from models.states import RecordingState
from models.store import StoreUnavailable
from models.tables import AccessEntry
from tests.store.test_cli import AT, Terminal, hotline

pytestmark = pytest.mark.store

__all__ = ["hotline"]
SOUND = b"what was said"


def access(terminal: Terminal) -> list[tuple[str, str, str]]:
    def read(session: Session) -> list[tuple[str, str, str]]:
        entries = session.scalars(select(AccessEntry).order_by(AccessEntry.id))
        return [(entry.who, entry.what, entry.subject) for entry in entries]

    store = terminal.store()
    try:
        return store.read(read)
    finally:
        store.close()


@pytest.fixture
def kept(hotline: Terminal) -> Path:
    """The file of recording 1, which is put away."""
    path = "recordings/2025/10/talk-1.opus"
    store = hotline.store()
    ended = AT + timedelta(minutes=1)
    store.write(recordings.finish, 1, state=RecordingState.KEPT, at=ended, path=path, format="opus", seconds=60)
    store.close()
    file = hotline.home.path / path
    file.parent.mkdir(parents=True)
    file.write_bytes(SOUND)
    return file


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here plays sound."""
    monkeypatch.setattr(recordings_list.shutil, "which", lambda program: None)


def test_recordings_are_listed_with_stable_fields_and_hidden_numbers(hotline: Terminal, kept: Path) -> None:
    (row,) = hotline.json("recordings")
    assert list(row) == [
        "id", "name", "kind", "state", "started_at", "ended_at", "seconds", "expected_seconds", "format",
        "retain_until", "held_at", "held_by", "hold_reason", "note", "line", "caller", "owner", "building", "unit",
        "call", "ticket",
    ]  # fmt: skip
    assert (row["id"], row["state"], row["seconds"], row["caller"], row["ticket"]) == (
        1,
        "kept",
        60,
        "138****8000",
        1001,
    )
    table = hotline("recordings")
    assert "138****8000" in table
    assert "2026-03-30" in table, "180 days later (R14-3)"
    assert "talk-1.opus" not in table + hotline("recordings", "--json"), "where it is, is told to whom is logged"
    assert "13800138000" in hotline("recordings", "--reveal")
    assert [what for _, what, _ in access(hotline)] == ["names and numbers shown"]


def test_the_newest_recording_comes_first(hotline: Terminal, kept: Path) -> None:
    store = hotline.store()
    for name, minutes in (("older", -5), ("newer", 5)):
        at = AT + timedelta(minutes=minutes)
        store.write(
            recordings.reserve, name=name, kind=recordings.RecordingKind.SPOOL, call_id=None, ticket_id=None, at=at,
            retain_until=at,
        )  # fmt: skip
    store.close()
    assert [row["name"] for row in hotline.json("recordings")] == ["newer", "talk-1", "older"]
    assert [row["name"] for row in hotline.json("recordings", "--limit", "1")] == ["newer"]


def test_who_listens_where_nothing_plays_is_told_the_path_and_is_logged(hotline: Terminal, kept: Path) -> None:
    assert hotline("recordings", "play", "1") == f"{kept}\n"
    assert access(hotline) == [(operator(), "recording played", "recording 1 (talk-1)")]


def test_a_player_gets_the_file_when_the_log_is_written(
    hotline: Terminal, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[tuple[str, int]] = []

    def play(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        played.append((command[-1], len(access(hotline))))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(recordings_list.shutil, "which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(recordings_list.subprocess, "run", play)
    assert hotline("recordings", "play", "1") == ""
    assert played == [(str(kept), 1)]


@pytest.mark.parametrize("words", [("play", "1"), ("export", "1", "copy.opus")])
def test_nobody_gets_a_recording_that_cannot_be_logged(
    words: tuple[str, ...], hotline: Terminal, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("the database is gone")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(recordings_list.people, "log_access", gone)
    assert hotline("recordings", *words) == ""
    assert (hotline.code, hotline.errors) == (1, "the database is gone\n")
    assert not (tmp_path / "copy.opus").exists()


def test_a_copy_is_whole_private_and_logged_and_overwrites_nothing(
    hotline: Terminal, kept: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.opus"
    assert hotline("recordings", "export", "1", str(copy)) == f"{copy}\n"
    assert (copy.read_bytes(), stat.S_IMODE(copy.stat().st_mode)) == (SOUND, 0o600)
    assert access(hotline) == [(operator(), "recording exported", f"recording 1 (talk-1) to {copy}")]
    copy.write_bytes(b"other")
    hotline("recordings", "export", "1", str(copy))
    assert (hotline.code, hotline.errors, copy.read_bytes()) == (1, f"{copy} is there already\n", b"other")
    assert hotline("recordings", "export", "1", str(tmp_path)) == f"{tmp_path / 'talk-1.opus'}\n"
    hotline("recordings", "export", "1", str(tmp_path / "no" / "folder"))
    assert (hotline.code, "can't be written" in hotline.errors) == (1, True)


def test_what_has_no_file_is_refused_in_words_and_not_logged(hotline: Terminal, kept: Path) -> None:
    hotline("recordings", "play", "9")
    assert (hotline.code, hotline.errors) == (1, "there is no recording 9\n")
    kept.unlink()
    hotline("recordings", "play", "1")
    assert (hotline.code, hotline.errors) == (1, "the file of recording 1 is gone\n")
    store = hotline.store()
    store.write(recordings.removed, 1, at=AT)
    store.close()
    hotline("recordings", "export", "1", "x", "--lang", "zh")
    assert (hotline.code, hotline.errors) == (1, "录音 1 没有文件:到期删除\n")
    assert access(hotline) == []


def test_a_hold_says_who_and_why_in_the_list_and_in_the_log(hotline: Terminal, kept: Path) -> None:
    assert "is held" in hotline("recordings", "hold", "1", "--reason", "case 12")
    (row,) = hotline.json("recordings")
    assert (row["held_by"], row["hold_reason"]) == (operator(), "case 12")
    assert "case 12" in hotline("recordings")
    hotline("recordings", "hold", "1", "--reason", "case 13")
    assert (hotline.code, hotline.errors) == (1, f"recording 1 is held already by {operator()}: case 12\n")
    assert "kept until" in hotline("recordings", "release", "1", "--reason", "case 12 is closed")
    assert hotline.json("recordings")[0]["held_at"] is None
    hotline("recordings", "release", "1")
    assert (hotline.code, hotline.errors) == (1, "recording 1 is not held\n")
    assert access(hotline) == [
        (operator(), "recording held", "recording 1: case 12"),
        (operator(), "recording released", "recording 1: case 12 is closed"),
    ]


def test_a_hold_without_a_reason_or_of_nothing_is_refused(hotline: Terminal, kept: Path) -> None:
    hotline("recordings", "hold", "1")
    assert hotline.code == 2
    hotline("recordings", "hold", "1", "--reason", " ")
    assert (hotline.code, hotline.errors) == (1, "say why it is to be held\n")
    hotline("recordings", "hold", "9", "--reason", "case 12")
    assert (hotline.code, hotline.errors) == (1, "there is no recording 9\n")
    assert access(hotline) == []

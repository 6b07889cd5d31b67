"""`hotline recordings`: the access log names the listener before anyone gets a recording (R05-9)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import recordings
from models.clock import SystemClock
from models.health import findings
from models.health.findings import FindingKind
from models.instance.home import Home
from models.states.calls import RecordingKind, RecordingState
from models.tables import AccessEntry
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """An instance with one recording, number 1, and its file."""
    home = Home(tmp_path / "home")
    home.create_missing()
    desk, now = Terminal(home, monkeypatch, capsys), SystemClock().now()
    store = desk.store
    row = store.write(
        recordings.reserve,
        name="c1-talk-1",
        kind=RecordingKind.TALK,
        call_id=None,
        ticket_id=None,
        at=now,
        retain_until=now + timedelta(days=9),
    )
    path = "recordings/2026/03/c1-talk-1.opus"
    store.write(recordings.finish, row.id, state=RecordingState.KEPT, at=now, path=path, seconds=12.0)
    file = home.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"sound")
    return desk


def logged(desk: Terminal) -> list[tuple[str, str]]:
    entries: Any = desk.store.read(lambda session: list(session.scalars(select(AccessEntry))))
    return [(entry.what, entry.subject) for entry in entries]


def test_listening_and_exporting_are_in_the_access_log(desk: Terminal, tmp_path: Path) -> None:
    assert desk("recordings", "play", "1").strip().endswith("recordings/2026/03/c1-talk-1.opus")
    assert logged(desk) == [("listened", "recording 1 c1-talk-1")]
    target = tmp_path / "for-the-court.opus"
    desk("recordings", "export", "1", str(target))
    assert target.read_bytes() == b"sound"
    assert [what.split()[0] for what, _ in logged(desk)] == ["listened", "exported"]
    desk("recordings", "export", "1", str(target))
    assert desk.code == 1
    assert "exists already" in desk.errors


def test_a_command_for_a_recording_that_is_not_there_is_refused(desk: Terminal) -> None:
    for command in (("play", "7"), ("hold", "7", "--reason", "x"), ("let-go", "1", "--reason", "x")):
        desk("recordings", *command)
        assert desk.code == 1
        assert "recording" in desk.errors
    assert logged(desk) == []


def test_a_hold_is_listed_with_who_and_why(desk: Terminal) -> None:
    desk("recordings", "hold", "1", "--reason", "complaint 1007")
    (row,) = desk.json("recordings")
    assert (row["hold_reason"], row["state"], row["seconds"]) == ("complaint 1007", "kept", 12.0)
    assert row["held_by"]
    desk("recordings", "let-go", "1", "--reason", "settled")
    assert desk.json("recordings")[0]["held_at"] is None


def test_mismatches_are_listed_and_shown_in_the_status(desk: Terminal) -> None:
    assert desk.json("recordings", "--mismatches") == []
    found = {(FindingKind.ROW_WITHOUT_FILE, "c1-talk-1"): None}
    desk.store.write(findings.settle, list(FindingKind), found, at=SystemClock().now())
    (row,) = desk.json("recordings", "--mismatches")
    assert (row["kind"], row["subject"]) == ("row-without-file", "c1-talk-1")
    assert "c1-talk-1" in desk("recordings", "--mismatches")
    assert desk.json("status")["store"]["findings_open"] == 1

"""Heartbeats: a program writes a file in the home's run folder each time it has proved that it works."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from models.instance.home import Home


@dataclass(frozen=True)
class Beat:
    """`since` is when the process began, `at` its last proof; `facts` are moments of its work, by name. `why` says why
    a living process does not work."""

    since: datetime
    at: datetime
    facts: dict[str, datetime] = field(default_factory=dict)
    why: str = ""


def leave(home: Home, name: str, beat: Beat) -> None:
    """Writes the beat. Raises OSError, such as on a full disk, which must stop nothing but the beats."""
    path = _path(home, name)
    part = path.with_suffix(".part")
    facts = {fact: at.isoformat() for fact, at in beat.facts.items()}
    moments = {"since": beat.since.isoformat(), "at": beat.at.isoformat()}
    text = json.dumps({**moments, "facts": facts, "why": beat.why})
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def last(home: Home, name: str) -> Beat | None:
    """The last beat, however old; None when there was none, or the process has ended."""
    try:
        left = json.loads(_path(home, name).read_text(encoding="utf-8"))
        facts = {fact: datetime.fromisoformat(at) for fact, at in left["facts"].items()}
        since, at = datetime.fromisoformat(left["since"]), datetime.fromisoformat(left["at"])
        return Beat(since, at, facts, left["why"])
    except (OSError, ValueError, KeyError):
        return None


def forget(home: Home, name: str) -> None:
    """Removes the beat of a process that has ended."""
    _path(home, name).unlink(missing_ok=True)


def tick(home: Home, name: str) -> None:
    """Records that the process still runs, successful or not; needs no disk space after the first time. Raises
    OSError."""
    path = _tick(home, name)
    path.touch(exist_ok=True)


def forget_ticks(home: Home, name: str) -> None:
    """Removes the tick of an earlier process, before a new one starts."""
    _tick(home, name).unlink(missing_ok=True)


def still_for(home: Home, name: str, now: datetime) -> float:
    """Seconds since the last tick; 0 before the first."""
    try:
        return now.timestamp() - _tick(home, name).stat().st_mtime
    except OSError:
        return 0.0


def _tick(home: Home, name: str) -> Path:
    return home.run / f"{name}.tick"


def _path(home: Home, name: str) -> Path:
    return home.run / f"{name}.beat"

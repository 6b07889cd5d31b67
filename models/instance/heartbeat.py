"""A part of the service proves that it is at work: after each real proof it leaves a beat in the home's run folder."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from models.instance.home import Home


@dataclass(frozen=True)
class Beat:
    """`since` is when that process began, `at` its last proof; `facts` are moments of what it does, by name. `why`: it
    lives, and is not at work."""

    since: datetime
    at: datetime
    facts: dict[str, datetime] = field(default_factory=dict)
    why: str = ""


def leave(home: Home, name: str, beat: Beat) -> None:
    """A full disk stops nothing but the beats. Raises OSError then."""
    path = _path(home, name)
    part = path.with_suffix(".part")
    facts = {fact: at.isoformat() for fact, at in beat.facts.items()}
    moments = {"since": beat.since.isoformat(), "at": beat.at.isoformat()}
    text = json.dumps({**moments, "facts": facts, "why": beat.why})
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def last(home: Home, name: str) -> Beat | None:
    """The last one, however long ago; None when there was none, or its process has ended."""
    try:
        left = json.loads(_path(home, name).read_text(encoding="utf-8"))
        facts = {fact: datetime.fromisoformat(at) for fact, at in left["facts"].items()}
        since, at = datetime.fromisoformat(left["since"]), datetime.fromisoformat(left["at"])
        return Beat(since, at, facts, left["why"])
    except (OSError, ValueError, KeyError):
        return None


def forget(home: Home, name: str) -> None:
    """The process has ended: what it has left proves nothing any more."""
    _path(home, name).unlink(missing_ok=True)


def tick(home: Home, name: str) -> None:
    """Says that the process still does something, whether or not it succeeds; needs no room on the disk after the first
    time. Raises OSError."""
    path = _tick(home, name)
    path.touch(exist_ok=True)


def forget_ticks(home: Home, name: str) -> None:
    """Before the process is started: what the last one has left says nothing of it."""
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

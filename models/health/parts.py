"""A part of the service is up when it has left a heartbeat lately, or has just proved that it works."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.instance import heartbeat
from models.instance.home import Home

FRESH = timedelta(seconds=20)
"""Heartbeats come every 5 s; on a busy machine two in a row may be late."""


@dataclass(frozen=True)
class Part:
    """`since`: when it started, if known; `checked_at`: the last proof; `why`: why it is down; `scans`: when each scan
    of the scheduler last ran."""

    up: bool
    since: datetime | None = None
    checked_at: datetime | None = None
    why: str = ""
    scans: dict[str, datetime] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def beating(home: Home, name: str, now: datetime) -> Part:
    """By the last heartbeat of this program."""
    beat = heartbeat.last(home, name)
    if beat is None:
        return Part(False, why="does not run")
    fresh = now - beat.at < FRESH
    why = beat.why if fresh else "no sign of life any more"
    return Part(not why, beat.since, beat.at, why, beat.facts)

"""What the telephones saw, moment by moment: the only evidence by which the hotline is judged."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path


class What(StrEnum):
    INVITED = "invited"
    ANSWERED = "answered"
    """Our 200 was acknowledged."""
    KEY = "key"
    """Asterisk has taken the key (200 to the INFO)."""
    KEY_LOST = "key-lost"
    HEARD = "heard"
    """The first packet that belongs to this prompt only."""
    NAMED = "named"
    """The whole number of a room was heard."""
    ENDED = "ended"
    REGISTERED = "registered"
    UNREGISTERED = "unregistered"
    NOT_REGISTERED = "not-registered"


@dataclass(frozen=True)
class LogEvent:
    """`at`: seconds since the epoch, like the wake-ups; `clock`: monotonic; `call`: the Call-ID."""

    at: float
    clock: float
    phone: str
    call: str
    what: What
    detail: str = ""


@dataclass
class Log:
    """In memory, and line by line in a file, so that an aborted run leaves its evidence."""

    file: Path
    events: list[LogEvent] = field(default_factory=list)
    last_rung: float = 0.0

    def __post_init__(self) -> None:
        self._out = self.file.open("w", encoding="utf-8", buffering=1)

    def add(self, phone: str, call: str, what: What, detail: str = "") -> None:
        event = LogEvent(time.time(), time.monotonic(), phone, call, what, detail)
        self.events.append(event)
        if what is What.INVITED:
            self.last_rung = event.at
        self._out.write(json.dumps(asdict(event)) + "\n")

    def close(self) -> None:
        self._out.close()


def read(file: Path) -> Iterator[LogEvent]:
    """A log as it was written."""
    for line in file.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        yield LogEvent(**fields | {"what": What(fields["what"])})

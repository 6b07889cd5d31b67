"""One call of one phone, and each event of the phone, timed by both clocks."""

import re
import time
from dataclasses import dataclass, field
from datetime import datetime

from phones.ear import Ear


@dataclass(frozen=True)
class PhoneEvent:
    """An event of a phone, timed by both clocks. `kind` is a word of ours, such as "ringing"."""

    at: float
    wall: datetime
    kind: str
    text: str = ""


@dataclass(eq=False)
class PhoneCall:
    """One call of one phone. Times are monotonic; `why` is how it ended, such as "486 Busy Here"."""

    incoming: bool
    number: str
    name: str
    began_at: float
    ringing_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    why: str = ""
    keys: str = ""
    ear: Ear = field(default_factory=Ear)
    listened: float = 0.0
    """The second of the ear up to which prompts have been found: the next wait listens from here."""

    @property
    def rang_s(self) -> float:
        """Seconds from ringing to the answer, to the end, or to now."""
        if self.ringing_at is None:
            return 0.0
        return (self.answered_at or self.ended_at or time.monotonic()) - self.ringing_at

    @property
    def status(self) -> int:
        """The SIP status a refused call ended with, 0 where there was none."""
        refused = re.match(r"([3-6][0-9][0-9]) ", self.why)
        return int(refused[1]) if refused else 0

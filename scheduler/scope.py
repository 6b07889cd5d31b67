"""What a scan may use, and how it reports what it cannot do."""

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from models.instance import heartbeat
from models.instance.heartbeat import Beat
from models.instance.instance import RunningInstance

log = logging.getLogger("scheduler")


@dataclass(frozen=True)
class Scope(RunningInstance):
    """One instance, as its scans see it."""

    _reported: dict[str, str] = field(default_factory=dict)
    _looked: dict[str, datetime] = field(default_factory=dict)
    alarmed: set[str] = field(default_factory=set)
    """Faults without a row (the store is out of reach) for which the duty phone has been rung, while they last."""
    ringing: dict[str, str] = field(default_factory=dict)
    """By what it is about, the newest call to the duty phone."""
    read_until: dict[str, int] = field(default_factory=dict)
    """How many octets of a log have been read."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set at shutdown: a scan stops after the row that it is handling."""
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "began", self.clock.now())

    def looked(self, scan: str) -> None:
        """Notes that a scan has gone through all due rows; `hotline status` shows when."""
        now = self.clock.now()
        self._looked[scan] = now
        with suppress(OSError):
            heartbeat.leave(self.home, "scheduler", Beat(self.began, now, dict(self._looked)))

    def last_looked(self, scan: str) -> datetime:
        """When this scan last finished; before its first run, when the scheduler started."""
        return self._looked.get(scan, self.began)

    def report(self, subject: str, trouble: str) -> None:
        """Logs once what is wrong with a row or file, and again only when the trouble is a different one."""
        if self._reported.get(subject) != trouble:
            self._reported[subject] = trouble
            log.warning("%s: %s", subject, trouble)

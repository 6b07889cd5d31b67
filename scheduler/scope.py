"""What a scan may use, and how it tells of what it can't do."""

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

    _told: dict[str, str] = field(default_factory=dict)
    _looked: dict[str, datetime] = field(default_factory=dict)
    alarmed: set[str] = field(default_factory=set)
    """Troubles the duty phone has been rung for which no row can tell, and which last."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """A scan with much to do stops after the row it has in hand."""
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "began", self.clock.now())

    def looked(self, scan: str) -> None:
        """A scan has looked at all that is due, and failed at none of it as a whole: `hotline status` tells when."""
        now = self.clock.now()
        self._looked[scan] = now
        with suppress(OSError):
            heartbeat.leave(self.home, "scheduler", Beat(self.began, now, dict(self._looked)))

    def last_looked(self, scan: str) -> datetime:
        """When this scan could last look; at the beginning, when we began."""
        return self._looked.get(scan, self.began)

    def report(self, subject: str, trouble: str) -> None:
        """Says once what is wrong with one row or file; again only when it is something else."""
        if self._told.get(subject) != trouble:
            self._told[subject] = trouble
            log.warning("%s: %s", subject, trouble)

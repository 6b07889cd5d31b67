"""What a scan may use, and how it tells of what it can't do."""

import logging
from dataclasses import dataclass, field

from models.clock import Clock
from models.home import Home
from models.policy import Policy
from models.site import Site
from models.store import Store

log = logging.getLogger("scheduler")


@dataclass(frozen=True)
class Scope:
    """One instance, as its scans see it."""

    home: Home
    site: Site
    policy: Policy
    store: Store
    clock: Clock
    _told: dict[str, str] = field(default_factory=dict)

    def report(self, subject: str, trouble: str) -> None:
        """Says once what is wrong with one row or file; again only when it is something else."""
        if self._told.get(subject) != trouble:
            self._told[subject] = trouble
            log.warning("%s: %s", subject, trouble)

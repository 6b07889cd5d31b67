"""One instance, as its console sees it."""

from dataclasses import dataclass

from models.clock import Clock
from models.database.store import Store
from models.policy import Policy
from models.site import Site


@dataclass(frozen=True)
class Instance:
    site: Site
    policy: Policy
    store: Store
    clock: Clock

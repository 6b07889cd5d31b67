"""One instance, as its console sees it."""

from dataclasses import dataclass

from models.clock import Clock
from models.policy import Policy
from models.site import Site
from models.store import Store


@dataclass(frozen=True)
class Instance:
    site: Site
    policy: Policy
    store: Store
    clock: Clock

"""Every program begins with its instance: a home, and the site and policy in it, loaded and right."""

from dataclasses import dataclass

from models.clock import Clock
from models.database.store import PATIENCE_S, Store
from models.errors import ConfigError, Problem
from models.instance.home import Home
from models.policy import Policy
from models.site import Site


@dataclass(frozen=True)
class Instance:
    """An instance whose configuration is right."""

    home: Home
    site: Site
    policy: Policy

    @classmethod
    def load(cls, home: Home) -> "Instance":
        """Raises ConfigError with the problems of both files."""
        problems: list[Problem] = []
        site = policy = None
        try:
            site = Site.load(home.site_file)
        except ConfigError as error:
            problems += error.problems
        try:
            policy = Policy.load(home.policy_file, site)
        except ConfigError as error:
            problems += error.problems
        if site is None or policy is None:
            raise ConfigError(problems)
        return Instance(home, site, policy)

    def open_store(self, *, patience_s: float = PATIENCE_S) -> Store:
        """The database, brought to this version's schema; a write waits `patience_s` for others. Raises
        StoreUnavailable."""
        store = Store(self.home.database_url(self.site), patience_s=patience_s)
        store.migrate()
        return store


@dataclass(frozen=True)
class RunningInstance(Instance):
    """An instance with its database open, and the clock it goes by."""

    store: Store
    clock: Clock

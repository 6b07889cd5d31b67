"""Every program begins with its instance: a home, and the checked site and policy in it."""

from dataclasses import dataclass
from datetime import timedelta

from models.clock import Clock
from models.database.store import PATIENCE_S, Store
from models.errors import ConfigError, Problem
from models.instance.home import Home
from models.people import sign_ins
from models.policy import Policy
from models.site import Site


@dataclass(frozen=True)
class Instance:
    """An instance with a correct configuration."""

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

    @property
    def sign_in_rules(self) -> sign_ins.Rules:
        figures = self.policy.console
        return sign_ins.Rules(
            idle=timedelta(minutes=figures.idle_minutes),
            longest=timedelta(hours=figures.longest_hours),
            tries=figures.tries,
            address_tries=figures.address_tries,
            window=timedelta(minutes=figures.window_minutes),
            wait=timedelta(seconds=figures.wait_s),
            longest_wait=timedelta(minutes=figures.longest_wait_minutes),
        )

    def open_store(self, *, patience_s: float = PATIENCE_S) -> Store:
        """The database, migrated to this version's schema; a write waits up to `patience_s` for others. Raises
        StoreUnavailable."""
        store = Store(self.home.database_url(self.site), area_code=self.site.area_code, patience_s=patience_s)
        store.migrate()
        return store


@dataclass(frozen=True)
class RunningInstance(Instance):
    """An instance with an open database and a clock."""

    store: Store
    clock: Clock

"""A store with the delivered roster, asked by the site's local time."""

from datetime import datetime
from typing import Any

from models.database.store import Store
from models.instance.home import PROJECT_ROOT
from models.people import people
from models.people.shifts import Plan
from models.roster import roster
from models.roster.roster_file import read_roster
from models.site import Site

DAYS = 14


def local(site: Site, day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    """A local time in 2026; the 1st of March is a Sunday."""
    return datetime(2026, month, day, hour, minute, tzinfo=site.time_zone)


def delivered(site: Site) -> Plan:
    return read_roster(PROJECT_ROOT / "roster.example.toml", site)


def install(store: Store, site: Site, plan: Plan, at: datetime) -> Any:
    return store.write(roster.install, plan, who="test", at=at, dates=site.days, days=DAYS)


def on_duty(store: Store, *groups: str, at: datetime) -> list[str]:
    return sorted(one.number for one in store.read(people.on_duty, *groups, at=at))

"""Where the copies of the database are: one for each day, by the site's calendar."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from models.instance.home import Home
from models.site import Site


def place(home: Home, site: Site, at: datetime) -> Path:
    """The path of that day's copy, by the site's calendar."""
    ending = "db" if make_url(home.database_url(site)).get_backend_name() == "sqlite" else "dump"
    return home.backups / f"hotline-{at.astimezone(site.time_zone):%Y-%m-%d}.{ending}"


def copies(home: Home) -> list[Path]:
    """All copies, the newest first."""
    return sorted(home.backups.glob("hotline-*.d*"), reverse=True)

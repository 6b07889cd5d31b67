"""The site file names staff, groups, telephones and rooms; their rows follow it."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from models.guests import rooms
from models.people import people

if TYPE_CHECKING:
    from models.site import Site


def enrol(session: Session, site: "Site") -> None:
    """Makes the rows of staff, groups, telephones and rooms what the site file says."""
    people.sync(session, site)
    rooms.sync(session, site)

"""The rows of staff, groups, telephones and rooms follow the site file."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from models.guests import rooms
from models.people import people

if TYPE_CHECKING:
    from models.site import Site


def enrol(session: Session, site: "Site") -> None:
    """Brings the rows of staff, groups, telephones and rooms up to the site file."""
    people.sync(session, site)
    rooms.sync(session, site)

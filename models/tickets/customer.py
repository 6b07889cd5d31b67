"""How the customer of a ticket is reached."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.numbers import here
from models.tables import OwnerPhone, Ticket
from models.text.numbers import plausible


def number(session: Session, ticket: Ticket, ours: Collection[str]) -> str | None:
    """The number to call: the contact number, the calling number, or one from the directory; none of `ours`."""
    listed = select(OwnerPhone.number).where(OwnerPhone.owner_id == ticket.owner_id).order_by(OwnerPhone.id)
    known = [
        here(session, ticket.contact_number),
        here(session, ticket.caller_number),
        *(here(session, one) for one in session.scalars(listed)),
    ]
    return next((one for one in known if one is not None and plausible(one) and one not in ours), None)

"""What cannot be settled at once: the caller hears by when he is answered, from the clock that was written (R11-2)."""

from ivr.call import Call
from ivr.house import House
from models.tables import Ticket
from models.tickets import deadlines
from recordings import speech


async def answer_by(call: Call, house: House, ticket: Ticket) -> list[str]:
    """The words for it; none for a ticket without such a time."""
    now, zone = house.now(), house.site.time_zone
    by = await house.read(deadlines.answer_by, ticket.id, after=now)
    return speech.due(by.astimezone(zone), now.astimezone(zone), call.language) if by else []

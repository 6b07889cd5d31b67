"""Who is calling, when his number does not tell: known by the building and room he keys, or served without."""

from ivr.call import Call
from ivr.house import House
from models.tables import Ticket

_LONGEST_BUILDING = 4
_LONGEST_ROOM = 8


async def by_keys(call: Call, house: House, ticket: Ticket) -> None:
    """Asks a caller who is not in the directory for building and room; he may just stay on the line (R13-2)."""
    if call.unit is not None:
        return
    building = await call.digits("ask-building", longest=_LONGEST_BUILDING)
    if not building:
        return
    room = await call.digits("ask-room", longest=_LONGEST_ROOM)
    call.unit = await house.ledger.unit_by_keys(building, room)
    await house.ledger.locate_ticket(ticket, building, room, call.unit)
    if call.unit is None:
        await call.play("not-found")

"""A caller whose number is not in the directory keys building and room, or is served without."""

from ivr.call import Call
from ivr.house import House
from models.people import people
from models.tables import Ticket
from models.tickets import tickets

_LONGEST_BUILDING = 4
_LONGEST_ROOM = 8


async def by_keys(call: Call, house: House, ticket: Ticket) -> None:
    """Asks a caller who is not in the directory for building and room; a caller may just stay on the line (R13-2)."""
    if call.unit is not None:
        return
    building = await call.digits("ask-building", longest=_LONGEST_BUILDING)
    if not building:
        return
    room = await call.digits("ask-room", longest=_LONGEST_ROOM)
    call.unit = await house.read(people.unit_by_keys, building=building, room=room)
    unit_id = call.unit.id if call.unit else None
    await house.write(tickets.locate, ticket.id, building=building, room=room, unit_id=unit_id)
    if call.unit is None:
        await call.play("not-found")

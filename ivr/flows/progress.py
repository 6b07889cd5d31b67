"""How is my ticket: its number, its state, and by when; nothing else is disclosed (R07-8)."""

from ivr.call import Call
from ivr.flows.reach import reach_a_person
from ivr.house import House
from ivr.meanwhile import Words
from models.states.tickets import TicketKind
from models.tables import Owner, Ticket
from models.tickets import tickets
from recordings import speech

_LONGEST_NUMBER = 8
_LONGEST_ROOM = 8
_AT_MOST = 3


async def progress(call: Call, house: House) -> None:
    """The recognised caller's own open tickets, newest first; anybody else's by ticket number and room."""
    found = await (keyed_ticket(call, house) if call.owner is None else own_tickets(call, house, call.owner))
    for ticket in reversed(found):
        # The newest last: it is the one that this call, and a message left in it, belongs to.
        await house.write(tickets.asked_after, ticket.id, call_id=call.id, at=house.now())
        call.ticket = ticket
        call.progress.is_served()
    words = [prompt for ticket in found for prompt in how_it_is(call, house, ticket)]
    if not words:
        words = ["no-open-ticket" if call.owner is not None else "ticket-not-found"]
    await call.menu(*words, "ticket-choices", choices={"0": None}, otherwise=None)
    ticket = found[0] if found else await house.ticket(call, TicketKind.ENQUIRY)
    await reach_a_person(call, house, ticket, "whisper-progress", Words(call, house, "to-a-person"))


async def own_tickets(call: Call, house: House, owner: Owner) -> list[Ticket]:
    unit_id = call.unit.id if call.unit else None
    return await house.read(tickets.open_of, owner_id=owner.id, unit_id=unit_id, limit=_AT_MOST)


async def keyed_ticket(call: Call, house: House) -> list[Ticket]:
    number = await call.digits("ask-ticket-number", longest=_LONGEST_NUMBER)
    room = await call.digits("ask-ticket-room", longest=_LONGEST_ROOM) if number else ""
    found = await house.read(tickets.find, number=number, room=room) if number and room else None
    return [found] if found else []


def how_it_is(call: Call, house: House, ticket: Ticket) -> list[str]:
    words = ["your-ticket", *speech.digits(str(ticket.number)), "state-is", *speech.ticket_state(ticket.state)]
    if ticket.next_due_at is not None:
        zone = house.site.time_zone
        now = house.now().astimezone(zone)
        words += speech.due(ticket.next_due_at.astimezone(zone), now, call.language)
    return words

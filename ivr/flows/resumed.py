"""After an interruption on our side: the caller has heard an apology, and the conversation goes on."""

from ivr.call import Call
from ivr.flows.hotline import main_menu
from ivr.flows.reach import reach_a_person
from ivr.flows.urgent import urgent_repair
from ivr.house import House
from models.calls import calls
from models.states.tickets import TicketKind


async def resumed(call: Call, house: House) -> None:
    """With a ticket the caller is put through to a person at once; without one the caller chooses again.

    One who was being asked to rate the talk, or wished goodbye, has been served.
    """
    call.progress.is_resumed()
    if call.progress.over:
        call.progress.is_served()
        return None
    await house.write(calls.answered, call.id, at=house.now())
    if call.ticket is None:
        return await main_menu(call, house)
    if call.ticket.kind is TicketKind.URGENT_REPAIR:
        return await urgent_repair(call, house)
    await reach_a_person(call, house, call.ticket, "whisper-person")

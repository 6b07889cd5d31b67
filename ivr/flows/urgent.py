"""An urgent repair: all on duty for it ring at once; the first to press 1 has the call (R08-2)."""

from ivr.call import Call
from ivr.flows.reach import reach_a_person
from ivr.flows.whisper import whisper
from ivr.house import House
from ivr.meanwhile import Words
from ivr.ringing import Ringing
from ivr.talk import talk
from models.states.tickets import TicketKind


async def urgent_repair(call: Call, house: House) -> None:
    """No water, no power, lift, burst pipe, gas: the caller keys nothing more; a technician must accept it by key."""
    ticket = await house.ticket(call, TicketKind.URGENT_REPAIR)
    on_duty = await house.desk.free(*house.groups_with("technician", "monitoring"))
    question = [*whisper(call, house, "whisper-urgent"), "accept-with-1"]
    call.progress.doing = "ringing"
    meanwhile = Words(call, house, "urgent-connecting")
    async with Ringing(call, house, ticket, lambda: question, consent=True, meanwhile=meanwhile) as ringing:
        leg = await ringing.stage("urgent", on_duty, house.policy.urgent.rings)
    if leg is not None and await talk(call, leg, house, accepted=not leg.picked_up):
        return
    await reach_a_person(call, house, ticket, "whisper-urgent")

"""The other lines: general manager (8002), supervision (8001), switchboard (8003)."""

from ivr.call import Call
from ivr.flows.hotline import main_menu
from ivr.flows.message import leave_message
from ivr.flows.reach import reach_a_person
from ivr.flows.recognise import home_asked
from ivr.flows.wakeup_setting import wakeup_setting
from ivr.house import House
from ivr.meanwhile import Words
from models.database.store import StoreUnavailable
from models.guests import rooms
from models.guests.rooms import Room, RoomRefused
from models.language import language_of
from models.policy.clocks import GENERAL_MANAGER
from models.states.tickets import TicketKind
from recordings import speech

_TO_FIND_THE_KEY_S = 0.4


async def general_manager(call: Call, house: House) -> None:
    """In its hours a person; outside them the hours are announced, then a message or the service hotline (R03-1)."""
    await answer_with(call, house, "gm-welcome")
    if house.policy.calendars[GENERAL_MANAGER].is_open(house.now()):
        return await take_and_reach(call, house, TicketKind.GENERAL_MANAGER, "whisper-gm")
    hours = house.policy.general_manager
    closed = ("gm-hours", *speech.opening_hours(hours.hours, hours.weekdays, call.language), "gm-holidays")
    choice = await call.menu(*closed, "gm-choices", choices={"1": "message", "2": "hotline"}, otherwise="hotline")
    call.progress.chooses(f"closed-{choice}")
    if choice == "message":
        return await leave_message(call, house, await house.ticket(call, TicketKind.GENERAL_MANAGER))
    await main_menu(call, house)


async def supervision(call: Call, house: House) -> None:
    """Complaints about the service itself (R08-4, R12-1)."""
    await answer_with(call, house, "supervision-welcome")
    await take_and_reach(call, house, TicketKind.COMPLAINT, "whisper-supervision")


async def switchboard(call: Call, house: House) -> None:
    """The front desk answers (R14-1); a guest may set wake-up calls by keys (R21-9)."""
    room = await of_a_guest(call, house)
    if room is not None:
        await call.speak(language_of(room.language))
    await house.answer(call)
    if room is not None:
        call.progress.greeted = True
        if await call.ask(house.greeting, "wakeup-offer", wait_s=_TO_FIND_THE_KEY_S) == "1":
            call.progress.is_served("setting a wake-up")
            call.progress.chooses("wake-up")
            await wakeup_setting(call, house)
            return
    ticket = await house.ticket(call, TicketKind.ENQUIRY)
    await reach_a_person(call, house, ticket, "whisper-switchboard", Words(call, house, "switchboard-welcome"))


async def of_a_guest(call: Call, house: House) -> Room | None:
    """The room whose telephone calls, if a guest stays there."""
    if call.phone not in house.site.rooms.phones:
        return None
    try:
        return await house.read(rooms.let, call.phone)
    except (RoomRefused, StoreUnavailable):
        return None


async def answer_with(call: Call, house: House, welcome: str) -> None:
    await house.answer(call)
    await call.play(house.greeting, welcome)
    call.progress.greeted = True


async def take_and_reach(call: Call, house: House, kind: TicketKind, about: str) -> None:
    ticket = await house.ticket(call, kind)
    await reach_a_person(call, house, ticket, about, home_asked(call, house, ticket))

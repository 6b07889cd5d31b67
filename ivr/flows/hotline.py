"""8000, the service hotline: the first words, the menu, and a person for everything (R07-1, R15-5)."""

from ivr.call import Call
from ivr.flows.answer_by import answer_by
from ivr.flows.reach import reach_a_person, ring_the_group
from ivr.flows.recognise import by_keys
from ivr.flows.urgent import urgent_repair
from ivr.house import House, MenuChoice
from ivr.ringing import Leg
from ivr.talk import talk
from models.calls import calls
from models.states.tickets import TicketKind
from recordings import prices
from recordings.prompts import PRICES


async def hotline(call: Call, house: House) -> None:
    if house.policy.answer.mode == "human-first" and await human_first(call, house):
        return
    await call.answer()
    await house.write(calls.answered, call.id, at=house.now())
    await main_menu(call, house, house.greeting, "recording-notice")


async def main_menu(call: Call, house: House, *first_words: str) -> None:
    call.progress.greeted, call.progress.doing = True, "in the menu"
    choice = await call.menu("menu", choices=house.conversations.menu, otherwise=person, first_words=first_words)
    call.progress.chooses(choice.__name__)
    await choice(call, house)


async def human_first(call: Call, house: House) -> bool:
    """A person before any menu (GB/T 33358): the caller hears real ringing. Whether somebody took the call."""
    ticket = await house.ticket(call, TicketKind.ENQUIRY)
    reached = await ring_the_group(call, house, ticket, house.group_of(call), "whisper-person")
    if not isinstance(reached, Leg):
        return False
    await house.write(calls.answered, call.id, at=house.now())
    if not await talk(call, reached, house):
        await reach_a_person(call, house, ticket, "whisper-person")
    return True


async def repair(call: Call, house: House) -> None:
    kind = await call.menu("repair-menu", choices={"1": urgent_repair, "2": ordinary_repair}, otherwise=ordinary_repair)
    call.progress.chooses(kind.__name__)
    await kind(call, house)


async def ordinary_repair(call: Call, house: House) -> None:
    await take_down(call, house, TicketKind.REPAIR, "whisper-repair")


async def complaint(call: Call, house: House) -> None:
    """Who complains hears at once by when there is an answer (R11-2)."""
    ticket = await house.ticket(call, TicketKind.COMPLAINT)
    await call.play("complaint-received", *await answer_by(call, house, ticket))
    await by_keys(call, house, ticket)
    await reach_a_person(call, house, ticket, "whisper-complaint")


async def enquiry_or_suggestion(call: Call, house: House) -> None:
    """Also what paid services cost (R08-11): announced before the menu as often as wanted, and cut by any key."""
    menu, choices = enquiry_menu(house)
    first_words: tuple[str, ...] = ()
    while (kind := await call.menu(*menu, choices=choices, otherwise=enquiry, first_words=first_words)) is None:
        call.progress.chooses(PRICES)
        first_words = (PRICES,)
    call.progress.chooses(kind.__name__)
    await kind(call, house)


def enquiry_menu(house: House) -> tuple[list[str], dict[str, MenuChoice | None]]:
    """Prompts and choices; None stands for the prices, offered only where they were recorded."""
    if prices.are_told(house.home):
        return ["enquiry-menu", "enquiry-menu-prices"], {"1": enquiry, "2": suggestion, "3": None}
    return ["enquiry-menu"], {"1": enquiry, "2": suggestion}


async def enquiry(call: Call, house: House) -> None:
    await take_down(call, house, TicketKind.ENQUIRY, "whisper-enquiry")


async def suggestion(call: Call, house: House) -> None:
    await take_down(call, house, TicketKind.SUGGESTION, "whisper-suggestion")


async def other_language(call: Call, house: House) -> None:
    await call.speak("zh" if call.language == "en" else "en")
    await main_menu(call, house, house.greeting, "recording-notice")


async def person(call: Call, house: House) -> None:
    ticket = await house.ticket(call, TicketKind.ENQUIRY)
    await reach_a_person(call, house, ticket, "whisper-person", "to-a-person")


async def take_down(call: Call, house: House, kind: TicketKind, about: str) -> None:
    """The ticket first; then who is calling, and a person."""
    ticket = await house.ticket(call, kind)
    await by_keys(call, house, ticket)
    await reach_a_person(call, house, ticket, about)

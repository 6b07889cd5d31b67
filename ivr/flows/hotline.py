"""8000, the service hotline: the first words, the menu, and a person for everything (R07-1, R15-5)."""

from typing import Any

from ivr.call import Call
from ivr.flows.answer_by import answer_by
from ivr.flows.message import leave_message
from ivr.flows.reach import reach_a_person, ring_the_group
from ivr.flows.recognise import home_asked
from ivr.flows.urgent import urgent_repair
from ivr.house import House, MenuChoice
from ivr.meanwhile import Words, say_first_words
from ivr.ringing import Leg
from ivr.talk import talk
from models.states.calls import Ring
from models.states.tickets import TicketKind
from recordings import prices
from recordings.prompts import PRICES


async def hotline(call: Call, house: House) -> None:
    await (human_first if house.policy.answer.mode == "human-first" else main_menu)(call, house)


async def main_menu(call: Call, house: House) -> None:
    """Silence is the wish for a person. That the call is recorded is said as telephones ring."""
    await house.answer(call)
    greeting = () if call.progress.greeted else (house.greeting,)
    call.progress.greeted, call.progress.doing = True, "in the menu"
    choice = await call.menu(
        "other-language",
        "menu",
        choices=house.conversations.menu,
        otherwise=person,
        first_words=greeting,
        silent_s=house.policy.menu.person_after_s,
    )
    call.progress.chooses(choice.__name__)
    await choice(call, house)


async def human_first(call: Call, house: House) -> None:
    """A person before any menu (GB/T 33358): the caller hears real ringing until somebody lifts. While all are talking
    there is the menu, and when nobody comes, an urgent repair or a message."""
    ticket = await house.ticket(call, TicketKind.ENQUIRY)
    reached = await ring_the_group(call, house, ticket, house.group_of(call), "whisper-person")
    if reached is Ring.BUSY:
        return await main_menu(call, house)
    if isinstance(reached, Leg):
        if not await talk(call, reached, house):
            await reach_a_person(call, house, ticket, "whisper-person")
        return None
    await house.answer(call)
    await call.stop_ring_back()
    await say_first_words(call, house)
    if await call.ask("nobody-free", "urgent-or-message", wait_s=0) == "1":
        call.progress.chooses(urgent_repair.__name__)
        return await urgent_repair(call, house)
    await leave_message(call, house, ticket)


async def repair(call: Call, house: House) -> None:
    kinds = {"1": urgent_repair, "2": ordinary_repair}
    silent_s = house.policy.menu.person_after_s
    kind = await call.menu("repair-menu", choices=kinds, otherwise=ordinary_repair, silent_s=silent_s)
    call.progress.chooses(kind.__name__)
    await kind(call, house)


async def ordinary_repair(call: Call, house: House) -> None:
    await take_down(call, house, TicketKind.REPAIR, "whisper-repair")


async def complaint(call: Call, house: House) -> None:
    """Who complains hears at once by when there is an answer (R11-2)."""
    ticket = await house.ticket(call, TicketKind.COMPLAINT)
    words = ("complaint-received", *await answer_by(call, house, ticket))
    await reach_a_person(call, house, ticket, "whisper-complaint", home_asked(call, house, ticket, *words))


async def enquiry_or_suggestion(call: Call, house: House) -> None:
    """Also what paid services cost (R08-11): announced before the menu as often as wanted, and cut by any key."""
    menu, choices = enquiry_menu(house)
    prices_first: tuple[str, ...] = ()
    asked: Any = {"choices": choices, "otherwise": enquiry, "silent_s": house.policy.menu.person_after_s}
    while (kind := await call.menu(*menu, first_words=prices_first, **asked)) is None:
        call.progress.chooses(PRICES)
        prices_first = (PRICES,)
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
    call.progress.greeted = False
    await main_menu(call, house)


async def person(call: Call, house: House) -> None:
    ticket = await house.ticket(call, TicketKind.ENQUIRY)
    await reach_a_person(call, house, ticket, "whisper-person", Words(call, house, "to-a-person"))


async def take_down(call: Call, house: House, kind: TicketKind, about: str) -> None:
    """The ticket first; then a person, and meanwhile who is calling."""
    ticket = await house.ticket(call, kind)
    await reach_a_person(call, house, ticket, about, home_asked(call, house, ticket))

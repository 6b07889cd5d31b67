"""After a talk the agent who has no console says by key what becomes of the ticket: settled, dispatched, call again, a
spoken note (R11-3, R10-1).

The customer has hung up, and the call is on file; the agent's telephone is still on the line, and never rung for this.
Each act is read back, and saved after 1, as after *32.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from ivr.call import Call, CallEnded, SameCall
from ivr.flows.staff_tickets import Saved, confirmed, notes, writes
from ivr.house import House
from models.database.store import StoreUnavailable
from models.errors import MoveRefused
from models.people import people
from models.tables import Ticket
from models.tickets import call_backs, staff_tickets, wrap_ups
from models.tickets.wrap_ups import Written
from recordings import speech

log = logging.getLogger(__name__)

_KEYS = "123456789"


class Department(NamedTuple):
    """One to which tickets are dispatched, and the words for it."""

    name: str
    words: list[str]


async def write_up(call: Call, house: House) -> None:
    """Asks whom the talk has left on the line, if anybody."""
    if call.progress.stays is None or call.ticket is None:
        return
    number, channel = call.progress.stays.number, call.progress.stays.channel
    agent = SameCall(call, channel, number=number, language=house.site.language)
    try:
        await asks(agent, house, call.ticket.number)
        await agent.hang_up()
    except CallEnded:
        log.info("call %s: %s has hung up after the customer", call.id, number)


async def asks(agent: Call, house: House, number: int) -> None:
    """Until no key comes; silence from the beginning has changed nothing, and that is said."""
    first_words: tuple[str, ...] = ("customer-gone",)
    saved = False
    try:
        ticket = await house.read(staff_tickets.find, number, agent.number)
        while ticket is not None:
            act = await agent.menu("write-up-choices", choices=_ACTS, otherwise=None, first_words=first_words)
            if act is None:
                break
            if await act(agent, house, ticket):
                await agent.play("act-saved")
                saved = True
            first_words = ()
        if not saved:
            await agent.play("act-not-saved")
    except StoreUnavailable:
        await agent.play("feature-unavailable")


async def settles(agent: Call, house: House, ticket: Ticket) -> Saved:
    return await confirmed(agent, ticket, "act-done") and await saves(agent, house, Written(settled=True))


async def dispatches(agent: Call, house: House, ticket: Ticket) -> Saved:
    """派单: to another department, by key."""
    me = await house.read(people.staff, agent.number)
    others = [one for one in departments(house) if me is None or one.name != me.group]
    by_key = dict(zip(_KEYS, others, strict=False))
    words = [word for key, one in by_key.items() for word in (*one.words, "press", f"number-{key}")]
    to = await agent.menu(*words, choices=by_key, otherwise=None)
    if to is None:
        return None
    saved = await confirmed(agent, ticket, "act-dispatch", *to.words)
    return saved and await saves(agent, house, Written(department=to.name))


async def calls_again(agent: Call, house: House, ticket: Ticket) -> Saved:
    given = {"call_id": agent.id, "site": house.site, "policy": house.policy}
    saved = await confirmed(agent, ticket, "act-call-back")
    return saved and await writes(agent, house, ticket, call_backs.again, **given)


_ACTS: dict[str, Callable[[Call, House, Ticket], Awaitable[Saved]] | None] = {
    "1": settles,
    "2": dispatches,
    "3": calls_again,
    "4": notes,
}


async def saves(agent: Call, house: House, written: Written) -> bool:
    """As the form of the console; what it refuses is said."""
    at, policy = house.now(), house.policy
    try:
        await house.write(wrap_ups.save, agent.id, written, who=agent.number, at=at, policy=policy)
    except MoveRefused:
        await agent.play("act-refused")
        return False
    return True


def departments(house: House) -> list[Department]:
    """Those of the site, in its order, named by the kinds of tickets that fall to them, else by the post of their
    people; of two with the same words only the first."""
    posts = {person.group: person.role for person in reversed(house.site.staff)}
    named: dict[tuple[str, ...], str] = {}
    for group in house.site.groups:
        kinds = [word for kind in group.kinds for word in speech.kind(kind)]
        post = posts.get(group.name)
        words = kinds or (speech.department(post) if post else [])
        if words:
            named.setdefault(tuple(words), group.name)
    return [Department(name, list(words)) for words, name in named.items()]

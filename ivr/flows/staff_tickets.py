"""*31 and *32: staff hear their tickets one by one, and say by key how one stands (R08-1, R10-1, R10-4).

Each act is read back, saved only after 1, and then said to be saved. A hang-up before that changes nothing.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from ivr.call import Call, CallEnded
from ivr.flows import appointment
from ivr.flows.escalation import where
from ivr.house import House
from ivr.spoken_notes import note_name
from models.calls import recordings
from models.database.store import StoreUnavailable
from models.errors import MoveRefused
from models.people import people
from models.states.tickets import ClockKind, TicketState
from models.tables import Ticket
from models.tickets import appointments, deadlines, dispatch, staff_tickets, tickets
from models.tickets.first_receiver import TO_FOLLOW
from recordings import files, speech

_CODE = 3
_LONGEST = 8
_TRIES = 3
"""How often a number is keyed before the call ends."""
_AT_MOST = 50
_SAID = {
    TicketState.ACCEPTED: "act-accepted",
    TicketState.ON_SITE: "act-on-site",
    TicketState.WAITING: "act-waiting",
    TicketState.DONE: "act-done",
}
_DUE = {
    ClockKind.RESPOND: "due-respond",
    ClockKind.ON_SITE: "due-on-site",
    ClockKind.FEEDBACK: "due-feedback",
    ClockKind.SOLUTION: "due-solution",
    None: "due-promise",
}
Saved = bool | None
"""False: something else is to be chosen. None: nobody has pressed a key."""


async def my_tickets(call: Call, house: House) -> bool:
    """*31: those assigned to this person that are not done, by deadline."""
    try:
        await _one_by_one(call, house)
    except StoreUnavailable:
        await call.play("feature-unavailable")
    return False


async def say_how_it_stands(call: Call, house: House) -> bool:
    """*32 and the number of a ticket, which is asked for when none was dialled; then another act, or another ticket."""
    number: str | None = call.line[_CODE:]
    try:
        while number is not None and (ticket := await _chosen(call, house, number)) is not None:
            number = await _goes_on(call, ticket) if await works_on(call, house, ticket) else None
    except StoreUnavailable:
        await call.play("feature-unavailable")
    return False


async def _one_by_one(call: Call, house: House) -> None:
    mine = await house.read(staff_tickets.assigned, call.number, limit=_AT_MOST, states=TO_FOLLOW)
    if not mine:
        return await call.play("no-open-ticket")
    for ticket in mine:
        words = [*await about(house, ticket), *await due(call, house, ticket), *appointment.stands(call, house, ticket)]
        choices = {"1": True, "#": False}
        chosen = await call.menu(*words, "my-tickets-choices", choices=choices, otherwise=None)
        if chosen is None or (chosen and await works_on(call, house, ticket) is None):
            return None
    await call.play("my-tickets-end")


async def _chosen(call: Call, house: House, number: str) -> Ticket | None:
    """The ticket with this number, or with the one that is keyed where there is none; None after too many tries."""
    for _ in range(_TRIES):
        number = number or await call.digits("ask-ticket-number", longest=_LONGEST)
        ticket = await house.read(staff_tickets.find, int(number), call.number) if number else None
        if ticket is not None:
            return ticket
        await call.play("ticket-not-yours" if number else "no-key")
        number = ""
    return None


async def _goes_on(call: Call, ticket: Ticket) -> str | None:
    """The number of the ticket for another act, empty for another ticket; None: that is all."""
    return await call.menu("acts-go-on", choices={"1": str(ticket.number), "2": ""}, otherwise=None)


async def works_on(call: Call, house: House, ticket: Ticket) -> Saved:
    """Until one act is saved, or no key comes. The keys of the steps are in the order of the work."""
    steps = dict(zip("1234", _SAID, strict=True))
    acts = {key: partial(moves, to=state) for key, state in steps.items()} | {"5": notes, "6": passes_on, "7": appoints}
    words = [*await about(house, ticket), "ticket-acts"]
    saved: Saved = False
    while saved is False:
        act = await call.menu(*words, choices=acts, otherwise=None)
        saved = await act(call, house, ticket) if act else None
    await call.play("act-saved" if saved else "act-not-saved")
    return saved


async def moves(call: Call, house: House, ticket: Ticket, to: TicketState) -> Saved:
    """What waits for parts does so with its reason, and the customer has been informed (R08-7)."""
    given: dict[str, Any] = {"to": to, "policy": house.policy}
    if to is TicketState.WAITING:
        given |= {"text": "waiting for parts", "told": True}
    return await confirmed(call, ticket, _SAID[to]) and await writes(call, house, ticket, tickets.move, **given)


async def notes(call: Call, house: House, ticket: Ticket) -> Saved:
    """Its sound stays only if it is saved, or if we are cut off before that can be said (`recovery`)."""
    name = note_name(call)
    call.stream.add(name)
    await house.write(staff_tickets.begin_note, name, ticket.id, at=house.now(), policy=house.policy)
    try:
        saved = await _says_a_note(call, house, ticket, name)
    except CallEnded:
        # Nothing is played after the write, unless it was refused.
        await _drops(house, name)
        raise
    if not saved:
        await _drops(house, name)
    return saved


async def _says_a_note(call: Call, house: House, ticket: Ticket, name: str) -> Saved:
    await call.play("leave-message")
    recorded = await call.record(name)
    if recorded.seconds is not None and recorded.seconds < house.policy.message.shortest_s:
        await call.play("record-silent")
        return False
    saved = await confirmed(call, ticket, "act-note", f"recording:{name}")
    given = {"name": name, "seconds": recorded.seconds}
    return saved and await writes(call, house, ticket, staff_tickets.keep_note, **given)


async def _drops(house: House, name: str) -> None:
    files.original(house.home, name).unlink(missing_ok=True)
    await house.write(recordings.release, name)


async def passes_on(call: Call, house: House, ticket: Ticket) -> Saved:
    """To a colleague and that colleague's department, or back to the department it has."""
    for _ in range(_TRIES):
        key = await call.ask("pass-on-to")
        if key is None:
            return None
        if key == "#":
            me = await house.read(people.staff, call.number)
            to = ticket.department or (me.group if me else "")
            saved = await confirmed(call, ticket, "act-department")
            return saved and await writes(call, house, ticket, dispatch.dispatch, department=to)
        number = await call.digits_from(key, longest=_LONGEST)
        if await house.read(people.staff, number) is not None:
            saved = await confirmed(call, ticket, "act-pass-on", *speech.staff(number))
            return saved and await writes(call, house, ticket, dispatch.assign, staff_number=number)
        await call.play("monitor-unknown")
    return False


async def appoints(call: Call, house: House, ticket: Ticket) -> Saved:
    """When somebody comes, as agreed with the customer (R10-2); one that stands by now is moved, or cancelled."""
    as_it_is = await house.read(tickets.row, ticket.id)
    ticket = as_it_is or ticket
    cancels = await appointment.is_to_be_cancelled(call, house, ticket)
    if cancels is None:
        return None
    if cancels:
        saved = await confirmed(call, ticket, "appointment-cancel")
        return saved and await writes(call, house, ticket, appointments.cancel, zone=house.site.time_zone)
    due_at = await appointment.agreed_time(call, house, ticket)
    if due_at is None:
        return None
    act = appointments.move if ticket.appointment_at else appointments.make
    return await writes(call, house, ticket, act, due_at=due_at, policy=house.policy)


async def confirmed(call: Call, ticket: Ticket, *act: str) -> Saved:
    """The act is read back, with the number of the ticket."""
    words = ("escalation-ticket", *speech.digits(str(ticket.number)), *act, "act-confirm")
    return await call.menu(*words, choices={"1": True, "2": False}, otherwise=None)


async def writes(call: Call, house: House, ticket: Ticket, act: Callable[..., object], **given: Any) -> bool:
    """By the function that the console calls; what it refuses is said."""
    at = house.now()
    try:
        await house.write(staff_tickets.change, ticket.number, act, who=call.number, at=at, **given)
    except MoveRefused:
        await call.play("act-refused")
        return False
    return True


async def about(house: House, ticket: Ticket) -> list[str]:
    """Number, kind, home."""
    number, kind = speech.digits(str(ticket.number)), speech.kind(ticket.kind)
    return ["escalation-ticket", *number, *kind, *await where(house, ticket)]


async def due(call: Call, house: House, ticket: Ticket) -> list[str]:
    """What is due next, and when."""
    if ticket.next_due_at is None:
        return []
    zone, now = house.site.time_zone, house.now()
    what = _DUE[await house.read(deadlines.next_of, ticket)]
    late = ["overdue"] if ticket.next_due_at <= now else []
    return [what, *speech.moment(ticket.next_due_at.astimezone(zone), now, call.language), *late]

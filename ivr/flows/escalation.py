"""Staff are called about a ticket that is late, or new, or has an appointment: they hear what and where, and accept it
or not by key (R07-9, R08-2, R10-1, R10-3); its first receiver is reminded of it (R15-1). A voicemail box presses no
key, and has accepted nothing.
"""

from enum import Enum, auto

from ivr.call import Call, CalledOff, CallEnded
from ivr.dialling import call_out
from ivr.house import House
from models.calls.outgoing import Claim
from models.states.calls import AttemptOutcome
from models.states.tickets import APPOINTMENTS, LadderCause, StepOutcome, TicketState
from models.tables import Ticket
from models.tickets import escalation_answers, escalations, rungs, tickets
from models.tickets.first_receiver import TO_FOLLOW
from models.tickets.tickets import MoveRefused
from recordings import speech


class EscalationReply(Enum):
    MINE = auto()
    NOT_MINE = auto()
    AGAIN = auto()


_KEYS: dict[str, EscalationReply | None] = {
    "1": EscalationReply.MINE,
    "2": EscalationReply.NOT_MINE,
    "3": EscalationReply.AGAIN,
}
_HEARD: dict[str, EscalationReply | None] = {
    key: reply for key, reply in _KEYS.items() if reply is not EscalationReply.NOT_MINE
}


_OF_APPOINTMENT = {
    LadderCause.APPOINTMENT: ("appointment-reminder-choices", "appointment-reminder-done"),
    LadderCause.MISSED: ("appointment-missed-choices", "appointment-missed-done"),
}
"""What the keys mean there, and what is said after 1."""


async def escalation(call: Call, house: House, claim: Claim) -> None:
    assert call.ticket is not None
    assert claim.subject_id is not None
    await house.write(escalations.dialled, claim.subject_id, channel_id=call.channel.id)
    ladder = await house.read(escalations.about, claim.subject_id)
    reached = await call_out(call, house, claim, rungs.climb(ladder.cause, call.ticket, house.policy).rings)
    if reached is not AttemptOutcome.CONNECTED:
        return await ends(house, claim, StepOutcome(reached))
    try:
        await ask(call, house, claim, call.ticket, ladder.cause)
    except CallEnded:
        # Unless a key was pressed before the hang-up.
        await writes(house, claim, StepOutcome.NO_KEY)
        raise
    except CalledOff:
        call.progress.called_off = True
        await call.play("escalation-settled")
        raise


async def ask(call: Call, house: House, claim: Claim, ticket: Ticket, cause: LadderCause) -> None:
    """The answer is written before it is confirmed."""
    call.progress.doing = f"calling about a {cause} ticket"
    words, keys, taken = await question(call, house, ticket, cause)
    said: EscalationReply | None = EscalationReply.AGAIN
    while said is EscalationReply.AGAIN:
        if not await house.still_claims(claim):
            raise CalledOff
        said = await call.menu(*words, choices=keys, otherwise=None)
    match said:
        case EscalationReply.MINE if await takes(house, claim):
            await call.play(*taken)
        case EscalationReply.MINE | EscalationReply.NOT_MINE:
            await ends(house, claim, StepOutcome.PASSED_ON)
            await call.play("escalation-passed")
        case None:
            await ends(house, claim, StepOutcome.NO_KEY)
            await call.play("escalation-no-key")


async def question(
    call: Call, house: House, ticket: Ticket, cause: LadderCause
) -> tuple[list[str], dict[str, EscalationReply | None], list[str]]:
    """What is said, the keys that answer it, and what is said after 1."""
    if cause is LadderCause.REMINDER:
        return [*await spoken_reminder(house, ticket), "reminder-choices"], _HEARD, ["reminder-heard"]
    number = speech.digits(str(ticket.number))
    if cause in APPOINTMENTS:
        words, (choices, done) = await spoken_appointment(call, house, ticket, cause), _OF_APPOINTMENT[cause]
        return [*words, choices], _KEYS, [done, *number]
    words = await (spoken_new(house, ticket) if cause is LadderCause.NEW else spoken(call, house, ticket))
    return [*words, "escalation-choices"], _KEYS, ["escalation-taken", *number]


async def takes(house: House, claim: Claim) -> bool:
    """Whether this person may have the ticket (R15-6). Raises CalledOff when somebody else has it by now."""
    now, policy = house.now(), house.policy
    try:
        accepted = await house.write(escalation_answers.accept, claim, at=now, policy=policy)
    except MoveRefused:
        return False
    if not accepted:
        raise CalledOff
    return True


async def ends(house: House, claim: Claim, outcome: StepOutcome) -> None:
    """Raises CalledOff when the call is not wanted any more."""
    if not await writes(house, claim, outcome):
        raise CalledOff


async def writes(house: House, claim: Claim, outcome: StepOutcome) -> bool:
    now, policy = house.now(), house.policy
    return await house.write(escalation_answers.answer, claim, outcome, at=now, policy=policy)


async def spoken(call: Call, house: House, ticket: Ticket) -> list[str]:
    """Number, kind, where or who, since when."""
    zone, language = house.site.time_zone, call.language
    now = house.now()
    late = ticket.next_due_at is None or ticket.next_due_at <= now
    opened = speech.moment(ticket.opened_at.astimezone(zone), now.astimezone(zone), language)
    return [
        "escalation-late" if late else "escalation-near",
        "escalation-ticket",
        *speech.digits(str(ticket.number)),
        *speech.kind(ticket.kind),
        *await where(house, ticket),
        "escalation-opened",
        *opened,
    ]


async def spoken_new(house: House, ticket: Ticket) -> list[str]:
    """One sentence: kind, where or who, number."""
    return [
        "notice-dispatched" if ticket.state is TicketState.DISPATCHED else "notice-new",
        *speech.kind(ticket.kind),
        *await where(house, ticket),
        "escalation-ticket",
        *speech.digits(str(ticket.number)),
    ]


async def spoken_reminder(house: House, ticket: Ticket) -> list[str]:
    """What is to be done, kind, where or who, number."""
    return [
        "reminder-open" if ticket.state in TO_FOLLOW else "reminder-done",
        *speech.kind(ticket.kind),
        *await where(house, ticket),
        "escalation-ticket",
        *speech.digits(str(ticket.number)),
    ]


async def spoken_appointment(call: Call, house: House, ticket: Ticket, cause: LadderCause) -> list[str]:
    """When, kind, where or who, number."""
    zone = house.site.time_zone
    due_at = (ticket.appointment_at or house.now()).astimezone(zone)
    return [
        "appointment-missed" if cause is LadderCause.MISSED else "appointment-reminder",
        *speech.moment(due_at, house.now(), call.language),
        *speech.kind(ticket.kind),
        *await where(house, ticket),
        "escalation-ticket",
        *speech.digits(str(ticket.number)),
    ]


async def where(house: House, ticket: Ticket) -> list[str]:
    """The owner's building and room, or as the caller keyed them; else the number of the call."""
    unit, language = await house.read(tickets.unit_of, ticket), house.site.language
    building, room = (unit.building, unit.unit) if unit else (ticket.building or "", ticket.room or "")
    if building or room:
        return ["whisper-owner", *speech.room(building, room, language)]
    return ["whisper-caller", *speech.digits(ticket.caller_number)] if ticket.caller_number else []

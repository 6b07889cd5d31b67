"""A message, when nobody could take the call; it belongs to a ticket, and the caller hears by when he is answered, and
that ticket's number."""

from ivr.call import Call, CallEnded
from ivr.flows.answer_by import answer_by
from ivr.house import House
from ivr.meanwhile import say_first_words
from models.calls import recordings
from models.states.calls import RecordingKind
from models.tables import Ticket
from recordings import speech


async def leave_message(call: Call, house: House, ticket: Ticket) -> None:
    """Beep, up to three minutes, `#` or silence ends it; the recording has its name in the store before the beep."""
    call.progress.doing = "leaving a message"
    name = call.name("message")
    await say_first_words(call, house, "leave-message")
    await house.write(
        recordings.begin,
        name,
        RecordingKind.MESSAGE,
        call_id=call.id,
        ticket_id=call.ticket.id if call.ticket else None,
        at=house.now(),
        policy=house.policy,
    )
    try:
        recorded = await call.record(name)
    except CallEnded:
        # The scan of finished recordings finds out whether there are words in it; without any it owes a call back, too.
        call.progress.served = call.has_recorded_s() >= house.policy.message.shortest_s
        await house.write(recordings.ended, name, None, at=house.now())
        raise
    await house.write(recordings.ended, name, recorded.seconds, at=house.now())
    call.progress.is_served()
    if recorded.seconds is not None and recorded.seconds < house.policy.message.shortest_s:
        await house.owe_call_back(call, "left a message without words")
        await call.play("message-empty", *speech.ticket_number(str(ticket.number)))
    else:
        by = await answer_by(call, house, ticket)
        await call.play("message-saved", *by, *speech.ticket_number(str(ticket.number)))

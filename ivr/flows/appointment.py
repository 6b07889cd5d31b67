"""*32 and key 7: when somebody is to be on site, as agreed with the customer (R10-2).

The time is keyed as that of a wake-up call: it is the next one, and by a further key so many days later.
"""

from datetime import datetime, timedelta

from ivr.call import Call
from ivr.flows.keyed_time import keyed_time
from ivr.house import House
from models.guests import wakeups
from models.tables import Ticket
from models.time import calendar
from recordings import speech

_DAY = timedelta(days=1)


async def is_to_be_cancelled(call: Call, house: House, ticket: Ticket) -> bool | None:
    """What is to become of the appointment that stands; None: nobody has pressed a key. False without one."""
    if ticket.appointment_at is None:
        return False
    words = stands(call, house, ticket)
    return await call.menu(*words, "appointment-choices", choices={"1": False, "2": True}, otherwise=None)


async def agreed_time(call: Call, house: House, ticket: Ticket) -> datetime | None:
    """Read back with the number of the ticket, and confirmed. None: it was not."""
    zone = house.site.time_zone
    while (at := await keyed_time(call, house, "appointment-ask-time")) is not None:
        day, key = wakeups.next_date(at, house.now(), zone), "3"
        while key == "3":
            due_at = calendar.moment(day, at, zone).astimezone(zone)
            said = speech.moment(due_at, house.now(), call.language)
            words = ("escalation-ticket", *speech.digits(str(ticket.number)), "appointment-act", *said)
            key = await call.menu(*words, "appointment-confirm", choices={k: k for k in "123"}, otherwise="")
            day += _DAY
        if key == "1":
            return due_at
        if not key:
            return None
    return None


def stands(call: Call, house: House, ticket: Ticket) -> list[str]:
    """For when it is; nothing without one."""
    if ticket.appointment_at is None:
        return []
    at = ticket.appointment_at.astimezone(house.site.time_zone)
    return ["appointment-stands", *speech.moment(at, house.now(), call.language)]

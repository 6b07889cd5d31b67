"""Shared by stories about satisfaction: a ticket that is done, the scheduler's scan, and the customer's answer."""

import asyncio
from pathlib import Path

from sqlalchemy import update

from models.calls import calls
from models.instance.home import Home
from models.states.calls import EndedBy
from models.states.surveys import SurveyState
from models.states.tickets import TicketKind, TicketState
from models.tables import Survey, Ticket
from models.tickets import tickets
from scheduler.scans.follow_ups import follow_ups
from scheduler.scope import Scope
from tests.flows.world import OWNER, Hotline

NOWHERE = Path("/nonexistent")


def is_done(hotline: Hotline, number: str = OWNER, language: str = "zh") -> Ticket:
    """A repair that this number has reported to 7001; it is done, and the scheduler has scanned."""
    at = hotline.clock.now()
    begin = {"line": "8000", "caller_number": number, "language": language, "at": at}
    call = hotline.store.write(calls.begin, channel_id=f"before-{number}-{at.timestamp()}", **begin)
    ticket = hotline.store.write(tickets.open, kind=TicketKind.REPAIR, call_id=call.id, at=at, policy=hotline.policy)
    hotline.store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=at)
    hotline.store.write(tickets.receive, ticket.id, "7001", at=at)
    hotline.store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=at)
    look(hotline)
    return ticket


def look(hotline: Hotline) -> int:
    """The scan that the scheduler makes every few seconds: a due follow-up becomes a call to make."""
    return follow_ups(Scope(Home(NOWHERE), hotline.site, hotline.policy, hotline.store, hotline.clock))


def ticket_state(hotline: Hotline, ticket: Ticket) -> TicketState:
    (found,) = hotline.every(Ticket, id=ticket.id)
    return TicketState(found.state)


def the_survey(hotline: Hotline) -> Survey:
    (survey,) = hotline.every(Survey)
    assert isinstance(survey, Survey)
    return survey


def is_due(hotline: Hotline) -> None:
    """Waits for the other time of day at which the customer is called again: hours are long in virtual time, too."""
    now = update(Survey).values(due_at=hotline.clock.now())
    hotline.store.write(lambda session: session.execute(now))
    look(hotline)


async def is_over(hotline: Hotline, within: int = 200) -> Survey:
    """Waits until the customer is no longer being called."""
    for _ in range(within):
        if the_survey(hotline).state is not SurveyState.CALLING:
            return the_survey(hotline)
        await asyncio.sleep(1)
    raise AssertionError(f"the customer is still being called after {within} s: {the_survey(hotline)}")

"""*30 and the reminder call: staff who come on duty hear what is open and take it over by key (R09-6, R14-2)."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import outgoing
from models.calls.outgoing import CallToMake
from models.roster import handovers
from models.roster.handovers import Handover
from models.states.calls import AttemptOutcome, Purpose, ToMake
from models.states.roster import HandoverState
from models.tables import Attempt, Escalation, Ticket
from tests.fakes.people import FakePhone
from tests.flows.roster.test_on_duty import asks_for_a_person, has_the_delivered_roster
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows

BEFORE_THE_EVENING = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
"""Monday, 17:20: 7001 and 7002 leave at 17:30, 7003, 7004 and 7010 have the evening."""


@pytest.fixture
def start() -> datetime:
    return BEFORE_THE_EVENING


async def leaves_a_ticket(hotline: Hotline) -> Handover:
    """7001 is the first to take a request; at the end of that shift its ticket waits for the next."""
    has_the_delivered_roster(hotline)
    (agent,) = hotline.only("7001")
    agent.answers()
    caller = await asks_for_a_person(hotline)
    await caller.talks_with(agent)
    agent.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(15 * 60)
    ended_at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    return hotline.store.write(handovers.begin, "day", ended_at)


def receiver(hotline: Hotline) -> str | None:
    (ticket,) = hotline.every(Ticket)
    assert isinstance(ticket, Ticket)
    return ticket.first_receiver


def state(hotline: Hotline) -> HandoverState:
    (handover,) = hotline.every(Handover)
    assert isinstance(handover, Handover)
    return handover.state


async def dials_30(hotline: Hotline, number: str) -> FakePhone:
    (phone,) = hotline.only(number)
    phone.dials("*30")
    return phone


async def test_key_1_takes_over_the_tickets_of_the_last_shift(hotline: Hotline) -> None:
    await leaves_a_ticket(hotline)
    phone = await dials_30(hotline, "7003")
    await phone.hears("handover-open", "number-1", "handover-tickets", "number-0", "handover-tasks", "handover-accept")
    assert receiver(hotline) == "7001"
    await phone.presses("1")
    await phone.hears("handover-taken")
    assert (receiver(hotline), state(hotline)) == ("7003", HandoverState.TAKEN), "written, then spoken"
    await phone.is_hung_up()


async def test_star_repeats_the_handover_and_without_a_key_nothing_is_taken(hotline: Hotline) -> None:
    await leaves_a_ticket(hotline)
    phone = await dials_30(hotline, "7003")
    await phone.hears("handover-accept")
    await phone.presses("*")
    await phone.hears("handover-open")
    await phone.hears_out("handover-not-taken")
    await phone.is_hung_up()
    assert (receiver(hotline), state(hotline)) == ("7001", HandoverState.DUE)


@pytest.mark.parametrize("number", ["7001", "7020"])
async def test_staff_with_nothing_to_take_over_hear_so(hotline: Hotline, number: str) -> None:
    """A colleague of the shift that leaves, and one of another department."""
    await leaves_a_ticket(hotline)
    phone = await dials_30(hotline, number)
    await phone.hears_out("handover-nothing")
    await phone.is_hung_up()
    assert state(hotline) is HandoverState.DUE


async def test_the_quicker_of_two_colleagues_takes_over(hotline: Hotline) -> None:
    handover = await leaves_a_ticket(hotline)
    phone = await dials_30(hotline, "7003")
    await phone.hears("handover-accept")
    hotline.store.write(handovers.take, handover.id, "7004", at=hotline.clock.now())
    await phone.presses("1")
    await phone.hears("handover-nothing")
    await phone.is_hung_up()
    assert receiver(hotline) == "7004"


async def test_a_handover_note_is_mentioned(hotline: Hotline) -> None:
    await leaves_a_ticket(hotline)
    hotline.store.write(handovers.give, "7001", "lift 3", at=hotline.clock.now())
    phone = await dials_30(hotline, "7003")
    await phone.hears("handover-open", "handover-note", "handover-accept")
    await phone.presses("1")
    await phone.is_hung_up()


async def test_running_escalations_are_announced_in_the_handover(hotline: Hotline) -> None:
    """R09-6, R07-9."""
    handover = await leaves_a_ticket(hotline)

    def climbs(session: Session) -> None:
        (ticket,) = session.scalars(select(Ticket))
        session.add(Escalation(ticket_id=ticket.id, due_at=handover.ended_at, started_at=handover.ended_at))

    hotline.store.write(climbs)
    phone = await dials_30(hotline, "7003")
    await phone.hears("handover-tasks", "number-1", "handover-escalations", "handover-accept")
    await phone.presses("1")
    await phone.is_hung_up()
    ((taken,), (ladder,)) = hotline.every(Handover), hotline.every(Escalation)
    assert (taken.escalations, ladder.ended_at) == ([ladder.id], None)


def reminded(hotline: Hotline, number: str, handover: Handover) -> int:
    def ask(session: Session) -> int:
        at = hotline.clock.now()
        return outgoing.ask(session, Purpose.REMINDER, handover.id, extension=number, due_at=at, by="system", at=at).id

    return hotline.store.write(ask)


def how_it_ended(hotline: Hotline) -> tuple[ToMake, AttemptOutcome | None]:
    (call,), (attempt,) = hotline.every(CallToMake), hotline.every(Attempt)
    return call.state, attempt.outcome


async def test_a_reminded_colleague_takes_over_in_the_same_call(hotline: Hotline) -> None:
    handover = await leaves_a_ticket(hotline)
    (phone,) = hotline.only("7003")
    phone.answers()
    reminded(hotline, "7003", handover)
    await phone.hears("handover-reminder", "handover-open", "handover-accept")
    await phone.presses("1")
    await phone.hears_out("handover-taken")
    await phone.is_hung_up()
    assert (receiver(hotline), state(hotline)) == ("7003", HandoverState.TAKEN)
    assert how_it_ended(hotline) == (ToMake.CONNECTED, AttemptOutcome.CONNECTED)


async def test_a_reminder_without_a_key_has_taken_nothing(hotline: Hotline) -> None:
    """R05-4: a voicemail box presses no key."""
    handover = await leaves_a_ticket(hotline)
    (phone,) = hotline.only("7003")
    phone.answers()
    reminded(hotline, "7003", handover)
    await phone.hears_out("handover-not-taken")
    await phone.is_hung_up()
    assert state(hotline) is HandoverState.DUE
    assert how_it_ended(hotline)[0] is ToMake.NOT_REACHED


async def test_a_reminder_that_is_not_answered_or_hung_up_on_ends(hotline: Hotline) -> None:
    handover = await leaves_a_ticket(hotline)
    (phone,) = hotline.only("7003")
    reminded(hotline, "7003", handover)
    await phone.rings()
    await phone.is_hung_up()
    assert how_it_ended(hotline) == (ToMake.NOT_REACHED, AttemptOutcome.NO_ANSWER)
    phone.answers()
    reminded(hotline, "7003", handover)
    await phone.hears("handover-reminder")
    phone.hangs_up()
    await asyncio.sleep(60)
    states = [call.state for call in hotline.every(CallToMake)]
    assert states == [ToMake.NOT_REACHED, ToMake.NOT_REACHED]
    assert state(hotline) is HandoverState.DUE


async def test_a_reminder_stops_ringing_when_another_takes_over(hotline: Hotline) -> None:
    handover = await leaves_a_ticket(hotline)
    (phone,) = hotline.only("7003")
    reminded(hotline, "7003", handover)
    await phone.rings()
    hotline.store.write(handovers.take, handover.id, "7004", at=hotline.clock.now())
    await phone.is_hung_up(within=10)
    assert how_it_ended(hotline)[0] is ToMake.CANCELLED

"""Who leaves a message or complains by key hears by when he is answered, from the clock that was written (R11-2)."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import update

from models.states.tickets import ClockKind, TicketKind
from models.tables import Ticket, TicketClock
from models.tickets import promises
from tests.fakes.people import FakeCaller
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows

TODAY_14_H = ("due-before", "today", "hour-14", "due-after")
"""Four hours after the call at 10:00 (R08-1)."""


async def leaves_a_message(hotline: Hotline, *keys: str, number: str = OWNER) -> FakeCaller:
    hotline.only()
    caller = hotline.dial(number=number)
    for before, key in pairwise(("", *keys)):
        await caller.hears("repair-menu" if before == "1" else "menu")
        await caller.presses(key)
    await caller.hears_out("beep")
    caller.speaks(5)
    await caller.hears_out("message-saved")
    return caller


def heard_after(caller: FakeCaller, prompt: str) -> list[str]:
    return caller.prompts[caller.prompts.index(prompt) + 1 :]


async def test_who_leaves_a_message_about_a_repair_hears_when_he_is_answered(hotline: Hotline) -> None:
    caller = await leaves_a_message(hotline, "1", "2")
    await caller.hears(*TODAY_14_H, "ticket-is")
    await caller.is_hung_up()
    (feedback,) = hotline.every(TicketClock, kind=ClockKind.FEEDBACK)
    assert feedback.due_at.astimezone(hotline.site.time_zone).hour == 14


async def test_of_an_enquiry_it_is_the_end_of_the_clock_for_the_response(hotline: Hotline) -> None:
    """R13-4: 48 hours; there is no clock for feedback."""
    caller = await leaves_a_message(hotline, "0")
    await caller.hears("due-before", "day-after-tomorrow", "hour-10", "due-after", "ticket-is")
    await caller.is_hung_up()


async def test_in_english_it_is_said_in_english(hotline: Hotline) -> None:
    caller = await leaves_a_message(hotline, "9", "1", "2")
    await caller.hears("due-before", "today", "at", "hour-14", "pm", "due-after", "ticket-is")
    await caller.is_hung_up()


async def test_who_complains_by_key_hears_it_out_though_somebody_lifts_at_once(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers(after=0)
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("2")
    await caller.hears("complaint-received", *TODAY_14_H)
    assert hotline.ticket().kind is TicketKind.COMPLAINT
    await caller.talks_with(agent)
    assert all(heard.whole for heard in caller.heard if heard.prompt in ("complaint-received", *TODAY_14_H))
    agent.hangs_up()
    await caller.is_hung_up()


async def test_who_hangs_up_while_he_hears_it_is_owed_a_call(hotline: Hotline) -> None:
    """R17-1: nobody has talked with him."""
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("2")
    await caller.hears("complaint-received", "due-before")
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    assert [task.number for task in hotline.tasks()] == [OWNER]


async def asks_after_it(hotline: Hotline) -> FakeCaller:
    """The caller's ticket belongs to the call, then he leaves a message."""
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("4")
    await caller.hears("your-ticket", "ticket-choices")
    await caller.presses("0")
    await caller.hears_out("beep")
    caller.speaks(5)
    await caller.hears_out("message-saved")
    return caller


def promised(hotline: Hotline, ticket: Ticket, due_at: datetime) -> None:
    given = {"due_at": due_at, "who": "7001", "at": hotline.clock.now(), "policy": hotline.policy}
    hotline.store.write(promises.make, ticket.id, **given)  # type: ignore[arg-type]


async def test_a_date_that_was_promised_is_said_instead(hotline: Hotline) -> None:
    first = await leaves_a_message(hotline, "1", "2")
    await first.is_hung_up()
    promised(hotline, hotline.ticket(), hotline.ticket().opened_at + timedelta(hours=6))
    caller = await asks_after_it(hotline)
    await caller.hears("due-before", "today", "hour-16", "due-after", "ticket-is")
    await caller.is_hung_up()


async def test_a_time_that_has_passed_is_not_said(hotline: Hotline) -> None:
    first = await leaves_a_message(hotline, "1", "2")
    await first.is_hung_up()
    earlier = update(TicketClock).values(due_at=hotline.clock.now() - timedelta(hours=1))
    hotline.store.write(lambda session: session.execute(earlier))
    caller = await asks_after_it(hotline)
    await caller.hears("ticket-is")
    await caller.is_hung_up()
    assert "due-before" not in heard_after(caller, "message-saved")

"""The state of a ticket is for its owner, or a caller who knows its number and room; nobody else hears it (R07-8)."""

import asyncio

import pytest

from models.states.tickets import TicketEventKind, TicketKind
from models.tables import TicketEvent
from tests.fakes.people import FakeCaller
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows


async def the_owner_reports_a_fault(hotline: Hotline) -> None:
    """An earlier call of the owner's, which left ticket 1001."""
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("1")
    await owner.hears("repair-menu")
    await owner.presses("2")
    await hotline.phone("7001").rings()
    owner.hangs_up()
    await owner.is_hung_up()
    await hotline.phone("7001").is_hung_up()


async def asks(hotline: Hotline, number: str) -> FakeCaller:
    caller = hotline.dial(number=number)
    await caller.hears("menu")
    await caller.presses("4")
    return caller


async def keys(caller: FakeCaller, ticket: str, room: str) -> None:
    await caller.hears("ask-ticket-number")
    await caller.presses(f"{ticket}#")
    await caller.hears("ask-ticket-room")
    await caller.presses(f"{room}#")


async def test_the_owner_hears_number_state_and_deadline(hotline: Hotline) -> None:
    await the_owner_reports_a_fault(hotline)
    owner = await asks(hotline, OWNER)
    await owner.hears("your-ticket", "digit-1", "digit-0", "digit-0", "digit-1", "state-is", "state-new")
    # Filed at 10:00 in Shanghai, and answered within four hours (R08-1).
    await owner.hears("due-before", "today", "hour-14", "due-after", "ticket-choices")
    owner.hangs_up()
    await owner.is_hung_up()
    noted = [e.text for e in hotline.every(TicketEvent, kind=TicketEventKind.NOTED)]
    assert noted == ["asked how it is"]
    assert hotline.record().call.ticket_id == 1
    assert len(hotline.tickets()) == 1


async def test_the_newest_of_several_tickets_is_announced_first_and_belongs_to_the_call(hotline: Hotline) -> None:
    await the_owner_reports_a_fault(hotline)
    await the_owner_reports_a_fault(hotline)
    owner = await asks(hotline, OWNER)
    await owner.hears("your-ticket", "digit-2", "your-ticket", "digit-1", "ticket-choices")
    owner.hangs_up()
    await owner.is_hung_up()
    assert hotline.ticket().number == 1002


async def test_star_repeats_the_state_and_0_gives_a_person_who_knows_the_subject(hotline: Hotline) -> None:
    await the_owner_reports_a_fault(hotline)
    agent = hotline.phone("7001").answers()
    owner = await asks(hotline, OWNER)
    await owner.hears("your-ticket")
    await owner.presses("*")
    await owner.hears("your-ticket")
    await owner.presses("0")
    await agent.hears("whisper-progress")
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert len(hotline.tickets()) == 1
    assert hotline.rings() != []


async def test_an_owner_without_open_tickets_hears_so(hotline: Hotline) -> None:
    owner = await asks(hotline, OWNER)
    await owner.hears("no-open-ticket", "ticket-choices")
    owner.hangs_up()


async def test_a_stranger_who_knows_number_and_room_hears_the_state(hotline: Hotline) -> None:
    await the_owner_reports_a_fault(hotline)
    stranger = await asks(hotline, STRANGER)
    await keys(stranger, "1001", "1201")
    await stranger.hears("your-ticket", "state-new", "due-before")
    stranger.hangs_up()


@pytest.mark.parametrize(("ticket", "room"), [("1001", "1202"), ("1002", "1201"), ("1001", "201"), ("9", "")])
async def test_nothing_is_disclosed_when_number_and_room_do_not_belong_together(
    hotline: Hotline, ticket: str, room: str
) -> None:
    await the_owner_reports_a_fault(hotline)
    stranger = await asks(hotline, STRANGER)
    await keys(stranger, ticket, room)
    await stranger.hears("ticket-not-found")
    stranger.hangs_up()
    await stranger.is_hung_up()
    assert not {"your-ticket", "state-new", "due-before"} & set(stranger.prompts)
    assert hotline.every(TicketEvent, kind=TicketEventKind.NOTED) == []


async def test_a_neighbour_does_not_hear_about_the_ticket(hotline: Hotline) -> None:
    await the_owner_reports_a_fault(hotline)
    neighbour = await asks(hotline, "13900000002")
    await neighbour.hears("no-open-ticket")
    neighbour.hangs_up()


async def test_a_stranger_who_keys_nothing_reaches_a_person(hotline: Hotline) -> None:
    agent = hotline.phone("7001").answers()
    stranger = await asks(hotline, STRANGER)
    await stranger.hears_out("ask-ticket-number")
    await stranger.hears("ticket-not-found")
    await stranger.talks_with(agent)
    agent.hangs_up()
    await stranger.is_hung_up()


async def test_an_owner_without_open_tickets_who_hangs_up_on_the_way_to_a_person_is_owed_a_call(
    hotline: Hotline,
) -> None:
    """R17-1. Write, then speak: his enquiry is a ticket before he hears that he is put through."""
    owner = await asks(hotline, OWNER)
    await owner.hears("no-open-ticket")
    await owner.presses("0")
    await owner.hears("to-a-person")
    owner.hangs_up()
    await owner.is_hung_up()
    await asyncio.sleep(1)
    assert hotline.ticket().kind is TicketKind.ENQUIRY
    assert [task.ticket_id for task in hotline.tasks()] == [hotline.ticket().id]


async def test_an_unanswered_call_about_a_ticket_leaves_a_message_on_that_ticket(hotline: Hotline) -> None:
    await the_owner_reports_a_fault(hotline)
    hotline.only()
    owner = await asks(hotline, OWNER)
    await owner.hears("your-ticket")
    await owner.presses("0")
    await owner.hears_out("beep")
    owner.speaks(5)
    await owner.hears("message-saved", "ticket-is", "digit-1", "digit-0", "digit-0", "digit-1")
    await owner.is_hung_up()
    assert [recording.ticket_id for recording in hotline.recordings()] == [1]

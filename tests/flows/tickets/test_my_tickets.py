"""*31: staff hear their tickets one by one; *32: which ticket is meant (R08-1, R10-1, R10-4)."""

import pytest

from models.states.tickets import TicketKind, TicketState
from models.tables import Ticket
from models.tickets import tickets
from tests.fakes.people import FakePhone
from tests.flows.tickets.on_the_telephone import at_the_acts, dispatched, written
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows


# -- *31 ---------------------------------------------------------------------------------------------------------------


async def test_my_tickets_are_read_one_by_one_the_most_urgent_first(hotline: Hotline, technician: FakePhone) -> None:
    """R08-1, R08-2: number, kind, home, and what is due when."""
    dispatched(hotline)
    dispatched(hotline, kind=TicketKind.URGENT_REPAIR)
    dispatched(hotline, to="7021")
    technician.dials("*31")
    await technician.hears("escalation-ticket", "digit-1", "digit-0", "digit-0", "digit-2", "kind-urgent-repair")
    await technician.hears("whisper-owner", "number-3", "building", "digit-1", "digit-2", "digit-0", "digit-1", "room")
    await technician.hears("due-respond", "today", "hour-10", "minute-30", "my-tickets-choices")
    await technician.presses("#")
    await technician.hears("digit-1", "digit-0", "digit-0", "digit-1", "kind-repair", "due-respond", "hour-14")
    await technician.hears("my-tickets-choices")
    await technician.presses("#")
    await technician.hears_out("my-tickets-end")
    await technician.is_hung_up()
    assert "digit-3" not in technician.prompts


async def test_who_has_no_ticket_to_do_hears_so(hotline: Hotline, technician: FakePhone) -> None:
    """One that is done waits for the customer."""
    hotline.store.write(
        tickets.move, dispatched(hotline) - 1000, to=TicketState.DONE, who="7020", at=hotline.clock.now()
    )
    technician.dials("*31")
    await technician.hears_out("no-open-ticket")
    await technician.is_hung_up()


async def test_a_promise_to_the_customer_that_is_late_is_said(hotline: Hotline, technician: FakePhone) -> None:
    ticket = dispatched(hotline) - 1000
    hotline.store.write(tickets.move, ticket, to=TicketState.ACCEPTED, who="7020", at=hotline.clock.now())
    hotline.store.write(lambda s: setattr(s.get_one(Ticket, ticket), "next_due_at", hotline.clock.now()))
    technician.dials("*31")
    await technician.hears("due-promise", "today", "hour-10", "overdue", "my-tickets-choices")
    technician.hangs_up()
    await technician.is_hung_up()


async def test_star_repeats_a_ticket_and_silence_ends_the_call(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    before = written(hotline)
    technician.dials("*31")
    await technician.hears("my-tickets-choices")
    await technician.presses("*")
    await technician.hears("escalation-ticket", "my-tickets-choices", "no-key", "my-tickets-choices")
    await technician.is_hung_up()
    assert written(hotline) == before


async def test_from_my_tickets_one_key_leads_to_the_acts_and_then_comes_the_next_ticket(
    hotline: Hotline, technician: FakePhone
) -> None:
    dispatched(hotline)
    dispatched(hotline)
    technician.dials("*31")
    await technician.hears("digit-1", "digit-0", "digit-0", "digit-1", "my-tickets-choices")
    await technician.presses("1")
    await technician.hears("ticket-acts")
    await technician.presses("1")
    await technician.hears("act-accepted", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved", "digit-1", "digit-0", "digit-0", "digit-2", "my-tickets-choices")
    await technician.presses("#")
    await technician.hears("my-tickets-end")
    await technician.is_hung_up()
    assert [ticket.state for ticket in hotline.tickets()] == [TicketState.ACCEPTED, TicketState.DISPATCHED]


# -- *32: which ticket -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", ["1001#", "1001"])
async def test_the_number_is_keyed_after_the_code_too_ended_by_hash_or_by_a_pause(
    hotline: Hotline, technician: FakePhone, keys: str
) -> None:
    dispatched(hotline)
    technician.dials("*32")
    await technician.hears("ask-ticket-number")
    await technician.presses(keys)
    await technician.hears("escalation-ticket", "digit-1", "digit-0", "digit-0", "digit-1", "ticket-acts")
    technician.hangs_up()
    await technician.is_hung_up()


async def test_a_wrong_number_may_be_keyed_again(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    technician.dials("*321009")
    await technician.hears("ticket-not-yours", "ask-ticket-number")
    await technician.presses("99999999")
    await technician.hears("ticket-not-yours", "ask-ticket-number")
    await technician.presses("1001#")
    await technician.hears("kind-repair", "ticket-acts")
    technician.hangs_up()
    await technician.is_hung_up()


async def test_after_three_wrong_numbers_or_silences_the_call_ends(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    before = written(hotline)
    technician.dials("*321009")
    await technician.hears("ticket-not-yours", "ask-ticket-number", "no-key", "ask-ticket-number")
    await technician.presses("7#")
    await technician.hears_out("ticket-not-yours")
    await technician.is_hung_up()
    assert written(hotline) == before


async def test_a_technician_hears_nothing_of_another_departments_ticket_and_an_agent_does(
    hotline: Hotline, technician: FakePhone
) -> None:
    """As on the console."""
    dispatched(hotline, to="7010")
    technician.dials("*321001")
    await technician.hears("ticket-not-yours")
    technician.hangs_up()
    await technician.is_hung_up()
    assert "kind-repair" not in technician.prompts
    agent = hotline.phone("7001")
    await at_the_acts(agent)
    agent.hangs_up()
    await agent.is_hung_up()


async def test_a_complaint_stays_hidden_from_the_person_complained_of(hotline: Hotline) -> None:
    """R15-6."""
    ticket = dispatched(hotline, to="7010", kind=TicketKind.COMPLAINT) - 1000
    hotline.store.write(tickets.about, ticket, "7010", who="7050", at=hotline.clock.now(), policy=hotline.policy)
    complained_of = hotline.phone("7010")
    complained_of.dials("*31")
    await complained_of.hears("no-open-ticket")
    await complained_of.is_hung_up()
    complained_of.dials("*321001")
    await complained_of.hears("ticket-not-yours", "ask-ticket-number")
    complained_of.hangs_up()
    await complained_of.is_hung_up()
    assert "kind-complaint" not in complained_of.prompts

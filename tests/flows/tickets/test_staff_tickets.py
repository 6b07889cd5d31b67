"""*32: staff say by key how a ticket stands; saved after 1, not before (R10-1, R10-4)."""

import pytest

from models.database.store import StoreUnavailable
from models.states.tickets import ClockKind, TicketEventKind, TicketKind, TicketState
from models.tables import TicketClock, TicketEvent
from models.tickets import dispatch, tickets
from tests.fakes.people import FakePhone
from tests.flows.tickets.on_the_telephone import at_the_acts, dispatched, sounds, the_ticket, written
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows

STEPS = {
    "1": ("act-accepted", TicketState.ACCEPTED),
    "2": ("act-on-site", TicketState.ON_SITE),
    "3": ("act-waiting", TicketState.WAITING),
    "4": ("act-done", TicketState.DONE),
}


# -- *32: the acts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", STEPS)
async def test_a_step_is_read_back_and_saved_after_key_1(hotline: Hotline, technician: FakePhone, key: str) -> None:
    dispatched(hotline)
    said, state = STEPS[key]
    await at_the_acts(technician)
    await technician.presses(key)
    await technician.hears("escalation-ticket", "digit-1", "digit-0", "digit-0", "digit-1", said, "act-confirm")
    assert the_ticket(hotline).state is TicketState.DISPATCHED
    await technician.presses("1")
    await technician.hears("act-saved")
    assert the_ticket(hotline).state is state, "written, then spoken"
    await technician.is_hung_up()
    last = hotline.every(TicketEvent, kind=TicketEventKind.MOVED)[-1]
    assert (last.who, last.to_state) == ("7020", state)


async def test_on_site_meets_the_clock_of_an_urgent_repair(hotline: Hotline, technician: FakePhone) -> None:
    """R08-2."""
    dispatched(hotline, kind=TicketKind.URGENT_REPAIR)
    technician.dials("*321001")
    await technician.hears("ticket-acts")
    await technician.presses("2")
    await technician.hears("act-confirm")
    await technician.presses("1")
    await technician.is_hung_up()
    (clock,) = hotline.every(TicketClock, kind=ClockKind.ON_SITE)
    assert clock.met_at is not None


async def test_waiting_for_parts_says_that_the_customer_has_been_informed(
    hotline: Hotline, technician: FakePhone
) -> None:
    """R08-7: as the console's form, with its reason."""
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("3")
    await technician.hears("act-waiting", "act-confirm")
    await technician.presses("1")
    await technician.is_hung_up()
    (told,) = hotline.every(TicketEvent, kind=TicketEventKind.TOLD)
    assert (told.who, told.text) == ("7020", "waiting for parts")
    (feedback,) = hotline.every(TicketClock, kind=ClockKind.FEEDBACK)
    assert feedback.met_at is not None


async def test_key_2_chooses_again(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("4")
    await technician.hears("act-done", "act-confirm")
    await technician.presses("2")
    await technician.hears("ticket-acts")
    await technician.presses("1")
    await technician.hears("act-accepted", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved")
    await technician.is_hung_up()
    assert the_ticket(hotline).state is TicketState.ACCEPTED


async def test_after_an_act_comes_another_one_or_another_ticket_without_dialling_again(
    hotline: Hotline, technician: FakePhone
) -> None:
    """R10-4."""
    dispatched(hotline)
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("2")
    await technician.hears("act-on-site", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved", "acts-go-on")
    await technician.presses("1")
    await technician.hears("digit-1", "digit-0", "digit-0", "digit-1", "ticket-acts")
    await technician.presses("4")
    await technician.hears("act-done", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved", "acts-go-on")
    await technician.presses("2")
    await technician.hears("ask-ticket-number")
    await technician.presses("1002#")
    await technician.hears("digit-1", "digit-0", "digit-0", "digit-2", "ticket-acts")
    await technician.presses("1")
    await technician.hears("act-accepted", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved", "acts-go-on")
    technician.hangs_up()
    await technician.is_hung_up()
    assert [ticket.state for ticket in hotline.tickets()] == [TicketState.DONE, TicketState.ACCEPTED]


async def test_a_ticket_that_was_passed_on_is_not_worked_on_any_more(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("6")
    await technician.hears("pass-on-to")
    await technician.presses("7010#")
    await technician.hears("act-pass-on", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved", "acts-go-on")
    await technician.presses("1")
    await technician.hears("ticket-not-yours", "ask-ticket-number")
    technician.hangs_up()
    await technician.is_hung_up()


async def test_who_keys_nothing_after_an_act_has_saved_it(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("1")
    await technician.hears("act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved", "acts-go-on", "no-key", "acts-go-on")
    await technician.is_hung_up()
    assert the_ticket(hotline).state is TicketState.ACCEPTED
    assert "act-not-saved" not in technician.prompts


async def test_what_the_rules_refuse_is_said_and_something_else_may_be_chosen(
    hotline: Hotline, technician: FakePhone
) -> None:
    hotline.store.write(
        tickets.move, dispatched(hotline) - 1000, to=TicketState.DONE, who="7020", at=hotline.clock.now()
    )
    await at_the_acts(technician)
    await technician.presses("2")
    await technician.hears("act-on-site", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-refused", "ticket-acts")
    assert the_ticket(hotline).state is TicketState.DONE
    technician.hangs_up()
    await technician.is_hung_up()


async def test_a_ticket_that_goes_to_another_department_meanwhile_is_not_changed(
    hotline: Hotline, technician: FakePhone
) -> None:
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("4")
    await technician.hears("act-confirm")
    hotline.store.write(dispatch.assign, 1, staff_number="7010", who="7001", at=hotline.clock.now())
    await technician.presses("1")
    await technician.hears("act-refused")
    technician.hangs_up()
    await technician.is_hung_up()
    assert the_ticket(hotline).state is TicketState.DISPATCHED


@pytest.mark.parametrize("keys", ["", "787878"])
async def test_silence_and_wrong_keys_save_nothing_and_say_so(
    hotline: Hotline, technician: FakePhone, keys: str
) -> None:
    dispatched(hotline)
    before = written(hotline)
    await at_the_acts(technician)
    await technician.presses(keys)
    await technician.hears_out("act-not-saved")
    await technician.is_hung_up()
    assert written(hotline) == before


@pytest.mark.parametrize("key", [*STEPS, "6"])
async def test_silence_after_the_act_was_read_back_saves_nothing(
    hotline: Hotline, technician: FakePhone, key: str
) -> None:
    dispatched(hotline)
    before = written(hotline)
    await at_the_acts(technician)
    await technician.presses(key)
    if key == "6":
        await technician.hears("pass-on-to")
        await technician.presses("#")
    await technician.hears("act-confirm", "no-key", "act-confirm")
    await technician.hears_out("act-not-saved")
    await technician.is_hung_up()
    assert written(hotline) == before


async def test_without_the_store_it_is_said(
    hotline: Hotline, technician: FakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object, **__: object) -> None:
        raise StoreUnavailable("database is locked")

    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("4")
    await technician.hears("act-confirm")
    with monkeypatch.context() as patch:
        patch.setattr(hotline.store, "write", unavailable)
        await technician.presses("1")
        await technician.hears("feature-unavailable")
        await technician.is_hung_up()
    assert the_ticket(hotline).state is TicketState.DISPATCHED


# -- *32: passed on ----------------------------------------------------------------------------------------------------


async def test_it_is_passed_on_to_a_colleague_whose_number_is_keyed_again_after_a_wrong_one(
    hotline: Hotline, technician: FakePhone
) -> None:
    """R10-1."""
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("6")
    await technician.hears("pass-on-to")
    await technician.presses("7999#")
    await technician.hears("monitor-unknown", "pass-on-to")
    await technician.presses("7010#")
    await technician.hears("act-pass-on", "badge", "digit-7", "digit-0", "digit-1", "digit-0", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved")
    await technician.is_hung_up()
    ticket = the_ticket(hotline)
    assert (ticket.state, ticket.department, ticket.assignee) == (TicketState.DISPATCHED, "complaints", "7010")


async def test_hash_gives_it_back_to_the_department(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("6")
    await technician.hears("pass-on-to")
    await technician.presses("#")
    await technician.hears("act-department", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved")
    await technician.is_hung_up()
    ticket = the_ticket(hotline)
    assert (ticket.state, ticket.department, ticket.assignee) == (TicketState.DISPATCHED, "engineering", None)


async def test_a_complaint_is_not_passed_on_to_the_person_complained_of(hotline: Hotline) -> None:
    """R15-6."""
    ticket = dispatched(hotline, to="7002", kind=TicketKind.COMPLAINT) - 1000
    hotline.store.write(tickets.about, ticket, "7010", who="7050", at=hotline.clock.now(), policy=hotline.policy)
    agent = hotline.phone("7002")
    agent.dials("*321001")
    await agent.hears("ticket-acts")
    await agent.presses("6")
    await agent.hears("pass-on-to")
    await agent.presses("7010#")
    await agent.hears("act-pass-on", "act-confirm")
    await agent.presses("1")
    await agent.hears("act-refused", "ticket-acts")
    agent.hangs_up()
    await agent.is_hung_up()
    assert the_ticket(hotline).assignee == "7002"


# -- a hang-up at each moment ------------------------------------------------------------------------------------------

KEYS_BEFORE = {"ticket-acts": "", "leave-message": "5", "beep": "5", "pass-on-to": "6", "act-pass-on": "6"}


@pytest.mark.parametrize("moment", [*KEYS_BEFORE, *(said for said, _ in STEPS.values()), "act-department"])
async def test_a_hang_up_before_key_1_saves_nothing(hotline: Hotline, technician: FakePhone, moment: str) -> None:
    dispatched(hotline)
    before = written(hotline)
    keys = {said: key for key, (said, _) in STEPS.items()} | {"act-department": "6"} | KEYS_BEFORE
    await at_the_acts(technician)
    await technician.presses(keys[moment])
    if moment.startswith("act-") and keys[moment] == "6":
        await technician.hears("pass-on-to")
        await technician.presses("7021#" if moment == "act-pass-on" else "#")
    if moment != "ticket-acts":
        await technician.hears(moment)
    technician.hangs_up()
    await technician.is_hung_up()
    assert (written(hotline), sounds(hotline)) == (before, [])


@pytest.mark.parametrize("key", STEPS)
async def test_a_hang_up_with_the_key_1_saves_it(hotline: Hotline, technician: FakePhone, key: str) -> None:
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses(key)
    await technician.hears("act-confirm")
    technician.press("1")
    technician.hangs_up()
    await technician.is_hung_up()
    assert the_ticket(hotline).state is STEPS[key][1]

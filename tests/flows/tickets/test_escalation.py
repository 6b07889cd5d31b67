"""Staff are called about a late ticket; one of them has it only after accepting by key (R07-9, R08-2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from models.instance.home import Home
from models.people import people
from models.states.calls import Ring, ToMake
from models.states.tickets import EscalationState, StepOutcome, TicketState
from models.tables import Call, CallToMake, Escalation, EscalationStep, RingRow, Staff, Ticket
from models.tickets import tickets
from scheduler.scans.escalations import escalations
from scheduler.scope import Scope
from tests.fakes.people import FakePhone
from tests.flows.calls.calling_back import gives_up
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows

TICKET_WORDS = ("escalation-ticket", "digit-1", "kind-urgent-repair", "building", "room", "escalation-opened")


@asynccontextmanager
async def scheduler(hotline: Hotline, folder: Path) -> AsyncIterator[None]:
    """Scans every five seconds, as in its own process."""
    scope = Scope(Home(folder), hotline.site, hotline.policy, hotline.store, hotline.clock)

    async def look() -> None:
        while True:
            escalations(scope)
            await asyncio.sleep(5)

    looking = asyncio.create_task(look())
    yield
    looking.cancel()


async def late_ticket(hotline: Hotline) -> Ticket:
    """An urgent repair of 7020's, whose clock runs out in less than 20 minutes."""
    await gives_up(hotline, keys="11")
    ticket = hotline.ticket()
    hotline.store.write(lambda s: setattr(s.get_one(Ticket, ticket.id), "assignee", "7020"))
    hotline.only("7020", "7050", "7060")
    await asyncio.sleep(600)
    for phone in hotline.switch.phones.values():
        phone.rung.clear()
    return ticket


def steps(hotline: Hotline) -> list[tuple[str, StepOutcome | None]]:
    return [(step.staff_number, step.outcome) for step in hotline.every(EscalationStep)]


def ticket_now(hotline: Hotline, ticket: Ticket) -> Ticket:
    (found,) = hotline.every(Ticket, id=ticket.id)
    assert isinstance(found, Ticket)
    return found


def ladder(hotline: Hotline) -> Escalation:
    (found,) = hotline.every(Escalation)
    assert isinstance(found, Escalation)
    return found


async def accepts(phone: FakePhone) -> None:
    await phone.hears("escalation-near", *TICKET_WORDS, "escalation-choices")
    await phone.presses("1")
    await phone.hears_out("digit-1")


async def test_the_assignee_hears_what_where_and_since_when_and_accepts_by_key(
    hotline: Hotline, tmp_path: Path
) -> None:
    ticket = await late_ticket(hotline)
    technician = hotline.phone("7020").answers()
    async with scheduler(hotline, tmp_path):
        await technician.hears("escalation-near", *TICKET_WORDS, "today", "escalation-choices")
        assert ladder(hotline).state is EscalationState.CLIMBING
        await technician.presses("1")
        await technician.hears("escalation-taken", "digit-1")
        assert ladder(hotline).state is EscalationState.ACCEPTED, "written, then spoken"
        await technician.is_hung_up()
        assert ticket_now(hotline, ticket).state is TicketState.ACCEPTED
        at = hotline.clock.now()
        hotline.store.write(tickets.move, ticket.id, to=TicketState.ON_SITE, who="7020", at=at)
        await asyncio.sleep(3600)
    assert (ladder(hotline).accepted_by, steps(hotline)) == ("7020", [("7020", StepOutcome.ACCEPTED)])
    now = ticket_now(hotline, ticket)
    assert (now.state, now.assignee) == (TicketState.ON_SITE, "7020")
    call = hotline.every(Call, mode="escalation")[0]
    assert (call.caller_number, call.ticket_id, call.answered_at is None) == ("7020", ticket.id, False)
    (ring,) = hotline.every(RingRow, call_id=call.id)
    assert (ring.stage, ring.staff_number, ring.rings, ring.outcome) == ("escalation", "7020", 1, Ring.CONNECTED)
    assert hotline.every(CallToMake)[-1].state is ToMake.CONNECTED
    assert len(technician.rung) == 1


async def test_refusal_and_silence_and_passing_on_each_lead_to_the_next_who_accepts(
    hotline: Hotline, tmp_path: Path
) -> None:
    """R20-4: from the assignee to the lead to the general manager."""
    await late_ticket(hotline)
    technician, manager, general = (hotline.phone(number) for number in ("7020", "7050", "7060"))
    technician.declines()
    manager.answers()
    general.answers()
    async with scheduler(hotline, tmp_path):
        await manager.hears_out("escalation-no-key")
        await manager.hears("escalation-choices")
        await manager.presses("2")
        await manager.hears_out("escalation-passed")
        await general.hears("escalation-choices")
        await general.presses("3")
        await general.hears("escalation-near", "escalation-choices")
        await general.presses("1")
        await general.hears("escalation-taken")
        await general.is_hung_up()
    assert steps(hotline) == [
        ("7020", StepOutcome.DECLINED),
        ("7020", StepOutcome.DECLINED),
        ("7050", StepOutcome.NO_KEY),
        ("7050", StepOutcome.PASSED_ON),
        ("7060", StepOutcome.ACCEPTED),
    ]
    assert ladder(hotline).accepted_by == "7060"


async def test_when_nobody_answers_the_escalation_begins_again_from_the_top(hotline: Hotline, tmp_path: Path) -> None:
    await late_ticket(hotline)
    async with scheduler(hotline, tmp_path):
        await hotline.phone("7060").rings()
        await hotline.phone("7060").is_hung_up()
        await hotline.phone("7060").rings()
        await hotline.phone("7060").is_hung_up()
        await asyncio.sleep(10)
        assert ladder(hotline).state is EscalationState.EXHAUSTED
        assert steps(hotline) == [(n, StepOutcome.NO_ANSWER) for n in ("7020", "7020", "7050", "7050", "7060", "7060")]
        technician = hotline.phone("7020").answers()
        await accepts(technician)
        await technician.is_hung_up()
    assert (ladder(hotline).round, ladder(hotline).accepted_by) == (2, "7020")


async def test_when_the_ticket_is_closed_the_ringing_stops_within_two_seconds(hotline: Hotline, tmp_path: Path) -> None:
    ticket = await late_ticket(hotline)
    technician = hotline.phone("7020")
    async with scheduler(hotline, tmp_path):
        await technician.rings()
        await asyncio.sleep(3)
        hotline.store.write(tickets.move, ticket.id, to=TicketState.DONE, who="7001", at=hotline.clock.now())
        await technician.is_hung_up(within=2)
        await asyncio.sleep(1800)
    assert len(technician.rung) == 1
    assert hotline.phone("7050").rung == []
    assert steps(hotline) == [("7020", StepOutcome.CALLED_OFF)]
    assert hotline.every(RingRow, staff_number="7020")[-1].outcome is Ring.CANCELLED
    assert ladder(hotline).state is EscalationState.STOPPED


async def test_a_ticket_closed_during_the_call_is_announced(hotline: Hotline, tmp_path: Path) -> None:
    ticket = await late_ticket(hotline)
    technician = hotline.phone("7020").answers()
    async with scheduler(hotline, tmp_path):
        await technician.hears("escalation-near", "escalation-ticket")
        hotline.store.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="7021", at=hotline.clock.now())
        await technician.hears_out("escalation-settled")
        await technician.is_hung_up()
    assert steps(hotline) == [("7020", StepOutcome.CALLED_OFF)]
    assert hotline.every(Call, mode="escalation")[0].end_reason == "called off"


async def test_a_key_just_after_a_colleague_has_accepted_takes_nothing(hotline: Hotline, tmp_path: Path) -> None:
    ticket = await late_ticket(hotline)
    technician = hotline.phone("7020").answers()
    async with scheduler(hotline, tmp_path):
        await technician.hears("escalation-choices")
        hotline.store.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="7021", at=hotline.clock.now())
        await technician.presses("1")
        await technician.hears_out("escalation-settled")
        await technician.is_hung_up()
    assert "escalation-taken" not in technician.prompts
    assert steps(hotline) == [("7020", StepOutcome.CALLED_OFF)]


@pytest.mark.parametrize("key", ["", "1"])
async def test_a_hang_up_without_a_key_is_no_consent_and_after_a_key_it_is(
    hotline: Hotline, tmp_path: Path, key: str
) -> None:
    await late_ticket(hotline)
    technician = hotline.phone("7020").answers()
    async with scheduler(hotline, tmp_path):
        await technician.hears("escalation-choices")
        await technician.presses(key)
        technician.hangs_up()
        await technician.is_hung_up()
        technician.ignores()
        await asyncio.sleep(10)
    assert steps(hotline)[0] == ("7020", StepOutcome.ACCEPTED if key else StepOutcome.NO_KEY)


async def test_a_voicemail_box_on_the_mobile_accepts_nothing(hotline: Hotline, tmp_path: Path) -> None:
    """R05-1: the telephone is not registered, so the mobile rings, over the trunk."""
    await late_ticket(hotline)
    hotline.only("7050", "7060")
    hotline.store.write(lambda s: setattr(s.get_one(Staff, "7020"), "mobile", "13700000020"))
    mobile = hotline.switch.public("13700000020").answers()
    async with scheduler(hotline, tmp_path):
        await mobile.hears_out("escalation-no-key")
        await mobile.is_hung_up()
        assert hotline.every(RingRow, staff_number="7020")[-1].phone == "13700000020"
        await accepts(mobile)
        await mobile.is_hung_up()
    assert steps(hotline) == [("7020", StepOutcome.NO_KEY), ("7020", StepOutcome.ACCEPTED)]


async def test_a_mobile_that_is_never_called_is_refused_and_the_next_on_the_ladder_is_called(
    hotline: Hotline, tmp_path: Path
) -> None:
    """R20-5: a premium number, written as a mobile."""
    await late_ticket(hotline)
    hotline.only("7050", "7060")
    hotline.store.write(lambda s: setattr(s.get_one(Staff, "7020"), "mobile", "16812345"))
    async with scheduler(hotline, tmp_path):
        manager = hotline.phone("7050").answers()
        await manager.hears("escalation-choices")
        await manager.presses("1")
        await manager.is_hung_up()
    assert {outcome for number, outcome in steps(hotline) if number == "7020"} == {StepOutcome.REFUSED}


async def test_a_colleague_in_a_talk_is_called_afterwards(hotline: Hotline, tmp_path: Path) -> None:
    await late_ticket(hotline)
    technician = hotline.phone("7020").phones_elsewhere()
    async with scheduler(hotline, tmp_path):
        await technician.until(lambda: ("7020", StepOutcome.BUSY) in steps(hotline), "busy")
        technician.hangs_up()
        technician.answers()
        await accepts(technician)
        await technician.is_hung_up()


# -- crashes ----------------------------------------------------------------------------------------------------------


async def test_killed_while_it_rings_the_colleague_is_called_again_and_never_twice_at_once(
    hotline: Hotline, tmp_path: Path
) -> None:
    await late_ticket(hotline)
    technician = hotline.phone("7020")
    async with scheduler(hotline, tmp_path):
        await technician.rings()
        await hotline.is_restarted()
        await technician.is_hung_up()
        technician.answers()
        await accepts(technician)
        await technician.is_hung_up()
        assert technician.rung[1] - technician.rung[0] < hotline.policy.outgoing.lease_s + 10
    assert steps(hotline) == [("7020", StepOutcome.ACCEPTED)]
    assert len(technician.rung) == 2


async def test_a_colleague_who_answers_during_an_outage_hears_an_apology_and_is_called_again(
    hotline: Hotline, tmp_path: Path
) -> None:
    """Crash rules."""
    await late_ticket(hotline)
    technician = hotline.phone("7020")
    async with scheduler(hotline, tmp_path):
        await technician.rings()
        await hotline.is_killed()
        technician.picks_up()
        await technician.hears_out("called-apology")
        await technician.is_hung_up()
        hotline.employ()
        await hotline.begin()
        technician.answers()
        await accepts(technician)
        await technician.is_hung_up()


async def test_killed_during_the_call_the_colleague_hears_an_apology_and_is_called_again(
    hotline: Hotline, tmp_path: Path
) -> None:
    await late_ticket(hotline)
    technician = hotline.phone("7020").answers()
    async with scheduler(hotline, tmp_path):
        await technician.hears("escalation-near")
        await hotline.is_restarted()
        await technician.hears_out("called-apology")
        await technician.is_hung_up()
        await accepts(technician)
        await technician.is_hung_up()
    assert steps(hotline) == [("7020", StepOutcome.ACCEPTED)]


async def test_staff_who_have_left_are_not_called(hotline: Hotline, tmp_path: Path) -> None:
    await late_ticket(hotline)
    async with scheduler(hotline, tmp_path):
        await hotline.phone("7020").rings()
        hotline.phone("7020").hangs_up(21)
        hotline.store.write(lambda s: setattr(s.get_one(Staff, "7020"), "group", None))
        manager = hotline.phone("7050").answers()
        await accepts(manager)
        await manager.is_hung_up()
    assert hotline.store.read(people.staff, "7020") is None
    assert [step[0] for step in steps(hotline)] == ["7020", "7050"]


async def test_a_telephone_that_is_not_registered_is_passed_over_at_once(hotline: Hotline, tmp_path: Path) -> None:
    """R07-9: nobody waits for a ring that cannot be."""
    await late_ticket(hotline)
    hotline.only("7060")
    general = hotline.phone("7060").answers()
    async with scheduler(hotline, tmp_path):
        began = hotline.clock.now()
        await accepts(general)
        await general.is_hung_up()
        assert (hotline.clock.now() - began).total_seconds() < 60
    assert steps(hotline) == [
        ("7020", StepOutcome.UNREACHABLE),
        ("7050", StepOutcome.UNREACHABLE),
        ("7060", StepOutcome.ACCEPTED),
    ]

"""Escalation on real telephones: refused, no key, accepted; and closed while it rings (R07-9, R08-2, R20-4)."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from models.clock import SystemClock
from models.states.calls import Ring
from models.states.tickets import EscalationState, StepOutcome, TicketState
from models.tables import Call, Escalation, EscalationStep, RingRow, Ticket
from models.tickets import tickets
from phones import choosing
from phones.instance import LiveHotline
from phones.phone import Phone
from phones.written import call_of, ticket_of
from recordings import speech
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

QUICK_LADDER = QUICK_RINGS | {
    "escalation.emergency.before_minutes": 30,
    "escalation.emergency.after_minutes": [0, 0, 0, 0],
    "escalation.emergency.tries": 1,
    "escalation.emergency.pause_minutes": 0,
    "menu.tries": 1,
    "urgent.rings": 1,
}


@pytest.fixture(scope="module")
def quick_ladder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """A hotline that calls staff about an urgent repair as soon as it is opened."""
    with LiveHotline.running(tmp_path_factory.mktemp("ladder"), policy=QUICK_LADDER) as instance:
        yield instance


@pytest.fixture
def ladder_of(quick_ladder: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(quick_ladder)


def urgent_repair(hotline: LiveHotline, number: str) -> Ticket:
    """A caller of this number has reported it, and nobody has answered."""
    caller = hotline.caller(number)
    caller.reach("8000")
    choosing.urgent_repair(caller)
    caller.hang_up()
    return ticket_of(hotline, call_of(hotline, number)).ticket


def ladder(hotline: LiveHotline, ticket: Ticket) -> Escalation | None:
    return hotline.store.read(lambda s: s.scalar(select(Escalation).where(Escalation.ticket_id == ticket.id)))


def steps(hotline: LiveHotline, ticket: Ticket) -> list[tuple[str, StepOutcome | None]]:
    mine = select(EscalationStep).join(Escalation, Escalation.id == EscalationStep.escalation_id)
    mine = mine.where(Escalation.ticket_id == ticket.id).order_by(EscalationStep.id)
    return [(step.staff_number, step.outcome) for step in hotline.store.read(lambda s: list(s.scalars(mine)))]


def hears_it(phone: Phone, ticket: Ticket) -> None:
    phone.wait_heard("escalation-near", 30)
    phone.wait_heard("escalation-ticket")
    phone.wait_spoken(speech.digits(str(ticket.number)))
    phone.wait_heard("kind-urgent-repair")
    phone.wait_heard("whisper-caller")
    phone.wait_heard("escalation-opened")


def test_refused_then_no_key_then_the_general_manager_accepts(ladder_of: LiveHotline) -> None:
    hotline = ladder_of
    technician, manager, general = (hotline.phone(number) for number in ("7020", "7050", "7060"))
    technician.when_it_rings("reject", after_s=0.3)
    ticket = urgent_repair(hotline, "13800138501")
    manager.wait_ringing(30)
    assert manager.call.name == str(ticket.number), "what it is about is seen before it is answered"
    manager.answer()
    hears_it(manager, ticket)
    manager.wait_heard("escalation-choices")
    manager.wait_heard("escalation-no-key", 20)
    manager.wait_ended()
    general.wait_ringing(30)
    general.answer()
    hears_it(general, ticket)
    general.wait_heard("escalation-choices")
    general.press("1")
    general.wait_heard("escalation-taken")
    general.wait_spoken(speech.digits(str(ticket.number)))
    general.wait_ended()
    assert steps(hotline, ticket) == [
        ("7020", StepOutcome.BUSY),  # the code that this telephone sends for its red button
        ("7050", StepOutcome.NO_KEY),
        ("7060", StepOutcome.ACCEPTED),
    ]
    done = ladder(hotline, ticket)
    assert done is not None
    assert (done.state, done.accepted_by) == (EscalationState.ACCEPTED, "7060")
    now = hotline.store.read(lambda s: s.get_one(Ticket, ticket.id))
    assert (now.state, now.assignee) == (TicketState.ACCEPTED, "7060")
    call = call_of(hotline, "7060")
    assert (call.call.mode, call.rings[0].stage, call.rings[0].outcome) == ("escalation", "escalation", Ring.CONNECTED)


def test_when_the_ticket_is_closed_the_ringing_stops_within_two_seconds_and_no_other_phone_rings(
    ladder_of: LiveHotline,
) -> None:
    hotline = ladder_of
    technician, manager = hotline.phone("7020"), hotline.phone("7050")
    ticket = urgent_repair(hotline, "13800138502")
    hotline.until(lambda: technician.calls and technician.call.ended_at is None, "call of the ladder", 30)
    at = SystemClock().now()
    hotline.store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=at)
    technician.wait_ended(3)
    hotline.until(lambda: call_of(hotline, "7020"), "its end")
    assert steps(hotline, ticket) == [("7020", StepOutcome.CALLED_OFF)]
    stopped = ladder(hotline, ticket)
    assert stopped is not None
    assert stopped.state is EscalationState.STOPPED
    newest = select(RingRow).join(Call, Call.id == RingRow.call_id).where(Call.ticket_id == ticket.id)
    row = hotline.store.read(lambda s: s.scalars(newest.order_by(RingRow.id.desc())).first())
    assert row is not None
    assert row.outcome is Ring.CANCELLED
    assert manager.calls == []

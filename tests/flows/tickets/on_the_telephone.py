"""Tickets of staff, for the stories of *31 and *32."""

from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.calls import calls
from models.people import people
from models.states.tickets import TicketKind, TicketState
from models.tables import Ticket, TicketEvent
from models.tickets import dispatch, tickets
from tests.fakes.people import FakePhone
from tests.flows.world import OWNER, Hotline


def dispatched(hotline: Hotline, to: str = "7020", kind: TicketKind = TicketKind.REPAIR) -> int:
    """The number of a ticket of 张三's, 3 栋 1201 室, which has been given to this person."""
    at = hotline.clock.now()

    def write(session: Session) -> int:
        known = people.owner_by_number(session, OWNER)
        assert known is not None
        assert known.unit is not None
        place = {"owner_id": known.owner.id, "unit_id": known.unit.id}
        channel = f"earlier-{session.scalar(select(func.count(Ticket.id)))}"
        call = calls.begin(session, channel_id=channel, line="8000", caller_number=OWNER, language="zh", at=at)
        ticket = tickets.open(session, kind=kind, call_id=call.id, at=at, policy=hotline.policy, **place)  # type: ignore[arg-type]
        calls.end(session, call.id, by=calls.EndedBy.CALLER, reason="completed", at=at)
        dispatch.assign(session, ticket.id, staff_number=to, who="7001", at=at)
        return ticket.number

    return hotline.store.write(write)


def the_ticket(hotline: Hotline) -> Ticket:
    (ticket,) = hotline.tickets()
    return ticket


def written(hotline: Hotline) -> tuple[int, int, list[tuple[TicketState, str | None, str | None]]]:
    """Everything that an act may change."""
    rows = [(ticket.state, ticket.department, ticket.assignee) for ticket in hotline.tickets()]
    return len(hotline.every(TicketEvent)), len(hotline.recordings()), rows


def sounds(hotline: Hotline) -> list[Path]:
    return list(hotline.home.recording_spool.glob("*"))


async def at_the_acts(technician: FakePhone, number: int = 1001) -> None:
    technician.dials(f"*32{number}")
    await technician.hears("escalation-ticket", "kind-repair", "whisper-owner", "building", "room", "ticket-acts")

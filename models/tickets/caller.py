"""Who calls, for the one whose telephone rings: open tickets with the urgent ones first, and the last calls."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.calls import at_a_phone
from models.calls.calls import CallRecord
from models.policy import Policy
from models.tables import Call, Owner, Ticket, Unit
from models.tickets import impartial, tickets

OPEN_TICKETS, LAST_CALLS = 5, 4


@dataclass(frozen=True)
class Caller:
    """`closed`: the call is a complaint about the reader, who is shown nothing of it (R15-6)."""

    call: Call
    closed: bool
    owner: Owner | None = None
    unit: Unit | None = None
    ticket: Ticket | None = None
    """What this call is about."""
    tickets: tuple[Ticket, ...] = ()
    """Other open ones of this owner and unit, without complaints about the reader."""
    calls: tuple[CallRecord, ...] = ()
    """The last ones of this number, without this one and without complaints about the reader."""


def of(session: Session, call: Call, *, reader: str, policy: Policy) -> Caller:
    """What is known of the one who calls."""
    closed = impartial.closed_to(session, reader)
    if closed.call(call):
        return Caller(call, closed=True)
    of_owner = (
        tickets.open_of(session, owner_id=call.owner_id, unit_id=call.unit_id, limit=OPEN_TICKETS)
        if call.owner_id is not None
        else []
    )
    others = [one for one in of_owner if one.id != call.ticket_id and one.id not in closed.tickets]
    last = at_a_phone.of_number(session, call.caller_number, limit=LAST_CALLS + 1)
    return Caller(
        call,
        closed=False,
        owner=session.get(Owner, call.owner_id) if call.owner_id else None,
        unit=session.get(Unit, call.unit_id) if call.unit_id else None,
        ticket=session.get(Ticket, call.ticket_id) if call.ticket_id else None,
        tickets=tuple(sorted(others, key=lambda one: _most_urgent_first(one, policy))),
        calls=tuple(one for one in last if one.call.id != call.id and not closed.call(one.call))[:LAST_CALLS],
    )


def _most_urgent_first(ticket: Ticket, policy: Policy) -> tuple[bool, bool, float]:
    due = ticket.next_due_at
    return not policy.escalation.is_emergency(ticket.kind), due is None, due.timestamp() if due else 0.0

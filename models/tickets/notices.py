"""A department is called at once about a ticket that is new to it, until somebody accepts it (R05-6, R10-1, R17-2).

Whatever makes a ticket new to a department writes the moment into `notify_at`; any scan may begin the calls.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.paging import Mark, marks
from models.people import people
from models.policy import Policy
from models.site import Site
from models.states.calls import CallState
from models.states.tickets import WAITING_FOR_SOMEBODY, LadderCause, Severity, TicketEventKind, TicketState
from models.tables import Call, Ticket, TicketEvent
from models.tickets import escalations, rungs


def due(session: Session, *, at: datetime, after: Mark | None, limit: int) -> list[Mark]:
    """(since when, id) of the next tickets of which a department is to be notified."""
    return marks(session, Ticket.notify_at, Ticket.id, Ticket.notify_at <= at, after=after, limit=limit)


def begin(session: Session, ticket_id: int, *, at: datetime, policy: Policy, site: Site) -> bool:
    """Starts the calls about this ticket, unless somebody has it. False while the call by which it came goes on, and
    when another scan was first."""
    ticket = session.get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    if ticket.notify_at is None or ticket.notify_at > at or _is_being_taken_down(session, ticket):
        return False
    ticket.notify_at = None
    session.flush()
    if _rings(session, ticket, policy, site) and not escalations.is_going_on(session, ticket.id, LadderCause.LATE):
        escalations.stop(session, ticket.id, at=at)
        escalations.add(session, ticket.id, LadderCause.NEW, due_at=ticket.next_due_at or at, at=at, next_at=at)
    return True


def last_call(session: Session, ticket_id: int) -> TicketEvent | None:
    """When the department was last called about this ticket, whom, and how that ended."""
    called = TicketEvent.ticket_id == ticket_id, TicketEvent.kind == TicketEventKind.NOTIFIED
    return session.scalar(select(TicketEvent).where(*called).order_by(TicketEvent.id.desc()).limit(1))


def _is_being_taken_down(session: Session, ticket: Ticket) -> bool:
    """Whether the caller is still there, and somebody may be about to accept or dispatch it."""
    call = session.get(Call, ticket.call_id) if ticket.call_id else None
    return ticket.state is TicketState.NEW and call is not None and call.state is CallState.ACTIVE


def _rings(session: Session, ticket: Ticket, policy: Policy, site: Site) -> bool:
    if ticket.state not in WAITING_FOR_SOMEBODY:
        return False
    if ticket.state is TicketState.DISPATCHED:
        return policy.notify.rings_for_dispatched
    return policy.notify.rings_for(ticket.kind) and not _has_been_taken_down_there(session, ticket, site)


def _has_been_taken_down_there(session: Session, ticket: Ticket, site: Site) -> bool:
    """Whether one of the department has it from the customer, and follows it (R15-1); the leader hears of a serious one
    all the same (R07-9)."""
    receiver = people.staff(session, ticket.first_receiver) if ticket.first_receiver else None
    department = rungs.department(session, ticket, site)
    return ticket.severity is not Severity.SERIOUS and receiver is not None and receiver.group == department

"""Before an appointment the technician is called; when nobody is on site for it the lead is, and the customer is owed a
call (R10-3)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.database.paging import Mark, marks
from models.events.ticket_events import SYSTEM, write
from models.people import people
from models.policy import Policy
from models.site import Site
from models.states.tickets import LadderCause, TaskKind, TicketEventKind
from models.tables import Appointment, Ticket
from models.tickets import appointments, customer, escalations, kept_appointments, tasks

_NOT_ON_DUTY = timedelta(minutes=1)
"""How often it is looked whether the technician is on duty."""


def due(session: Session, *, at: datetime, after: Mark | None, limit: int) -> list[Mark]:
    """(time, id) of the next appointments about which something is to happen."""
    return marks(session, Appointment.next_at, Appointment.id, Appointment.next_at <= at, after=after, limit=limit)


def handle(session: Session, appointment_id: int, *, at: datetime, policy: Policy, site: Site) -> bool:
    """Begins the calls before the appointment, or those about a missed one. False: there is nothing to do any more."""
    standing = session.get(Appointment, appointment_id)
    if standing is None:
        return False
    ticket = session.get_one(Ticket, standing.ticket_id, with_for_update=True, populate_existing=True)
    session.refresh(standing)
    if standing.next_at is None or standing.next_at > at:
        return False
    late_at = standing.due_at + timedelta(minutes=policy.appointments.grace_minutes)
    if at >= late_at:
        _miss(session, standing, ticket, at=at, policy=policy, site=site)
    elif standing.reminded_at is None and not _comes_on_duty(session, standing, ticket, at=at, policy=policy):
        _remind(session, standing, at=at, next_at=late_at)
    elif standing.reminded_at is not None:
        # The grace was longer when it was made.
        standing.next_at = late_at
    session.flush()
    return True


def _comes_on_duty(session: Session, standing: Appointment, ticket: Ticket, *, at: datetime, policy: Policy) -> bool:
    """Puts the reminder off while the technician is off duty, until half of its time is left for others to go."""
    anybody = policy.escalation.at_any_hour(ticket.kind, ticket.severity)
    half = timedelta(minutes=policy.appointments.remind_minutes) / 2
    if anybody or ticket.assignee is None or people.is_on_duty(session, ticket.assignee, at=at):
        return False
    if at + _NOT_ON_DUTY > standing.due_at - half:
        return False
    standing.next_at = at + _NOT_ON_DUTY
    return True


def _remind(session: Session, standing: Appointment, *, at: datetime, next_at: datetime) -> None:
    standing.reminded_at, standing.next_at = at, next_at
    escalations.add(session, standing.ticket_id, LadderCause.APPOINTMENT, due_at=standing.due_at, at=at, next_at=at)


def _miss(session: Session, standing: Appointment, ticket: Ticket, *, at: datetime, policy: Policy, site: Site) -> None:
    standing.missed_at, standing.next_at = at, None
    when = appointments.said(standing.due_at, site.time_zone)
    write(session, ticket.id, TicketEventKind.APPOINTMENT_MISSED, who=SYSTEM, at=at, text=when)
    escalations.stop(session, ticket.id, at=at, causes=[LadderCause.APPOINTMENT])
    escalations.add(session, ticket.id, LadderCause.MISSED, due_at=standing.due_at, at=at, next_at=at)
    lines = {line.number: line.group for line in site.lines}
    tasks.open(
        session,
        kind=TaskKind.CALL_BACK,
        number=customer.number(session, ticket, site.phones),
        call_id=ticket.call_id,
        ticket_id=ticket.id,
        owner_group=lines.get(ticket.line or "", site.lines[0].group),
        at=at,
        due_at=at + timedelta(minutes=policy.tasks.call_back_minutes),
        call_at=at if policy.call_back.by_itself else None,
        note=kept_appointments.OWED,
    )

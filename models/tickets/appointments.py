"""A day and a time agreed with the customer stand on the ticket, are moved and cancelled, and all of it is on file
(R10-2, R10-3)."""

from datetime import datetime, timedelta, tzinfo

from sqlalchemy.orm import Session

from models.errors import MoveRefused
from models.events import ticket_events
from models.policy import Policy
from models.states.tickets import AppointmentEnding, TicketEventKind, TicketState
from models.tables import Appointment, Ticket
from models.text.signs import written
from models.text.wording import word
from models.tickets import impartial, kept_appointments, tickets
from models.tickets.kept_appointments import open_of
from models.tickets.promises import PROMISED_IN

__all__ = ["Appointment", "open_of"]

MADE_IN = PROMISED_IN
"""The states in which somebody may still be to come."""


def make(session: Session, ticket_id: int, *, due_at: datetime, who: str, at: datetime, policy: Policy) -> Appointment:
    """Records when somebody is to be on site, as agreed with the customer (R10-2).

    Texts for people write it in the time zone of `due_at`. Who is on site and agrees on another day leaves: the ticket
    waits until then. Raises MoveRefused, NotImpartial, LookupError.
    """
    ticket = impartial.to_change(session, ticket_id, who=who)
    check_time(ticket, due_at, at=at, policy=policy)
    if (standing := open_of(session, ticket_id)) is not None:
        raise MoveRefused(
            f"ticket {ticket.number} has an appointment already, for {said(standing.due_at, due_at.tzinfo)}: move it",
            f"工单 {ticket.number} 已有预约（{said(standing.due_at, due_at.tzinfo)}）：请改约",
        )
    _leaves(session, ticket, due_at, who=who, at=at)
    made = _add(session, ticket, due_at=due_at, who=who, at=at, policy=policy)
    ticket_events.write(session, ticket_id, TicketEventKind.APPOINTED, who=who, at=at, text=said(due_at, due_at.tzinfo))
    return made


def move(
    session: Session,
    ticket_id: int,
    *,
    due_at: datetime,
    who: str,
    at: datetime,
    policy: Policy,
    reason: str = "",
) -> Appointment:
    """Another time, agreed with the customer. Raises MoveRefused, NotImpartial, LookupError."""
    ticket = impartial.to_change(session, ticket_id, who=who)
    standing = _standing(session, ticket)
    check_time(ticket, due_at, at=at, policy=policy)
    was, now = said(standing.due_at, due_at.tzinfo), said(due_at, due_at.tzinfo)
    if was == now:
        raise MoveRefused(f"that is the time it has: {now}", f"与原预约时间相同：{now}")
    kept_appointments.end(session, standing, AppointmentEnding.MOVED, at=at)
    reason = written(reason)
    moved = _add(session, ticket, due_at=due_at, who=who, at=at, policy=policy, text=reason, moves_id=standing.id)
    text = "\n".join(filter(None, (f"{was} -> {now}", reason)))
    ticket_events.write(session, ticket_id, TicketEventKind.APPOINTMENT_MOVED, who=who, at=at, text=text)
    return moved


def cancel(session: Session, ticket_id: int, *, who: str, at: datetime, zone: tzinfo, reason: str = "") -> Ticket:
    """Nobody is to come any more; `zone` is the site's. Raises MoveRefused, NotImpartial, LookupError."""
    ticket = impartial.to_change(session, ticket_id, who=who)
    standing = _standing(session, ticket)
    kept_appointments.end(session, standing, AppointmentEnding.CANCELLED, at=at)
    text = "\n".join(filter(None, (said(standing.due_at, zone), written(reason))))
    ticket_events.write(session, ticket_id, TicketEventKind.APPOINTMENT_CANCELLED, who=who, at=at, text=text)
    return session.get_one(Ticket, ticket_id, populate_existing=True)


def check_time(ticket: Ticket, due_at: datetime, *, at: datetime, policy: Policy) -> None:
    """Raises MoveRefused when nobody can be to come at this time for this ticket."""
    zone = due_at.tzinfo
    if ticket.state not in MADE_IN:
        raise MoveRefused(
            f"ticket {ticket.number} is {word(ticket.state, 'en')}: nobody is to come any more",
            f"工单 {ticket.number} 现为{word(ticket.state, 'zh')}，不必再预约",
        )
    if due_at <= at:
        raise MoveRefused(f"{said(due_at, zone)} has passed already", f"{said(due_at, zone)} 已经过去")
    days = policy.appointments.longest_days
    latest = at + timedelta(days=days)
    if due_at > latest:
        raise MoveRefused(
            f"no more than {days} days ahead: {said(latest, zone)} at the latest",
            f"最远只能约 {days} 天内：最迟 {said(latest, zone)}",
        )


def said(at: datetime, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _standing(session: Session, ticket: Ticket) -> Appointment:
    standing = open_of(session, ticket.id)
    if standing is None:
        raise MoveRefused(f"ticket {ticket.number} has no appointment", f"工单 {ticket.number} 没有预约")
    return standing


def _leaves(session: Session, ticket: Ticket, due_at: datetime, *, who: str, at: datetime) -> None:
    if ticket.state is TicketState.ON_SITE:
        text = f"appointment: {said(due_at, due_at.tzinfo)}"
        tickets.move(session, ticket.id, to=TicketState.WAITING, who=who, at=at, text=text, told=True)


def _add(
    session: Session,
    ticket: Ticket,
    *,
    due_at: datetime,
    who: str,
    at: datetime,
    policy: Policy,
    text: str = "",
    moves_id: int | None = None,
) -> Appointment:
    """The reminder is due so long before it, or at once; a technician who agrees on a time so near knows of it."""
    rules = policy.appointments
    made = Appointment(ticket_id=ticket.id, due_at=due_at, made_at=at, made_by=who[:40], text=text, moves_id=moves_id)
    made.next_at = max(at, due_at - timedelta(minutes=rules.remind_minutes))
    if made.next_at == at and ticket.assignee == who:
        made.reminded_at, made.next_at = at, due_at + timedelta(minutes=rules.grace_minutes)
    return kept_appointments.add(session, ticket.id, made)

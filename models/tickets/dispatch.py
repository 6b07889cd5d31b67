"""A ticket is dispatched to a department, assigned to a person, referred to a public utility, or merged."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.errors import MoveRefused
from models.events import ticket_events
from models.people import people
from models.states.tickets import TICKET_OPEN, TicketEventKind, TicketState
from models.tables import Group, Ticket
from models.text.numbers import extension
from models.text.signs import written
from models.text.wording import word
from models.tickets import deadlines, escalations, impartial, kept_appointments, promises, required, tickets

_LONGEST = 80
"""Of the name of an authority, and of its own number, in characters."""


@dataclass(frozen=True)
class Dispatched:
    """The dispatched ticket. `missing` lists required facts not yet recorded: they do not delay the work."""

    ticket: Ticket
    missing: list[str]


def dispatch(
    session: Session,
    ticket_id: int,
    *,
    department: str,
    assignee: str | None = None,
    who: str,
    at: datetime,
    text: str = "",
) -> Dispatched:
    """派单: gives the ticket to a department, and to `assignee` in it, if given (R10-1, R17-2).

    It replaces the former department and assignee; the new one is notified, and has yet to accept. Raises MoveRefused,
    NotImpartial (also for a department led by the person complained of, R01-7), LookupError.
    """
    ticket, text = impartial.to_change(session, ticket_id, who=who), written(text)
    group = session.get(Group, department)
    if group is None:
        raise MoveRefused(f"there is no department {department}", f"没有部门 {department}")
    if assignee is not None:
        assignee = extension(assignee)
        _check_works_in(session, assignee, group)
        impartial.check_given_to(ticket, assignee)
    if impartial.leads(session, ticket.about_staff, department):
        raise impartial.NotImpartial(
            f"ticket {ticket.number} is a complaint about {ticket.about_staff}, who leads {group.en}: "
            "send it to another department (R01-7)",
            f"工单 {ticket.number} 投诉的是{group.zh}的主管 {ticket.about_staff}：请派给其他部门（R01-7）",
        )
    was = _whose(ticket.department, ticket.assignee)
    # Who takes it himself knows of it.
    notify_at = None if assignee == who else at
    given = {"department": department, "assignee": assignee, "notify_at": notify_at}
    change(session, update(Ticket).where(Ticket.id == ticket_id).values(given))
    escalations.stop(session, ticket_id, at=at)
    if (department, assignee) != (ticket.department, ticket.assignee):
        kept_appointments.handed_on(session, ticket_id, at=at)
    if ticket.state is not TicketState.DISPATCHED:
        tickets.move(session, ticket_id, to=TicketState.DISPATCHED, who=who, at=at, text=text)
        text = ""
    has = _whose(department, assignee)
    hands = f"{was} -> {has}" if was else has
    ticket_events.write(
        session, ticket_id, TicketEventKind.ASSIGNED, who=who, at=at, text="\n".join(filter(None, (hands, text)))
    )
    ticket = session.get_one(Ticket, ticket_id, populate_existing=True)
    return Dispatched(ticket, required.missing(session, ticket))


def assign(
    session: Session, ticket_id: int, *, staff_number: str, who: str, at: datetime, text: str = ""
) -> Dispatched:
    """Dispatches to this person and to the department of that person. Raises as `dispatch`."""
    staff = tickets.at_work(session, staff_number)
    department = staff.group or ""
    return dispatch(session, ticket_id, department=department, assignee=staff.number, who=who, at=at, text=text)


def refer(
    session: Session, ticket_id: int, *, to: str, reference: str = "", who: str, at: datetime, text: str = ""
) -> Ticket:
    """Passes the ticket to a public utility (R15-8); `reference` is the number that the utility gave it.

    Raises MoveRefused, NotImpartial, LookupError.
    """
    ticket = impartial.to_change(session, ticket_id, who=who)
    to, reference, text = written(to, _LONGEST), written(reference, _LONGEST), written(text)
    if not to:
        raise MoveRefused("say to which authority it is referred", "请说明转给哪个单位")
    values = {"referred_to": to, "referral_number": reference or None}
    change(session, update(Ticket).where(Ticket.id == ticket_id).values(values))
    text = "\n".join(filter(None, (" ".join(filter(None, (to, reference))), text)))
    if ticket.state is not TicketState.REFERRED:
        return tickets.move(session, ticket_id, to=TicketState.REFERRED, who=who, at=at, text=text)
    ticket_events.write(session, ticket_id, TicketEventKind.NOTED, who=who, at=at, text=text)
    return session.get_one(Ticket, ticket_id, populate_existing=True)


def merge(session: Session, ticket_id: int, *, into: int, who: str, at: datetime, text: str = "") -> Ticket:
    """Both tickets are about the same thing: work goes on with `into`, which is returned, by the earlier promise.

    The merged ticket keeps everything written about it and points to `into`. Raises MoveRefused, NotImpartial,
    LookupError.
    """
    text = written(text)
    # Locked in the order of their numbers: two crosswise merges at once cannot deadlock.
    both = {one: impartial.to_change(session, one, who=who) for one in sorted({ticket_id, into})}
    ticket, other = both[ticket_id], both[into]
    if ticket is other:
        raise MoveRefused("a ticket can't be merged into itself", "不能并入自身")
    if other.state not in TICKET_OPEN:
        raise MoveRefused(
            f"ticket {other.number} is {word(other.state, 'en')}: an open ticket can't be merged into it",
            f"工单 {other.number} 现为{word(other.state, 'zh')}，不能再并入",
        )
    if ticket.about_staff is not None and ticket.about_staff != other.about_staff:
        raise impartial.NotImpartial(
            f"ticket {ticket.number} is a complaint about {ticket.about_staff}, ticket {other.number} is not: "
            "it would be lost there (R15-6)",
            f"工单 {ticket.number} 投诉的是 {ticket.about_staff}，工单 {other.number} 不是：不能并入（R15-6）",
        )
    gone_into = (Ticket.id == ticket_id) | (Ticket.merged_into == ticket_id)
    # A ticket that is now part of a complaint about a person is closed to this person, too.
    change(session, update(Ticket).where(gone_into).values(merged_into=into, about_staff=other.about_staff))
    promises.carry(session, ticket_id, into=into, at=at)
    kept_appointments.carry(session, ticket_id, into=into, at=at)
    tickets.move(session, ticket_id, to=TicketState.MERGED, who=who, at=at, text=f"{other.number}\n{text}".strip())
    deadlines.set_next_due(session, ticket_id, at=at)
    note = f"merged: {ticket.number}\n{text}".strip()
    ticket_events.write(session, into, TicketEventKind.NOTED, who=who, at=at, text=note)
    return session.get_one(Ticket, into, populate_existing=True)


def _check_works_in(session: Session, staff_number: str, department: Group) -> None:
    staff = people.staff(session, staff_number)
    if staff is None or staff.group != department.name:
        raise MoveRefused(
            f"{staff_number} does not work in {department.en}: choose one who does",
            f"{staff_number} 不是{department.zh}的人：请选本部门的人",
        )


def _whose(department: str | None, assignee: str | None) -> str:
    return " ".join(filter(None, (department, assignee)))

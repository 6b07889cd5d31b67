"""A complaint about a person is not his to decide (R15-6, R01-7): whatever changes a ticket asks here first.

He takes it down truthfully when he is the one who was called, but from then on he does not change it, is not given it,
and does not read who has complained, nor what others have noted of it: that there is a complaint about him, and how
far it has come, he may know.
"""

from sqlalchemy.orm import Session

from models.errors import MoveRefused
from models.tables import FIRST_NUMBER, Group, Staff, Ticket


class NotImpartial(MoveRefused):
    """The matter is a complaint about this very person."""


def to_change(session: Session, ticket_id: int, *, who: str) -> Ticket:
    """The ticket, locked until the end of the transaction, if `who` may change it.

    Raises NotImpartial; LookupError for no such ticket.
    """
    ticket = session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    if ticket is None:
        raise LookupError(f"no ticket {FIRST_NUMBER + ticket_id}")
    check(ticket, who=who)
    return ticket


def check(ticket: Ticket, *, who: str) -> None:
    """Raises NotImpartial if it is about `who`, who wants to change it."""
    if ticket.about_staff is not None and ticket.about_staff == who:
        raise NotImpartial(
            f"ticket {ticket.number} is a complaint about {who}: he does not change it; his lead does (R15-6)",
            f"工单 {ticket.number} 投诉的是 {who} 本人:本人不得办理,由其主管办理(R15-6)",
        )


def check_given_to(ticket: Ticket, staff_number: str | None) -> None:
    """Raises NotImpartial if it is about the one who would have it from now on."""
    if not may_have(ticket, staff_number):
        raise NotImpartial(
            f"ticket {ticket.number} is a complaint about {staff_number}: give it to somebody else (R15-6)",
            f"工单 {ticket.number} 投诉的是 {staff_number}:请交给其他人(R15-6)",
        )


def may_have(ticket: Ticket, staff_number: str | None) -> bool:
    """Whether he may be given it, or be asked to take it: for who rings people about a ticket."""
    return ticket.about_staff is None or ticket.about_staff != staff_number


def hidden_from(ticket: Ticket, reader: str | None) -> bool:
    """Whether this reader sees of it only that it is there, and its state."""
    return ticket.about_staff is not None and ticket.about_staff == reader


def leads(session: Session, staff_number: str | None, group: str | None) -> bool:
    """Whether he is the lead of this group: who decides there."""
    return staff_number is not None and _lead_of(session, group) == staff_number


def lead_above(session: Session, staff_number: str) -> str | None:
    """Who has a matter instead of him: the lead of his group, or that one's lead when he leads it himself."""
    group = _group_of(session, staff_number)
    seen: set[str] = set()
    while group is not None and group not in seen:
        seen.add(group)
        lead = _lead_of(session, group)
        if lead != staff_number:
            return lead
        group = _group_of(session, lead)
    return None


def _lead_of(session: Session, group: str | None) -> str | None:
    row = session.get(Group, group) if group is not None else None
    return row.supervisor if row is not None else None


def _group_of(session: Session, staff_number: str) -> str | None:
    staff = session.get(Staff, staff_number)
    return staff.group if staff is not None else None

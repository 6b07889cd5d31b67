"""Nobody decides a complaint about himself (R15-6, R01-7): every change of a ticket is checked here first.

The person complained of may have to write the complaint down, as the one who had the call, but must not change it, be
given it, or read who complained and what others noted; only that the complaint exists, and its state.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.errors import MoveRefused
from models.tables import FIRST_NUMBER, Call, Group, Recording, Staff, Ticket


class NotImpartial(MoveRefused):
    """The ticket is a complaint about this very person."""


def to_change(session: Session, ticket_id: int, *, who: str) -> Ticket:
    """The ticket, locked until the end of the transaction, if `who` may change it.

    Raises NotImpartial, LookupError.
    """
    ticket = session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    if ticket is None:
        raise LookupError(f"no ticket {FIRST_NUMBER + ticket_id}")
    check(ticket, who=who)
    return ticket


def check(ticket: Ticket, *, who: str) -> None:
    """Raises NotImpartial if `who`, who wants to change it, is the person complained of."""
    if ticket.about_staff is not None and ticket.about_staff == who:
        raise NotImpartial(
            f"ticket {ticket.number} is a complaint about {who}, who must not change it: the lead does (R15-6)",
            f"工单 {ticket.number} 投诉的是 {who} 本人：本人不得办理，由其主管办理（R15-6）",
        )


def check_given_to(ticket: Ticket, staff_number: str | None) -> None:
    """Raises NotImpartial if the person to be given the ticket is the one complained of."""
    if not may_have(ticket, staff_number):
        raise NotImpartial(
            f"ticket {ticket.number} is a complaint about {staff_number}: give it to somebody else (R15-6)",
            f"工单 {ticket.number} 投诉的是 {staff_number}：请交给其他人（R15-6）",
        )


def may_have(ticket: Ticket, staff_number: str | None) -> bool:
    """Whether this person may be given the ticket, or be called about it."""
    return ticket.about_staff is None or ticket.about_staff != staff_number


def hidden_from(ticket: Ticket, reader: str | None) -> bool:
    """Whether this reader may see only that the ticket exists, and its state."""
    return ticket.about_staff is not None and ticket.about_staff == reader


@dataclass(frozen=True)
class Closed:
    """What is closed to a reader: the complaints about him by id, and the calls by which they came."""

    tickets: frozenset[int] = frozenset()
    calls: frozenset[int] = frozenset()

    def call(self, call: Call) -> bool:
        """Whether he must not see who called, nor hear it."""
        return call.id in self.calls or call.ticket_id in self.tickets

    def recording(self, session: Session, recording: Recording) -> bool:
        """A recording is as closed as its ticket."""
        call = session.get(Call, recording.call_id) if recording.call_id is not None else None
        return recording.ticket_id in self.tickets or (call is not None and self.call(call))


def closed_to(session: Session, reader: str | None) -> Closed:
    """Nothing is closed to a reader who is not known or is not complained of."""
    if reader is None:
        return Closed()
    about_him = session.execute(select(Ticket.id, Ticket.call_id).where(Ticket.about_staff == reader)).all()
    return Closed(
        frozenset(row.id for row in about_him), frozenset(row.call_id for row in about_him if row.call_id is not None)
    )


def about_staff(session: Session, calls: Collection[int]) -> set[int]:
    """Those of these calls that are a complaint about one of the staff: closed on a screen that everybody sees."""
    of_ticket = or_(Ticket.id == Call.ticket_id, Ticket.call_id == Call.id)
    query = select(Call.id).join(Ticket, of_ticket).where(Call.id.in_(calls), Ticket.about_staff.is_not(None))
    return set(session.scalars(query))


def check_heard(session: Session, recording: Recording, reader: str | None) -> None:
    """Raises NotImpartial if the reader is the person complained of in what was recorded."""
    if closed_to(session, reader).recording(session, recording):
        raise NotImpartial(
            f"recording {recording.id} belongs to a complaint about {reader}, who must not hear it (R15-6)",
            f"录音 {recording.id} 属于对 {reader} 本人的投诉：本人不得收听（R15-6）",
        )


def leads(session: Session, staff_number: str | None, group: str | None) -> bool:
    """Whether this person is the lead of the group."""
    return staff_number is not None and _lead_of(session, group) == staff_number


def lead_above(session: Session, staff_number: str) -> str | None:
    """The lead who takes over from this person: of the own group, or the next one above when leading it."""
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

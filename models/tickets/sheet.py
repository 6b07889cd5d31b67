"""The fields of a ticket that a reader may see, on the command line and through the API."""

from typing import Any

from sqlalchemy.orm import Session

from models.tables import FIRST_NUMBER, Owner, Ticket, Unit
from models.text.masking import Masking
from models.tickets import impartial, required
from models.tickets.tickets import TicketRecord

HIDDEN = (
    "line", "caller", "owner", "contact_name", "contact_number", "building", "unit", "problem", "need", "cause",
    "call", "appointment",
)  # fmt: skip


def fields(session: Session, ticket: Ticket, shown: Masking, *, reader: str | None = None) -> dict[str, Any]:
    """The ticket under stable field names, for lists and for other programs.

    The reader is not shown who complained about him, and of what (R15-6).
    """
    owner = session.get(Owner, ticket.owner_id) if ticket.owner_id else None
    unit = session.get(Unit, ticket.unit_id) if ticket.unit_id else None
    row = {
        "number": ticket.number,
        "kind": ticket.kind.value,
        "severity": ticket.severity.value,
        "state": ticket.state.value,
        "opened_at": ticket.opened_at,
        "due_at": ticket.next_due_at,
        "appointment": ticket.appointment_at,
        "source": ticket.source.value,
        "reporter": ticket.reporter.value if ticket.reporter else None,
        "line": ticket.line,
        "caller": shown.number(ticket.caller_number),
        "owner": shown.name(owner.name) if owner else None,
        "contact_name": shown.name(ticket.contact_name),
        "contact_number": shown.number(ticket.contact_number),
        "building": unit.building if unit else ticket.building,
        "unit": unit.unit if unit else ticket.room,
        "problem": ticket.problem,
        "need": ticket.need,
        "cause": ticket.cause.value if ticket.cause else None,
        "language": ticket.language,
        "department": ticket.department,
        "assignee": ticket.assignee,
        "first_receiver": ticket.first_receiver,
        "about_staff": ticket.about_staff,
        "referred_to": ticket.referred_to,
        "referral_number": ticket.referral_number,
        "merged_into": FIRST_NUMBER + ticket.merged_into if ticket.merged_into else None,
        "call": ticket.call_id,
        "policy_version": ticket.policy_version,
    }
    if impartial.hidden_from(ticket, reader):
        row |= dict.fromkeys(HIDDEN)
    return row


def whole(session: Session, record: TicketRecord, shown: Masking, *, reader: str | None) -> dict[str, Any]:
    """As `fields`, with everything written about the ticket."""
    ticket = record.ticket
    row = fields(session, ticket, shown, reader=reader)
    hidden = impartial.hidden_from(ticket, reader)
    row["missing"] = [] if hidden else required.missing(session, ticket)
    row["merged"] = [one.number for one in record.merged]
    row["clocks"] = [
        {"kind": clock.kind.value, "due_at": clock.due_at, "met_at": clock.met_at, "rule": clock.rule}
        for clock in record.clocks
    ]
    row["promises"] = [
        {
            "due_at": promise.due_at,
            "made_at": promise.made_at,
            "made_by": promise.made_by,
            "reason": promise.text,
            "postponed": promise.postpones_id is not None,
            "ending": promise.ending.value if promise.ending else None,
            "ended_at": promise.ended_at,
        }
        for promise in ([] if hidden else record.promises)
    ]
    row["appointments"] = [
        {
            "due_at": appointment.due_at,
            "made_at": appointment.made_at,
            "made_by": appointment.made_by,
            "reason": appointment.text,
            "moved": appointment.moves_id is not None,
            "missed_at": appointment.missed_at,
            "ending": appointment.ending.value if appointment.ending else None,
            "ended_at": appointment.ended_at,
        }
        for appointment in ([] if hidden else record.appointments)
    ]
    row["events"] = [
        {
            "at": event.at,
            "who": event.who,
            "kind": event.kind.value,
            "from": event.from_state.value if event.from_state else None,
            "to": event.to_state.value if event.to_state else None,
            "text": _personal(event.text, shown),
        }
        for event in ([] if hidden else record.events)
    ]
    row["recordings"] = [
        {"id": kept.id, "name": kept.name, "state": kept.state.value, "seconds": kept.seconds}
        for kept in ([] if hidden else record.recordings)
    ]
    return row


def _personal(text: str, masking: Masking) -> str:
    """Masks names and numbers in the text of an event, which has a line for each field (R08-9)."""
    shown = {"contact_name": masking.name, "contact_number": masking.number}
    lines = []
    for line in text.splitlines():
        field, colon, values = line.partition(": ")
        if show := shown.get(field):
            value, was, before = values.partition(" (was: ")
            values = f"{show(value)}{was}{show(before.removesuffix(')'))})" if was else f"{show(values)}"
        lines.append(field + colon + values)
    return "\n".join(lines)

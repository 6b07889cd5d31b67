"""Everything that happened to a ticket, in one order: events, photos, and calls with their recordings."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from models.calls import calls
from models.calls.calls import CallRecord
from models.site import Site
from models.states.calls import RecordingState
from models.states.tickets import TicketEventKind
from models.tables import Recording, Ticket
from models.text.masking import Masking
from models.tickets import impartial, photos, talks

PLAYABLE = (RecordingState.RECORDED, RecordingState.KEPT, RecordingState.PARTIAL)
_LEADERS = ("manager", "general-manager")
_DECIDED = ("assigned", "moved", "noted", "classified", "promised", "postponed")
_PHOTO = re.compile(rf"{photos.NOTE}: (\d+)")


def entries(
    session: Session,
    ticket: Ticket,
    events: Iterable[dict[str, Any]],
    recordings: Iterable[Recording],
    shown: Masking,
    *,
    reader: str,
) -> list[dict[str, Any]]:
    """The newest first. `events` are those of `sheet.whole`: none where the ticket is hidden from this reader."""
    if impartial.hidden_from(ticket, reader):
        return []
    closed = impartial.closed_to(session, reader)
    taken = {photo.id for photo in photos.of_ticket(session, ticket.id)}
    found = [_event(event, taken) for event in events]
    # An event that came in the same second as its call stands below it.
    about = [record for record in talks.about(session, ticket) if not closed.call(record.call)]
    # What belongs to another ticket is as closed as that one.
    mine = [one for one in recordings if one.ticket_id == ticket.id]
    found += [_call(record, [one for one in mine if one.call_id == record.call.id], shown) for record in about]
    without_call = [one for one in mine if one.call_id not in {record.call.id for record in about}]
    found += [{"at": one.reserved_at, "kind": "recording", "recordings": [sound(one)]} for one in without_call]
    return sorted(found, key=lambda one: one["at"], reverse=True)


def decision(events: Iterable[dict[str, Any]], site: Site) -> dict[str, Any] | None:
    """What a leader has last decided about it (R03-4)."""
    leaders = {person.number for person in site.staff if person.role in _LEADERS}
    made = [event for event in events if event["who"] in leaders and event["kind"] in _DECIDED]
    return made[-1] if made else None


def sound(recording: Recording) -> dict[str, Any]:
    """What the player shows of a recording."""
    return {
        "id": recording.id,
        "state": recording.state.value,
        "seconds": recording.seconds or recording.expected_seconds,
        "playable": recording.state in PLAYABLE,
    }


def _event(event: dict[str, Any], taken: set[int]) -> dict[str, Any]:
    lines = event["text"].splitlines()
    found = _PHOTO.fullmatch(lines[0]) if lines and event["kind"] == TicketEventKind.NOTED else None
    if found and int(found[1]) in taken:
        return event | {"photo": int(found[1]), "text": "\n".join(lines[1:])}
    return event | {"photo": None}


def _call(record: CallRecord, recordings: Iterable[Recording], shown: Masking) -> dict[str, Any]:
    return {
        "at": record.call.started_at,
        "kind": "call",
        "outgoing": record.call.mode in calls.OUTGOING,
        "number": shown.number(record.call.caller_number),
        "talked": record.talked_seconds,
        "staff": list(dict.fromkeys(talk.staff_number for talk in record.talks if talk.staff_number)),
        "recordings": [sound(one) for one in recordings],
    }

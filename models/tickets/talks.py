"""A talk of caller and agent, with its consequences: the first receiver, the recording, the tasks that it settles."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from models.calls import calls, recordings
from models.calls.calls import CallRecord
from models.policy import Policy
from models.states.calls import EndedBy, RecordingKind
from models.tables import Call, Recording, Task, Ticket
from models.tickets import acceptance, first_receiver, tasks


def begin(
    session: Session,
    *,
    call_id: int,
    ticket_id: int | None,
    staff_number: str,
    accepted: bool = False,
    name: str,
    caller_channel: str,
    leg_channel: str,
    at: datetime,
    policy: Policy,
) -> int:
    """The talk and its recording, both of this name, before the two hear each other; the agent is the ticket's first
    receiver (R15-1), and its assignee if he or she has `accepted` it. Returns the talk's id."""
    if ticket_id is not None:
        first_receiver.receive(session, ticket_id, staff_number=staff_number, at=at)
        if accepted:
            acceptance.accept(session, ticket_id, who=staff_number, at=at, text="accepted on the telephone")
    talk = RecordingKind.TALK
    recordings.begin(session, name, talk, call_id=call_id, ticket_id=ticket_id, at=at, policy=policy)
    return calls.begin_talk(
        session,
        call_id=call_id,
        staff_number=staff_number,
        bridge_id=name,
        caller_channel=caller_channel,
        leg_channel=leg_channel,
        at=at,
    )


def end(
    session: Session,
    talk_ids: Iterable[int],
    *,
    by: EndedBy,
    at: datetime,
    policy: Policy,
    recording: str | None = None,
) -> None:
    """These agents talk no more with the caller; with the last of them their `recording` ends. A talk that one of the
    two has ended settles what was owed to the caller's number, whichever side has called (R17-1)."""
    for talk_id in talk_ids:
        calls.end_talk(session, talk_id, by=by, at=at)
        if by is not EndedBy.NETWORK:
            tasks.settle(session, talk_id, at=at, at_least_s=policy.tasks.talk_counts_from_s)
    if recording is not None:
        recordings.ended(session, recording, seconds=None, at=at)


def about(session: Session, ticket: Ticket) -> list[CallRecord]:
    """The calls by which the ticket came and that left a recording or a task for it, in their order."""
    named = union(
        select(Recording.call_id).where(Recording.ticket_id == ticket.id),
        select(Task.call_id).where(Task.ticket_id == ticket.id),
    )
    ids = {ticket.call_id, *session.scalars(named)} - {None}
    return calls.records_of(session, session.scalars(select(Call).where(Call.id.in_(ids)).order_by(Call.id)).all())

"""Every answered caller has talked, left a message with a ticket, or is owed a call back; the rows must say so."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.states.calls import CallState, EndedBy, RecordingState
from models.tables import Call, Recording, Talk, Task
from tests.chaos.people import Fate

_SAID = (RecordingState.KEPT, RecordingState.PARTIAL)


def verdict(session: Session, fate: Fate) -> tuple[str, str]:
    """(the result for the caller, why the caller is lost): one of the two is empty."""
    number = fate.caller.number
    calls = list(session.scalars(select(Call).where(Call.caller_number == number).order_by(Call.id)))
    if not fate.answered:
        return "not answered, as the line was down", ""
    if not calls:
        return "", "the caller was answered, and there is no row"
    if any(call.state is not CallState.ENDED for call in calls):
        return "", "the call has not ended in the rows"
    ids = [call.id for call in calls]
    if any(call.menu_path and call.ticket_id is None for call in calls):
        return "", f"the caller had chosen ({calls[-1].menu_path}), and there is no ticket"
    owed = session.scalar(select(Task.id).where(Task.number == number).limit(1)) is not None
    talk = session.scalar(select(Talk).where(Talk.call_id.in_(ids)).order_by(Talk.id.desc()).limit(1))
    if owed:
        return "call back", ""
    if talk is not None and calls[-1].ended_by is not EndedBy.NETWORK:
        return "talk", ""
    said = select(Recording).where(Recording.call_id.in_(ids), Recording.state.in_(_SAID)).limit(1)
    recording = session.scalar(said)
    if recording is not None and recording.ticket_id is not None and talk is None:
        return "message", ""
    ends = ", ".join(f"{call.ended_by}: {call.end_reason}" for call in calls)
    return "", f"no talk, no message with a ticket, no call back ({ends})"

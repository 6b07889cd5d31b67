"""How much is open, late or lost, for those who ask whether all is well."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.states.calls import CallState, RecordingState
from models.states.roster import HANDOVER_OPEN, SwapState
from models.states.tickets import TICKET_OPEN, EscalationState, LadderCause, TaskState
from models.tables import Call, Escalation, Finding, Gap, Handover, Recording, Swap, Task, Ticket


def counted(session: Session, now: datetime) -> dict[str, Any]:
    """By the name of what is counted."""

    def of(*conditions: Any) -> int:
        return session.scalar(select(func.count()).where(*conditions)) or 0

    late = (Escalation.ended_at.is_(None), Escalation.cause == LadderCause.LATE)
    unfinished = (RecordingState.RESERVED, RecordingState.RECORDED)
    return {
        "calls_active": of(Call.state == CallState.ACTIVE),
        "tickets_open": of(Ticket.state.in_(TICKET_OPEN)),
        "tickets_late": of(Ticket.next_due_at <= now),
        "tasks_open": of(Task.state == TaskState.OPEN),
        "tasks_late": of(Task.state == TaskState.OPEN, Task.due_at <= now),
        "recordings_unfinished": of(Recording.state.in_(unfinished)),
        "escalations_open": of(*late),
        "escalations_unaccepted": of(*late, Escalation.state == EscalationState.EXHAUSTED),
        "findings_open": of(Finding.settled_at.is_(None)),
        "recordings_lost": of(Recording.state == RecordingState.LOST),
        "roster_gaps": of(Gap.settled_at.is_(None)),
        "roster_requests": of(Swap.state == SwapState.ASKED),
        "handovers_open": of(Handover.state.in_(HANDOVER_OPEN)),
    }

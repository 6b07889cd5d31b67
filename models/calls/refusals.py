"""A call that the gate does not let out says why: on its row, its task and its ticket."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.calls.gate import Decision
from models.events import ticket_events
from models.states.tickets import TicketEventKind
from models.tables import CallToMake, Task


def write(session: Session, call: CallToMake, decision: Decision, *, at: datetime) -> None:
    """The task keeps each reason once, the ticket has one event for each refusal."""
    call.flag = decision.reason
    task = session.get(Task, call.task_id) if call.task_id else None
    if task is not None and decision.reason not in task.note.splitlines():
        task.note = f"{task.note}\n{decision.reason}".strip()
    if call.ticket_id is not None:
        ticket_events.write(
            session, call.ticket_id, TicketEventKind.NOTED, who=ticket_events.SYSTEM, at=at, text=decision.reason
        )

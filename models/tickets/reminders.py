"""The first receiver's reminder is a task, and where the policy says so his telephone rings (R15-1, R15-4)."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.policy import Policy
from models.states.tickets import LadderCause
from models.tickets import escalations, first_receiver


def remind(session: Session, ticket_id: int, *, at: datetime, policy: Policy) -> bool:
    """False when another scan has, or the ticket has changed meanwhile."""
    if not first_receiver.remind(session, ticket_id, at=at, policy=policy):
        return False
    # Not while staff are being called about it for a reason of more weight.
    if policy.first_asked.rings and not escalations.is_going_on(session, ticket_id, *LadderCause):
        escalations.add(session, ticket_id, LadderCause.REMINDER, due_at=at, at=at, next_at=at)
    return True

"""The first receiver's reminder is a task, and where the policy says so his telephone rings (R15-1, R15-4)."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.policy import Policy
from models.tickets import escalations, first_receiver


def remind(session: Session, ticket_id: int, *, at: datetime, policy: Policy) -> bool:
    """False when another scan has, or the ticket has changed meanwhile."""
    if not first_receiver.remind(session, ticket_id, at=at, policy=policy):
        return False
    if policy.first_asked.rings:
        escalations.remind(session, ticket_id, at=at)
    return True

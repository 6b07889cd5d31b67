"""Somebody takes a late ticket that staff are called about, by key in the call or by a click: committed first."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.calls import outgoing
from models.calls.outgoing import AttemptOutcome, Claim, ToMake
from models.errors import MoveRefused
from models.policy import Policy
from models.states.tickets import APPOINTMENTS, WAITING_FOR_SOMEBODY, LadderCause, StepOutcome
from models.tables import Escalation, EscalationStep, Ticket
from models.tickets import acceptance, escalations, impartial

_SPOKEN_WITH = frozenset({StepOutcome.ACCEPTED, StepOutcome.PASSED_ON, StepOutcome.NO_KEY})


def accept(session: Session, claim: Claim, *, at: datetime, policy: Policy) -> bool:
    """Assigns the ticket to the person called and ends the ladder; one with a missed appointment, or of which its first
    receiver is reminded, stays with whom it is. False: the call is no longer wanted.

    Raises MoveRefused for a person who may not have the ticket (R15-6).
    """
    if not answer(session, claim, StepOutcome.ACCEPTED, at=at, policy=policy):
        return False
    step = session.get_one(EscalationStep, claim.subject_id)
    ladder = session.get_one(Escalation, step.escalation_id)
    ticket = session.get_one(Ticket, ladder.ticket_id)
    if ladder.cause is LadderCause.REMINDER:
        escalations.stop(session, ticket.id, at=at, accepted_by=step.staff_number, causes=[ladder.cause])
        return True
    if ladder.cause in APPOINTMENTS:
        impartial.to_change(session, ticket.id, who=step.staff_number)
        escalations.stop(session, ticket.id, at=at, accepted_by=step.staff_number, causes=[ladder.cause])
        missed, has_it = ladder.cause is LadderCause.MISSED, ticket.assignee == step.staff_number
        if (missed and ticket.assignee) or (has_it and ticket.state not in WAITING_FOR_SOMEBODY):
            return True
    acceptance.accept(session, ticket.id, who=step.staff_number, at=at, text="accepted on the telephone")
    return True


def take(session: Session, escalation_id: int, *, who: str, at: datetime) -> Ticket:
    """Assigns the ticket to `who` at the screen and ends the calls about it. Raises MoveRefused."""
    ladder = session.get(Escalation, escalation_id, with_for_update=True)
    if ladder is None or ladder.ended_at is not None:
        raise MoveRefused("nobody is called about this ticket any more", "该工单的电话通知已结束")
    return acceptance.accept(session, ladder.ticket_id, who=who, at=at, text="accepted at the screen")


def answer(session: Session, claim: Claim, outcome: StepOutcome, *, at: datetime, policy: Policy) -> bool:
    """Records how the call ended; the ladder goes on. False: the call is no longer wanted."""
    assert claim.subject_id is not None
    spoken_with = outcome in _SPOKEN_WITH
    to = ToMake.CONNECTED if spoken_with else ToMake.NOT_REACHED
    reached = AttemptOutcome.CONNECTED if spoken_with else AttemptOutcome(outcome)
    if not outgoing.move(session, claim, to=to, at=at, outcome=reached):
        return False
    escalations.end_step(session, claim.subject_id, outcome, at=at, policy=policy)
    return True

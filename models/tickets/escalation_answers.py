"""The answers of staff called about a late ticket: committed first, then read back to them."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.calls import outgoing
from models.calls.outgoing import AttemptOutcome, Claim, ToMake
from models.policy import Policy
from models.states.tickets import TICKET_MOVES, StepOutcome, TicketState
from models.tables import EscalationStep, Ticket
from models.tickets import escalations, impartial, tickets

_SPOKEN_WITH = frozenset({StepOutcome.ACCEPTED, StepOutcome.PASSED_ON, StepOutcome.NO_KEY})


def accept(session: Session, claim: Claim, *, at: datetime, policy: Policy) -> bool:
    """Assigns the ticket to the person called and ends the ladder. False: the call is no longer wanted.

    Raises MoveRefused for a person who may not have the ticket (R15-6).
    """
    if not answer(session, claim, StepOutcome.ACCEPTED, at=at, policy=policy):
        return False
    step = session.get_one(EscalationStep, claim.subject_id)
    who = step.staff_number
    ticket = impartial.to_change(session, session.get_one(Ticket, claim.ticket_id).id, who=who)
    escalations.stop(session, ticket.id, at=at, accepted_by=who)
    ticket.assignee = who
    session.flush()
    text = "accepted on the telephone"
    if TicketState.ACCEPTED in TICKET_MOVES[ticket.state]:
        tickets.move(session, ticket.id, to=TicketState.ACCEPTED, who=who, at=at, text=text)
    else:
        tickets.note(session, ticket.id, text, who=who, at=at)
    return True


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

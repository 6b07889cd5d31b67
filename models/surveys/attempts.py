"""One attempt to ask a customer by telephone: the survey and the call to make are written in one transaction."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.calls import gate, outgoing
from models.calls.outgoing import Claim
from models.policy import Policy
from models.policy.follow_up import FollowUp
from models.states.calls import AttemptOutcome, ToMake
from models.states.gate import FOR_A_PERSON, TOMORROW, Limit
from models.surveys import opt_outs, surveys
from models.tables import CallToMake, Survey, TicketEvent
from models.time.calling_hours import CallingHours


def begin(session: Session, claim: Claim, *, at: datetime, policy: FollowUp, hours: CallingHours) -> Survey | None:
    """Before the customer is dialled; None when he must not be called, and the reason is written."""
    survey = surveys.dial(session, claim.subject_id or 0, claim, at=at, policy=policy, hours=hours)
    if survey is None:
        outgoing.move(session, claim, to=ToMake.NOT_NEEDED, at=at, outcome=AttemptOutcome.NOT_NEEDED)
    return survey


def answer(
    session: Session,
    claim: Claim,
    survey_id: int,
    *,
    call_id: int,
    score: int | None,
    settled: bool | None,
    at: datetime,
    policy: Policy,
) -> bool:
    """What the customer has keyed. False: he is not to be asked any more, or another process asks him."""
    said = surveys.answered(session, survey_id, score=score, settled=settled, call_id=call_id, at=at, policy=policy)
    return said and _reached(session, claim, at)


def opt_out(session: Session, claim: Claim, survey_id: int, *, number: str, at: datetime) -> bool:
    """This number is never called again to ask anything."""
    opt_outs.add(session, number, who=surveys.CUSTOMER, at=at, survey_id=survey_id)
    return _reached(session, claim, at)


def not_reached(
    session: Session,
    claim: Claim,
    survey_id: int,
    outcome: AttemptOutcome,
    *,
    at: datetime,
    policy: FollowUp,
    hours: CallingHours,
) -> None:
    """Nobody has answered, or no key was pressed: he is called at another time, or asked in person."""
    # A process that has taken the claim over writes it itself.
    if outgoing.move(session, claim, to=ToMake.NOT_REACHED, at=at, outcome=outcome):
        refused = session.get_one(CallToMake, claim.id).flag if outcome is AttemptOutcome.REFUSED else None
        again = _again(refused, at, policy, hours)
        if again is not None:
            surveys.put_off(session, survey_id, until=again)
        else:
            surveys.not_reached(session, survey_id, at=at, policy=policy, hours=hours, refused=refused)


def _again(refused: str | None, at: datetime, policy: FollowUp, hours: CallingHours) -> datetime | None:
    """When a limit may let the call out that it has refused; None when it must not be made without a person."""
    limit = next((limit for limit in Limit if refused == gate.reason_of(limit)), None)
    if limit is None or limit in FOR_A_PERSON:
        return None
    return hours.next_day(at) if limit in TOMORROW else hours.next(at + timedelta(minutes=policy.gap_minutes))


def done(session: Session, survey: Survey) -> TicketEvent | None:
    """When the work on the ticket was done; None for a survey of all residents."""
    return session.get(TicketEvent, survey.done_event) if survey.done_event else None


def _reached(session: Session, claim: Claim, at: datetime) -> bool:
    return outgoing.move(session, claim, to=ToMake.CONNECTED, at=at, outcome=AttemptOutcome.CONNECTED)

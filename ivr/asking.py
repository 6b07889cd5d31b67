"""Somebody who is asked whether he is satisfied, and what is written of it: each verb is one transaction."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ivr.call import Call
from ivr.house import House
from models.calls import outgoing
from models.calls.outgoing import Claim
from models.states.calls import AttemptOutcome, ToMake
from models.surveys import opt_outs, surveys
from models.tables import Survey, TicketEvent

SCORES = {str(score): score for score in range(1, 6)}


@dataclass(frozen=True)
class SurveyQuestion:
    """One attempt to ask him. What is written of him and what is written of the call are written together."""

    call: Call
    house: House
    claim: Claim
    survey: Survey

    async def answers(self, *, score: int | None = None, settled: bool | None = None) -> bool:
        """What he has keyed. False: he is no longer to be asked, or by somebody else."""
        at, policy = self.house.ledger.clock.now(), self.house.policy

        def write(session: Session) -> bool:
            said = surveys.answered(
                session, self.survey.id, score=score, settled=settled, call_id=self.call.id, at=at, policy=policy
            )
            return said and self._ends(session, ToMake.CONNECTED, AttemptOutcome.CONNECTED)

        return await self.house.ledger.write(write)

    async def opts_out(self) -> bool:
        """He is never called again to ask anything."""
        at = self.house.ledger.clock.now()

        def write(session: Session) -> bool:
            opt_outs.add(session, self.call.number, who=surveys.CUSTOMER, at=at, survey_id=self.survey.id)
            return self._ends(session, ToMake.CONNECTED, AttemptOutcome.CONNECTED)

        return await self.house.ledger.write(write)

    async def is_not_reached(self, outcome: AttemptOutcome) -> None:
        """Nobody has answered, or no key was pressed: he is called at another time, or asked in person."""
        at, policy = self.house.ledger.clock.now(), self.house.policy.follow_up
        hours = policy.hours(self.house.site.time_zone)

        def write(session: Session) -> None:
            # Whoever has the claim now writes it himself.
            if self._ends(session, ToMake.NOT_REACHED, outcome):
                surveys.not_reached(session, self.survey.id, at=at, policy=policy, hours=hours)

        await self.house.ledger.write(write)

    async def done(self) -> TicketEvent | None:
        """When his matter was done; None for a survey of all residents."""
        event = self.survey.done_event
        return await self.house.ledger.read(lambda session: session.get(TicketEvent, event)) if event else None

    def _ends(self, session: Session, to: ToMake, outcome: AttemptOutcome) -> bool:
        return outgoing.move(session, self.claim, to=to, at=self.house.ledger.clock.now(), outcome=outcome)


async def begin(call: Call, house: House, claim: Claim) -> SurveyQuestion | None:
    """The attempt is written before he is dialled; None when he must not be called, and why is written."""
    at, policy = house.ledger.clock.now(), house.policy.follow_up
    hours = policy.hours(house.site.time_zone)

    def write(session: Session) -> Survey | None:
        survey = surveys.dial(session, claim.subject_id or 0, claim, at=at, policy=policy, hours=hours)
        if survey is None:
            outcome = AttemptOutcome.NOT_NEEDED
            outgoing.move(session, claim, to=ToMake.NOT_NEEDED, at=at, outcome=outcome)
        return survey

    survey = await house.ledger.write(write)
    return SurveyQuestion(call, house, claim, survey) if survey is not None else None


async def offer(call: Call, house: House) -> int | None:
    """The survey of the talk that is over, written before he is asked; None when there is nothing to ask."""
    at, policy = house.ledger.clock.now(), house.policy.follow_up
    if not policy.after_talk:
        return None
    asked_from = policy.after_talk_from_s
    return await house.ledger.write(surveys.offer, call.id, language=call.language, at=at, from_s=asked_from)


async def rate(house: House, survey_id: int, score: int | None) -> None:
    """What he has keyed after the talk; None: nothing."""
    await house.ledger.write(surveys.rated, survey_id, score, at=house.ledger.clock.now())

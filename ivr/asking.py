"""A customer is asked whether he is satisfied, in one attempt; each answer is written when it is given."""

from dataclasses import dataclass

from ivr.call import Call
from ivr.house import House
from models.calls.outgoing import Claim
from models.states.calls import AttemptOutcome
from models.surveys import attempts, surveys
from models.tables import Survey, TicketEvent

SCORES = {str(score): score for score in range(1, 6)}


@dataclass(frozen=True)
class SurveyQuestion:
    """One attempt to ask the customer."""

    call: Call
    house: House
    claim: Claim
    survey: Survey

    async def answers(self, *, score: int | None = None, settled: bool | None = None) -> bool:
        """What he has keyed. False: he is not to be asked any more, or another process asks him."""
        return await self.house.write(
            attempts.answer,
            self.claim,
            self.survey.id,
            call_id=self.call.id,
            score=score,
            settled=settled,
            at=self.house.now(),
            policy=self.house.policy,
        )

    async def opts_out(self) -> bool:
        """He is never called again to ask anything."""
        number, at = self.call.number, self.house.now()
        return await self.house.write(attempts.opt_out, self.claim, self.survey.id, number=number, at=at)

    async def is_not_reached(self, outcome: AttemptOutcome) -> None:
        """Nobody has answered, or no key was pressed: he is called at another time, or asked in person."""
        at, policy = self.house.now(), self.house.policy.follow_up
        hours = policy.hours(self.house.site.time_zone)
        await self.house.write(
            attempts.not_reached, self.claim, self.survey.id, outcome, at=at, policy=policy, hours=hours
        )

    async def done(self) -> TicketEvent | None:
        """When the work on his ticket was done; None for a survey of all residents."""
        return await self.house.read(attempts.done, self.survey)


async def begin(call: Call, house: House, claim: Claim) -> SurveyQuestion | None:
    """The attempt is written before he is dialled; None when he must not be called, and the reason is written."""
    policy = house.policy.follow_up
    hours = policy.hours(house.site.time_zone)
    survey = await house.write(attempts.begin, claim, at=house.now(), policy=policy, hours=hours)
    return SurveyQuestion(call, house, claim, survey) if survey is not None else None


async def offer(call: Call, house: House) -> int | None:
    """The survey of the talk that is over, written before the caller is asked; None when there is nothing to ask."""
    at, policy = house.now(), house.policy.follow_up
    if not policy.after_talk:
        return None
    from_s = policy.after_talk_from_s
    return await house.write(surveys.offer, call.id, language=call.language, at=at, from_s=from_s)


async def rate(house: House, survey_id: int, score: int | None) -> None:
    """The key that the caller has pressed after the talk; None: none."""
    await house.write(surveys.rated, survey_id, score, at=house.now())

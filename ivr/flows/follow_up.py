"""Asks a customer whether he is satisfied: when the work on a ticket is done, or in a survey (R07-5, R03-6, R08-6).

The key is written before the thanks. Without a key there is no answer: a voicemail box is not a person.
"""

from ivr import asking
from ivr.asking import SCORES, SurveyQuestion
from ivr.call import Call, CallEnded
from ivr.dialling import call_out
from ivr.house import House
from models.calls.outgoing import Claim
from models.states.calls import AttemptOutcome
from recordings import speech


async def follow_up(call: Call, house: House, claim: Claim) -> None:
    """One attempt; the next one, if there is to be one, is a row."""
    asked = await asking.begin(call, house, claim)
    if asked is None:
        return None
    outcome = await call_out(call, house, claim, house.policy.follow_up.rings)
    if outcome is not AttemptOutcome.CONNECTED:
        return await asked.is_not_reached(outcome)
    try:
        if not await hear_him(asked):
            await asked.is_not_reached(AttemptOutcome.NO_KEY)
    except CallEnded:
        await asked.is_not_reached(AttemptOutcome.NO_KEY)
        raise


async def hear_him(asked: SurveyQuestion) -> bool:
    """Whether he has answered: asked again after silence or a wrong key, as in any menu."""
    call, words = asked.call, await what_is_asked(asked)
    before: tuple[str, ...] = ()
    of_a_ticket = asked.survey.ticket_id is not None
    for _ in range(asked.house.policy.menu.tries):
        await asked.house.still_claims(asked.claim)
        key = await call.ask(*before, *words)
        while key == "*":
            key = await call.ask(*words)
        if key in SCORES:
            return await rates(asked, SCORES[key])
        if key == "0" and of_a_ticket:
            return await is_not_settled(asked)
        if key == "9" and await wants_no_more_calls(asked):
            return True
        before = ("no-key",) if key is None else () if key == "9" else ("wrong-key",)
    return False


async def what_is_asked(asked: SurveyQuestion) -> list[str]:
    """Who calls, about what, and the keys; for a ticket its number, its kind and when it was done (R15-4)."""
    call, house = asked.call, asked.house
    done, ticket = await asked.done(), call.ticket
    if done is None or ticket is None:
        return [house.greeting, "survey-intro", "rate-with-keys", "survey-choices"]
    zone = house.site.time_zone
    when = speech.moment(done.at.astimezone(zone), house.now().astimezone(zone), call.language)
    about = ["your-ticket", *speech.digits(str(ticket.number)), *speech.kind(ticket.kind)]
    return [house.greeting, "follow-up-intro", *about, "follow-up-done", *when, "rate-with-keys", "follow-up-choices"]


async def rates(asked: SurveyQuestion, score: int) -> bool:
    if await asked.answers(score=score, settled=True if asked.survey.ticket_id else None):
        low = asked.survey.ticket_id and score < asked.house.policy.follow_up.satisfied_from
        await asked.call.play("rating-low" if low else "rating-thanks", "good-day")
    return True


async def is_not_settled(asked: SurveyQuestion) -> bool:
    """The ticket is open again and the lead is notified before he hears it."""
    if await asked.answers(settled=False):
        await asked.call.play("follow-up-reopened", "good-day")
    return True


async def wants_no_more_calls(asked: SurveyQuestion) -> bool:
    """By a second key, because the first may be a slip of the finger with a lasting effect."""
    if await asked.call.ask("opt-out-confirm") != "1":
        return False
    if await asked.opts_out():
        await asked.call.play("opt-out-done", "good-day")
    return True

"""After a talk the caller may rate it by a key, 1 to 5; most just hang up, and nothing waits for them (R07-6)."""

import logging

from ivr import asking
from ivr.ari.errors import Disconnected
from ivr.asking import SCORES
from ivr.call import Call, CallEnded
from ivr.house import House

log = logging.getLogger(__name__)


async def after_talk(call: Call, house: House) -> None:
    """Asks about the last agent. Whatever goes wrong in it, the caller is wished goodbye."""
    try:
        survey_id = await asking.offer(call, house)
        if survey_id is None:
            return
        try:
            key = await call.ask("rate-with-keys", wait_s=house.policy.follow_up.after_talk_wait_s)
        except CallEnded:
            await asking.rate(house, survey_id, None)
            raise
        score = SCORES.get(key or "")
        await asking.rate(house, survey_id, score)
        if score is not None:
            await call.play("rating-thanks")
    except (CallEnded, Disconnected):
        raise
    except Exception:
        log.exception("call %s: the caller could not be asked to rate the talk", call.id)

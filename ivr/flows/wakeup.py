"""A guest is woken on the second, and is awake when 1 was pressed: that is written before the thanks.

One attempt is one call; the next one, or the knock at the door, is a row (R21-10 to R21-13).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from ivr.call import Call, CalledOff, CallEnded
from ivr.dialling import ring_room
from ivr.house import House
from models.calls.outgoing import Claim
from models.database.store import StoreUnavailable
from models.guests import wakeup_attempts, wakeup_texts
from models.guests.wakeup_attempts import RoomToWake
from models.language import Language, language_of
from models.states.calls import Ring
from recordings import speech
from recordings.voice.speak import file_of

log = logging.getLogger(__name__)

T = TypeVar("T")

_BETWEEN_LANGUAGES_S = 0.5
_NOON, _EVENING = 12, 18


async def wakeup(call: Call, house: House, claim: Claim) -> None:
    attempt = await at_its_second(house, claim)
    if attempt is None:
        return None
    outcome, rings = await ring_room(call, house, attempt.room, house.policy.wake_up.rings)
    if outcome is not Ring.CONNECTED:
        return await is_not_awake(house, claim, outcome, rings)
    await write(house, wakeup_attempts.answered, claim.subject_id, rings=rings)
    try:
        if not await good_morning(call, house, claim, attempt):
            await is_not_awake(house, claim, outcome, rings)
    except CallEnded:
        await is_not_awake(house, claim, outcome, rings)
        raise
    return None


async def at_its_second(house: House, claim: Claim) -> RoomToWake | None:
    """The call is claimed a moment early. None: the room is not to be rung, or not by this attempt."""
    await asyncio.sleep((claim.due_at - house.now()).total_seconds())
    until, rules = house.leased_until(), house.policy.wake_up
    return await write(house, wakeup_attempts.dial, claim, until=until, rules=rules)


async def good_morning(call: Call, house: House, claim: Claim, attempt: RoomToWake) -> bool:
    """Whether the guest has keyed that he is awake, or wants to be called again."""
    call.progress.doing = "waking a guest"
    text = await text_of_the_day(house)
    before: tuple[str, ...] = ()
    for _ in range(house.policy.menu.tries):
        if not await house.still_claims(claim):
            raise CalledOff
        key = await in_both_languages(call, house, attempt, text, before)
        if key == "1":
            await write(house, wakeup_attempts.awake, claim)
            await call.play("wake-thanks")
            return True
        if key == "2" and attempt.may_snooze:
            if await write(house, wakeup_attempts.snooze, claim, rules=house.policy.wake_up):
                minutes = max(1, round(house.policy.wake_up.snooze_minutes))
                await call.play("wake-again", *speech.duration(minutes, call.language), "wake-sleep")
            return True
        # The weather is said once.
        text, before = {}, ("no-key",) if key is None else ("wrong-key",)
    return False


async def text_of_the_day(house: House) -> Mapping[Language, str]:
    """Its sounds by language. What cannot be played is left out: the guest is woken in any case."""
    today = house.now().astimezone(house.site.time_zone).date()
    try:
        text = await house.read(wakeup_texts.of_day, today)
    except StoreUnavailable as error:
        log.warning("guests are woken without the text of the day: %s", error)
        return {}
    found: dict[Language, str] = {}
    sounds: dict[Language, str | None] = {"zh": text.zh_sound, "en": text.en_sound} if text else {}
    for language, sound in sounds.items():
        if sound and file_of(house.home, language, sound).is_file():
            found[language] = sound
        elif sound:
            log.warning("the %s text of the day is left out, its sound %s is gone: enter it again", language, sound)
    return found


async def in_both_languages(
    call: Call, house: House, attempt: RoomToWake, text: Mapping[Language, str], before: tuple[str, ...]
) -> str | None:
    """The key pressed, asked in the guest's own language first (R21-10); the call goes on in the language answered."""
    own: Language = language_of(attempt.language)
    call.language = own
    key = await call.ask(*before, *greeting(house, attempt, own, text), wait_s=_BETWEEN_LANGUAGES_S)
    if key is None:
        call.language = "zh" if own == "en" else "en"
        key = await call.ask(*greeting(house, attempt, call.language, text))
    return key


def greeting(house: House, attempt: RoomToWake, language: Language, text: Mapping[Language, str]) -> list[str]:
    """Good morning or evening; the time now, not the ordered one; how late it is (R21-12); the text of the day; the
    keys."""
    now = house.now().astimezone(house.site.time_zone)
    words = [by_the_hour(now), "wake-time-is", *speech.time_of_day(now, language)]
    late = wakeup_attempts.minutes_late(attempt.wake_at, now)
    if late >= house.policy.wake_up.late_from_minutes:
        words += ["wake-late", *speech.duration(late, language)]
    if language in text:
        words.append(text[language])
    return [*words, "wake-choices" if attempt.may_snooze else "wake-choice"]


def by_the_hour(now: datetime) -> str:
    if now.hour < _NOON:
        return "good-morning"
    return "good-afternoon" if now.hour < _EVENING else "good-evening"


async def is_not_awake(house: House, claim: Claim, outcome: Ring, rings: int) -> None:
    await write(house, wakeup_attempts.not_awake, claim, outcome, rings=rings, rules=house.policy.wake_up)


async def write(house: House, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """A verb of `models.guests.wakeup_attempts`, at this moment."""
    return await house.write(verb, *args, at=house.now(), **kwargs)

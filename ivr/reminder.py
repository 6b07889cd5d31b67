"""A talk that is long is told to whoever serves the caller, in his ear alone, and written down (R05-3)."""

import asyncio
import logging

from ivr.ari_errors import Refused
from ivr.ari_objects import Channel, Event
from ivr.call import media
from ivr.house import House
from ivr.parties import Parties
from recordings import speech

log = logging.getLogger(__name__)


class Reminder:
    """Of one talk, once; `lasts_s` is how long it has been going on already."""

    def __init__(self, parties: Parties, house: House, lasts_s: float = 0.0) -> None:
        self._parties = parties
        self._house = house
        self._minutes = house.policy.call.warn_minutes
        self._prompters: dict[str, Channel] = {}
        self._now = asyncio.get_running_loop().time
        self._at: float | None = self._now() + self._minutes * 60 - lasts_s

    def due_in(self) -> float | None:
        """Seconds until it is due; None when it has been given."""
        return None if self._at is None else max(0.0, self._at - self._now())

    async def give(self) -> None:
        """To all of the staff who are in the talk. Nothing of what the caller says is lost on them."""
        self._at = None
        call, staff = self._parties.call, list(self._parties.staff.values())
        await self._house.ledger.warned([party.talk_id for party in staff])
        for party in staff:
            name = call.name("leg-prompter")
            call.stream.add(name)
            try:
                self._prompters[name] = await party.channel.prompter(name)
            except Refused:
                log.info("call %s: %s hung up before he was told that the talk is long", call.id, party.number)

    async def goes_on(self, event: Event) -> None:
        """A prompter that has come speaks, and goes when it has spoken."""
        if event["type"] == "StasisStart" and (prompter := self._prompters.get(event["channel"]["id"])):
            call, language = self._parties.call, self._house.site.language
            words = ["talk-long-before", *speech.duration(self._minutes, language), "talk-long-after"]
            try:
                await prompter.play([media(word) for word in words], call.name("reminder"), language)
            except Refused:
                log.info("call %s: the talk ended before it was told to be long", call.id)
        elif event["type"] == "PlaybackFinished":
            spoken_to = event["playback"]["target_uri"].partition(":")[2]
            if (prompter := self._prompters.pop(spoken_to, None)) is not None:
                await prompter.hang_up()

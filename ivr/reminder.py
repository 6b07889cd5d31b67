"""A whisper to the agent during a talk: that the talk is long (R05-3), or that something is not possible."""

import asyncio
import logging

from ivr.ari.errors import CommandRefused
from ivr.ari.objects import Channel, Event
from ivr.call import media
from ivr.house import House
from ivr.parties import Parties, Party
from models.calls import calls
from recordings import speech

log = logging.getLogger(__name__)


class Reminder:
    """For one talk, given once; `lasts_s` is how long the talk has been going on already."""

    def __init__(self, parties: Parties, house: House, lasts_s: float = 0.0) -> None:
        self._parties = parties
        self._house = house
        self._minutes = house.policy.call.warn_minutes
        self._prompters: dict[str, tuple[Channel, tuple[str, ...]]] = {}
        self._now = asyncio.get_running_loop().time
        self._at: float | None = self._now() + self._minutes * 60 - lasts_s

    def due_in(self) -> float | None:
        """Seconds until it is due; None when it has been given."""
        return None if self._at is None else max(0.0, self._at - self._now())

    async def give(self) -> None:
        """To all of the staff who are in the talk."""
        self._at = None
        staff = list(self._parties.staff.values())
        await self._house.write(calls.warned, [party.talk_id for party in staff], at=self._house.now())
        long = speech.duration(self._minutes, self._house.site.language)
        for party in staff:
            await self.whisper(party, "talk-long-before", *long, "talk-long-after")

    async def whisper(self, party: Party, *words: str) -> None:
        """The agent goes on hearing the caller meanwhile."""
        name = self._parties.call.name("leg-prompter")
        self._parties.call.stream.add(name)
        try:
            self._prompters[name] = await party.channel.prompter(name), words
        except CommandRefused:
            log.info("call %s: %s hung up before hearing %s", self._parties.call.id, party.number, words[0])

    async def goes_on(self, event: Event) -> None:
        """A prompter that has arrived speaks, and is hung up when it has spoken."""
        if event["type"] == "StasisStart" and event["channel"]["id"] in self._prompters:
            call, (prompter, words) = self._parties.call, self._prompters[event["channel"]["id"]]
            try:
                await prompter.play([media(word) for word in words], call.name("reminder"), self._house.site.language)
            except CommandRefused:
                log.info("call %s: the talk ended before %s was said", call.id, words[0])
        elif event["type"] == "PlaybackFinished":
            spoken_to = event["playback"]["target_uri"].partition(":")[2]
            if spoken_to in self._prompters:
                prompter, _ = self._prompters.pop(spoken_to)
                await prompter.hang_up()

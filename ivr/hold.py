"""A caller on hold hears music, in a transfer also words; the agent, outside the bridge, is spoken to alone.

It all runs in the caller's one task and stream: while it waits for an event, the caller is looked after.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ivr.ari.errors import CommandRefused, Conflict, Gone
from ivr.ari.objects import Event, Playback
from ivr.call import LEAVING, SameCall, media
from ivr.clicks import CLICKED, Wanted
from ivr.house import House
from ivr.parties import Parties, Party
from ivr.ringing import Withdrawn
from models.calls import calls, clicks, transfers
from models.calls.clicks import ClickKind, ClickOutcome
from models.states.calls import EndedBy

T = TypeVar("T")


class AgentLeft(Exception):
    """The agent has hung up while spoken to; the caller is still on hold."""


class OnHold(SameCall):
    """The caller, on hold, with or without a transfer. The caller's hang-up is `CallEnded`, as ever."""

    def __init__(self, parties: Parties, agent: Party, house: House, transfer_id: int | None = None) -> None:
        super().__init__(parties.call)
        self.agent = agent
        self.agent_is_here = True
        self.may_be_taken_back = False
        """Whether the agent's `*`, or a click, ends the attempt: raised as `Withdrawn`."""
        self._parties = parties
        self._house = house
        self._transfer_id = transfer_id
        self._every_s = house.policy.transfer.speak_every_s
        self._speaking: Playback | None = None
        self._speak_at = 0.0
        self._now = asyncio.get_running_loop().time

    async def begin(self) -> None:
        """Raises `AgentLeft` when the agent is gone already."""
        try:
            await self._parties.bridge.remove(self.agent.channel)
        except CommandRefused as error:
            await self.agent_leaves()
            raise AgentLeft from error
        if self._transfer_id is None:
            await self._parties.bridge.start_music()
        else:
            await self._say("hold-please")

    async def end(self, *others: Party) -> None:
        """The caller talks again with those who are left: the agent, if still here, and `others`."""
        if self._speaking is None:
            await self._parties.bridge.stop_music()
        else:
            await self._speaking.stop()
        here = [self.agent] if self.agent_is_here else []
        for party in (*here, *others):
            try:
                await self._parties.bridge.add(party.channel, keys_are_ours=True)
            except CommandRefused:
                if party is self.agent:
                    await self.agent_leaves()
                else:
                    await self._parties.leaves(party)

    async def next(self, within: float | None = None) -> Event | None:
        """As of any call. The agent's hang-up is an event like others, and known from then on."""
        until = None if within is None else self._now() + within
        while True:
            word_at = None if self._speaking or self._transfer_id is None else self._speak_at
            moments = [moment for moment in (until, word_at) if moment is not None]
            event = await super().next(max(0.0, min(moments) - self._now()) if moments else None)
            if event is None:
                if word_at is not None and self._now() >= word_at:
                    await self._parties.bridge.stop_music()
                    await self._say("hold-on")
                else:
                    return None
            elif self._has_spoken(event):
                self._speaking, self._speak_at = None, self._now() + self._every_s
                await self._parties.bridge.start_music()
            else:
                if event.get("channel", {}).get("id") == self.agent.channel.id:
                    await self._agent_does(event)
                return event

    async def agent_leaves(self, by: EndedBy = EndedBy.AGENT) -> None:
        if self.agent_is_here:
            self.agent_is_here = False
            del self._parties.staff[self.agent.channel.id]
            talk_id, at = self.agent.talk_id, self._house.now()
            if self._transfer_id is None:
                await self._house.write(calls.end_talk, talk_id, by=by, at=at)
            else:
                await self._house.write(transfers.agent_left, self._transfer_id, talk_id, by=by, at=at)

    async def _agent_does(self, event: Event) -> None:
        if event["type"] in LEAVING:
            await self.agent_leaves(EndedBy.NETWORK if await self.is_lost(event) else EndedBy.AGENT)
        elif self.may_be_taken_back and event["type"] == "ChannelDtmfReceived" and event["digit"] == "*":
            raise Withdrawn
        elif self.may_be_taken_back and event["type"] == CLICKED:
            wanted: Wanted = event["wanted"]
            if wanted.kind is ClickKind.TAKE_BACK and wanted.accept():
                await self._house.write(clicks.end, wanted.id, ClickOutcome.DONE, at=self._house.now())
                raise Withdrawn

    async def _say(self, prompt: str) -> None:
        self._speaking = await self._parties.bridge.play([media(prompt)], self.name("hold"), self.language)

    def _has_spoken(self, event: Event) -> bool:
        return (
            self._speaking is not None
            and event["type"] == "PlaybackFinished"
            and event["playback"]["id"] == self._speaking.id
        )


class Aside(SameCall):
    """The agent, spoken to alone. The agent's hang-up is `AgentLeft`; the caller's is `CallEnded`."""

    def __init__(self, hold: OnHold, house: House) -> None:
        super().__init__(hold, hold.agent.channel, number=hold.agent.number, language=house.site.language)
        self._hold = hold

    async def next(self, within: float | None = None) -> Event | None:
        event = await self._hold.next(within)
        if not self._hold.agent_is_here:
            raise AgentLeft
        return event

    async def command(self, command: Awaitable[T]) -> T:
        try:
            return await command
        except (Gone, Conflict) as error:
            await self._hold.agent_leaves()
            raise AgentLeft from error

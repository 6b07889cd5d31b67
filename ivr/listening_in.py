"""A supervisor listens in at an agent's telephone, whispers to the agent, or barges in (R04-1).

The supervisor and an "ear" at the agent's telephone are in a bridge of their own; the agent's bridge, recording and
rows are not touched. The ear itself lets the supervisor's voice through or holds it back, so that a mistake of ours
cannot make it heard; and it belongs to the agent's telephone, wherever a transfer takes that.
"""

import secrets
from collections.abc import Awaitable, Collection
from types import TracebackType
from typing import Literal, Self

from ivr.ari.errors import AriError, CommandRefused
from ivr.ari.objects import Channel, Event
from ivr.call import LEAVING, Call, CallEnded, SameCall
from models.calls.monitoring import Monitoring

NAME = "monitor-"
"""The names of bridges and ears begin with this: recovery recognises what a dead process has left."""
_EAR_COMES_WITHIN_S = 5.0
_HEARD_BY: dict[Monitoring, Literal["none", "out", "both"]] = {
    Monitoring.LISTEN: "none",
    Monitoring.WHISPER: "out",
    Monitoring.JOIN: "both",
}


class TalkOver(Exception):
    """The agent's telephone has left the talk; the supervisor is still there."""


class ListeningIn(SameCall):
    """The supervisor, listening in at this agent's telephone while the `with` lasts; afterwards nothing is left."""

    def __init__(self, call: Call, agent: Channel) -> None:
        super().__init__(call)
        self._agent = agent
        self._room = call.ari.bridge(_new_name("room"))
        self._ear: Channel | None = None
        self._ear_is_here = False
        self._sits = False

    async def __aenter__(self) -> Self:
        self.stream.add(self._room.id)
        await self._room.create()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._ear is not None:
                await self._ear.hang_up()
            await self._room.destroy()
        except AriError:
            # The connection is lost: recovery removes them.
            return

    async def next(self, within: float | None = None) -> Event | None:
        """As of any call. Raises `TalkOver` when the ear has gone, which it does with the agent's telephone."""
        event = await super().next(within)
        if event is not None and self._ear is not None and event.get("channel", {}).get("id") == self._ear.id:
            if event["type"] == "StasisStart":
                self._ear_is_here = True
            elif event["type"] in LEAVING:
                raise TalkOver
        return event

    async def stands_up(self, to: Monitoring) -> None:
        """Leaves the talk; the next `sits_down` is in this mode."""
        if self._sits:
            self._sits = False
            await self._here(self._room.remove(self.channel))
        if self._ear is not None:
            await self._ear.hang_up()
        self._ear, self._ear_is_here = self.ari.channel(_new_name("ear")), False
        self.stream.add(self._ear.id)
        try:
            await self._agent.ear(self._ear.id, _HEARD_BY[to])
        except CommandRefused as error:
            raise TalkOver from error

    async def sits_down(self) -> None:
        """Hears the talk, and is heard by those whom the mode allows."""
        assert self._ear is not None
        while not self._ear_is_here:
            if await self.next(_EAR_COMES_WITHIN_S) is None:
                raise TalkOver
        try:
            await self._room.add(self._ear)
        except CommandRefused as error:
            raise TalkOver from error
        # Keys are for us alone: the ear would let them sound.
        await self._here(self._room.add(self.channel, keys_are_ours=True))
        self._sits = True

    async def one_of(self, keys: Collection[str]) -> str:
        """The next of these keys that is pressed."""
        while True:
            event = await self.next()
            key = self.pressed(event) if event else None
            if key is not None and key in keys:
                return key

    async def _here(self, command: Awaitable[None]) -> None:
        try:
            await command
        except CommandRefused as error:
            raise CallEnded from error


def _new_name(what: str) -> str:
    return f"{NAME}{what}-{secrets.token_hex(4)}"

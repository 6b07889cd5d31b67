"""A stage for promises: our ARI client as an application of its own, and telephones that we call."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

from ivr.ari.client import Ari, Stream
from ivr.ari.objects import Channel, Event
from ivr.call import media
from models.site import Site

_EVENT_WITHIN_S = 8.0
SHORT = "to-a-person"
LONG = "all-busy"
PUBLIC = "13700137000"
"""A number in the public network that can be called."""


class Telephone(Protocol):
    """A registered telephone with somebody at it."""

    async def picks_up(self) -> None: ...
    async def says_busy(self) -> None: ...
    async def presses(self, key: str) -> None: ...
    async def hangs_up(self) -> None: ...
    async def hears(self, prompt: str) -> None: ...
    async def keys_heard(self) -> str: ...
    async def has_heard(self, prompt: str) -> list[str]:
        """The prompt, once for each time it was heard."""

    async def speaks(self) -> None:
        """From now on, until the end."""

    async def voices(self, *numbers: str) -> set[str]:
        """Which of these telephones, all speaking, are heard at this moment."""


class ContractStage(Protocol):
    @property
    def ari(self) -> Ari: ...

    @property
    def site(self) -> Site: ...

    def telephone(self, number: str) -> Telephone: ...


Promise = Callable[[ContractStage], Awaitable[None]]
PROMISES: list[Promise] = []


def promise(check: Promise) -> Promise:
    PROMISES.append(check)
    return check


class StageLeg:
    """A telephone that we have called."""

    def __init__(self, stage: ContractStage, number: str, endpoint: str = "") -> None:
        self.number = number
        self._endpoint = endpoint or f"PJSIP/{number}"
        self._stage = stage
        self.channel: Channel = stage.ari.channel(new_id("leg"))
        self.stream: Stream = stage.ari.listen(self.channel.id)
        self.seen: list[str] = []

    @property
    def telephone(self) -> Telephone:
        return self._stage.telephone(self.number)

    async def is_called(self) -> None:
        await self.channel.prepare(self._endpoint, "test <8000>", None)
        await self.hears_of("StasisStart")
        await self.channel.dial()

    async def hears_of(self, *kinds: str, within: float = _EVENT_WITHIN_S) -> Event:
        """The next event of one of these kinds."""
        async with asyncio.timeout(within):
            while True:
                event = await self.stream.next()
                self.seen.append(event["type"])
                if event["type"] in kinds:
                    return event

    async def rings(self) -> None:
        await self.becomes("Ringing")

    async def becomes(self, state: str) -> None:
        while (await self.hears_of("ChannelStateChange"))["channel"]["state"] != state:
            pass

    async def play(self, *prompts: str) -> str:
        playback = await self.channel.play([media(prompt) for prompt in prompts], new_id("play"), "zh")
        return playback.id

    async def is_gone(self) -> Event:
        return await self.hears_of("ChannelDestroyed")


def new_id(kind: str) -> str:
    return f"contract-{kind}-{secrets.token_hex(4)}"


def now() -> float:
    return asyncio.get_running_loop().time()


async def in_the_application(stage: ContractStage, number: str = "7001") -> StageLeg:
    leg = StageLeg(stage, number)
    await leg.is_called()
    await leg.rings()
    await leg.telephone.picks_up()
    await leg.becomes("Up")
    return leg


async def let_go(*legs: StageLeg) -> None:
    for leg in legs:
        await leg.channel.hang_up()
        await leg.is_gone()
        leg.stream.close()

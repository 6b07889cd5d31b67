"""A channel, a bridge, a playback and a recording of the fake Asterisk, with the behaviour of the real ones."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ivr.ari.errors import CommandRefused

if TYPE_CHECKING:
    from tests.fakes.people import FakePerson
    from tests.fakes.switch import FakeSwitch

Json = dict[str, Any]

# from the request to hang up until the channel is gone
_LAST_BREATH_S = 0.01
_NORMAL = 16
NO_SOUND = 44
_SNOOPS_AFTER_S = 0.005


@dataclass(eq=False)
class FakePlayback:
    """One playback: prompts one after the other. It ends by itself, by `stop`, or with its channel or bridge."""

    id: str
    target: str
    prompts: list[str]
    language: str
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def json(self, state: str) -> Json:
        media = f"sound:hotline/{self.prompts[-1]}"
        return {
            "id": self.id,
            "media_uri": media,
            "target_uri": self.target,
            "language": self.language,
            "state": state,
        }


@dataclass(eq=False)
class Tape:
    """One recording in progress."""

    name: str
    target: str
    began: float
    silence_s: float = 0.0
    terminate_on: str = "none"
    silent_s: float = 0.0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def json(self, state: str) -> Json:
        return {"name": self.name, "format": "wav", "target_uri": self.target, "state": state}

    def finished(self, seconds: float) -> Json:
        return {**self.json("done"), "duration": int(seconds)}


@dataclass(eq=False)
class Order:
    """A command that a channel carries out when its turn comes; `done` completes for those who wait for that."""

    run: Callable[[], Awaitable[None]]
    done: asyncio.Future[None] | None = None


@dataclass(eq=False)
class FakeBridge:
    """Everybody in it hears `music` and `sound`."""

    id: str
    members: list["FakeChannel"] = field(default_factory=list)
    tape: Tape | None = None
    music: bool = False
    sound: FakePlayback | None = None

    @property
    def people(self) -> list["FakePerson"]:
        return [channel.person for channel in self.members]

    def json(self) -> Json:
        return {
            "id": self.id,
            "name": self.id,
            "bridge_type": "mixing",
            "channels": [channel.id for channel in self.members],
        }


class FakeChannel:
    """One leg. In the application it carries out one command after the other: a prompt holds up the next one."""

    def __init__(
        self, switch: "FakeSwitch", id: str, person: "FakePerson", *, state: str, number: str, args: list[str]
    ):
        self.switch = switch
        self.id = id
        self.person = person
        self.dialled_a_code = len(args) == 2
        self.state = state
        self.number = number
        self.args = args
        self.language = "zh"
        self.in_app = False
        self.owned = False
        """Whether our application gets its events."""
        self.originated = False
        """Whether it gets them also while the channel is elsewhere."""
        self.context: str | None = None
        """The dialplan context that an answered call enters; without it the call enters our application."""
        self.set_aside = False
        """Whether it is where Asterisk keeps a channel that our application dials until it was in a bridge of ours or
        in the dialplan: there it cannot be recorded."""
        self.rings_back = False
        self.music = False
        self.bridge: FakeBridge | None = None
        self.sound: FakePlayback | None = None
        self.tape: Tape | None = None
        self.snoops: list[Snoop] = []
        self.keys_are_ours = False
        self.dying = False
        self.interrupted = 0
        self.canary = False
        """A test call of ours: the dialplan plays it no prompt."""
        self.cause = _NORMAL
        self.leaves_cause_in: str | None = None
        """The dialplan variable that will say why the channel is gone."""
        self._orders: asyncio.Queue[Order] = asyncio.Queue()
        self._control: asyncio.Task[None] | None = None
        self._dialplan: asyncio.Task[None] | None = None
        self._current: Order | None = None
        switch.channels[id] = self
        person.channel = self

    def json(self) -> Json:
        return {
            "id": self.id,
            "name": f"PJSIP/{self.person.account}-{self.id}",
            "state": self.state,
            "caller": {"name": "", "number": self.number},
            "language": self.language,
        }

    # -- voices -------------------------------------------------------------------------------------------------------

    def outgoing(self) -> set["FakePerson"]:
        """The people whose voices come from this channel."""
        return {self.person}.union(*(snoop.incoming() for snoop in self.snoops if snoop.speaks_out))

    def incoming(self) -> set["FakePerson"]:
        """The people whose voices the bridge sends to this channel."""
        others = self.bridge.members if self.bridge else []
        return set[Any]().union(*(other.outgoing() for other in others if other is not self))

    def heard(self) -> set["FakePerson"]:
        """The people whose voices are heard at this channel."""
        return self.incoming().union(*(snoop.incoming() for snoop in self.snoops if snoop.speaks_in))

    def send_event(self, kind: str, **more: Any) -> None:
        """Sends an event about this channel, if our application receives its events."""
        if self.owned:
            self.switch.send_event(kind, channel=self.json(), **more)
        self.switch.something_happened()

    def becomes(self, state: str) -> None:
        self.state = state
        self.send_event("ChannelStateChange")

    # -- in the application -------------------------------------------------------------------------------------------

    def enter(self, args: list[str]) -> None:
        self.in_app = self.owned = True
        self._control = asyncio.create_task(self._carry_out())
        self.send_event("StasisStart", args=args)

    def leave(self) -> None:
        """Leaves the application, which gets no more events of this channel unless it originated it."""
        if self.in_app:
            self.send_event("StasisEnd")
        self.in_app, self.owned, self.set_aside = False, self.originated, False
        self._give_up_orders()

    def order(self, run: Callable[[], Awaitable[None]]) -> None:
        """A command that is answered before it has been carried out."""
        self._orders.put_nowait(Order(run))

    async def order_and_wait(self, run: Callable[[], Awaitable[None]], failure: str) -> None:
        """A command that is answered once it is carried out, after all before it (a prompt, a recording)."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._orders.put_nowait(Order(run, done))
        if self.dying:
            self._give_up_orders()
        try:
            await done
        except asyncio.CancelledError:
            if done.cancelled():
                raise CommandRefused(500, failure) from None
            raise

    async def _carry_out(self) -> None:
        while True:
            self._current = await self._orders.get()
            await self._current.run()
            if self._current.done is not None and not self._current.done.done():
                self._current.done.set_result(None)
            self._current = None

    def _give_up_orders(self) -> None:
        if self._control is not None and self._control is not asyncio.current_task():
            self._control.cancel()
            self._control = None
        orders = [self._current] if self._current else []
        while not self._orders.empty():
            orders.append(self._orders.get_nowait())
        for order in orders:
            if order.done is not None and not order.done.done():
                order.done.cancel()

    # -- the dialplan -------------------------------------------------------------------------------------------------

    def go_to(self, context: str) -> None:
        """On to the dialplan: the switch decides what happens there."""
        self._dialplan = asyncio.create_task(self.switch.dialplan(self, context))

    # -- the end ------------------------------------------------------------------------------------------------------

    def hang_up(self, cause: int = _NORMAL) -> None:
        """The channel is asked to end, by either side; a moment later it is gone."""
        if self.dying:
            return
        self.dying, self.cause = True, cause
        if self.in_app or self.state == "Up":
            # Of a hang-up by Asterisk's own channel driver, the event has no cause but its flag (AST_SOFTHANGUP_DEV).
            self.send_event(
                "ChannelHangupRequest", **({"cause": 1, "soft": True} if cause == NO_SOUND else {"cause": cause})
            )
        asyncio.get_running_loop().call_later(_LAST_BREATH_S, self.destroy)

    def rings_no_more(self) -> None:
        """Nobody has answered within the ringing time."""
        if self.state in ("Down", "Ringing"):
            self.hang_up()

    def destroy(self) -> None:
        if self.switch.channels.pop(self.id, None) is None:
            return
        for task in (self._dialplan, self._control):
            if task is not None:
                task.cancel()
        for snoop in self.snoops:
            snoop.hang_up()
        self.switch.silence(self)
        self.switch.part(self)
        if self.in_app:
            self.send_event("StasisEnd")
            self._give_up_orders()
            # A channel that we did not originate sends no events after it has left.
            self.owned = self.originated
        if self.leaves_cause_in is not None:
            self.switch.causes_left[self.leaves_cause_in] = f"{self.id} {self.cause}"
        self.send_event("ChannelDestroyed", cause=self.cause)
        self.in_app = self.owned = False
        self.person.is_cut_off(self)
        self.switch.something_happened()

    def vanish(self) -> None:
        """Gone with Asterisk itself: no event is sent."""
        self.owned = False
        self.destroy()


class Snoop(FakeChannel):
    """Attached to one leg until that leg ends, beside its normal audio. `spy`: the audio of the leg is heard by
    everybody in a bridge with the snoop. `whisper`: the speech of those people, and prompts played to the snoop, reach
    the leg alone ("out"), or the people in a talk with it as well ("both")."""

    def __init__(self, spied: FakeChannel, id: str, args: list[str], *, spy: str, whisper: str) -> None:
        super().__init__(spied.switch, id, spied.person, state="Up", number="", args=args)
        spied.person.channel = spied
        spied.snoops.append(self)
        self._spied, self._spy, self._whisper = spied, spy, whisper
        asyncio.get_running_loop().call_later(_SNOOPS_AFTER_S, self._comes)

    @property
    def speaks_in(self) -> bool:
        """Whether it is heard on the leg."""
        return self._whisper in ("out", "both")

    @property
    def speaks_out(self) -> bool:
        """Whether those who talk with the leg hear it."""
        return self._whisper == "both"

    def outgoing(self) -> set["FakePerson"]:
        return {self._spied.person} | self._spied.incoming() if self._spy == "both" else set()

    def _comes(self) -> None:
        if not self.dying:
            self.enter(self.args)

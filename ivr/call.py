"""A call, in the verbs of a receptionist; a hang-up is the exception `CallEnded`, raised by the verb in progress."""

import asyncio
import itertools
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ivr.ari.client import Ari, Stream
from ivr.ari.errors import CommandRefused, Conflict, Gone
from ivr.ari.objects import Channel, Event, Playback
from models.calls import calls
from models.language import Language
from models.policy import Policy
from models.tables import Owner, Ticket, Unit

log = logging.getLogger(__name__)

T = TypeVar("T")

LEAVING = ("ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
"""Any of these events of a channel says that it is gone."""
CALLED_OFF: Event = {"type": "CalledOff"}
"""An event of ours: the call is not wanted any more, or another process has it."""
ON_HOLD = "on hold"
_THE_DEVICE = 1
"""AST_SOFTHANGUP_DEV (channel.h): the telephone's channel gives up, which it does when there is no sound any more."""
_CAUSE_COMES_WITHIN_S = 0.5
_PLAYBACK_MAY_TAKE_S = 300.0
_PLAYED_IN_TURN = 4


class CallEnded(Exception):
    """The caller's channel has gone: the caller hung up, or its longest time was over; `cut_off`: nobody hung up, the
    line was lost."""

    def __init__(self, *, cut_off: bool = False) -> None:
        super().__init__()
        self.cut_off = cut_off


class CalledOff(Exception):
    """The reason of our call is settled, or another process has the call: we write nothing more about it."""


def media(prompt: str) -> str:
    """The prompt of the pack (or of the site's own recordings), or a `recording:`, as ARI names it."""
    return prompt if prompt.startswith("recording:") else f"sound:hotline/{prompt}"


def prompts_to(channel: Channel) -> list[str]:
    """The ids under which prompts are played to a channel, one after the other: Asterisk does not report what is
    being played, and a process that takes over a lost caller must be able to stop it."""
    return [f"{channel.id}-play-{number}" for number in range(_PLAYED_IN_TURN)]


@dataclass(frozen=True)
class Recorded:
    """What is left of a recording: its length in seconds, None when Asterisk could not say."""

    seconds: float | None


@dataclass(frozen=True)
class Agent:
    """One of the staff who talked with the caller, and is still on the line when the caller has gone."""

    number: str
    channel: Channel


@dataclass
class Progress:
    """What a conversation has done so far."""

    doing: str = "arriving"
    """What it does at this moment, in words for the log and for the reason of its end: "hung up while waiting"."""
    path: list[str] = field(default_factory=list)
    """What the caller has chosen, in order."""
    answered: bool = False
    greeted: bool = False
    notified: bool = False
    """Whether the caller has heard that the call is recorded."""
    talked: bool = False
    """Whether an agent talks with the caller, or was the last to do so."""
    stays: Agent | None = None
    """Who is asked what becomes of the ticket, after the caller has hung up."""
    served: bool = False
    """Whether the caller has got what we can give without a talk: a message kept, a promise, an answer."""
    interrupted: bool = False
    """Whether a fault of ours has cut the caller off before: what he had chosen by then may be lost."""
    over: bool = False
    """Whether the conversation had come to its end when we were interrupted."""
    outgoing: bool = False
    """Whether it is we who call; the channel lives only from when it is dialled."""
    called_off: bool = False
    """Whether we know already that nobody wants this call any more."""

    def chooses(self, choice: str) -> None:
        self.path.append(choice)

    def begins_talk(self) -> None:
        self.doing, self.talked = "talking", True

    def finds_nobody(self) -> None:
        """The agent was gone before the talk, or has left the caller with nobody: another one must be found."""
        self.talked = False

    def is_served(self, doing: str | None = None) -> None:
        self.served, self.doing = True, doing or self.doing

    def is_resumed(self) -> None:
        """After an interruption: the caller has heard the apology, which stands for the first words."""
        self.greeted = self.interrupted = True

    @property
    def on_hold(self) -> bool:
        return self.doing.startswith(ON_HOLD)

    @property
    def has_channel(self) -> bool:
        """Whether the channel lives: when we call, it does from the answer on."""
        return self.answered or not self.outgoing


class Call:
    """A caller who is in our application. One task drives it; nobody else touches it."""

    def __init__(
        self,
        ari: Ari,
        channel: Channel,
        stream: Stream,
        *,
        id: int,
        line: str,
        number: str,
        language: Language,
        policy: Policy,
        progress: Progress | None = None,
    ) -> None:
        self.ari = ari
        self.channel = channel
        self.stream = stream
        self.id = id
        self.line = line
        self.number = number
        self.language = language
        self.phone: str | None = None
        """The telephone of ours that calls, recognised by its password; the number anybody can claim."""
        self.owner: Owner | None = None
        self.unit: Unit | None = None
        self.ticket: Ticket | None = None
        self.progress = progress or Progress()
        self._policy = policy
        self._recording_since: float | None = None
        self._prompts = itertools.cycle(prompts_to(channel))

    def learnt(self) -> calls.Learnt:
        """What the conversation knows so far, for the call's row."""
        return calls.Learnt(
            language=self.language,
            owner_id=self.owner.id if self.owner else None,
            unit_id=self.unit.id if self.unit else None,
            menu_path=calls.STEP.join(self.progress.path),
        )

    # -- events -------------------------------------------------------------------------------------------------------

    async def next(self, within: float | None = None) -> Event | None:
        """The next event of this call or of a leg that is rung for it; None after `within` seconds.

        Raises `CallEnded` when the caller is gone, `CalledOff` when the call is not wanted any more, `Disconnected`
        when Asterisk is out of reach.
        """
        try:
            async with asyncio.timeout(within):
                event = await self.stream.next()
        except TimeoutError:
            return None
        if event is CALLED_OFF:
            if self.progress.called_off:
                return await self.next(within)
            self.progress.called_off = True
            raise CalledOff
        if event["type"] in LEAVING and event["channel"]["id"] == self.channel.id:
            raise CallEnded(cut_off=await self.is_lost(event))
        return event

    async def is_lost(self, event: Event) -> bool:
        """Whether the channel that leaves with this event was lost, and nobody has hung up.

        The cause is in one of its last events, whose order is not stable.
        """
        about, others = event["channel"]["id"], []
        try:
            async with asyncio.timeout(_CAUSE_COMES_WITHIN_S):
                while "cause" not in event:
                    later = await self.stream.next()
                    if later["type"] in LEAVING and later["channel"]["id"] == about:
                        event = later
                    else:
                        others.append(later)
        except TimeoutError:
            log.info("call %s: nothing says why %s is gone", self.id, about)
        for other in others:
            self.stream.put(other)
        # Of a hang-up inside Asterisk it is not a cause, but what has asked for it.
        return event.get("cause") == _THE_DEVICE if event.get("soft") else event.get("cause") in calls.NOBODY_HUNG_UP

    async def command(self, command: Awaitable[T]) -> T:
        """Awaits a command about the caller's channel; if it has gone, the event of the hang-up is on its way."""
        try:
            return await command
        except (Gone, Conflict) as error:
            raise CallEnded from error

    def name(self, kind: str) -> str:
        """A new id for something that belongs to this call: `c17-talk-5f0e9a1c`."""
        return f"c{self.id}-{kind}-{secrets.token_hex(4)}"

    # -- verbs --------------------------------------------------------------------------------------------------------

    async def answer(self) -> None:
        if not self.progress.answered:
            try:
                await self.command(self.channel.answer())
            except CommandRefused as error:
                # Asterisk's word for a caller who hangs up in this very moment is 500.
                raise CallEnded from error
            self.progress.answered = True

    async def limit(self) -> None:
        """The longest time for a call (R05-3), which the dialplan sets for those who call us."""
        await self.command(self.channel.limit(self._policy.call.longest_minutes * 60))

    async def speak(self, language: Language) -> None:
        """From now on, also for what the dialplan says to the caller: after a crash, or in the fallback."""
        self.language = language
        await self.command(self.channel.speak(language))

    async def hang_up(self) -> None:
        await self.channel.hang_up()

    async def play(self, *prompts: str) -> None:
        """Plays to the end; keys pressed meanwhile are not kept."""
        await self._play(prompts, lambda key: False)

    async def ask(self, *prompts: str, wait_s: float | None = None) -> str | None:
        """Plays until a key is pressed, and waits for one after the end. None: silence (policy: menu.key_wait_s)."""
        key = await self._play(prompts, lambda key: True)
        return key or await self.key(self._policy.menu.key_wait_s if wait_s is None else wait_s)

    async def key(self, within: float) -> str | None:
        """The next key, None after `within` seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        while (event := await self.next(max(0.0, until - loop.time()))) is not None:
            if (key := self.pressed(event)) is not None:
                return key
        return None

    async def menu(
        self,
        *prompts: str,
        choices: Mapping[str, T],
        otherwise: T,
        first_words: tuple[str, ...] = (),
        silent_s: float | None = None,
    ) -> T:
        """One choice by key; `*` plays it again. After a wrong key or silence it asks again, then `otherwise`.

        `first_words` come before it the first time only. `silent_s`: who presses no key for so long means `otherwise`.
        """
        before = first_words
        for _ in range(self._policy.menu.tries):
            key = await self.ask(*before, *prompts, wait_s=silent_s)
            while key == "*":
                key = await self.ask(*prompts, wait_s=silent_s)
            if key is not None and key in choices:
                return choices[key]
            if key is None and silent_s is not None:
                break
            before = ("no-key",) if key is None else ("wrong-key",)
        return otherwise

    async def digits(self, *prompts: str, longest: int) -> str:
        """Digits until `#`, a pause (policy: menu.digit_wait_s) or the longest length; empty when none was pressed."""
        return await self.digits_from(await self.ask(*prompts), longest=longest)

    async def digits_from(self, key: str | None, *, longest: int) -> str:
        """As `digits`, when this first key has been pressed already."""
        keyed = ""
        while key is not None and key != "#":
            keyed += key if key.isdigit() else ""
            if len(keyed) >= longest:
                break
            key = await self.key(self._policy.menu.digit_wait_s)
        return keyed

    def pressed(self, event: Event) -> str | None:
        """The key that the caller has pressed with this event."""
        if event["type"] == "ChannelDtmfReceived" and event["channel"]["id"] == self.channel.id:
            return str(event["digit"])
        return None

    async def record(self, name: str, longest_s: int | None = None) -> Recorded:
        """Beeps, and records until `#`, silence or `longest_s` (policy: message.longest_s); what was said before a
        hang-up is kept."""
        await self.play("beep")
        longest_s = longest_s or self._policy.message.longest_s
        recording = self.channel.record(
            name, longest_s=longest_s, silence_s=self._policy.message.silence_s, terminate_on="#"
        )
        self.stream.add(name)
        await self.command(recording)
        self._recording_since = asyncio.get_running_loop().time()
        silent = True
        while (event := await self.next(longest_s + 5)) is not None:
            silent = silent and self.pressed(event) != "#"
            if event["type"] in ("RecordingFinished", "RecordingFailed"):
                seconds = event["recording"].get("duration")
                # Of the silence that has ended it, Asterisk counts a second as part of the message.
                return Recorded(seconds - 1 if silent and seconds else seconds)
        return Recorded(None)

    def has_recorded_s(self) -> float:
        """Seconds since the last recording began; 0 when none has."""
        since = self._recording_since
        return 0.0 if since is None else asyncio.get_running_loop().time() - since

    async def ring_back(self) -> None:
        """The caller hears ringing until something else is played."""
        await self.command(self.channel.ring())

    async def stop_ring_back(self) -> None:
        await self.channel.stop_ringing()

    # -- how ----------------------------------------------------------------------------------------------------------

    async def start(self, *prompts: str) -> Playback:
        """Starts playing to the caller; the end comes as an event."""
        playback = self.channel.play([media(p) for p in prompts], next(self._prompts), self.language)
        return await self.command(playback)

    async def _play(self, prompts: tuple[str, ...], cuts: Callable[[str], bool]) -> str | None:
        """Plays until the end (None) or until a key that cuts it."""
        if not prompts:
            return None
        playback = await self.start(*prompts)
        while True:
            try:
                event = await self.next(_PLAYBACK_MAY_TAKE_S)
            except CalledOff:
                await playback.stop()
                raise
            if event is None or (event["type"] == "PlaybackFinished" and event["playback"]["id"] == playback.id):
                return None
            key = self.pressed(event)
            if key is not None and cuts(key):
                await playback.stop()
                return key


class SameCall(Call):
    """A call in a situation of its own, in which its verbs or events mean something else: what it does is the call's
    progress. On another `channel` it speaks to somebody else about the call."""

    def __init__(
        self,
        call: Call,
        channel: Channel | None = None,
        *,
        number: str | None = None,
        language: Language | None = None,
    ) -> None:
        super().__init__(
            call.ari,
            channel or call.channel,
            call.stream,
            id=call.id,
            line=call.line,
            number=number or call.number,
            language=language or call.language,
            policy=call._policy,
            progress=call.progress,
        )
        if channel is None:
            # A prompt played before may still be heard: both take the ids in turn.
            self._prompts = call._prompts

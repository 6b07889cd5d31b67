"""The people on the line: callers, and colleagues with a phone on the desk."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from tests.fakes.parts import FakeChannel

if TYPE_CHECKING:
    from tests.fakes.switch import FakeSwitch

BUSY, DECLINED, NORMAL, BROKEN = 17, 21, 16, 38
_PATIENCE_S = 600.0
_KEY_GAP_S = 0.12


@dataclass(eq=False)
class Heard:
    """A prompt that somebody has heard, from `began` to `ended` (None: it is still playing); `whole` or cut short."""

    prompt: str
    language: str
    began: float
    ended: float | None = None
    whole: bool = False

    def __repr__(self) -> str:
        cut = "" if self.whole else "..." if self.ended is None else " (cut)"
        return f"{self.prompt}[{self.language}]{cut}"


class FakePerson:
    """Somebody with a telephone. Every wait ends in an error after `_PATIENCE_S` seconds of virtual time."""

    def __init__(self, switch: "FakeSwitch", number: str) -> None:
        self.switch = switch
        self.number = self.account = number
        self.channel: FakeChannel | None = None
        self.heard: list[Heard] = []
        self.keys = ""
        """The keys pressed by the others in the same bridge."""
        self.speaks_until = 0.0
        self._listened = 0

    # -- actions ------------------------------------------------------------------------------------------------------

    async def presses(self, keys: str) -> None:
        """One key after the other, as fast as a finger can."""
        for key in keys:
            self.press(key)
            await asyncio.sleep(_KEY_GAP_S)

    def press(self, key: str) -> None:
        if self.channel is not None and self.channel.state == "Up" and not self.channel.dying:
            at = datetime.fromtimestamp(self.now, UTC).isoformat()
            self.channel.send_event("ChannelDtmfReceived", digit=key, duration_ms=100, timestamp=at)
            if self.channel.bridge is not None and not self.channel.keys_are_ours:
                for other in self.channel.bridge.people:
                    other.keys += key if other is not self else ""
            if self.channel.tape is not None and self.channel.tape.terminate_on == key:
                self.channel.tape.stopped.set()

    def speaks(self, seconds: float) -> None:
        """Speaks from now on, for this long; otherwise silent."""
        self.speaks_until = self.now + seconds

    def hangs_up(self, cause: int = NORMAL) -> None:
        if self.channel is not None:
            self.channel.hang_up(cause)

    # -- perceptions --------------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def prompts(self) -> list[str]:
        return [heard.prompt for heard in self.heard]

    @property
    def languages(self) -> set[str]:
        return {heard.language for heard in self.heard}

    @property
    def hears_ringing(self) -> bool:
        return self.channel is not None and self.channel.rings_back

    @property
    def hears_music(self) -> bool:
        if self.channel is None or self.channel.bridge is None:
            return self.channel is not None and self.channel.music
        return self.channel.bridge.music and self.channel.bridge.sound is None

    @property
    def voices(self) -> set[str]:
        """The numbers of the people heard at this moment."""
        return {person.number for person in self.channel.heard()} if self.channel else set()

    async def hears(self, *prompts: str) -> None:
        """Waits until each of these has begun, in this order, after the last one waited for; others may be between."""
        for prompt in prompts:
            await self.until(partial(self._listens_for, prompt), f"beginning of {prompt}")

    async def hears_out(self, prompt: str) -> None:
        """Waits until it begins, and is played to its end."""
        await self.hears(prompt)
        heard = self.heard[self._listened - 1]
        await self.until(lambda: heard.ended is not None, f"end of {prompt}")
        assert heard.whole, f"{prompt} was cut short\n{self.story()}"

    def _listens_for(self, prompt: str) -> bool:
        for place in range(self._listened, len(self.heard)):
            if self.heard[place].prompt == prompt:
                self._listened = place + 1
                return True
        return False

    async def talks_with(self, other: "FakePerson") -> None:
        """Waits until the two hear each other, and nothing else."""
        await self.until(lambda: self._in_talk(other), f"talk with {other.number}")

    def _in_talk(self, other: "FakePerson") -> bool:
        mine, theirs = self.channel, other.channel
        if mine is None or theirs is None or mine.bridge is None or mine.bridge is not theirs.bridge:
            return False
        return not any(place.sound or place.music for place in (mine, theirs, mine.bridge))

    async def is_hung_up(self, within: float = _PATIENCE_S) -> None:
        """Waits for the end of the call, whoever ended it."""
        await self.until(lambda: self.channel is None, "end of the call", within)

    async def until(self, condition: Callable[[], bool], what: str, within: float = _PATIENCE_S) -> None:
        """Checks again after each event anywhere."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    await self.switch.next_happening()
        except TimeoutError:
            raise AssertionError(f"{self.number}: no {what} within {within:g} s\n{self.story()}") from None

    def story(self) -> str:
        """The prompts heard so far, as text."""
        return f"{self.number} has heard: {' '.join(map(repr, self.heard)) or 'nothing'}"

    # -- called by the switch -----------------------------------------------------------------------------------------

    def begins_to_hear(self, prompt: str, language: str) -> Heard:
        self.heard.append(Heard(prompt, language, self.now))
        return self.heard[-1]

    def is_cut_off(self, channel: FakeChannel) -> None:
        if self.channel is channel:
            self.channel = None


class FakeCaller(FakePerson):
    """Somebody who dials one of our lines; `account` is the telephone's account, ours or the carrier's."""

    def __init__(self, switch: "FakeSwitch", number: str, account: str | None = None) -> None:
        super().__init__(switch, number)
        self.account = account or number


class FakePhone(FakePerson):
    """A colleague's phone. By default nobody answers: it rings until we stop."""

    def __init__(self, switch: "FakeSwitch", number: str) -> None:
        super().__init__(switch, number)
        self.online = True
        self.beside: FakeChannel | None = None
        """Another call of this phone, which rings on after its owner has dialled."""
        self.reports_ringing = True
        self.lets_its_tone_be_heard = False
        self.rung: list[float] = []
        """When it began to ring, each time."""
        self._when_it_rings: Callable[[], None] = lambda: None
        self._after_s = 0.0

    # -- actions ------------------------------------------------------------------------------------------------------

    def answers(self, after: float = 1.0) -> "FakePhone":
        """From now on answers after ringing for this many seconds."""
        return self._reacts(self.picks_up, after)

    def declines(self, after: float = 0.5) -> "FakePhone":
        """From now on presses the red button (603)."""
        return self._reacts(lambda: self.hangs_up(DECLINED), after)

    def ignores(self) -> "FakePhone":
        return self._reacts(lambda: None, 0)

    def is_busy(self) -> "FakePhone":
        """From now on is busy (486) at once, like a phone on "do not disturb"."""
        self.reports_ringing = False
        return self._reacts(lambda: self.hangs_up(BUSY), 0.1)

    def is_only_heard_to_ring(self) -> "FakePhone":
        """From now on sends 183 with its ringing tone, and no 180."""
        self.reports_ringing, self.lets_its_tone_be_heard = False, True
        return self

    def is_unplugged(self) -> "FakePhone":
        self.online = False
        return self

    def picks_up(self) -> None:
        if self.channel is not None and self.channel.state in ("Down", "Ringing") and not self.channel.dying:
            self.channel.becomes("Up")
            if self.channel.context is not None:
                self.channel.go_to(self.channel.context)

    def dials(self, code: str) -> "FakePhone":
        """Dials *8, *20, *21 or *90."""
        self.switch.dials(self, code)
        return self

    def phones_elsewhere(self) -> "FakePhone":
        """Is in a call outside our service."""
        FakeChannel(self.switch, f"own-{self.number}", self, state="Up", number=self.number, args=[])
        return self

    async def rings(self) -> None:
        """Waits until it rings."""
        await self.until(lambda: self.is_ringing, "ringing")

    @property
    def is_ringing(self) -> bool:
        return self.channel is not None and self.channel.state == "Ringing"

    def _reacts(self, action: Callable[[], None], after_s: float) -> "FakePhone":
        self._when_it_rings, self._after_s = action, after_s
        if self.is_ringing:
            self._will_react()
        return self

    def _will_react(self) -> None:
        """Reacts to this call only: if it is over by then, a later one is not affected."""
        channel, action = self.channel, self._when_it_rings
        asyncio.get_running_loop().call_later(self._after_s, lambda: action() if self.channel is channel else None)

    # -- called by the switch -----------------------------------------------------------------------------------------

    def is_cut_off(self, channel: FakeChannel) -> None:
        if self.channel is channel:
            self.channel, self.beside = self.beside, None
        elif self.beside is channel:
            self.beside = None

    def is_called(self, channel: FakeChannel) -> None:
        if channel.dying:
            return
        if self.reports_ringing:
            self.rung.append(self.now)
            channel.becomes("Ringing")
        elif self.lets_its_tone_be_heard:
            self.rung.append(self.now)
            self.switch.send_event("Dial", dialstatus="PROGRESS", peer=channel.json())
        self._will_react()

"""A fake Asterisk: channels, bridges, prompts with their real lengths, phones; it refuses what Asterisk refuses."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ivr.ari.errors import error_of
from models.clock import Clock
from recordings import prompts
from tests.fakes.parts import FakeBridge, FakeChannel, FakePlayback, Tape
from tests.fakes.people import FakeCaller, FakePerson, FakePhone

if TYPE_CHECKING:
    from tests.fakes.application import FakeAri

_MISSING_SOUND_S = 0.0
_PHONE_IS_REACHED_S = 0.03


def refusal(status: int, message: str) -> Exception:
    return error_of(status, json.dumps({"message": message}))


class FakeSwitch:
    """The whole telephone network of a story. `latency`: seconds that a command, or its answer, takes on its way."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.channels: dict[str, FakeChannel] = {}
        self.bridges: dict[str, FakeBridge] = {}
        self.sounds: dict[str, FakePlayback] = {}
        self.tapes: dict[str, Tape] = {}
        self.recorded: dict[str, float] = {}
        """Finished recordings by name, with their seconds."""
        self.phones: dict[str, FakePhone] = {}
        self.network: dict[str, FakePhone] = {}
        """Telephones in the public network that the carrier can call."""
        self.app: FakeAri | None = None
        self.served_until: float | None = None
        self.reachable = asyncio.Event()
        self.reachable.set()
        self.latency: Callable[[], float] = lambda: 0.002
        self.refuses_to_record = False
        self.loses_answer_to: str | None = None
        """The next command that ends with this is carried out, but its answer never arrives."""
        self.spool: list[str] = []
        """Numbers of the callers from whom the dialplan itself took a message."""
        self.causes_left: dict[str, str] = {}
        """Dialplan variables with the channel that is gone, and why."""
        self.missing: set[tuple[str, str]] = set()
        """Prompts that were requested and do not exist, with the language."""
        self.began: datetime = clock.now()
        self._lengths = {
            (language, name): entry["seconds"]
            for language, entries in json.loads((prompts.PACK / "manifest.json").read_text(encoding="utf-8")).items()
            for name, entry in entries.items()
        }
        self._waiting: list[asyncio.Future[None]] = []
        self._background: set[asyncio.Task[None]] = set()
        self._calls = 0

    # -- people -------------------------------------------------------------------------------------------------------

    def phone(self, number: str) -> FakePhone:
        return self.phones.setdefault(number, FakePhone(self, number))

    def public(self, number: str) -> FakePhone:
        return self.network.setdefault(number, FakePhone(self, number))

    def dials(self, phone: FakePhone, code: str) -> None:
        """A colleague dials a code on a phone; the dialplan passes the phone and the code to our application."""
        self._calls += 1
        phone.beside = phone.channel
        args = [code, phone.number]
        channel = FakeChannel(self, f"1700000000.{self._calls}", phone, state="Ring", number=phone.number, args=args)
        channel.go_to("code")

    def dial(self, line: str, number: str, longest_s: float, account: str | None = None) -> FakeCaller:
        """Somebody dials one of our lines; the dialplan passes the call to our application, or to the fallback."""
        self._calls += 1
        caller = FakeCaller(self, number, account)
        channel = FakeChannel(self, f"1700000000.{self._calls}", caller, state="Ring", number=number, args=[line])
        asyncio.get_running_loop().call_later(longest_s, channel.hang_up)
        channel.go_to("line")
        return caller

    # -- what happens -------------------------------------------------------------------------------------------------

    def send_event(self, kind: str, **more: Any) -> None:
        if self.app is not None:
            self.app.hear({"type": kind, "application": self.app.app, **more})
        self.something_happened()

    def something_happened(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def next_happening(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    def lose_connection(self, for_s: float = 0.0) -> None:
        """The websocket breaks; the next one is accepted after this many seconds. Calls go on, in silence."""
        if for_s > 0:
            self.reachable.clear()
            asyncio.get_running_loop().call_later(for_s, self.reachable.set)
        if self.app is not None:
            self.app.break_off()

    def answer_is_lost(self, command: str) -> bool:
        if self.loses_answer_to is None or not command.endswith(self.loses_answer_to):
            return False
        self.loses_answer_to = None
        return True

    def restart(self, for_s: float = 3.0) -> None:
        """Asterisk dies and starts again: every channel is gone, and no event was sent."""
        self.lose_connection(for_s)
        for channel in list(self.channels.values()):
            channel.vanish()
        self.bridges.clear()
        self.causes_left.clear()
        self.began = self.clock.now()

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs by itself; referenced here, because a loop forgets tasks without a reference."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # -- sounds -------------------------------------------------------------------------------------------------------

    async def play(self, sound: FakePlayback, listeners: Callable[[], list[FakePerson]], *, with_events: bool) -> None:
        """Plays to its end or until it is stopped."""
        if sound.stopped.is_set():
            return
        if with_events:
            self.send_event("PlaybackStarted", playback=sound.json("playing"))
        for prompt in sound.prompts:
            heard = [person.begins_to_hear(prompt, sound.language) for person in listeners()]
            self.something_happened()
            cut = await self._lasts(sound, self._length(prompt, sound.language))
            for one in heard:
                one.ended, one.whole = asyncio.get_running_loop().time(), not cut
            self.something_happened()
            if cut:
                break
        failed = not sound.stopped.is_set() and all((sound.language, p) in self.missing for p in sound.prompts)
        self._played(sound, "failed" if failed else "done", with_events=with_events)

    def _played(self, sound: FakePlayback, state: str, *, with_events: bool = True) -> None:
        if self.sounds.pop(sound.id, None) is not None and with_events:
            self.send_event("PlaybackFinished", playback=sound.json(state))

    async def _lasts(self, sound: FakePlayback, seconds: float) -> bool:
        """Returns whether it was cut."""
        try:
            async with asyncio.timeout(seconds):
                await sound.stopped.wait()
        except TimeoutError:
            return False
        return True

    def _length(self, prompt: str, language: str) -> float:
        kind, _, name = prompt.partition(":")
        if kind == "recording" and name in self.recorded:
            return self.recorded[name]
        if (language, prompt) not in self._lengths:
            self.missing.add((language, prompt))
            return _MISSING_SOUND_S
        return float(self._lengths[language, prompt])

    def loses(self, prompt: str) -> None:
        """The files of this prompt are gone."""
        for language in ("zh", "en"):
            del self._lengths[language, prompt]

    def has_own_recording(self, prompt: str, seconds: float, language: str = "zh") -> None:
        """The site has recorded this prompt itself."""
        self._lengths[language, prompt] = seconds

    async def record(self, tape: Tape, voices: Callable[[], list[FakePerson]], longest_s: float) -> None:
        """Records until `#`, silence, the longest time, or a stop."""
        now = asyncio.get_running_loop().time
        self.send_event("RecordingStarted", recording=tape.json("recording"))
        end = now() + longest_s if longest_s else float("inf")
        while now() < end - 1e-6 and not tape.stopped.is_set():
            quiet_since = max([tape.began, *(voice.speaks_until for voice in voices())])
            until = min(end, quiet_since + tape.silence_s if tape.silence_s else end)
            if until <= now() + 1e-6:
                # Of the silence that ends a recording, one second is counted.
                tape.silent_s = tape.silence_s - 1
                break
            try:
                async with asyncio.timeout(None if until == float("inf") else until - now()):
                    await tape.stopped.wait()
            except TimeoutError:
                pass
        self.recording_ends(tape)

    def recording_ends(self, tape: Tape) -> None:
        if self.tapes.pop(tape.name, None) is None:
            return
        now = asyncio.get_running_loop().time()
        self.recorded[tape.name] = now - tape.began - tape.silent_s
        self.send_event("RecordingFinished", recording=tape.finished(self.recorded[tape.name]))

    def play_in(self, bridge: FakeBridge, sound: FakePlayback) -> None:
        async def play() -> None:
            bridge.sound = sound
            await self.play(sound, lambda: bridge.people, with_events=True)
            bridge.sound = None
            self.something_happened()

        self.background(play())

    def silence(self, channel: FakeChannel) -> None:
        """Its playbacks and recordings end with the channel."""
        for heard in channel.person.heard if channel.person.channel is channel else ():
            if heard.ended is None:
                heard.ended = asyncio.get_running_loop().time()
        if channel.sound is not None:
            self._played(channel.sound, "failed")
        for sound in [s for s in self.sounds.values() if s.target == f"channel:{channel.id}"]:
            del self.sounds[sound.id]
        if channel.tape is not None:
            self.recording_ends(channel.tape)
        channel.sound = channel.tape = None
        channel.music = channel.rings_back = False

    # -- bridges ------------------------------------------------------------------------------------------------------

    def join(self, channel: FakeChannel, bridge: FakeBridge) -> None:
        channel.bridge, channel.set_aside = bridge, False
        # The bridge's audio replaces the ringing tone or the music played before.
        channel.rings_back = channel.music = False
        bridge.members.append(channel)
        self.send_event("ChannelEnteredBridge", channel=channel.json(), bridge=bridge.json())

    def part(self, channel: FakeChannel) -> None:
        bridge = channel.bridge
        if bridge is not None:
            bridge.members.remove(channel)
            channel.bridge = None
            self.send_event("ChannelLeftBridge", channel=channel.json(), bridge=bridge.json())

    # -- the dialplan -------------------------------------------------------------------------------------------------

    async def dialplan(self, channel: FakeChannel, context: str) -> None:
        """What extensions.conf does in each context."""
        if channel.canary and (self.app is None or context != "canary"):
            return channel.hang_up()
        if channel.dialled_a_code:
            if self.app is not None and context == "code":
                return channel.enter(["feature", *channel.args])
            await self._says(channel, "feature-unavailable")
            return channel.hang_up()
        if context == "interrupted":
            channel.interrupted += 1
            if channel.interrupted <= 3:
                await self._says(channel, "interrupted")
        if context == "called" and self.app is not None:
            return channel.enter(["called"])
        if context in ("called", "sorry"):
            await self._says(channel, "called-apology")
            return channel.hang_up()
        if context == "taken":
            await self._says(channel, "taken-by-colleague")
            return channel.hang_up()
        if self.app is None or context == "fallback" or channel.interrupted > 3:
            self.spool.append(channel.number)
            channel.state = "Up"
            await self._says(channel, "fallback-apology", "beep")
            await asyncio.sleep(5)
            await self._says(channel, "message-saved")
            return channel.hang_up()
        channel.enter([{"interrupted": "resumed", "canary": "canary"}.get(context, "line"), *channel.args])

    async def _says(self, channel: FakeChannel, *words: str) -> None:
        sound = FakePlayback("dialplan", "", list(words), channel.language)
        await self.play(sound, lambda: [channel.person], with_events=False)

    # -- orders to a channel ------------------------------------------------------------------------------------------

    def play_to(self, channel: FakeChannel, sound: FakePlayback) -> None:
        async def play() -> None:
            channel.sound = sound
            await self.play(sound, lambda: [channel.person], with_events=True)
            channel.sound = None

        channel.order(play)

    def record_from(self, channel: FakeChannel, tape: Tape, longest_s: float) -> None:
        async def record() -> None:
            channel.tape = tape
            tape.began = asyncio.get_running_loop().time()
            await self.record(tape, lambda: [channel.person], longest_s)
            channel.tape = None

        channel.order(record)

    def call_phone(self, channel: FakeChannel, phone: FakePhone) -> None:
        asyncio.get_running_loop().call_later(_PHONE_IS_REACHED_S, phone.is_called, channel)

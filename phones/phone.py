"""A telephone with a person at it: it rings, is answered or refused, dials, presses keys, speaks and listens."""

import threading
import time
from collections.abc import Callable, Iterable
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from models.clock import SystemClock
from models.language import Language
from phones import hearing
from phones.baresip import Baresip, PhoneFault, Setup
from phones.baresip import Event as Message
from phones.call import PhoneCall, PhoneEvent
from phones.hearing import HeardPrompt, Reference
from phones.microphone import RATE, Microphone, Samples, Silence, recorded

_WAV_HEADER = 44
_LISTEN_EVERY_S = 0.15
_LAST_S = 5
_KEY_GAP_S = 0.12
_ON_ITS_WAY_S = 0.5  # through jitter buffers and bridges
_OVERLAP_S = 0.2  # where packets were lost a prompt ends, and the next begins, before its length has passed


class NothingHappened(AssertionError):
    """The awaited event has not come in time; the text contains the phone's whole log."""


class Phone:
    """One baresip process. Every wait has a limit in seconds and raises NothingHappened after it.

    It holds one call at a time and answers a second one with busy (486). `server` is "address:port".
    `password=None` makes a phone that does not register: a stranger, or a phone in the public network. With `authority`
    it speaks TLS with a server whose certificate is of that authority, and SRTP: where the other side can, or alone.
    """

    def __init__(
        self,
        number: str,
        password: str | None,
        server: str,
        folder: Path,
        ctrl_port: int,
        rtp_ports: tuple[int, int],
        *,
        mic: Microphone | None = None,
        address: str = "127.0.0.1",
        sip_port: int = 0,
        authority: Path | None = None,
        srtp: Literal["offered", "compulsory"] = "compulsory",
        language: Language = "zh",
        on_event: Callable[["Phone", PhoneEvent], None] | None = None,
    ) -> None:
        self.number, self.language, self.mic = number, language, mic or Silence()
        self.server, self.folder = server, folder
        self.log: list[PhoneEvent] = []
        self.calls: list[PhoneCall] = []
        self._clock = SystemClock()
        self._on_event = on_event
        self._changed = threading.Condition()
        self._reaction: tuple[str, float] | None = None
        self._due: tuple[float, PhoneCall, str] | None = None
        self._sound: FileIO | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._microphones = folder.parent / "microphones"
        sound = recorded(self.mic, self._microphones)
        setup = Setup(folder, address, sip_port, ctrl_port, rtp_ports, sound, authority)
        self._transport = ";transport=tls" if authority else ""
        self._recordings = setup.recordings
        for left in self._recordings.glob("*.wav"):
            left.unlink()
        self._program = Baresip(setup, self._happened, self._tick, self._calling)
        # After the socket is connected, so that REGISTER_OK is not missed.
        account = f"<sip:{number}@{server}{self._transport}>;answermode=manual;audio_codecs=PCMA,PCMU;ptime=20"
        if authority:
            account += f";mediaenc={'srtp-mand' if srtp == 'compulsory' else 'srtp'}"
        account += f";regint=120;auth_user={number};auth_pass={password}" if password else ";regint=0"
        self._registers = password is not None
        self._program.command("uanew", account)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- registering, closing ---

    def registered(self, timeout: float = 5.0) -> Self:
        """Waits until the server has accepted this phone."""
        if self._registers:
            self.wait(lambda: any(event.kind == "registered" for event in self.log), timeout, "registration")
        return self

    def close(self) -> None:
        """Hangs up, unregisters and ends the process."""
        self._program.close()
        self._stop_listening()

    def pull_the_plug(self) -> None:
        """The power fails in mid-sentence: no SIP message is sent."""
        self._program.kill()

    # --- calling and being called ---

    @property
    def call(self) -> PhoneCall:
        """The current call, or the last one. Raises LookupError before the first."""
        if not self.calls:
            raise LookupError(f"phone {self.number} has had no call yet")
        return self.calls[-1]

    def dial(self, number: str) -> PhoneCall:
        """Starts a call and returns at once. A number with "@" is dialled as it is."""
        if self._calling() and self.call.ended_at is None:
            raise PhoneFault(f"phone {self.number} is in a call with {self.call.number}")
        target = number if "@" in number else f"{number}@{self.server}"
        call = PhoneCall(False, number, "", time.monotonic())
        self.calls.append(call)
        self._note("dialled", number)
        self._program.command("dial", f"sip:{target}{self._transport}")
        return call

    def reach(self, number: str, timeout: float = 10.0) -> PhoneCall:
        """Dials and waits for the answer."""
        self.dial(number)
        return self.wait_answered(timeout)

    def wait_ringing(self, timeout: float = 10.0) -> PhoneCall:
        """Waits for an incoming call, or until the dialled number rings; returns the call while it rings."""

        def rings() -> bool:
            return bool(self.calls) and self.call.ringing_at is not None and self.call.ended_at is None

        self.wait(rings, timeout, "ringing")
        return self.call

    def wait_answered(self, timeout: float = 10.0) -> PhoneCall:
        """Waits for the answer to the current call. Fails at once if it ends instead."""

        def over() -> bool:
            return bool(self.calls) and (self.call.answered_at is not None or self.call.ended_at is not None)

        self.wait(over, timeout, "an answer")
        if self.call.answered_at is None:
            raise NothingHappened(f"phone {self.number}: not answered, ended: {self.call.why}\n{self.story()}")
        return self.call

    def wait_ended(self, timeout: float = 10.0) -> PhoneCall:
        """Waits for the end of the current call, by either side."""
        self.wait(lambda: bool(self.calls) and self.call.ended_at is not None, timeout, "the end of the call")
        return self.call

    def answer(self, timeout: float = 5.0) -> PhoneCall:
        """Answers the ringing call."""
        self._needs_ringing("answer")
        self._program.command("accept")
        return self.wait_answered(timeout)

    def reject(self) -> PhoneCall:
        """Answers the ringing call with busy (486)."""
        self._needs_ringing("reject")
        self._program.command("hangup")
        return self.wait_ended(5)

    def hang_up(self) -> PhoneCall:
        """Ends the current call, answered or not."""
        if self._calling() and self.call.ended_at is None:
            self._program.command("hangup")
        return self.wait_ended(5)

    def refer(self, number: str) -> None:
        """The phone's own transfer button (SIP REFER)."""
        self._program.command("transfer", f"sip:{number}@{self.server}")
        self._note("wants to transfer", number)

    def when_it_rings(self, action: str | None, after_s: float = 0.0) -> None:
        """From now on answers ("answer") or rejects ("reject") by itself, `after_s` after ringing; None: no longer."""
        commands = {"answer": "accept", "reject": "hangup"}
        self._reaction = (commands[action], after_s) if action else None

    # --- keys and voice ---

    def press(self, keys: str, gap_s: float = _KEY_GAP_S) -> None:
        """Presses the keys one by one (RFC 4733), as fast as a quick finger."""
        for number, key in enumerate(keys):
            if number:
                time.sleep(gap_s)
            self._program.command("sndcode", key)
            self._note("pressed", key)

    def wait_keys(self, keys: str, timeout: float = 5.0) -> None:
        """Waits until the other side's last keys in the current call are these, whatever came before."""
        self.wait(lambda: bool(self.calls) and self.call.keys.endswith(keys), timeout, f"the keys {keys}")

    def say(self, microphone: Microphone) -> None:
        """From now on speaks this, in the current call and the next ones."""
        self.mic = microphone
        self._program.command("ausrc", f"aufile,{recorded(microphone, self._microphones)}")
        self._note("says", microphone.name)

    def heard(self) -> Samples:
        """All sound of the current or last call: 8 kHz, second 0 is the first sound."""
        return self.call.ear.heard()

    def wait_heard(
        self,
        prompt: str | Reference,
        timeout: float = 15.0,
        *,
        part: float | None = None,
        language: Language | None = None,
    ) -> HeardPrompt:
        """Waits for the prompt, in full or its first `part` seconds, after the last awaited sound.

        Waiting twice waits for it to be played twice. For a sound outside the pack, pass the sound itself.
        """
        reference = prompt if isinstance(prompt, Reference) else hearing.prompt(prompt, language or self.language)

        def listen(recent: Samples) -> HeardPrompt | None:
            found = hearing.find(recent, reference)
            return next((one for one in found if (one.whole if part is None else one.part >= part)), None)

        return self._listened(listen, timeout, f"hearing {reference.name}")

    def wait_spoken(
        self, prompts: list[str], timeout: float = 15.0, *, language: Language | None = None
    ) -> HeardPrompt:
        """Waits for these fragments one right after the other, such as a number's digits."""
        used = language or self.language
        return self._listened(
            lambda recent: hearing.spoken(recent, prompts, used), timeout, f"hearing {' '.join(prompts)}"
        )

    def wait_tone(self, hertz: float, timeout: float = 5.0, seconds: float = 0.4, *, share: float = 0.9) -> HeardPrompt:
        """Waits until the tone has had this share of the energy for `seconds` after the last awaited sound. An echo is
        mixed on its way, where a packet may be lost, and its phase."""

        def listen(recent: Samples) -> HeardPrompt | None:
            return hearing.tone(recent, hertz, seconds, share)

        return self._listened(listen, timeout, f"a tone of {hertz:g} Hz")

    def hears_now(self, hertz: Iterable[float], seconds: float = 1.2) -> set[float]:
        """The tones heard in the next `seconds`, alone or together; none if nothing is sent."""
        # Sound from before is still on its way.
        since = self.call.ear.seconds + _ON_ITS_WAY_S
        with self._changed:
            self._changed.wait_for(lambda: self.call.ear.seconds > since + seconds, _ON_ITS_WAY_S + seconds + 1)
        return hearing.voices(self.call.ear.heard(since=since), hertz)

    def wait(self, condition: Callable[[], bool], timeout: float, what: str) -> None:
        """Waits for any condition of this phone; it is checked again at each of its events, and as sound arrives."""
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise NothingHappened(f"phone {self.number}: no {what} within {timeout:g} s\n{self.story()}")

    def story(self) -> str:
        """Everything that happened to this phone, for a person to read."""
        lines = [f"  {event.wall:%H:%M:%S.%f}"[:-3] + f" {event.kind} {event.text}".rstrip() for event in self.log]
        if self.calls:
            said = hearing.readable(hearing.transcript(self.heard(), self.language))
            lines += [f"  heard in the last call ({self.call.ear.seconds:.1f} s): {said or 'nothing known'}"]
            lines += [f"  loudest at its end: {hearing.loudest(self.heard()[-_LAST_S * RATE :])}"]
        if (status := self._program.process.poll()) is not None:
            lines.append(f"  its program has ended with {status}: {self._program.said()}")
        return "\n".join(lines) or "  nothing has happened"

    # --- on the phone's own thread ---

    def _happened(self, message: Message) -> None:
        now, kind, text = time.monotonic(), message["type"], str(message.get("param", ""))
        if kind == "CALL_INCOMING":
            call = PhoneCall(True, _user(message["peeruri"]), message.get("peerdisplayname") or "", now, ringing_at=now)
            self.calls.append(call)
            self._note("ringing", f"from {call.number} {call.name}".rstrip())
            if self._reaction:
                self._due = (now + self._reaction[1], call, self._reaction[0])
        elif kind in ("REGISTER_OK", "REGISTER_FAIL"):
            self._note("registered" if kind == "REGISTER_OK" else "not registered", text)
        elif not self.calls:
            return
        elif kind in ("CALL_RINGING", "CALL_PROGRESS"):
            self.call.ringing_at = self.call.ringing_at or now
            self._note("ringback" if kind == "CALL_RINGING" else "early media")
        elif kind == "CALL_ESTABLISHED":
            self.call.answered_at = now
            self._note("answered")
        elif kind == "CALL_CLOSED":
            self._listen()
            self.call.ended_at, self.call.why = now, text
            self._note("ended", text)
        elif kind == "CALL_DTMF_START":
            self.call.keys += text
            self._note("key heard", text)

    def _tick(self) -> None:
        if self._due and time.monotonic() >= self._due[0]:
            _, call, command = self._due
            self._due = None
            if call.answered_at is None and call.ended_at is None:
                self._program.tell(command)
        self._listen()

    def _listen(self) -> None:
        """Reads what baresip has recorded since the last look. Each file is renamed when first seen: its name has only
        seconds, so the file of a call that follows at once would overwrite it."""
        for path in sorted(self._recordings.glob("dump-*-dec.wav")):
            self._drain()
            self._stop_listening()
            own = self._recordings / f"heard-{len(self.calls)}-{len(list(self._recordings.iterdir()))}.wav"
            path.rename(own)
            self._sound = own.open("rb", buffering=0)
        self._drain()

    def _drain(self) -> None:
        if self._sound is None:
            return
        if self._sound.tell() < _WAV_HEADER:
            if Path(self._sound.name).stat().st_size <= _WAV_HEADER:
                return
            self._sound.seek(_WAV_HEADER)
        whole = bytearray()
        while block := self._sound.read(65536):
            whole += block
        odd = len(whole) % 2
        if odd:
            self._sound.seek(-odd, 1)
        if len(whole) > odd:
            with self._changed:
                self.call.ear.feed(bytes(whole[: len(whole) - odd]), time.monotonic())
                self._changed.notify_all()

    def _stop_listening(self) -> None:
        if self._sound:
            self._sound.close()
            self._sound = None

    # --- shared ---

    def _calling(self) -> bool:
        return bool(self.calls) and (self.call.ended_at is None or time.monotonic() - self.call.ended_at < 0.3)

    def _note(self, kind: str, text: str = "") -> None:
        event = PhoneEvent(time.monotonic(), self._clock.now(), kind, text)
        with self._changed:
            self.log.append(event)
            self._changed.notify_all()
        if self._on_event:
            self._on_event(self, event)

    def _needs_ringing(self, what: str) -> None:
        if not self.calls or not self.call.incoming or self.call.answered_at or self.call.ended_at:
            raise PhoneFault(f"phone {self.number} is not ringing: nothing to {what}\n{self.story()}")

    def _listened(self, listen: Callable[[Samples], HeardPrompt | None], timeout: float, what: str) -> HeardPrompt:
        """Listens from the last awaited sound on, and remembers how far it came."""
        deadline = time.monotonic() + timeout
        while True:
            call = self.calls[-1] if self.calls else None
            ended = call is not None and call.ended_at is not None
            late = time.monotonic() > deadline
            since = max(0.0, call.listened - _OVERLAP_S) if call else 0.0
            if call and (found := listen(call.ear.heard(since=since))):
                found = found.later(since, call.ear.starts_at or 0.0)
                call.listened = found.start + found.part
                self._note("heard", f"{found.name} at {found.start:.1f} s")
                return found
            if ended or late:
                limit = "before the call ended" if ended else f"within {timeout:g} s"
                raise NothingHappened(f"phone {self.number}: no {what} {limit}\n{self.story()}")
            time.sleep(_LISTEN_EVERY_S)


def _user(uri: str) -> str:
    """The number in "sip:7001@127.0.0.1"."""
    return uri.partition(":")[2].partition("@")[0].partition(";")[0]

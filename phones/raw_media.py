"""What a telephone made by hand says and hears in RTP: A-law, and keys as RFC 4733 has them."""

import queue
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable

from models.language import Language
from phones.ear import Ear
from phones.hearing import heard_part, loudest, silent_seconds, tone_seconds
from phones.microphone import RATE, Tone
from recordings.voice import sound

_POLL_S = 0.1
_HEADER = 12
_REMEMBERED = 500
_FRAME = 160
_FRAME_S = _FRAME / RATE
_ALAW, EVENTS = 8, 101
"""Payload types; the second is that of keys in the telephone's SDP."""
_SILENCE = b"\xd5" * _FRAME
_KEYS = "0123456789*#ABCD"
_END = 0x80
_VOLUME = 10


class RawMedia:
    """One RTP socket. Until it speaks or a key is pressed, only a packet of silence is sent when a call begins, and not
    even that by one that is `silent`."""

    def __init__(self, address: str, heard: Callable[[], None], *, silent: bool = False) -> None:
        """`heard` is called for each packet of sound that arrives."""
        self._silent = silent
        self.ear = Ear()
        self.packets = 0
        """How many of sound have arrived."""
        self.newest: deque[bytes] = deque(maxlen=_REMEMBERED)
        """What the newest of them carried."""
        self._heard = heard
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._socket.settimeout(_POLL_S)
        self.port: int = self._socket.getsockname()[1]
        self._peer: tuple[str, int] | None = None
        self._sequence = self._timestamp = 0
        self._voice = _SILENCE
        self._keyed: queue.Queue[tuple[str, int]] = queue.Queue()
        self._speaks: threading.Thread | None = None
        self._listened = 0.0
        self._closed = False
        self._hears = threading.Thread(target=self._hear, daemon=True)
        self._hears.start()

    def close(self) -> None:
        self._closed = True
        if self._speaks is not None:
            self._speaks.join()
        self._hears.join()
        self._socket.close()

    def meets(self, sdp: str, host: str) -> None:
        """Sends to where this SDP listens, with one packet of silence, so that Asterisk answers (symmetric RTP)."""
        if port := re.search(r"(?m)^m=audio (\d+)", sdp):
            self._peer = (host, int(port[1]))
            if not self._silent:
                self._send(_ALAW, _SILENCE)

    def speaks(self, hertz: float | None) -> None:
        """A tone from now on, or silence."""
        self._voice = _SILENCE if hertz is None else sound.to_alaw(Tone(hertz, 1.0).samples())
        self._begins_to_speak()

    def press(self, key: str, seconds: float = 0.1) -> None:
        """A key by RFC 4733; returns when it has been let go of."""
        self._begins_to_speak()
        self._keyed.put((key, round(seconds / _FRAME_S)))
        self._keyed.join()

    def silent_share(self, seconds: float) -> float:
        """How much of what comes in the next seconds is silent, 0 to 1; silent as well is what does not come."""
        # What is under way when this begins counts as before.
        time.sleep(0.3)
        since = self.ear.seconds
        time.sleep(seconds)
        came = self.ear.heard(since)
        missing = max(0.0, seconds - len(came) / RATE)
        return min(1.0, (missing + silent_seconds(came)) / seconds)

    def wait_heard(self, prompt: str, language: Language = "zh", part: float = 1.0, timeout: float = 15.0) -> None:
        """Waits for `part` seconds of a prompt, behind the one waited for before. Raises AssertionError."""
        until = time.monotonic() + timeout
        while heard_part(self.ear.heard(self._listened), prompt, language) < part:
            if time.monotonic() > until:
                raise AssertionError(f"{prompt} was not heard within {timeout:g} s")
            time.sleep(0.2)
        self._listened = self.ear.seconds

    def wait_tone(self, hertz: float, seconds: float = 1.0, timeout: float = 10.0) -> None:
        """Waits for a second of this tone alone, from now on. Raises AssertionError."""
        until, since = time.monotonic() + timeout, self.ear.seconds
        while tone_seconds(self.ear.heard(since), hertz) < seconds:
            if time.monotonic() > until:
                instead = loudest(self.ear.heard(since))
                raise AssertionError(f"{hertz:g} Hz was not heard within {timeout:g} s, second by second: {instead}")
            time.sleep(0.1)

    # -- how ----------------------------------------------------------------------------------------------------------

    def _begins_to_speak(self) -> None:
        if self._speaks is None:
            self._speaks = threading.Thread(target=self._speak, daemon=True)
            self._speaks.start()

    def _speak(self) -> None:
        due, place = time.monotonic(), 0
        while not self._closed:
            try:
                key, frames = self._keyed.get_nowait()
            except queue.Empty:
                voice = self._voice
                place %= len(voice)
                self._send(_ALAW, voice[place : place + _FRAME])
                place += _FRAME
                due = self._wait(due)
                continue
            for frame in range(1, frames + 1):
                self._key(key, frame * _FRAME, 0, first=frame == 1)
                due = self._wait(due)
            for _ in range(3):
                self._key(key, frames * _FRAME, _END)
            self._timestamp += frames * _FRAME
            self._keyed.task_done()

    def _wait(self, due: float) -> float:
        """Until the next packet is due."""
        due += _FRAME_S
        time.sleep(max(0.0, due - time.monotonic()))
        return due

    def _key(self, key: str, duration: int, end: int, first: bool = False) -> None:
        event = struct.pack("!BBH", _KEYS.index(key), end | _VOLUME, duration)
        self._send(EVENTS, event, marker=first, moves_on=False)

    def _send(self, kind: int, payload: bytes, *, marker: bool = False, moves_on: bool = True) -> None:
        if self._peer is None:
            return
        self._sequence = (self._sequence + 1) % 65536
        header = struct.pack("!BBHII", 0x80, kind | (0x80 if marker else 0), self._sequence, self._timestamp, 1)
        self._timestamp += _FRAME if moves_on else 0
        self._socket.sendto(header + payload, self._peer)

    def _hear(self) -> None:
        while not self._closed:
            try:
                data = self._socket.recv(2048)
            except TimeoutError:
                continue
            except OSError:
                return
            if len(data) > _HEADER and data[1] & 0x7F == _ALAW:
                pcm = (sound.from_alaw(data[_HEADER:]) * 32768).astype("<i2").tobytes()
                self.ear.feed(pcm, time.monotonic())
                self.packets += 1
                self.newest.append(data[_HEADER:])
                self._heard()

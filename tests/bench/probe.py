"""A caller with a stopwatch: compares received audio with the prompts packet by packet, on the kernel's clock."""

import random
import re
import secrets
import select
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from phones.instance import CARRIER
from tests.bench.keys import FIRST_END_PACKET, FIRST_VOICE_PACKETS, PACKET_S, PACKET_SAMPLES, key_packets, voice_packets

FIRST_WORDS = "greeting"
STEPS = (("1", "repair-menu"), ("2", "recording-notice"))
"""The keys, and the prompt that each leads to."""
_LISTENS_S = (0.3, 0.8)
_PATIENCE_S = 5.0
_TIMESTAMP = struct.Struct("@qq")
_SO_TIMESTAMPNS = 35
_ANCILLARY_BYTES = 64


class ProbeFailed(Exception):
    """The prober did not get, or did not hear, what was expected; the message says what."""


class Prompts:
    """The prompt, and the place in it, of an A-law packet; only packets that occur once are recognised."""

    def __init__(self, folder: Path) -> None:
        pieces = [
            (data[place : place + PACKET_SAMPLES], (file.stem, place // PACKET_SAMPLES))
            for file in sorted(folder.glob("*.alaw"))
            for data in [file.read_bytes()]
            for place in range(0, len(data) - PACKET_SAMPLES, PACKET_SAMPLES)
        ]
        seen = Counter(piece for piece, _ in pieces)
        self._places = {piece: place for piece, place in pieces if seen[piece] == 1}

    def place(self, payload: bytes) -> tuple[str, int] | None:
        return self._places.get(payload)


@dataclass
class ProbeResult:
    """Delays in milliseconds: INVITE to 200, and for each key from its end to the first packet of the next prompt."""

    answer_ms: list[float] = field(default_factory=list)
    key_ms: dict[str, list[float]] = field(default_factory=lambda: {key: [] for key, _ in STEPS})
    failures: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return len(self.answer_ms)

    @property
    def all_keys_ms(self) -> list[float]:
        return [delay for delays in self.key_ms.values() for delay in delays]


def probe(target: tuple[str, int], number: str, prompts: Prompts, *, callers: int, seconds: float) -> ProbeResult:
    """`callers` probers call again and again for `seconds`; one that fails says why and goes on."""
    heard, until = ProbeResult(), time.monotonic() + seconds

    def call_again(who: int) -> None:
        chance = random.Random(who)
        time.sleep(chance.uniform(0, _LISTENS_S[1]))
        while time.monotonic() < until:
            try:
                with _Probe(target, number, prompts, chance) as caller:
                    caller.call(heard)
            except (ProbeFailed, OSError) as error:
                heard.failures.append(f"{number}: {error}")

    threads = [threading.Thread(target=call_again, args=(who,)) for who in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard


class _Probe:
    def __init__(self, target: tuple[str, int], number: str, prompts: Prompts, chance: random.Random) -> None:
        self._target, self._number, self._prompts, self._chance = target, number, prompts, chance
        self._sip, self._rtp = _socket(), _socket()
        self._call_id = secrets.token_hex(8)
        self._to = f"<sip:{number}@{target[0]}>"
        self._remote_rtp = target
        self._contact = f"sip:{number}@{target[0]}:{target[1]}"
        self._sequence = 101

    def __enter__(self) -> "_Probe":
        return self

    def __exit__(self, *_: object) -> None:
        self._sip.close()
        self._rtp.close()

    def call(self, heard: ProbeResult) -> None:
        """One whole call; a successful one adds its delays to `heard`."""
        invited = time.time_ns()
        self._send("INVITE", self._offer())
        answered, answer = self._answer("INVITE")
        self._take(answer)
        self._send("ACK")
        for packet in voice_packets(1, FIRST_VOICE_PACKETS):
            self._rtp.sendto(packet, self._remote_rtp)
        try:
            self._listen_for(FIRST_WORDS)
            delays = {key: self._press(key, prompt) for key, prompt in STEPS}
        finally:
            self._send("BYE")
            self._answer("BYE")
        heard.answer_ms.append((answered - invited) / 1e6)
        for key, delay in delays.items():
            heard.key_ms[key].append(delay)

    # -- keys and prompts ---------------------------------------------------------------------------------------------

    def _press(self, key: str, prompt: str) -> float:
        time.sleep(self._chance.uniform(*_LISTENS_S))
        packets = key_packets(key, self._sequence, self._sequence * PACKET_SAMPLES)
        begin, ended = time.monotonic(), 0
        for place, packet in enumerate(packets):
            time.sleep(max(0.0, begin + place * PACKET_S - time.monotonic()))
            if place == FIRST_END_PACKET:
                ended = time.time_ns()
            self._rtp.sendto(packet, self._remote_rtp)
        self._sequence += 100
        return (self._listen_for(prompt) - ended) / 1e6

    def _listen_for(self, prompt: str) -> float:
        """When the prompt began (ns since the epoch), from the first packet that occurs only in it."""
        until = time.monotonic() + _PATIENCE_S
        while (left := until - time.monotonic()) > 0:
            if not select.select([self._rtp], [], [], left)[0]:
                break
            at, packet, sender = _received(self._rtp)
            place = self._prompts.place(packet[12:])
            if sender == self._remote_rtp and place is not None and place[0] == prompt:
                return at - place[1] * PACKET_S * 1e9
        raise ProbeFailed(f"{prompt} not heard within {_PATIENCE_S:g} s")

    # -- SIP ----------------------------------------------------------------------------------------------------------

    def _send(self, method: str, body: str = "") -> None:
        own, port = CARRIER, self._sip.getsockname()[1]
        number = {"INVITE": 1, "ACK": 1, "BYE": 2}[method]
        lines = [
            f"{method} {self._contact} SIP/2.0",
            f"Via: SIP/2.0/UDP {own}:{port};branch=z9hG4bK{self._call_id}{method}",
            f"From: <sip:1390{port}@{own}>;tag={self._call_id}",
            f"To: {self._to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:1390{port}@{own}:{port}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode("ascii"), self._target)

    def _answer(self, method: str) -> tuple[int, str]:
        """The final answer and its time. There is no second try: a lost message is a failure here."""
        until = time.monotonic() + _PATIENCE_S
        while (left := until - time.monotonic()) > 0 and select.select([self._sip], [], [], left)[0]:
            at, packet, sender = _received(self._sip)
            text = packet.decode("utf-8", "replace")
            final = re.match(r"SIP/2\.0 ([2-6]\d\d) ", text)
            if sender == self._target and final and re.search(rf"^CSeq: *\d+ {method}\r$", text, re.MULTILINE):
                if final[1] != "200":
                    raise ProbeFailed(f"{method} was answered with {final[1]}")
                return at, text
        raise ProbeFailed(f"{method} was not answered within {_PATIENCE_S:g} s")

    def _take(self, answer: str) -> None:
        to = re.search(r"^To: *(.*)\r$", answer, re.MULTILINE)
        contact = re.search(r"^Contact: *<([^>]*)>", answer, re.MULTILINE)
        address = re.search(r"^c=IN IP4 (\S+)\r$", answer, re.MULTILINE)
        port = re.search(r"^m=audio (\d+) ", answer, re.MULTILINE)
        if not (to and contact and address and port):
            raise ProbeFailed(f"an answer without To, Contact or audio: {answer}")
        self._to, self._contact, self._remote_rtp = to[1], contact[1], (address[1], int(port[1]))

    def _offer(self) -> str:
        return "\r\n".join(
            [
                "v=0",
                f"o=- 1 1 IN IP4 {CARRIER}",
                "s=-",
                f"c=IN IP4 {CARRIER}",
                "t=0 0",
                f"m=audio {self._rtp.getsockname()[1]} RTP/AVP 8 101",
                "a=rtpmap:8 PCMA/8000",
                "a=rtpmap:101 telephone-event/8000",
                "a=fmtp:101 0-15",
                "a=ptime:20",
                "",
            ]
        )


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    made.bind((CARRIER, 0))
    return made


def _received(from_: socket.socket) -> tuple[int, bytes, tuple[str, int]]:
    """A packet, with the time when the kernel got it (ns since the epoch: our own delay does not count) and its sender:
    the port may have been another call's a moment ago."""
    packet, ancillary, _, sender = from_.recvmsg(4096, _ANCILLARY_BYTES)
    stamps: Iterable[bytes] = (data for level, kind, data in ancillary if kind == _SO_TIMESTAMPNS)
    seconds, nanoseconds = _TIMESTAMP.unpack(next(iter(stamps)))
    return seconds * 10**9 + nanoseconds, packet, sender

"""Hundreds of SIP telephones on one socket: they register, ring, answer, press keys and hang up, and log all of it."""

import asyncio
import contextlib
import itertools
import re
import secrets
import socket
import time
from collections.abc import Awaitable, Callable

from tests.certainty.ears import Ears
from tests.certainty.log import Log, What
from tests.certainty.sip import SipMessage, request, response, signed, voice

Address = tuple[str, int]
_EXPIRES_S = 60
_REGISTERS_EVERY_S = 20.0
_REPEATED_AFTER_S = (0.5, 1.0, 2.0, 4.0)
"""RFC 3261, 17.1.2.1 with T1 = 500 ms, T2 = 4 s; a person gives up before its 32 s."""
_HEAR_EVERY_S = 0.1


class SipLeg:
    """One call to one of the telephones. Once the other side has ended it, further actions have no effect."""

    def __init__(self, phones: "Telephones", number: str, invite: SipMessage) -> None:
        self._phones, self._invite = phones, invite
        self.number, self.id = number, invite.header("call-id")
        self.ended, self.acknowledged = asyncio.Event(), asyncio.Event()
        self.ears = Ears(phones.prompts, lambda what, detail: phones.log.add(number, self.id, what, detail))
        self._tag, self._cseq = secrets.token_hex(6), itertools.count(1)
        self._last = b""
        self.answered = False

    def ring(self) -> None:
        self._reply("180 Ringing", self._contact)

    def refuse(self) -> None:
        """Answers busy."""
        self._reply("486 Busy Here")
        self.end("busy")

    async def answer(self) -> bool:
        """Returns whether the call is up: if Asterisk has died meanwhile it never is."""
        if self.ended.is_set():
            return False
        self.answered = True
        self._reply("200 OK", self._contact, body=voice(*self._phones.voice_at))
        for pause in _REPEATED_AFTER_S:
            if await _within(self.acknowledged, pause):
                self._phones.log.add(self.number, self.id, What.ANSWERED)
                return True
            self._phones.send(self._last)
        self.end("nobody there when it was answered")
        return False

    async def press(self, key: str) -> bool:
        """Returns whether Asterisk has taken it."""
        if self.ended.is_set():
            return False
        answer = await self._within_the_call("INFO", f"Signal={key}\r\nDuration=160\r\n")
        taken = answer is not None and answer.status == 200
        self._phones.log.add(self.number, self.id, What.KEY if taken else What.KEY_LOST, key)
        return taken

    async def hang_up(self, why: str = "hung up") -> None:
        if not self.ended.is_set():
            self.end(why)
            await self._within_the_call("BYE")

    def end(self, why: str) -> None:
        if not self.ended.is_set():
            self._phones.log.add(self.number, self.id, What.ENDED, why)
            self.ended.set()

    async def hears(self, names: set[str], within: float, deaf: float) -> bool:
        """Whether one of these prompts is heard within this many seconds; False also after `deaf` seconds of silence on
        the line, or when the call ends."""
        until = time.monotonic() + within
        self.ears.last = time.monotonic()
        while not self.ended.is_set() and (now := time.monotonic()) < until and now - self.ears.last < deaf:
            if names & self.ears.heard.keys():
                return True
            await asyncio.sleep(_HEAR_EVERY_S)
        return bool(names & self.ears.heard.keys())

    def takes(self, message: SipMessage) -> None:
        """A later request within this call."""
        match message.method:
            case "INVITE":
                self._phones.send(self._last)
            case "ACK":
                self.acknowledged.set()
            case "CANCEL":
                self._phones.send(response(message, "200 OK", self._tag))
                if not self.answered:
                    self._reply("487 Request Terminated")
                    self.end("cancelled")
            case "BYE":
                self._phones.send(response(message, "200 OK", self._tag))
                self.end("ended by the other side")
            case _:
                self._phones.send(response(message, "200 OK", self._tag))

    @property
    def _contact(self) -> str:
        return self._phones.contact(self.number)

    def _reply(self, status: str, *headers: str, body: str = "") -> None:
        self._last = response(self._invite, status, self._tag, *headers, body=body)
        self._phones.send(self._last)

    async def _within_the_call(self, method: str, body: str = "") -> SipMessage | None:
        them = re.search(r"<([^>]+)>", self._invite.header("contact"))
        lines = (
            f"From: {self._invite.header('to')};tag={self._tag}",
            f"To: {self._invite.header('from')}",
            f"Call-ID: {self.id}",
        )
        uri = them[1] if them else f"sip:{self._phones.server[0]}:{self._phones.server[1]}"
        return await self._phones.ask(self.number, method, uri, lines, self._cseq, body)


class Telephones(asyncio.DatagramProtocol):
    """`calls` plays the person whose telephone is called. Each key of `passwords` is a telephone."""

    def __init__(
        self,
        server: Address,
        own: Address,
        passwords: dict[str, str],
        prompts: dict[bytes, tuple[str, int]],
        log: Log,
        calls: Callable[[SipLeg], Awaitable[None]],
    ) -> None:
        self.server, self.own, self.prompts, self.log = server, own, prompts, log
        self.voice_at = own[0], own[1] + 2
        self._passwords, self._calls = passwords, calls
        self._legs: dict[str, SipLeg] = {}
        self._by_voice: dict[Address, SipLeg] = {}
        self._waiting: dict[str, asyncio.Future[SipMessage]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unregistered: set[str] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self._registration = {number: (secrets.token_hex(8), itertools.count(1)) for number in passwords}

    async def run(self, until: Awaitable[None]) -> None:
        """Runs the telephones until this is done."""
        loop = asyncio.get_running_loop()
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        made.bind(self.voice_at)
        voices, _ = await loop.create_datagram_endpoint(lambda: _Voices(self._by_voice), sock=made)
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self.own)
        registering = asyncio.create_task(self._register_all())
        try:
            await until
        finally:
            for task in (registering, *self._tasks):
                task.cancel()
            await asyncio.gather(registering, *self._tasks, return_exceptions=True)
            self._transport.close()
            voices.close()

    def contact(self, number: str) -> str:
        return f"Contact: <sip:{number}@{self.own[0]}:{self.own[1]}>"

    # -- registration -------------------------------------------------------------------------------------------------

    async def unplug(self, number: str) -> None:
        """Not registered from now on."""
        self._unregistered.add(number)
        await self._register(number, 0)
        self.log.add(number, "", What.UNREGISTERED)

    async def plug_in(self, number: str) -> None:
        self._unregistered.discard(number)
        await self._register(number, _EXPIRES_S)

    async def _register_all(self) -> None:
        """Again and again, as an Asterisk that was killed may have forgotten them; spread over time."""
        while True:
            for number in self._passwords:
                if number not in self._unregistered:
                    self._start(self._register(number, _EXPIRES_S))
                await asyncio.sleep(_REGISTERS_EVERY_S / len(self._passwords))

    async def _register(self, number: str, expires: int) -> None:
        (call_id, cseq), who = self._registration[number], f"<sip:{number}@{self.server[0]}>"
        lines = (f"From: {who};tag={call_id}", f"To: {who}", f"Call-ID: {call_id}", f"Expires: {expires}")
        answer = await self.ask(number, "REGISTER", f"sip:{self.server[0]}:{self.server[1]}", lines, cseq)
        done = answer is not None and answer.status == 200
        if expires or not done:
            status = answer.start if answer else "no answer"
            self.log.add(number, "", What.REGISTERED if done else What.NOT_REGISTERED, status)

    # -- messages -----------------------------------------------------------------------------------------------------

    async def ask(
        self, number: str, method: str, uri: str, lines: tuple[str, ...], cseq: "itertools.count[int]", body: str = ""
    ) -> SipMessage | None:
        """The final answer to a request, signed when required; None when there is none."""
        proof: tuple[str, ...] = ()
        answer: SipMessage | None = None
        for _ in range(2):
            branch = f"z9hG4bK{secrets.token_hex(8)}"
            via = f"Via: SIP/2.0/UDP {self.own[0]}:{self.own[1]};branch={branch};rport"
            order = f"CSeq: {next(cseq)} {method}"
            asked = request(method, uri, via, *lines, order, self.contact(number), *proof, body=body)
            answer = await self._answer_to(branch, asked)
            if answer is None or answer.status != 401:
                break
            challenge = answer.header("www-authenticate")
            proof = (f"Authorization: {signed(challenge, method, uri, number, self._passwords[number])}",)
        return answer

    async def _answer_to(self, branch: str, asked: bytes) -> SipMessage | None:
        self._waiting[branch] = asyncio.get_running_loop().create_future()
        try:
            for pause in _REPEATED_AFTER_S:
                self.send(asked)
                with contextlib.suppress(TimeoutError):
                    return await asyncio.wait_for(asyncio.shield(self._waiting[branch]), pause)
            return None
        finally:
            self._waiting.pop(branch).cancel()

    def send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, self.server)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        message = SipMessage.parse(data)
        if message is None:
            return
        if message.status >= 200:
            if (waiting := self._waiting.get(message.branch)) is not None and not waiting.done():
                waiting.set_result(message)
        elif message.status == 0:
            self._requested(message)

    def _requested(self, message: SipMessage) -> None:
        leg = self._legs.get(message.header("call-id"))
        if leg is not None:
            leg.takes(message)
        elif message.method == "INVITE" and message.called in self._passwords:
            leg = SipLeg(self, message.called, message)
            self._legs[leg.id] = leg
            self.log.add(leg.number, leg.id, What.INVITED)
            self.send(response(message, "100 Trying", ""))
            if message.audio is not None:
                self._by_voice[message.audio] = leg
            self._start(self._calls(leg))
        elif message.method == "OPTIONS":
            self.send(response(message, "200 OK", secrets.token_hex(6)))
        elif message.method != "ACK":
            self.send(response(message, "481 Call/Transaction Does Not Exist", secrets.token_hex(6)))

    def _start(self, doing: Awaitable[None]) -> None:
        task = asyncio.ensure_future(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Voices(asyncio.DatagramProtocol):
    """Receives all audio from Asterisk; its source port says which call it belongs to."""

    def __init__(self, legs: dict[Address, SipLeg]) -> None:
        self._legs = legs

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if (leg := self._legs.get(addr)) is not None and len(data) > 12:
            leg.ears.packet(data[12:])


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()

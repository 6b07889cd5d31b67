"""A telephone that says whatever a test wants in SIP: redirects, transfers, false names, odd offers."""

import hashlib
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar

from models.instance.secrets import Secrets
from phones.instance import LiveHotline
from phones.raw_media import RawMedia
from phones.sip import RINGS_AND_ANSWERS, Dialog, Message, Reply, moved_to, new_token

T = TypeVar("T")

_POLL_S = 0.1
_TIMEOUT_S = 10.0
_T1_S = 0.5
"""After this long without any answer a request is sent again, then after twice as long (RFC 3261, 17.1.1.2)."""


@dataclass
class RawPhone:
    """A telephone of one UDP socket; `server` is Asterisk. `when_rung`: its answers to an INVITE, one after the other,
    or what chooses them.

    Every wait has a limit and raises AssertionError with the telephone's whole story after it.
    """

    number: str
    server: tuple[str, int]
    address: str = "127.0.0.1"
    when_rung: Sequence[Reply] | Callable[[Message], Sequence[Reply]] = RINGS_AND_ANSWERS
    port: int = 0
    silent: bool = False
    """It sends no packet of sound before the story lets it speak."""
    story: list[str] = field(default_factory=list)
    rung: list[Message] = field(default_factory=list)
    """The INVITEs of calls that it was rung for."""
    received: list[Message] = field(default_factory=list)
    dialog: Dialog | None = None

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._sip = self._socket(self.port)
        self.port = self._sip.getsockname()[1]
        self.media = RawMedia(self.address, self._hears, silent=self.silent)
        self._closed = False
        self._asked_last = b""
        self._tag = new_token()
        self._listens = threading.Thread(target=self._listen, daemon=True)
        self._listens.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.dialog and not self.dialog.ended:
            (self.request if kind is None else self.send)("BYE")
        self._closed = True
        # While somebody reads from it, a closed socket keeps its port.
        self._listens.join()
        self._sip.close()
        self.media.close()

    @property
    def sounds(self) -> int:
        """How many packets of sound have arrived."""
        return self.media.packets

    @property
    def voice(self) -> deque[bytes]:
        """What the newest of them carried."""
        return self.media.newest

    # --- what a test does ---

    def register(self, password: str, within_s: float = _TIMEOUT_S) -> int:
        """Registers with this password for an hour; the last status."""
        call_id, uri = new_token(), f"sip:{self.server[0]}:{self.server[1]}"
        name = f"<sip:{self.number}@{self.server[0]}>"
        proof: tuple[str, ...] = ()
        for cseq in (1, 2):
            lines = (f"From: {name};tag={self._tag}", f"To: {name}", f"Call-ID: {call_id}", f"CSeq: {cseq} REGISTER")
            self._request("REGISTER", uri, (*lines, "Expires: 3600", *proof))
            answer = self.wait_answer(call_id, cseq, within_s)
            if answer.status != 401:
                break
            proof = (self._authorization("REGISTER", answer.get("www-authenticate"), password, uri),)
        return answer.status

    def invite(
        self,
        dialled: str,
        *,
        name: str | None = None,
        uri: str | None = None,
        headers: Sequence[str] = (),
        more_media: str = "",
        offer: str | None = None,
        rings: float = _TIMEOUT_S,
        password: str | None = None,
    ) -> Message:
        """Calls `dialled`, with a password if it has one, and returns the final answer; `name` is who it says it is
        (the user of From), `uri` the request-URI, `more_media` comes after the audio in SDP, `offer` instead of it."""
        host = f"{self.server[0]}:{self.server[1]}"
        name = self.number if name is None else name
        user = f"{name}@" if name else ""
        local, remote, call_id = f"<sip:{user}{self.address}>;tag={new_token()}", f"<sip:{dialled}@{host}>", new_token()
        uri = uri or f"sip:{dialled}@{host}"
        for cseq in (1, 2):
            lines = (f"From: {local}", f"To: {remote}", f"Call-ID: {call_id}", f"CSeq: {cseq} INVITE", *headers)
            self._request("INVITE", uri, lines, self.sdp(more_media) if offer is None else offer)
            answer = self.wait_answer(call_id, cseq, rings)
            accepted = answer.status < 300
            target = answer.target if accepted else uri
            to = answer.get("to")
            self._request("ACK", target, (f"From: {local}", f"To: {to}", f"Call-ID: {call_id}", f"CSeq: {cseq} ACK"))
            if answer.status != 401 or password is None:
                break
            headers = (*headers, self._authorization("INVITE", answer.get("www-authenticate"), password, uri))
        if accepted:
            self.dialog = Dialog(call_id, local, to, target, cseq)
            self.media.meets(answer.body, self.server[0])
        return answer

    def request(self, method: str, headers: Sequence[str] = (), body: str = "") -> Message:
        """A request within the call; its final answer."""
        cseq = self.send(method, headers, body)
        assert self.dialog is not None
        return self.wait_answer(self.dialog.call_id, cseq)

    def send(self, method: str, headers: Sequence[str] = (), body: str = "") -> int:
        """A request within the call, whose answer nobody waits for; its CSeq."""
        assert self.dialog is not None, "no call"
        call = self.dialog
        call.cseq += 1
        lines = (f"From: {call.local}", f"To: {call.remote}", f"Call-ID: {call.call_id}", f"CSeq: {call.cseq} {method}")
        self._request(method, call.target, (*lines, *headers), body)
        call.ended = call.ended or method == "BYE"
        return call.cseq

    def holds(self, held: bool = True) -> Message:
        """The hold key: a re-INVITE that sends and does not listen, or the end of that."""
        return self.offers(self.sdp(f"a={'sendonly' if held else 'sendrecv'}\r\n"))

    def offers(self, sdp: str) -> Message:
        """A re-INVITE with this offer, or (when it is empty) without one; its answer."""
        answer = self.request("INVITE", body=sdp)
        assert self.dialog is not None
        call, cseq = self.dialog, self.dialog.cseq
        lines = (f"From: {call.local}", f"To: {call.remote}", f"Call-ID: {call.call_id}", f"CSeq: {cseq} ACK")
        # Who is asked without an offer makes one, and has its answer in ACK.
        self._request("ACK", call.target, lines, "" if sdp else self.sdp())
        return answer

    def press(self, key: str) -> Message:
        """A key by SIP INFO."""
        return self.request("INFO", ["Content-Type: application/dtmf-relay"], f"Signal={key}\r\nDuration=160\r\n")

    def wait_answer(self, call_id: str, cseq: int, seconds: float = _TIMEOUT_S) -> Message:
        """The final answer to our last request, which is sent again as long as nothing comes back."""

        def answer(least: int) -> Message | None:
            mine = (m for m in self.received if m.status >= least and m.get("call-id") == call_id)
            return next((m for m in mine if m.get("cseq").split()[0] == str(cseq)), None)

        until, pause = time.monotonic() + seconds, _T1_S
        while not self._seen(lambda: answer(100), min(pause, until - time.monotonic())) and time.monotonic() < until:
            self._sip.sendto(self._asked_last, self.server)
            pause *= 2
        final = self._seen(lambda: answer(200), until - time.monotonic())
        return self._must(final, f"answer to request {cseq}", seconds)

    def wait_rung(self, times: int = 1, seconds: float = _TIMEOUT_S) -> Message:
        """Waits until it has been rung this many times."""
        return self.wait(lambda: self.rung[times - 1] if len(self.rung) >= times else None, "call", seconds)

    def wait(self, truth: Callable[[], T | None], what: str, seconds: float = _TIMEOUT_S) -> T:
        """Waits for anything about this telephone."""
        return self._must(self._seen(truth, seconds), what, seconds)

    def _must(self, found: T | None, what: str, seconds: float) -> T:
        if not found:
            raise AssertionError(f"phone {self.number}: no {what} within {seconds:g} s\n" + "\n".join(self.story))
        return found

    def _seen(self, truth: Callable[[], T | None], seconds: float) -> T | None:
        until = time.monotonic() + seconds
        with self._changed:
            while not (found := truth()) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
        return found

    def sdp(self, more: str = "", *, codec: str = "8 PCMA/8000", listens_at: str | None = None) -> str:
        """An offer or answer of one codec (A-law) and RFC 4733; `more` comes after it."""
        payload, _, name = codec.partition(" ")
        return (
            f"v=0\r\no=- 1 {time.monotonic_ns()} IN IP4 {self.address}\r\ns=-\r\n"
            f"c=IN IP4 {listens_at or self.address}\r\nt=0 0\r\n"
            f"m=audio {self.media.port} RTP/AVP {payload} 101\r\na=rtpmap:{payload} {name}\r\n"
            f"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n{more}"
        )

    # --- SIP ---

    def _socket(self, port: int) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((self.address, port))
        made.settimeout(_POLL_S)
        return made

    def _contact(self) -> str:
        return f"Contact: <sip:{self.number or 'raw'}@{self.address}:{self.port}>"

    def _request(self, method: str, uri: str, lines: Sequence[str], body: str = "") -> None:
        via = f"Via: SIP/2.0/UDP {self.address}:{self.port};branch=z9hG4bK{new_token()};rport"
        sent = self._send((f"{method} {uri} SIP/2.0", via, "Max-Forwards: 70", self._contact(), *lines), body)
        if method != "ACK":
            self._asked_last = sent

    def _answer(self, message: Message, reply: Reply, body: str = "") -> None:
        to = message.get("to")
        to += "" if ";tag=" in to else f";tag={self._tag}"
        lines = [f"SIP/2.0 {reply.status}", *(f"Via: {via}" for via in message.all("via"))]
        lines += [f"From: {message.get('from')}", f"To: {to}"]
        lines += [f"Call-ID: {message.get('call-id')}", f"CSeq: {message.get('cseq')}"]
        own = [] if any(line.startswith("Contact:") for line in reply.headers) else [self._contact()]
        self._send((*lines, *reply.headers, *own), body)

    def _send(self, lines: Sequence[str], body: str) -> bytes:
        kind = ["Content-Type: application/sdp"] if body.startswith("v=0") else []
        head = "\r\n".join([*lines, *kind, f"Content-Length: {len(body.encode())}"])
        self.story.append(f"> {lines[0]}")
        sent = f"{head}\r\n\r\n{body}".encode(errors="surrogateescape")
        self._sip.sendto(sent, self.server)
        return sent

    def _listen(self) -> None:
        while not self._closed:
            try:
                data = self._sip.recv(65535)
            except TimeoutError:
                continue
            except OSError:
                return
            if data.strip():
                self._got(Message.parsed(data))

    def _got(self, message: Message) -> None:
        with self._changed:
            self.story.append(f"< {message.first}")
            again = any(m.get("via") == message.get("via") and not m.status for m in self.received)
            self.received.append(message)
            if not message.status and not again:
                self._asked(message)
            self._changed.notify_all()

    def _asked(self, message: Message) -> None:
        mine = self.dialog is not None and self.dialog.call_id == message.get("call-id")
        match message.method:
            case "INVITE" if mine:
                self._answer(message, Reply("200 OK"), self.sdp())
            case "INVITE":
                self._is_rung(message)
            case "ACK":
                pass
            case "CANCEL":
                self._answer(message, Reply("200 OK"))
                self._answer(self.rung[-1], Reply("487 Request Terminated"))
            case method:
                if method == "BYE" and mine:
                    assert self.dialog is not None
                    self.dialog.ended = True
                self._answer(message, Reply("200 OK"))

    def _is_rung(self, message: Message) -> None:
        self.rung.append(message)
        self.replies(self.when_rung(message) if callable(self.when_rung) else self.when_rung)

    def replies(self, to_say: Sequence[Reply]) -> None:
        """Answers the last call that it was rung for."""
        message = self.rung[-1]
        for reply in to_say:
            accepts = reply.status.startswith("2")
            self._answer(message, reply, self.sdp() if accepts or reply.status.startswith("183") else "")
            if accepts:
                local = f"{message.get('to')};tag={self._tag}"
                self.dialog = Dialog(message.get("call-id"), local, message.get("from"), message.target, 100)
                self.media.meets(message.body, self.server[0])

    def _authorization(self, method: str, challenge: str, password: str, uri: str) -> str:
        """RFC 2617, with quality of protection."""
        asked = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))

        def digest(*parts: str) -> str:
            return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()

        who, what = digest(self.number, asked["realm"], password), digest(method, uri)
        answer = digest(who, asked["nonce"], "00000001", "raw", "auth", what)
        return (
            f'Authorization: Digest username="{self.number}",realm="{asked["realm"]}",nonce="{asked["nonce"]}",'
            f'uri="{uri}",response="{answer}",algorithm=MD5,qop=auth,nc=00000001,cnonce="raw",'
            f'opaque="{asked.get("opaque", "")}"'
        )

    def _hears(self) -> None:
        with self._changed:
            self._changed.notify_all()


@contextmanager
def registered(hotline: LiveHotline, number: str, when_rung: Sequence[Reply] = RINGS_AND_ANSWERS) -> Iterator[RawPhone]:
    """The telephone of this number, registered with its password."""
    with RawPhone(number, (hotline.site.sip.address, hotline.ports.sip), when_rung=when_rung) as phone:
        status = phone.register(Secrets.load_or_create(hotline.home, hotline.site).sip[number])
        if status != 200:
            raise AssertionError(f"phone {number} was not registered: {status}")
        yield phone


@contextmanager
def forwarding(hotline: LiveHotline, number: str, to: str) -> Iterator[RawPhone]:
    """The registered telephone of this number, which forwards all its calls (302) to another number here."""
    where = f"sip:{to}@{hotline.site.sip.address}:{hotline.ports.sip}"
    with registered(hotline, number, moved_to(where)) as phone:
        yield phone

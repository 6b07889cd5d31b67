"""One UDP socket of somebody who is neither a telephone of ours nor the carrier, and times every answer."""

import random
import secrets
import socket
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from phones.sip import Message

Address = tuple[str, int]

_TIMEOUT_S = 2.0


class Outsider:
    """One UDP socket at `address`, which talks to Asterisk at `server` and keeps all that comes back."""

    def __init__(self, server: Address, address: str) -> None:
        self.server, self.answers = server, list[Message]()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self.here: Address = self._socket.getsockname()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def say(self, packet: bytes) -> None:
        """Sends it, and takes what has arrived meanwhile."""
        self._socket.sendto(packet, self.server)
        while self._take(0):
            pass

    def ask(self, packet: bytes) -> tuple[Message, float]:
        """The answer and the seconds until it came. Raises TimeoutError."""
        began = time.perf_counter()
        self._socket.sendto(packet, self.server)
        self._socket.settimeout(_TIMEOUT_S)
        data = self._socket.recv(65_535)
        return Message.parsed(data), time.perf_counter() - began

    def hears_out(self, quiet_s: float = 1.0) -> None:
        """Until nothing has come for this long."""
        while self._take(quiet_s):
            pass

    def _take(self, wait_s: float) -> bool:
        self._socket.settimeout(wait_s)
        try:
            self.answers.append(Message.parsed(self._socket.recv(65_535)))
        except (TimeoutError, BlockingIOError):
            return False
        return True

    def request(
        self, method: str, name: str, dialled: str = "8000", headers: Sequence[str] = (), body: str = ""
    ) -> bytes:
        """A well-formed request of somebody who calls himself `name`."""
        token, host = secrets.token_hex(8), f"{self.server[0]}:{self.server[1]}"
        user = f"{name}@" if name else ""
        lines = [
            f"{method} sip:{dialled}@{host} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.here[0]}:{self.here[1]};branch=z9hG4bK{token};rport",
            "Max-Forwards: 70",
            f"From: <sip:{user}{host}>;tag={token}",
            f"To: <sip:{user}{host}>",
            f"Call-ID: {token}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:{user}{self.here[0]}:{self.here[1]}>",
            *headers,
            f"Content-Length: {len(body.encode())}",
        ]
        return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()

    def proof(self, name: str, chance: random.Random, *, realm: str = "hotline") -> str:
        """An Authorization header that only luck would make right."""
        nonce = f"{int(time.time())}/{chance.randbytes(16).hex()}"
        return (
            f'Authorization: Digest username="{name}", realm="{realm}", nonce="{nonce}", uri="sip:8000@hotline", '
            f'response="{chance.randbytes(16).hex()}", algorithm=MD5, qop=auth, nc=00000001, cnonce="1"'
        )

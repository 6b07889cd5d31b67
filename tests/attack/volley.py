"""Many SIP requests from one socket, and every answer to them; a final answer to an INVITE gets its ACK."""

import select
import socket
import time
from collections.abc import Iterable

from phones.sip import Message

_PAUSE_EVERY = 20
_PAUSE_S = 0.02


class Volley:
    """A stranger's UDP socket at a loopback address. `answers` are all that came, in their order."""

    def __init__(self, server: tuple[str, int], address: str) -> None:
        self._server = server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self.answers: list[Message] = []

    def close(self) -> None:
        self._socket.close()

    def fire(self, requests: Iterable[bytes], *, quiet_s: float = 1.5) -> list[Message]:
        """Sends them one after the other, and returns what is answered until nothing more comes."""
        first = len(self.answers)
        for number, request in enumerate(requests):
            self._socket.sendto(request, self._server)
            self._collect(_PAUSE_S if number % _PAUSE_EVERY == 0 else 0.0)
        until = time.monotonic() + quiet_s
        while time.monotonic() < until:
            if self._collect(0.1):
                until = time.monotonic() + quiet_s
        return self.answers[first:]

    def _collect(self, within_s: float) -> int:
        """How many answers have come, of those that are not repeated ones."""
        new = 0
        while select.select([self._socket], [], [], within_s)[0]:
            try:
                data = self._socket.recv(65_535)
            except OSError:
                break
            message = Message.parsed(data)
            if message.status >= 200 and message.get("cseq").endswith("INVITE"):
                self._acknowledge(message)
            if message.status and not any(message == known for known in self.answers[-50:]):
                self.answers.append(message)
                new += 1
            within_s = 0.0
        return new

    def _acknowledge(self, answer: Message) -> None:
        lines = [f"ACK sip:{self._server[0]}:{self._server[1]} SIP/2.0", f"Via: {answer.get('via')}"]
        lines += [f"From: {answer.get('from')}", f"To: {answer.get('to')}", f"Call-ID: {answer.get('call-id')}"]
        lines += [f"CSeq: {answer.get('cseq').split()[0]} ACK", "Max-Forwards: 70", "Content-Length: 0", "", ""]
        self._socket.sendto("\r\n".join(lines).encode(), self._server)

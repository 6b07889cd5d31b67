"""Each run claims a whole block of ports while it lives, so that two runs on one machine never collide."""

import contextlib
import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Below 32768, where Linux begins to hand out ports for outgoing connections.
_DEFAULT = "11000-31999"
_BLOCK = 1000
_PHONES = 90
_RTP_OF_A_PHONE = 4  # RTP and RTCP of one call, and of a next one that starts before the last has quite ended


@dataclass(frozen=True)
class Ports:
    """A block of 1000: SIP, HTTP, the carrier, AGI, console, SIP over TLS, RTP of Asterisk (400), then 90 phones."""

    first: int

    @property
    def sip(self) -> int:
        return self.first

    @property
    def http(self) -> int:
        return self.first + 1

    @property
    def carrier(self) -> int:
        return self.first + 2

    @property
    def agi(self) -> int:
        return self.first + 3

    @property
    def console(self) -> int:
        return self.first + 4

    @property
    def tls(self) -> int:
        return self.first + 5

    @property
    def spare(self) -> range:
        """For other programs of a test (SIPp, a relay)."""
        return range(self.first + 10, self.first + 100)

    @property
    def rtp(self) -> tuple[int, int]:
        """Asterisk's RTP ports, first and last."""
        return self.first + 200, self.first + 599

    def phone(self, number: int) -> tuple[int, tuple[int, int]]:
        """The control port, and first and last RTP port, of the phone numbered 0 to 89. Raises ValueError beyond."""
        if not 0 <= number < _PHONES:
            raise ValueError(f"a block of ports has room for {_PHONES} phones, not for number {number}")
        rtp = self.first + 600 + number * _RTP_OF_A_PHONE
        return self.first + 100 + number, (rtp, rtp + _RTP_OF_A_PHONE - 1)


@contextlib.contextmanager
def claimed() -> Iterator[Ports]:
    """A free block, from HOTLINE_TEST_PORTS ("11000-31999"). Raises RuntimeError when all are taken.

    The lock dies with the process. A block whose ports are nevertheless in use (a run was killed and its
    Asterisk lives on) is skipped.
    """
    first, last = (int(port) for port in os.environ.get("HOTLINE_TEST_PORTS", _DEFAULT).split("-"))
    folder = Path(tempfile.gettempdir()) / f"hotline-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for base in range(first, last - _BLOCK + 2, _BLOCK):
        with (folder / str(base)).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            ports = Ports(base)
            ours = (ports.sip, ports.http, ports.carrier, ports.agi, ports.console, ports.phone(0)[0])
            if all(_free(port) for port in ours):
                yield ports
                return
    raise RuntimeError(
        f"all blocks of {_BLOCK} ports in {first}-{last} are taken; set HOTLINE_TEST_PORTS to another range"
    )


def _free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind == socket.SOCK_STREAM))
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def own_address() -> str:
    """This machine's address in its network, where others reach it; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))
        return str(asked.getsockname()[0])

"""One baresip process, driven over its control socket (netstrings of JSON); its events arrive on one thread of ours."""

import contextlib
import itertools
import json
import select
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.instance.priority import ahead

_MODULES = Path("/usr/lib/baresip/modules")
_TICK_S = 0.02
_START_S = 10.0
_ANSWER_S = 5.0

Event = dict[str, Any]


class PhoneFault(Exception):
    """The phone program has refused or ignored a command; the text has its last output."""


@dataclass(frozen=True)
class Setup:
    """A phone's folder, address and ports, and the file that is its microphone."""

    folder: Path
    address: str
    sip_port: int
    ctrl_port: int
    rtp_ports: tuple[int, int]
    microphone: Path
    authority: Path | None = None

    @property
    def recordings(self) -> Path:
        return self.folder / "rec"


class Baresip:
    """The process and its control socket. `on_event` is called for each event, `on_tick` about every 20 ms while
    `busy()` says so; both on the thread of this phone."""

    def __init__(
        self, setup: Setup, on_event: Callable[[Event], None], on_tick: Callable[[], None], busy: Callable[[], bool]
    ) -> None:
        program = shutil.which("baresip")
        if program is None:
            raise PhoneFault("baresip is not installed: apt-get install baresip-core (1.0.0; 1.1.0 hangs)")
        self._on_event, self._on_tick, self._busy = on_event, on_tick, busy
        self._tokens = itertools.count(1)
        self._replies: dict[str, Event] = {}
        self._replied = threading.Condition()
        self._sending = threading.Lock()
        self._log = setup.folder / "log"
        setup.recordings.mkdir(parents=True, exist_ok=True)
        for name, text in (("config", _config(setup)), ("accounts", ""), ("contacts", "")):
            (setup.folder / name).write_text(text, encoding="utf-8")
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                ahead([program, "-4", "-f", "."]),
                cwd=setup.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._socket = self._connected(setup.ctrl_port)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        self._thread = threading.Thread(target=self._receive, name=f"phone {setup.folder.name}", daemon=True)
        self._thread.start()

    def command(self, name: str, parameters: str = "") -> str:
        """Runs a menu command and returns its output. Raises PhoneFault when the phone refuses or does not answer."""
        token = self.tell(name, parameters)
        with self._replied:
            if not self._replied.wait_for(lambda: token in self._replies, _ANSWER_S):
                raise PhoneFault(f"baresip did not answer {name} {parameters}: {self.said()}")
            reply = self._replies.pop(token)
        if not reply["ok"]:
            raise PhoneFault(f"baresip refused {name} {parameters}: {reply['data']} {self.said()}")
        return str(reply["data"])

    def tell(self, name: str, parameters: str = "") -> str:
        """Sends a command without waiting for its reply; returns its token."""
        token = str(next(self._tokens))
        message = json.dumps({"command": name, "params": parameters, "token": token}).encode()
        with self._sending:
            self._socket.sendall(b"%d:%s," % (len(message), message))
        return token

    def close(self) -> None:
        """Hangs up, unregisters and ends within 3 s; then it is killed."""
        with contextlib.suppress(OSError):
            self.tell("quit")
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.kill()
        self._thread.join(3)
        self._socket.close()

    def kill(self) -> None:
        """As if the phone's power fails: no BYE, no unregistering."""
        self.process.kill()
        self.process.wait()

    def said(self) -> str:
        """The last lines of its log."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return " | ".join([line.strip() for line in lines if line.strip()][-6:])

    def _connected(self, port: int) -> socket.socket:
        deadline = time.monotonic() + _START_S
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", port), 1)
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise PhoneFault(f"baresip did not start: {self.said()}") from None
                time.sleep(0.01)
            else:
                connection.settimeout(None)
                return connection

    def _receive(self) -> None:
        rest = b""
        while True:
            try:
                ready, _, _ = select.select([self._socket], [], [], _TICK_S if self._busy() else None)
                received = self._socket.recv(65536) if ready else None
            except (OSError, ValueError):
                return
            if received == b"":
                return
            rest += received or b""
            while message := _next(rest):
                rest = rest[message[1] :]
                self._sort(json.loads(message[0]))
            self._on_tick()

    def _sort(self, message: Event) -> None:
        if message.get("event"):
            self._on_event(message)
            return
        with self._replied:
            self._replies[message["token"]] = message
            self._replied.notify_all()


def _next(received: bytes) -> tuple[bytes, int] | None:
    """The first whole netstring's content and where the next one begins."""
    length, colon, _ = received.partition(b":")
    if not colon:
        return None
    begin = len(length) + 1
    end = begin + int(length)
    return (received[begin:end], end + 1) if len(received) > end else None


def _encryption(authority: Path | None) -> str:
    """SRTP, and whose certificates are believed."""
    return f"module srtp.so\nsip_cafile {authority}\n" if authority else ""


def _config(setup: Setup) -> str:
    # net_interface takes the address (the name "lo" breaks it); A-law first, as the trunk speaks it. The recordings'
    # folder is relative to the phone's own: baresip silently cuts a long path, and nothing would be recorded.
    first, last = setup.rtp_ports
    return f"""poll_method epoll
sip_listen {setup.address}:{setup.sip_port}
net_interface {setup.address}
call_local_timeout 600
call_max_calls 1
statmode_default off
ringback_disabled yes
audio_source aufile,{setup.microphone}
audio_srate 8000
audio_channels 1
ausrc_srate 8000
auplay_srate 8000
auenc_format s16
audec_format s16
audio_buffer 20-160
audio_telev_pt 101
rtp_ports {first}-{last}
rtcp_mux no
jitter_buffer_delay 0-0
module_path {_MODULES}
module_tmp account.so
module g711.so
module aufile.so
module sndfile.so
module_app menu.so
module_app ctrl_tcp.so
{_encryption(setup.authority)}ctrl_tcp_listen 127.0.0.1:{setup.ctrl_port}
snd_path {setup.recordings.name}
"""

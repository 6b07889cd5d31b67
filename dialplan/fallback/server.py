"""`hotline fallback`: one forked process per call, so that a fault in one call cannot reach another.

`/hello` shows the dialplan (and `hotline status`) that calls are really served here, before a caller is handed over;
`/call` serves a caller.
"""

import io
import logging
import os
import select
import signal
import socket
import socketserver
import time
from contextlib import suppress
from typing import Any

from asterisk.agi import AGI
from sqlalchemy.orm import configure_mappers

from dialplan.fallback import introduction
from dialplan.fallback.book import Book
from dialplan.fallback.caller import FallbackCaller, LineLost
from dialplan.fallback.conversation import converse
from dialplan.fallback.introduction import Lines, Stranger
from models.clock import SystemClock
from models.instance import heartbeat
from models.instance.heartbeat import Beat
from models.instance.home import Home
from models.instance.instance import Instance
from models.instance.log import WITH_TIME
from models.instance.log import begin as start_log
from models.instance.secrets import Secrets

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Callers at a time; more wait, and go on to the dialplan's own tier."""
_LOOK_S = 0.5
_INTRODUCTION_S = 2
"""Asterisk sends the call's data at once."""
_STRANGERS = 50
"""Connections that have not introduced themselves; of more, the oldest is closed."""
_LET_FINISH_S = 8.0
"""A little less than the supervisor waits for this process to end."""


class _Server(socketserver.ForkingTCPServer):
    allow_reuse_address = True
    request_queue_size = 64
    max_children = AT_ONCE
    block_on_close = False
    timeout = _LOOK_S

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.secret = Secrets.load_or_create(instance.home, instance.site).agi_password
        self.waiting: dict[socket.socket, float] = {}
        """Connections that have not introduced themselves yet, the oldest first, and until when they may."""
        super().__init__(("127.0.0.1", instance.site.agi.port), _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """A new connection: strangers in any number take no caller's place."""
        self.waiting[request] = time.monotonic() + _INTRODUCTION_S
        if len(self.waiting) > _STRANGERS:
            self._refuse(next(iter(self.waiting)), "too many")

    def turn(self) -> None:
        """Waits a moment for what comes next, and starts a process for each caller of our Asterisk."""
        ready, _, _ = select.select([self.socket, *self.waiting], [], [], _LOOK_S)
        if self.socket in ready:
            self.handle_request()
        for connection in [one for one in self.waiting if one in ready]:
            self._hear(connection)
        for connection in [one for one, until in self.waiting.items() if until < time.monotonic()]:
            self._refuse(connection, "no introduction")
        self.service_actions()

    def _hear(self, connection: socket.socket) -> None:
        try:
            said = introduction.whole(connection)
            if said is None:
                return
            introduction.check(said, self.secret, self.instance.site)
        except (Stranger, OSError) as error:
            self._refuse(connection, str(error))
            return
        del self.waiting[connection]
        super().process_request(connection, None)

    def _refuse(self, connection: socket.socket, why: str) -> None:
        del self.waiting[connection]
        self.shutdown_request(connection)
        log.warning("a connection that is not our Asterisk's was closed (%s)", why)

    def handle_error(self, request: object, client_address: object) -> None:
        # The connection ends, and the dialplan goes on with the caller.
        log.exception("a call failed here and goes on to the dialplan")


class _Connection(socketserver.BaseRequestHandler):
    """Runs in the forked process."""

    def handle(self) -> None:
        server, connection = self.server, self.request
        assert isinstance(server, _Server)
        assert isinstance(connection, socket.socket)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        # Otherwise this call would keep the port in use, even after the server's death.
        for other in (server.socket, *server.waiting):
            other.close()
        with (
            connection.makefile("r", encoding="utf-8", errors="replace", newline="\n") as heard,
            connection.makefile("w", encoding="utf-8", newline="\n") as said,
        ):
            # pyst2 writes all traffic, with callers' numbers, to its stderr.
            agi = AGI(Lines(heard), said, io.StringIO())
            if agi.env["agi_network_script"] == "hello":
                agi.set_variable("FALLBACK", "ready")
                return
            self._serve(server.instance, FallbackCaller(agi))

    def _serve(self, instance: Instance, caller: FallbackCaller) -> None:
        book = Book(instance.home, instance.site, instance.policy, SystemClock(), caller)
        try:
            converse(caller, book, instance.site, instance.policy)
        except LineLost:
            log.warning("the connection to Asterisk broke while %s", caller.doing)
        finally:
            book.close()


def run(home: Home) -> None:
    """Runs the process. Returns on SIGTERM or Ctrl-C, when its calls have ended or have been left to the dialplan.

    Raises OSError when the port is taken.
    """
    start_log(WITH_TIME)
    instance = Instance.load(home)
    # Otherwise each call's own process would do it while it holds the store's lock.
    configure_mappers()
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    with _Server(instance) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        log.info("waiting for calls on port %d", instance.site.agi.port)
        began = SystemClock().now()
        with suppress(OSError):
            heartbeat.leave(home, "fallback", Beat(began, began))
        while not stopping:
            server.turn()
        server.socket.close()
        _end(server)
    log.info("stopped")


def _end(server: _Server) -> None:
    """Lets calls finish for a while; those that last longer are left to the dialplan."""
    until = time.monotonic() + _LET_FINISH_S
    while server.active_children and time.monotonic() < until:
        time.sleep(0.1)
        server.service_actions()
    for pid in server.active_children or ():
        os.kill(pid, signal.SIGTERM)


def answers(port: int, secret: str, within_s: float = 2.0) -> bool:
    """Whether a call would be served now: the same request that the dialplan makes."""
    try:
        with socket.create_connection(("127.0.0.1", port), within_s) as connection:
            connection.settimeout(within_s)
            connection.sendall(f"agi_network_script: hello\nagi_arg_1: {secret}\n\n".encode())
            said = connection.makefile("r", encoding="utf-8").readline()
            connection.sendall(b"200 result=1\n")
            return said == 'SET VARIABLE "FALLBACK" "ready"\n'
    except OSError:
        return False

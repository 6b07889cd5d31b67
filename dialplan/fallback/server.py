"""`hotline fallback`: one forked process per call, so that a fault in one call cannot reach another.

`/hello` shows the dialplan (and `hotline status`) that calls are really served here, before a caller is handed over;
`/call` serves a caller.
"""

import io
import logging
import os
import signal
import socket
import socketserver
import time
from contextlib import suppress

from asterisk.agi import AGI
from sqlalchemy.orm import configure_mappers

from dialplan.fallback.book import Book
from dialplan.fallback.caller import FallbackCaller, LineLost
from dialplan.fallback.conversation import converse
from models.clock import SystemClock
from models.instance import heartbeat
from models.instance.heartbeat import Beat
from models.instance.home import Home
from models.instance.instance import Instance

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Callers at a time; more wait, and go on to the dialplan's own tier."""
_LOOK_S = 0.5
_INTRODUCTION_S = 5.0
"""Asterisk sends the call's data at once; a stranger who sends nothing keeps no process busy."""
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
        super().__init__(("127.0.0.1", instance.site.agi.port), _Connection)

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
        server.socket.close()
        with (
            connection.makefile("r", encoding="utf-8", errors="replace", newline="\n") as heard,
            connection.makefile("w", encoding="utf-8", newline="\n") as said,
        ):
            connection.settimeout(_INTRODUCTION_S)
            # pyst2 writes all traffic, with callers' numbers, to its stderr.
            agi = AGI(heard, said, io.StringIO())
            if agi.env.get("agi_network_script") == "hello":
                agi.set_variable("FALLBACK", "ready")
                return
            connection.settimeout(None)
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
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
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
            server.handle_request()
            server.service_actions()
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


def answers(port: int, within_s: float = 2.0) -> bool:
    """Whether a call would be served now: the same request that the dialplan makes."""
    try:
        with socket.create_connection(("127.0.0.1", port), within_s) as connection:
            connection.settimeout(within_s)
            connection.sendall(b"agi_network: yes\nagi_network_script: hello\n\n")
            said = connection.makefile("r", encoding="utf-8").readline()
            connection.sendall(b"200 result=1\n")
            return said == 'SET VARIABLE "FALLBACK" "ready"\n'
    except OSError:
        return False

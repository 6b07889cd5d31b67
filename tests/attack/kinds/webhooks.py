"""Webhooks to addresses of the house's own network: nothing is sent there, however the address is written."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.attack.api import ROOT, ask, token
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import World

_HOSTS = (
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "127.0.0.1.",
    "１２７.0.0.1",
    "169.254.169.254",
    "10.0.0.1",
    "user@127.0.0.1",
)
_SENT_WITHIN_S = 12.0


def attack(world: World, outcome: Outcome) -> None:
    """A webhook for each form of the address, then a ticket that all of them would be sent."""
    with listening() as (port, requests):
        for host in _HOSTS if world.large else _HOSTS[1::4]:
            outcome.tried()
            world.command("webhook", "add", f"http://{host}:{port}/hook")
        form = token(world, "attack-hooks", "open")
        ticket = {"kind": "enquiry", "source": "web", "contact_number": "13912340003", "contact_name": "王"}
        ticket |= {"problem": "x", "need": "x"}
        opened = ask(world, "POST", f"{ROOT}/tickets", form, ticket, headers={"Idempotency-Key": "attack-hooks-1"})
        if opened.status != 201:
            outcome.loses(f"a customer's ticket: {opened.status} {opened.text[:200]}")
        until = time.monotonic() + _SENT_WITHIN_S
        while time.monotonic() < until and not requests:
            time.sleep(0.2)
        for line in requests:
            outcome.gets_in(f"a message was sent to this machine: {line}")


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A server on this machine that answers nothing but 200, and remembers what it was asked."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append(f"{self.requestline}, Host: {self.headers.get('Host')}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1], requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


KIND = Kind("webhooks", "have a message sent into the house's own network", attack)

"""The real HTTP server on a real port over a real store; API clients, and receivers of webhooks."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from console.api.allowance import Allowance
from console.api.application import application
from console.api.following import Tries
from models.database.store import Store
from models.instance.home import PROJECT_ROOT, Home
from models.instance.instance import RunningInstance
from models.people import tokens
from models.policy import Policy
from models.site import Site
from models.site.network import OwnPrograms
from models.states.people import May
from phones.instance import changed
from scheduler.scope import Scope
from tests.served import filled_database, home, served, store

__all__ = ["home", "store"]

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Clock:
    """A clock that moves only when the test moves it."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture(scope="session")
def site() -> Site:
    """The example site, whose webhooks may reach this machine."""
    example = Site.load(PROJECT_ROOT / "site.example.toml")
    return example.model_copy(update={"webhooks": OwnPrograms(inside=["127.0.0.0/8"])})


@pytest.fixture(scope="session")
def policy(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """The delivered policy; one second for a webhook, two for a request, and fewer connections than tests open."""
    file = tmp_path_factory.mktemp("policy") / "policy.toml"
    text = (PROJECT_ROOT / "policy.toml").read_text(encoding="utf-8")
    text = changed(changed(text, "webhooks.timeout_s", 1), "api.request_s", 2)
    text = changed(changed(text, "api.connections", 200), "api.connections_of_address", 150)
    file.write_text(text, encoding="utf-8")
    return Policy.load(file, site)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Path:
    return filled_database(tmp_path_factory.mktemp("filled") / "hotline.db", site, at=NOON)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scope(home: Home, site: Site, policy: Policy, store: Store, clock: Clock) -> Scope:
    """What a scan of the scheduler is given."""
    return Scope(home, site, policy, store, clock)


@pytest.fixture(scope="session")
def serving(site: Site, policy: Policy, filled: Path) -> Iterator[tuple[FastAPI, str]]:
    """The running server and its address; each test gives it a store of its own."""
    instance = RunningInstance(Home(filled.parent), site, policy, Store(f"sqlite:///{filled}"), Clock())
    with served(lambda: application(instance), site, policy.api) as running:
        yield running.app, f"{running.address}/api/v1"


Program = Callable[..., httpx.Client]


@pytest.fixture
def program(
    serving: tuple[FastAPI, str], home: Home, site: Site, policy: Policy, store: Store, clock: Clock
) -> Iterator[Program]:
    """Another program with a token: `program(May.OPEN, staff="7001")`; without a right it has no token."""
    app, address = serving
    app.state.instance = RunningInstance(home, site, policy, store, clock)
    app.state.tries = Tries(policy.api)
    app.state.allowance = Allowance(policy.api.requests_a_minute)
    with ExitStack() as clients:

        def make(*may: May, staff: str | None = None, name: str = "app") -> httpx.Client:
            headers = {}
            if may:
                given = {"may": may, "staff_number": staff, "by": "test", "at": clock.now()}
                headers = {"authorization": f"Bearer {store.write(tokens.add, name, **given)}"}
            return clients.enter_context(httpx.Client(base_url=address, headers=headers))

        yield make


@dataclass
class Received:
    """One request that the receiver got, whatever its answer."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> tuple[str, int | None]:
        """The type of the message and its ticket."""
        message: dict[str, Any] = json.loads(self.body)
        return message["type"], message["data"].get("ticket")


@dataclass
class Receiver:
    """A webhook receiver: answers with the codes in `answers`, then 200, each after `sleeps` seconds."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    sleeps: float = 0.0
    got: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def events(self) -> list[tuple[str, int | None]]:
        return [one.event for one in self.got]


@pytest.fixture
def receivers() -> Iterator[Callable[[], Receiver]]:
    """Starts receivers, each on a port of its own."""
    with ExitStack() as running:

        def start() -> Receiver:
            receiver = Receiver()

            class Handler(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    body = self.rfile.read(int(self.headers["content-length"]))
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    receiver.got.append(Received(self.path, headers, body))
                    time.sleep(receiver.sleeps)
                    self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                    self.send_header("location", receiver.url + "/elsewhere")
                    self.end_headers()

                def log_message(self, *_: object) -> None:
                    pass

            http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            receiver.port = http.server_address[1]
            thread = threading.Thread(target=http.serve_forever, args=(0.01,))
            thread.start()

            def stop() -> None:
                http.shutdown()
                thread.join()
                http.server_close()

            running.callback(stop)
            return receiver

        yield start


FORM: dict[str, Any] = {
    "kind": "repair",
    "source": "app",
    "contact_name": "李秀兰",
    "contact_number": "137 0013 7000",
    "problem": "no water in the kitchen",
    "need": "somebody this afternoon",
}


def opens(client: httpx.Client, key: str = "key-00000001", **fields: Any) -> httpx.Response:
    """Posts the form that opens a ticket, with these fields changed; None leaves one out."""
    body = {name: value for name, value in (FORM | fields).items() if value is not None}
    return client.post("/tickets", json=body, headers={"idempotency-key": key})


def wrong(answer: httpx.Response, status: int, kind: str, *names: str) -> dict[str, Any]:
    """Checks that the answer is a problem of this kind, in both languages, about these fields."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["type"], problem["status"]) == (f"urn:hotline:problem:{kind}", status)
    assert problem["detail"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["detail_zh"])
    assert [one["name"] for one in problem.get("errors", [])] == list(names)
    return problem

"""The tests in this folder run on a real SQLite file and on a real, private PostgreSQL server."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models import enrolment
from models.database.store import Store
from models.instance.home import PROJECT_ROOT, Home
from models.policy import Policy
from models.site import Site
from models.states.tickets import Source, TicketEventKind, TicketKind
from models.tables import Ticket
from models.tickets import intake, tickets
from models.tickets.intake import Facts
from scheduler.scope import Scope
from tests.store.cluster import Cluster

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
FACTS = Facts("王建国", "13800138000", "no water", "water today")
Write = Callable[..., Any]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def sqlite_with_schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema; each test gets a copy."""
    file = tmp_path_factory.mktemp("schema") / "hotline.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    store.close()
    return file


@pytest.fixture(scope="session")
def postgresql_with_schema(cluster: Cluster) -> str:
    """A database with the schema; it is emptied before each test."""
    cluster.execute("CREATE DATABASE hotline")
    store = Store(cluster.url("hotline"))
    store.migrate()
    store.close()
    return "hotline"


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"empty_{uuid.uuid4().hex}"
    cluster.execute(f"CREATE DATABASE {name}")
    return cluster.url(name)


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with this version's schema."""
    if backend == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_with_schema"), tmp_path / "hotline.db")
        return f"sqlite:///{tmp_path}/hotline.db"
    cluster: Cluster = request.getfixturevalue("cluster")
    database: str = request.getfixturevalue("postgresql_with_schema")
    cluster.empty(database)
    return cluster.url(database)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def policy(site: Site) -> Policy:
    return Policy.load(PROJECT_ROOT / "policy.toml", site)


@pytest.fixture(scope="session")
def site() -> Site:
    return Site.load(PROJECT_ROOT / "site.example.toml")


@pytest.fixture
def staffed(store: Store, site: Site) -> Store:
    """A store with the staff of the example site."""
    store.write(enrolment.enrol, site)
    return store


@pytest.fixture
def noon() -> datetime:
    return NOON


@dataclass
class HeldClock:
    """A clock that moves only when the test moves it."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> datetime:
        self.moment += timedelta(**by)
        return self.moment


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(NOON)


@pytest.fixture
def scope(staffed: Store, site: Site, policy: Policy, tmp_path: Path, clock: HeldClock) -> Scope:
    """What a scan is given, with a home of its own."""
    home = Home(tmp_path / "home")
    home.create_missing()
    return Scope(home, site, policy, staffed, clock)


@pytest.fixture
def hotline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """A terminal at a new home with the delivered configuration."""
    from tests.store.terminal import Terminal

    home = Home(tmp_path / "home")
    home.create_missing()
    return Terminal(home, monkeypatch, capsys)


@pytest.fixture
def begin_call(store: Store) -> Callable[..., Any]:
    """Writes a call; the test gives only the fields that it needs."""
    from models.calls import calls

    def begin(channel_id: str = "1700000000.1", **fields: Any) -> calls.Call:
        values: dict[str, Any] = {"line": "8000", "caller_number": "13800138000", "language": "zh", "at": NOON} | fields
        return store.write(calls.begin, channel_id=channel_id, **values)

    return begin


@pytest.fixture
def do(staffed: Store, noon: datetime) -> Write:
    """Writes as 7001, at noon, unless other values are given."""

    def write(function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return staffed.write(function, *args, **({"who": "7001", "at": noon} | values))

    return write


@pytest.fixture
def new(do: Write, policy: Policy) -> Callable[..., Ticket]:
    def make(kind: TicketKind = TicketKind.REPAIR, facts: Facts = FACTS, **values: Any) -> Ticket:
        ticket: Ticket = do(
            intake.new,
            kind=kind,
            source=values.pop("source", Source.VISIT),
            facts=facts,
            policy=policy,
            language="zh",
            **values,
        )
        return ticket

    return make


@pytest.fixture
def events(staffed: Store) -> Callable[..., list[tuple[str, str, str]]]:
    def of(ticket: Ticket, *kinds: TicketEventKind) -> list[tuple[str, str, str]]:
        record = staffed.read(tickets.get, ticket.id)
        assert record is not None
        return [(one.kind.value, one.who, one.text) for one in record.events if not kinds or one.kind in kinds]

    return of

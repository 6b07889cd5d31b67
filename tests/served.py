"""The console on a port of its own, over a store with the staff of the site and one owner."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

import pytest
from starlette.types import ASGIApp

from console.connections import server
from models import enrolment
from models.database.store import Store
from models.instance.home import Home
from models.people import people
from models.people.owners_file import OwnerRow
from models.policy.webhooks import Api
from models.site import Site
from models.tables import Account

A = TypeVar("A", bound=ASGIApp)
OWNER = OwnerRow(2, "王建国", "3", "1201", ("13900139000",))


class Served(Generic[A]):
    """A running console. It can be killed, which breaks its connections, and started again at the same address."""

    def __init__(self, made: Callable[[], A], site: Site, limits: Api, certificate: Path | None = None) -> None:
        self._made, self._site, self._limits, self._certificate = made, site, limits, certificate
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.app = self._made()
        console = self._site.console.model_copy(update={"port": self.port})
        site = self._site.model_copy(update={"console": console})
        self._server = server(self.app, site, self._limits, self._certificate)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Also a second time."""
        self._server.should_exit = True
        self._thread.join()


@contextmanager
def served(made: Callable[[], A], site: Site, limits: Api, certificate: Path | None = None) -> Iterator[Served[A]]:
    """`made` makes the application, at each start anew."""
    running = Served(made, site, limits, certificate)
    yield running
    running.stop()


def filled_database(file: Path, site: Site, *, at: datetime, accounts: bool = False) -> Path:
    """A database with the staff, each with an account if wanted, and the owner; each test gets a copy."""
    store = Store(f"sqlite:///{file}")
    store.migrate()
    store.write(enrolment.enrol, site)
    store.write(people.import_owners, [OWNER], who="test", at=at)
    if accounts:
        store.write(lambda session: session.add_all(Account(staff_number=one.number) for one in site.staff))
    store.close()
    return file


@pytest.fixture
def home(tmp_path: Path, filled: Path) -> Home:
    """With a copy of the `filled` database."""
    home = Home(tmp_path / "home")
    home.create_missing()
    shutil.copyfile(filled, home.path / "hotline.db")
    return home


@pytest.fixture
def store(home: Home, site: Site) -> Iterator[Store]:
    store = Store(home.database_url(site))
    yield store
    store.close()

"""The console's pages in a real Chromium, over the real HTTP server; each test with a store of its own."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from console.app import Whole
from console.connections import server
from models import enrolment
from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import PROJECT_ROOT, Home
from models.instance.instance import RunningInstance
from models.people import people, sign_ins
from models.people.owners_file import OwnerRow
from models.policy import Policy
from models.site import Site
from models.states.people import SignInPlace
from models.tables import Account
from phones.instance import LiveHotline
from phones.written import wait_nothing_left
from tests.browser.tab import CHROMIUM, FLAGS, window

QUIET = {"canary.every_minutes": 1440, "follow_up.after_talk": False}
"""No test call among those that are looked at, and nobody is asked to rate a talk."""
OWNER = OwnerRow(2, "王建国", "3", "1201", ("13900139000",))


@pytest.fixture(scope="session")
def site() -> Site:
    return Site.load(PROJECT_ROOT / "site.example.toml")


@pytest.fixture(scope="session")
def policy(site: Site) -> Policy:
    return Policy.load(PROJECT_ROOT / "policy.toml", site)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Path:
    """A database with staff who have accounts, and an owner; each test gets a copy."""
    file = tmp_path_factory.mktemp("filled") / "hotline.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    store.write(enrolment.enrol, site)
    store.write(people.import_owners, [OWNER], who="test", at=SystemClock().now())
    store.write(lambda session: session.add_all(Account(staff_number=one.number) for one in site.staff))
    store.close()
    return file


@pytest.fixture
def home(tmp_path: Path, filled: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create_missing()
    shutil.copyfile(filled, home.path / "hotline.db")
    return home


@pytest.fixture
def store(home: Home, site: Site) -> Iterator[Store]:
    store = Store(home.database_url(site))
    yield store
    store.close()


@pytest.fixture
def instance(home: Home, site: Site, policy: Policy, store: Store) -> RunningInstance:
    return RunningInstance(home, site, policy, store, SystemClock())


@pytest.fixture
def address(instance: RunningInstance) -> Iterator[str]:
    """Of the running console."""
    anywhere = instance.site.model_copy(update={"console": instance.site.console.model_copy(update={"port": 0})})
    running = server(Whole(instance), anywhere, instance.policy.api)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


SignedIn = Callable[..., Page]


@pytest.fixture
def signed_in(chromium: Browser, address: str, store: Store) -> Iterator[SignedIn]:
    """A tab of somebody signed in: `signed_in("7001", viewport=NARROW)`; what its pages do wrong fails the test."""
    with signing_in(chromium, address, store) as sign_in:
        yield sign_in


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """A hotline with real telephones, its rings of 5 s as delivered, and an owner in its directory."""
    with LiveHotline.running(tmp_path_factory.mktemp("live"), policy=QUIET) as hotline:
        hotline.store.write(people.import_owners, [OWNER], who="test", at=SystemClock().now())
        accounts = [Account(staff_number=one.number) for one in hotline.site.staff]
        hotline.store.write(lambda session: session.add_all(accounts))
        hotline.until(lambda: _listens(hotline.ports.console), "console", 60)
        yield hotline


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.fixture
def hotline(live: LiveHotline) -> Iterator[LiveHotline]:
    """The same; no telephone and no call is left behind."""
    yield live
    live.close_phones()
    wait_nothing_left(live)


@pytest.fixture
def signed_in_there(chromium: Browser, hotline: LiveHotline) -> Iterator[SignedIn]:
    """As `signed_in`, at the console of that hotline."""
    with signing_in(chromium, f"http://127.0.0.1:{hotline.ports.console}", hotline.store) as sign_in:
        yield sign_in


@contextmanager
def signing_in(chromium: Browser, address: str, store: Store) -> Iterator[SignedIn]:
    with ExitStack() as open_windows:

        def sign_in(number: str, **options: object) -> Page:
            context, _ = open_windows.enter_context(window(chromium, address, **options))
            given = {"place": SignInPlace.BROWSER, "address": "127.0.0.1", "at": SystemClock().now()}
            secret = store.write(sign_ins.begin, number, **given)
            # A shared worker does not ask in the language of its tab, as it does where no test has set that.
            language = "en" if str(options.get("locale")).startswith("en") else "zh"
            store.write(sign_ins.choose, number, language=language, theme=None)
            context.add_cookies([{"name": "hotline", "value": secret, "url": address}])
            return context.new_page()

        yield sign_in

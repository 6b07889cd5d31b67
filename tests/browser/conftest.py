"""The console's pages in a real Chromium, over the real HTTP server; each test with a store of its own."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from console.app import Whole
from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import PROJECT_ROOT, Home
from models.instance.instance import RunningInstance
from models.people import people, sign_ins
from models.policy import Policy
from models.site import Site
from models.states.people import SignInPlace
from models.tables import Account
from phones.instance import LiveHotline
from phones.written import wait_nothing_left
from tests.browser.tab import CHROMIUM, FLAGS, window
from tests.served import OWNER, Served, filled_database, home, served, store

__all__ = ["home", "store"]

QUIET = {"canary.every_minutes": 1440, "follow_up.after_talk": False, "call.ask_agent": False}
"""No test call among those that are looked at, and nobody is asked to rate a talk."""


@pytest.fixture(scope="session")
def site() -> Site:
    return Site.load(PROJECT_ROOT / "site.example.toml")


@pytest.fixture(scope="session")
def policy(site: Site) -> Policy:
    return Policy.load(PROJECT_ROOT / "policy.toml", site)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Path:
    file = tmp_path_factory.mktemp("filled") / "hotline.db"
    return filled_database(file, site, at=SystemClock().now(), accounts=True)


@pytest.fixture
def instance(home: Home, site: Site, policy: Policy, store: Store) -> RunningInstance:
    return RunningInstance(home, site, policy, store, SystemClock())


@pytest.fixture
def running(instance: RunningInstance) -> Iterator[Served[Whole]]:
    with served(lambda: Whole(instance), instance.site, instance.policy.api) as console:
        yield console


@pytest.fixture
def address(running: Served[Whole]) -> str:
    return running.address


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
        hotline.until(lambda: listens(hotline.ports.console), "console", 60)
        yield hotline


def listens(port: int) -> bool:
    """Whether a console takes connections there."""
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

        def sign_in(number: str, forgiven: str = "", **options: object) -> Page:
            context, watched = open_windows.enter_context(window(chromium, address, **options))
            watched.forgiven = forgiven
            given = {"place": SignInPlace.BROWSER, "address": "127.0.0.1", "at": SystemClock().now()}
            secret = store.write(sign_ins.begin, number, **given)
            # A shared worker does not ask in the language of its tab, as it does where no test has set that.
            language = "en" if str(options.get("locale")).startswith("en") else "zh"
            store.write(sign_ins.choose, number, language=language, theme=None)
            context.add_cookies([{"name": "hotline", "value": secret, "url": address}])
            return context.new_page()

        yield sign_in

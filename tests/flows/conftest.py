"""A story is a coroutine; it runs in virtual time, and its hotline is up while it lasts."""

import inspect
import shutil
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import enrolment
from models.instance.home import PROJECT_ROOT
from models.people import people
from models.people.owners_file import OwnerRow
from models.policy import Policy
from models.site import Site
from tests.fakes import virtual_time
from tests.fakes.people import FakePhone
from tests.fakes.virtual_time import VirtualLoop
from tests.flows.world import OWNER, Hotline, open_store

MONDAY_10_H = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
OWNERS = [OwnerRow(2, "张三", "3", "1201", (OWNER,)), OwnerRow(3, "李四", "3", "502", ("13900000002",))]


@pytest.fixture(scope="session")
def policy(site: Site) -> Policy:
    return Policy.load(PROJECT_ROOT / "policy.toml", site)


@pytest.fixture(scope="session")
def site() -> Site:
    return Site.load(PROJECT_ROOT / "site.example.toml")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Path:
    """A database with staff and two owners; each story gets a copy."""
    file = tmp_path_factory.mktemp("filled") / "hotline.db"
    store = open_store(file)
    store.migrate()
    store.write(enrolment.enrol, site)
    store.write(people.import_owners, OWNERS, who="test", at=MONDAY_10_H)
    store.close()
    return file


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


@pytest.fixture
def start() -> datetime:
    """When the story begins; a test that needs another time of the year overrides it."""
    return MONDAY_10_H


@pytest.fixture
def hotline(
    loop: VirtualLoop, filled: Path, tmp_path: Path, site: Site, policy: Policy, start: datetime
) -> Iterator[Hotline]:
    file = tmp_path / "hotline.db"
    shutil.copy(filled, file)
    store = open_store(file)
    yield Hotline(loop, store, site, policy, start)
    store.close()


@pytest.fixture
def agent(hotline: Hotline) -> FakePhone:
    """The first of the agents, who answers every call."""
    return hotline.phone("7001").answers()


@pytest.fixture
def technician(hotline: Hotline) -> FakePhone:
    """A colleague of another department."""
    return hotline.phone("7020")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.function):
        return None
    wanted = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted}

    async def story() -> None:
        async with AsyncExitStack() as stack:
            for argument in arguments.values():
                if isinstance(argument, AbstractAsyncContextManager):
                    await stack.enter_async_context(argument)
            await pyfuncitem.function(**arguments)

    loop = pyfuncitem.funcargs["loop"]
    assert isinstance(loop, VirtualLoop)
    virtual_time.run(loop, story())
    return True

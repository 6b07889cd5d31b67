"""The doorbell rings when anybody has committed, and is silent otherwise."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.database.doorbell import Doorbell
from models.database.store import Store
from models.people import access_log
from tests.store.cluster import Cluster
from tests.store.conftest import NOON

pytestmark = pytest.mark.store

_WITHIN_S = 5.0
_LOOKS_S = 0.5
"""Several looks."""


class Heard:
    """Counts the rings."""

    def __init__(self) -> None:
        self.rings = 0
        self._rang = threading.Event()

    def ring(self) -> None:
        self.rings += 1
        self._rang.set()

    def rang(self, within: float = _WITHIN_S) -> bool:
        rang = self._rang.wait(within)
        self._rang.clear()
        return rang


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def doorbell(store: Store, heard: Heard) -> Iterator[Doorbell]:
    with Doorbell(store, heard.ring) as doorbell:
        # The first look rings: nobody knows what was committed before it.
        assert heard.rang()
        yield doorbell


@pytest.fixture
def cluster_to_kill() -> Iterator[Cluster]:
    """One of its own: the shared one would replay what all stories before this one wrote, for minutes."""
    cluster = Cluster()
    yield cluster
    cluster.stop()


def commits(url: str, times: int = 1) -> None:
    store = Store(url)
    for _ in range(times):
        store.write(access_log.log, who="7001", what="test", subject="", at=NOON)
    store.close()


def silent(heard: Heard) -> bool:
    return not heard.rang(_LOOKS_S)


def test_a_commit_of_another_process_rings(url: str, doorbell: Doorbell, heard: Heard) -> None:
    process = multiprocessing.get_context("spawn").Process(target=commits, args=(url,))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert heard.rang()


def test_a_commit_of_this_process_rings(store: Store, doorbell: Doorbell, heard: Heard) -> None:
    store.write(access_log.log, who="7001", what="test", subject="", at=NOON)
    assert heard.rang()


def test_reading_does_not_ring(store: Store, doorbell: Doorbell, heard: Heard) -> None:
    while heard.rang(_LOOKS_S):
        pass
    for _ in range(20):
        store.read(lambda session: session.execute(text("SELECT count(*) FROM calls")).all())
    assert silent(heard)


def test_it_rings_when_a_long_transaction_ends_not_only_when_it_begins(
    store: Store, doorbell: Doorbell, heard: Heard
) -> None:
    def slowly(session: Session) -> None:
        access_log.log(session, who="7001", what="test", subject="", at=NOON)
        session.flush()
        while heard.rang(_LOOKS_S):
            pass

    store.write(slowly)
    assert heard.rang()


def test_a_hundred_commits_ring_at_most_ten_times_a_second(url: str, doorbell: Doorbell, heard: Heard) -> None:
    began = time.monotonic()
    commits(url, 100)
    assert heard.rang()
    assert heard.rings <= 2 + 10 * (time.monotonic() - began + _WITHIN_S / 5)
    assert heard.rings < 100


def test_it_is_not_sure_while_the_database_is_gone_and_rings_when_it_is_back(
    cluster_to_kill: Cluster, heard: Heard
) -> None:
    store = Store(cluster_to_kill.url("postgres"))
    with Doorbell(store, heard.ring) as doorbell:
        assert heard.rang()
        assert doorbell.sure(timedelta(seconds=1))
        cluster_to_kill.kill()
        eventually(lambda: not doorbell.sure(timedelta(seconds=1)))
        heard.rang(0)
        cluster_to_kill.start()
        assert heard.rang()
        eventually(lambda: doorbell.sure(timedelta(seconds=1)))
    store.close()


def test_its_thread_and_its_connection_end_with_it(store: Store, heard: Heard) -> None:
    with Doorbell(store, heard.ring):
        assert heard.rang()
        assert any(thread.name == "doorbell" for thread in threading.enumerate())
    assert not any(thread.name == "doorbell" for thread in threading.enumerate())


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)

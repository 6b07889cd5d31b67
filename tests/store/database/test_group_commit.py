"""Writes that wait for another one share a transaction, and none of them notices the others."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from random import getrandbits
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from models.database.group_commit import MOST, GroupCommit
from models.database.store import Store, StoreUnavailable
from models.tables import AccessEntry

pytestmark = pytest.mark.store

HELD_S = 20.0


def entry(subject: str) -> AccessEntry:
    return AccessEntry(
        at=datetime(2026, 3, 2, tzinfo=UTC), who="test", what="add", subject=subject, place=getrandbits(31), sha256="-"
    )


def subjects(session: Session) -> list[str]:
    return list(session.scalars(select(AccessEntry.subject).order_by(AccessEntry.id)))


class HeldStore:
    """A group commit whose first write lasts until `let_go`; writes asked for meanwhile wait."""

    def __init__(self, store: Store, threads: ThreadPoolExecutor) -> None:
        self.commits = 0
        event.listen(store.engine, "commit", self._counted)
        self.group = GroupCommit(store, threads)
        self._go = threading.Event()
        self._begun = threading.Event()
        self._first = self.group.write(self._hold)
        assert self._begun.wait(HELD_S)

    def asked(self, *subjects: str) -> list[Future[AccessEntry]]:
        return [self.group.write(self.adding(subject)) for subject in subjects]

    @staticmethod
    def adding(subject: str) -> Any:
        def add(session: Session) -> AccessEntry:
            row = entry(subject)
            session.add(row)
            return row

        return add

    def let_go(self) -> None:
        self._go.set()
        self._first.result(HELD_S)

    def _hold(self, session: Session) -> None:
        session.add(entry("held"))
        self._begun.set()
        assert self._go.wait(HELD_S)

    def _counted(self, _: object) -> None:
        self.commits += 1


@pytest.fixture
def held(store: Store) -> Iterator[HeldStore]:
    with ThreadPoolExecutor(4) as threads:
        yield HeldStore(store, threads)


def test_waiting_writes_share_one_transaction_in_the_order_of_asking(held: HeldStore, store: Store) -> None:
    asked = held.asked("1", "2", "3", "4", "5")
    held.let_go()
    rows = [one.result(HELD_S) for one in asked]
    assert [row.subject for row in rows] == ["1", "2", "3", "4", "5"]
    assert held.commits == 2  # the held one, and one for all that waited
    assert store.read(subjects) == ["held", "1", "2", "3", "4", "5"]
    assert [store.read(lambda session, id=row.id: session.get_one(AccessEntry, id).subject) for row in rows] == [
        row.subject for row in rows
    ]


def test_other_processes_get_their_turn_between_two_group_commits(held: HeldStore) -> None:
    asked = held.asked(*map(str, range(2 * MOST)))
    held.let_go()
    for one in asked:
        one.result(HELD_S)
    assert held.commits == 3


def test_a_write_that_fails_in_a_group_fails_alone(held: HeldStore, store: Store) -> None:
    def refused(session: Session) -> None:
        session.add(entry("half"))
        session.flush()
        raise ValueError("not so")

    (before,) = held.asked("before")
    failed = held.group.write(refused)
    (after,) = held.asked("after")
    held.let_go()
    with pytest.raises(ValueError, match="not so"):
        failed.result(HELD_S)
    assert (before.result(HELD_S).subject, after.result(HELD_S).subject) == ("before", "after")
    assert store.read(subjects) == ["held", "before", "after"]


def test_each_write_sees_the_rows_of_the_one_before_it(held: HeldStore) -> None:
    """Also rows that the session had loaded before: no write sees an older state."""
    (row,) = held.asked("old")

    def load(session: Session) -> str:
        return session.scalars(select(AccessEntry).order_by(AccessEntry.id.desc())).first().subject  # type: ignore[union-attr]

    old = held.group.write(load)
    held.group.write(
        lambda session: session.execute(
            update(AccessEntry).values(subject="new"), execution_options={"synchronize_session": False}
        )
    )
    new = held.group.write(load)
    held.let_go()
    assert (old.result(HELD_S), new.result(HELD_S)) == ("old", "new")
    assert row.result(HELD_S).subject == "old"


def test_all_waiting_writes_fail_when_the_store_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(4) as threads:
        held = HeldStore(store, threads)
        asked = held.asked("1", "2")
        tried: list[int] = []

        def away(*_: Any) -> None:
            tried.append(1)
            raise StoreUnavailable("the database is away")

        monkeypatch.setattr(store, "write", away)
        held.let_go()
        for one in asked:
            with pytest.raises(StoreUnavailable, match="away"):
                one.result(HELD_S)
        assert tried == [1]
        monkeypatch.undo()
        (again,) = held.asked("again")
        assert again.result(HELD_S).subject == "again"


def test_a_write_asked_for_is_made_even_if_nobody_waits_for_it_any_more(store: Store) -> None:
    """A process that ends lets its threads finish; a hang-up cancels no write."""
    with ThreadPoolExecutor(4) as threads:
        held = HeldStore(store, threads)
        asked = held.asked("1", "2")
        assert not any(one.cancel() for one in asked)
        held.let_go()
    assert store.read(subjects) == ["held", "1", "2"]

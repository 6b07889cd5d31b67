"""The access log is a chain: an entry that is changed, removed or slipped in is found (R05-9, R08-9)."""

import threading
from datetime import timedelta

import alembic.command
import pytest
import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.clock import SystemClock
from models.database.store import Store, _alembic_config
from models.instance import heads
from models.people import access_log
from models.people.access_log import Head, Wrong
from models.tables.base import UtcDateTime
from models.text.chain import BEGINNING, link
from scheduler.scans.access_head import access_head
from scheduler.scope import Scope
from tests.store.conftest import NOON
from tests.store.terminal import Terminal
from tests.store.tickets.one_call import hotline

__all__ = ["hotline"]

pytestmark = pytest.mark.store


def logs(store: Store, number: int = 1, *, subject: str = "recording 1") -> None:
    for _ in range(number):
        store.write(access_log.log, who="7001", what="listened", subject=subject, at=NOON)


def broken(store: Store, *noted: Head) -> list[tuple[Wrong, int, int]]:
    return [(one.wrong, one.place, one.last) for one in store.read(access_log.breaks, noted)]


def does(store: Store, *statements: str) -> None:
    """What somebody with the password of the database does to it."""
    store.write(lambda session: [session.execute(text(one)) for one in statements])


def forged(store: Store, place: int, subject: str) -> str:
    """The hash that makes a changed entry look right."""

    def read(session: Session) -> str:
        rows = {one.place: one for one in access_log.newest(session, limit=99)}
        before = rows[place - 1].sha256 if place > 1 else BEGINNING
        one = rows[place]
        return link(before, place, one.at, one.who, one.what, subject)

    return store.read(read)


def test_a_log_that_nobody_touched_is_whole(store: Store) -> None:
    assert broken(store) == []
    logs(store, 5)
    head = store.read(access_log.head)
    assert head.place == 5
    assert broken(store, head) == []


@pytest.mark.parametrize("column", ["who", "what", "subject", "at"])
def test_a_changed_entry_is_named(store: Store, column: str) -> None:
    logs(store, 5)
    value = "'2026-01-01 00:00:00'" if column == "at" else "'nobody'"
    does(store, f"UPDATE access_log SET {column} = {value} WHERE place = 3")
    assert broken(store) == [(Wrong.CHANGED, 3, 3)]


def test_an_entry_changed_together_with_its_hash_breaks_at_the_next_one(store: Store) -> None:
    logs(store, 5)
    sha256 = forged(store, 3, "nothing")
    does(store, f"UPDATE access_log SET subject = 'nothing', sha256 = '{sha256}' WHERE place = 3")
    assert broken(store) == [(Wrong.CHANGED, 4, 4)]


def test_removed_entries_are_counted(store: Store) -> None:
    logs(store, 6)
    does(store, "DELETE FROM access_log WHERE place IN (1, 3, 4)")
    assert broken(store) == [(Wrong.MISSING, 1, 1), (Wrong.MISSING, 3, 4)]


def test_entries_moved_up_into_a_gap_are_found(store: Store) -> None:
    logs(store, 5)
    does(
        store,
        "DELETE FROM access_log WHERE place = 3",
        "UPDATE access_log SET place = 3 WHERE place = 4",
        "UPDATE access_log SET place = 4 WHERE place = 5",
        "UPDATE access_head SET place = 4",
    )
    assert broken(store)[0] == (Wrong.CHANGED, 3, 3)


def test_an_entry_that_was_slipped_in_is_found(store: Store) -> None:
    logs(store, 3)
    head = store.read(access_log.head)
    values = "SELECT at, '7099', what, subject, 4, sha256 FROM access_log WHERE place = 3"
    does(store, f"INSERT INTO access_log (at, who, what, subject, place, sha256) {values}")
    assert broken(store, head) == [(Wrong.CHANGED, 4, 4), (Wrong.ADDED, 4, 4)]


def test_the_end_cannot_be_cut_off(store: Store) -> None:
    logs(store, 5)
    noted = store.read(access_log.head)
    does(store, "DELETE FROM access_log WHERE place > 3")
    assert broken(store) == [(Wrong.CUT_OFF, 4, 5)]
    # Also the head was taken back: only what was noted outside the database knows of it.
    before = store.read(lambda session: access_log.newest(session, limit=1)[0].sha256)
    does(store, f"UPDATE access_head SET place = 3, sha256 = '{before}'")
    assert broken(store) == []
    assert broken(store, noted) == [(Wrong.CUT_OFF, 4, 5)]
    logs(store, 2, subject="recording 2")
    assert broken(store, noted) == [(Wrong.CHANGED, 5, 5)]


def test_two_processes_that_write_at_once_keep_one_chain(store: Store) -> None:
    """Without one waiting long for the other: nothing but the entry is written under the lock."""
    url = store.engine.url.render_as_string(hide_password=False)
    failed: list[BaseException] = []

    def writes() -> None:
        other = Store(url)
        try:
            logs(other, 15)
        except BaseException as error:
            failed.append(error)
        finally:
            other.close()

    writers = [threading.Thread(target=writes) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert failed == []
    assert store.read(access_log.head).place == 60
    assert broken(store) == []


def test_a_transaction_that_is_undone_leaves_no_gap(store: Store) -> None:
    logs(store)

    def fails(session: Session) -> None:
        access_log.log(session, who="7001", what="listened", subject="x", at=NOON)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        store.write(fails)
    logs(store)
    assert store.read(access_log.head).place == 2
    assert broken(store) == []


def test_the_head_is_noted_outside_the_database_whenever_it_has_moved(scope: Scope) -> None:
    assert access_head(scope) == 0
    logs(scope.store, 2)
    assert (access_head(scope), access_head(scope)) == (1, 0)
    logs(scope.store)
    assert access_head(scope) == 1
    assert [one.place for one in heads.noted(scope.home)] == [2, 3]
    assert scope.home.access_heads.stat().st_mode & 0o777 == 0o600
    with scope.home.access_heads.open("a") as file:
        file.write("2026-03-02T04:0")
    assert [one.place for one in heads.noted(scope.home)] == [2, 3]


def test_old_entries_are_chained_by_the_migration(empty_url: str) -> None:
    store = Store(empty_url)
    with store._write_engine.begin() as connection:
        alembic.command.upgrade(_alembic_config(connection), "0024")
    log = sa.table("access_log", sa.column("at", UtcDateTime), *map(sa.column, ("who", "what", "subject")))
    rows = [
        {"at": NOON + timedelta(minutes=n, microseconds=n), "who": "7001", "what": "listened", "subject": f"王 {n}"}
        for n in range(1500)
    ]
    store.write(lambda session: session.execute(sa.insert(log), rows))
    store.migrate()
    assert store.read(access_log.head).place == 1500
    assert broken(store) == []
    logs(store)
    assert broken(store) == []
    store.close()


def test_the_command_says_whether_the_log_is_whole_and_where_it_is_broken(hotline: Terminal) -> None:
    hotline.store.write(lambda session: None)
    for _ in range(3):
        hotline("tickets", "--reveal")
    said = hotline("access", "--verify")
    assert hotline.code == 0
    assert "the access log is whole: 3 entries" in said
    heads.note(hotline.home, hotline.store.read(access_log.head), at=SystemClock().now())
    does(
        hotline.store, "UPDATE access_log SET who = 'nobody' WHERE place = 2", "DELETE FROM access_log WHERE place = 3"
    )
    said = hotline("access", "--verify")
    assert hotline.code == 1
    assert "entry 2 was changed: " in said
    assert "entry 3 is missing: the end was cut off" in said
    assert "第 2 条被改动" in hotline("access", "--verify", lang="zh")
    assert [one["wrong"] for one in hotline.json("access", "--verify")["breaks"]] == ["changed", "cut-off"]

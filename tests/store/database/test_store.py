"""A write is whole and on disk when it returns; it waits its turn and retries when another was quicker."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import getrandbits
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from models.calls import calls
from models.database import store as store_module
from models.database.store import Store, StoreUnavailable
from models.tables import AccessEntry, Call, Owner

pytestmark = pytest.mark.store


def add(session: Session, subject: str) -> int:
    entry = AccessEntry(
        at=datetime(2026, 3, 2, tzinfo=UTC), who="test", what="add", subject=subject, place=getrandbits(31), sha256="-"
    )
    session.add(entry)
    session.flush()
    return entry.id


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AccessEntry)) or 0


def test_a_row_returned_by_a_write_can_be_used_afterwards(begin_call: Callable[..., Call]) -> None:
    call = begin_call()
    assert (call.id, call.line, call.started_at.tzinfo) == (1, "8000", UTC)


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    def half(session: Session) -> None:
        add(session, "half")
        raise RuntimeError("the caller hung up")

    with pytest.raises(RuntimeError):
        store.write(half)
    assert store.read(count) == 0


def test_a_moment_without_a_time_zone_is_refused(begin_call: Callable[..., Call]) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        begin_call(at=datetime(2026, 3, 2, 12))  # noqa: DTZ001


def test_a_reference_to_an_unknown_owner_is_refused(store: Store, begin_call: Callable[..., Call]) -> None:
    call = begin_call()
    with pytest.raises(IntegrityError):
        store.write(calls.note, call.id, owner_id=4711)


def test_a_database_error_does_not_show_the_values_of_the_row(store: Store, noon: datetime) -> None:
    """The error goes to the log, which must not hold a telephone number (R05-9)."""
    call = Call(channel_id="1", line="8000", caller_number="13800138000", owner_id=4711, language="zh", started_at=noon)
    with pytest.raises(IntegrityError) as error:
        store.write(lambda session: session.add(call))
    assert "13800138000" not in str(error.value)


def test_a_moment_comes_back_as_it_was_in_utc(store: Store, begin_call: Callable[..., Call]) -> None:
    moment = datetime.fromisoformat("2026-03-02T12:34:56.789012+08:00")
    call = begin_call(at=moment)
    read = store.read(calls.get, call.id).started_at
    assert read == moment
    assert read.tzinfo is UTC


def test_writes_of_many_threads_all_arrive(store: Store) -> None:
    def several(name: int) -> None:
        for number in range(10):
            store.write(add, f"{name}.{number}")

    threads = [threading.Thread(target=several, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(count) == 80


def _write_many(url: str, name: str) -> None:
    store = Store(url)
    for number in range(25):
        store.write(add, f"{name}.{number}")
    store.close()


def test_writes_of_several_processes_all_arrive(url: str, store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_many, args=(url, str(name))) for name in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert store.read(count) == 75


def _write_until_killed(url: str, written: Any) -> None:
    store = Store(url)
    number = 0
    while True:
        store.write(add, str(number))
        written.send(number)
        number += 1


def test_rows_written_are_there_after_the_process_was_killed(url: str, store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_write_until_killed, args=(url, there))
    process.start()
    for _ in range(20):
        here.recv()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    there.close()
    last = 19
    try:
        while True:
            last = here.recv()
    except EOFError:
        here.close()
    subjects = store.read(lambda session: set(session.scalars(select(AccessEntry.subject))))
    assert {str(number) for number in range(last + 1)} <= subjects


def test_a_write_that_lost_a_race_is_run_again_and_finds_the_winners_row(store: Store) -> None:
    tries = []

    def begin(session: Session) -> Call:
        tries.append(1)
        if len(tries) == 1:
            # As if another process wrote between this one's read and write.
            raise IntegrityError("insert", {}, Exception("duplicate key"))
        return calls.begin(session, channel_id="c1", line="8000", caller_number="1", language="zh", at=now)

    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert store.write(begin).channel_id == "c1"
    assert len(tries) == 2


def test_threads_that_begin_the_same_call_at_once_get_the_same_row(store: Store, noon: datetime) -> None:
    barrier = threading.Barrier(4)
    ids = []

    def begin() -> None:
        barrier.wait()
        call = store.write(
            calls.begin, channel_id="1700000000.7", line="8000", caller_number="1", language="zh", at=noon
        )
        ids.append(call.id)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1


def test_a_lock_held_too_long_is_an_error_and_nothing_is_written(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "PATIENCE_S", 0.3)
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_S", 0.1)
    patient = Store(url)
    if not store.sqlite:
        event.listen(
            patient.engine, "begin", lambda connection: connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        )
    with store.engine.connect() as holder:
        if store.sqlite:
            holder.execution_options(**{store_module._WRITE: True})
            holder.execute(text("select 1"))
        else:
            holder.execute(text("lock table access_log in exclusive mode"))
        with pytest.raises(StoreUnavailable):
            patient.write(add, "late")
        holder.rollback()
    assert patient.write(add, "in time") > 0
    assert patient.read(count) == 1
    patient.close()


def test_a_connection_that_broke_is_replaced_before_a_write(store: Store, backend: str) -> None:
    if backend == "sqlite":
        store.write(add, "before")
        store.engine.dispose()
    else:
        pid = store.read(lambda session: session.scalar(text("select pg_backend_pid()")))
        other = Store(str(store.engine.url.render_as_string(hide_password=False)))
        other.read(lambda session: session.execute(text(f"select pg_terminate_backend({pid})")).all())
        other.close()
    assert store.write(add, "after") > 0


def test_a_write_whose_connection_breaks_before_the_commit_is_run_again(store: Store, backend: str) -> None:
    tries = []

    def interrupted(session: Session) -> int:
        tries.append(1)
        entry = add(session, "once")
        if len(tries) == 1 and backend == "postgresql":
            session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
        return entry

    store.write(interrupted)
    assert store.read(count) == 1
    assert len(tries) == (2 if backend == "postgresql" else 1)


def test_a_missing_database_file_is_never_replaced_by_an_empty_one(tmp_path: Path) -> None:
    """SQLite deletes the write-ahead log of a database it finds empty, with all that is not yet in the file."""
    file, away = tmp_path / "hotline.db", tmp_path / "moved.db"
    living = Store(f"sqlite:///{file}")
    living.migrate()
    living.write(add, "before")
    connecting = Store(f"sqlite:///{file}", patience_s=0.1)
    file.rename(away)
    for come_too_late in (lambda: connecting.read(count), lambda: Store(f"sqlite:///{file}")):
        with pytest.raises(StoreUnavailable, match="there"):
            come_too_late()
    assert not file.exists()
    away.rename(file)
    assert connecting.read(count) == living.read(count) == 1
    living.close()
    connecting.close()


def test_an_unreachable_database_server_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store_module, "PATIENCE_S", 0.1)
    store = Store(f"postgresql://hotline@/nowhere?host={tmp_path}")
    with pytest.raises(StoreUnavailable, match="running and reachable"):
        store.read(lambda session: session.scalar(select(Owner.id)))
    store.close()


def test_an_unwritable_database_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "hotline.db"
    file.mkdir()
    store = Store(f"sqlite:///{file}")
    with pytest.raises(StoreUnavailable, match="able to write"):
        store.write(add, "x")
    store.close()

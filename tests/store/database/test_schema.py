"""The migrations make exactly the tables that the program uses, also when several processes start at once."""

import multiprocessing
import stat
from pathlib import Path

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from models.calls import outgoing
from models.database.store import Store, StoreUnavailable, _alembic_config
from models.states.calls import AttemptOutcome, Purpose
from models.tables import Base

pytestmark = pytest.mark.store


def test_the_migrated_schema_is_the_schema_that_the_program_uses(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_unique_index_and_partial_index_is_there(store: Store) -> None:
    found = inspect(store.engine)
    for table in Base.metadata.sorted_tables:
        names = {index["name"] for index in found.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= names
    with store.engine.connect() as connection:
        where = "sql from sqlite_master where name" if store.sqlite else "indexdef from pg_indexes where indexname"
        made = connection.execute(text(f"select {where} = 'uq_tasks_open_kind_number'")).scalar_one()
    assert "UNIQUE" in made
    assert "'open'" in made


def test_migrating_again_changes_nothing(store: Store) -> None:
    store.migrate()
    store.migrate()


def _migrate(url: str, barrier: object) -> None:
    store = Store(url)
    barrier.wait()  # type: ignore[attr-defined]
    store.migrate()
    store.close()


def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(4)
    processes = [context.Process(target=_migrate, args=(empty_url, barrier)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    store = Store(empty_url)
    assert set(Base.metadata.tables) <= set(inspect(store.engine).get_table_names())
    store.close()


def test_a_database_of_a_newer_version_is_refused_with_a_reason(empty_url: str) -> None:
    store = Store(empty_url)
    store.migrate()
    with store.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer version"):
        store.migrate()
    store.close()


def test_only_its_owner_reads_the_sqlite_file(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/new/hotline.db")
    store.migrate()
    for path in (tmp_path / "new").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    store.close()


def test_call_backs_from_before_calls_had_a_purpose_are_kept(empty_url: str) -> None:
    store = Store(empty_url)
    with store.engine.begin() as connection:
        alembic.command.upgrade(_alembic_config(connection), "0005")
        for statement in (
            "insert into calls (id, channel_id, line, language, menu_path, state, started_at)"
            " values (1, 'c', '8000', 'zh', '', 'ended', '2026-01-01 00:00:00+00')",
            "insert into tasks (id, kind, state, opened_at, due_at, times, note)"
            " values (1, 'call-back', 'open', '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00', 1, '')",
            "insert into calls_to_make (id, task_id, state, number, owner_group, asked_by, asked_at, fence)"
            " values (1, 1, 'waiting', '13800138000', 'agents', 'test', '2026-01-01 00:00:00+00', 1)",
            "insert into attempts (id, call_to_make_id, number, call_id, started_at, outcome)"
            " values (1, 1, 1, 1, '2026-01-01 00:00:00+00', 'interrupted')",
        ):
            connection.execute(text(statement))
    store.migrate()
    asked, attempts = store.read(outgoing.progress, 1)
    assert (asked.kind, asked.task_id, asked.due_at) == (Purpose.CALL_BACK, 1, asked.asked_at)
    assert [attempt.outcome for attempt in attempts] == [AttemptOutcome.INTERRUPTED]
    claim = store.write(outgoing.claim, by="test", at=asked.due_at, until=asked.due_at)
    assert claim is not None
    assert claim.name == "c2m-1-2"
    store.close()


def test_a_wake_up_that_was_to_ring_a_room_before_extensions_had_their_name_still_rings_it(empty_url: str) -> None:
    store = Store(empty_url)
    with store.engine.begin() as connection:
        alembic.command.upgrade(_alembic_config(connection), "0019")
        for statement in (
            "insert into calls_to_make (id, kind, subject_id, state, priority, due_at, staff_number, owner_group,"
            " channel_id, asked_by, asked_at, fence) values (1, 'wake-up', 1, 'waiting', 3, '2026-01-01 00:00:00+00',"
            " '1101', '', 'wake-1-1', 'system', '2026-01-01 00:00:00+00', 1)",
            "insert into attempts (id, call_to_make_id, number, started_at, outcome)"
            " values (1, 1, 1, '2026-01-01 00:00:00+00', 'interrupted')",
        ):
            connection.execute(text(statement))
    store.migrate()
    asked, attempts = store.read(outgoing.progress, 1)
    assert (asked.kind, asked.extension) == (Purpose.WAKE_UP, "1101")
    assert [attempt.outcome for attempt in attempts] == [AttemptOutcome.INTERRUPTED]
    store.close()

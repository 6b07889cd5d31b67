"""The database: every write is one transaction, on disk when `write` returns; SQLite and PostgreSQL behave alike.

It is synchronous and thread-safe: an event loop calls it through a thread.
"""

import contextlib
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

import alembic.command
import alembic.config
import alembic.util
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from models.database.numbers import AREA_CODE

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_S = 5.0
PATIENCE_S = 10.0
"""How long a write is tried again before it is given up: the longest time a caller hears music meanwhile."""
MIGRATION_PATIENCE_S = 120.0
UNIQUE_TRIES = 3

_WRITE = "hotline_write"
_MIGRATION_LOCK = 0x686F746C696E65
_MIGRATIONS = Path(__file__).parents[1] / "migrations"
_NEWEST = max(file.name[1:5] for file in (_MIGRATIONS / "versions").glob("v*.py"))
_SQLITE_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# serialization_failure, deadlock_detected, lock_not_available, admin_shutdown, crash_shutdown, cannot_connect_now
_POSTGRES_PASSING = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03"}


class StoreUnavailable(Exception):
    """The database is not available. Nothing was written, unless the message says that this is unknown."""


class Store:
    """The database behind one URL (`sqlite:///PATH` or `postgresql://...`).

    `patience_s` is how long a write or read is tried again before it is given up. With `create=False` a missing SQLite
    file raises StoreUnavailable: a program that only adds notes must not put an empty file in its place. A file is
    never created while the write-ahead log of a lost one exists. `area_code` is that of the site, for its landlines.
    """

    def __init__(
        self, url: str, *, area_code: str | None = None, patience_s: float = PATIENCE_S, create: bool = True
    ) -> None:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.sqlite = parsed.get_backend_name() == "sqlite"
        # hide_parameters: errors are logged, and must not contain callers' numbers.
        self._patience_s = patience_s
        self._info = {AREA_CODE: area_code}
        if self.sqlite:
            file = Path(parsed.database or "")
            # SQLite deletes the log of an empty file, and with it all changes that are not in the file yet.
            if create and not Path(f"{file}-wal").exists():
                _create_private(file)
            if not file.exists():
                raise StoreUnavailable(f"{file} is not there; put it back, or restore a backup / 数据库文件不存在")
            busy_s = min(BUSY_TIMEOUT_S, patience_s)
            never_made = f"file:{quote(str(file))}?mode=rw"
            self.engine: Engine = create_engine(
                parsed,
                creator=lambda: sqlite3.connect(never_made, uri=True, timeout=busy_s, check_same_thread=False),
                pool_size=8,
                hide_parameters=True,
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            # Disks have no moving heads today: reading by an index costs little more than reading in order.
            limits = (
                "-c statement_timeout=10000 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=60000"
                " -c timezone=UTC -c random_page_cost=1.1"
            )
            self.engine = create_engine(
                parsed,
                pool_pre_ping=True,
                pool_size=8,
                connect_args={"options": limits, "connect_timeout": 5},
                hide_parameters=True,
            )
        self._write_engine = self.engine.execution_options(**{_WRITE: True})
        # SQLite has one writer. Waiting here ends at once, waiting inside SQLite polls.
        self._turn = threading.Lock()

    def write(self, fn: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(session, ...)` and commits. Its result, also rows, may be used afterwards.

        `fn` runs again when the database was locked, the transaction lost a race, or the connection broke before the
        commit, so it must touch nothing but the session. Raises StoreUnavailable after `patience_s`.
        """
        return self._run(self._write_engine, fn, *args, **kwargs)

    def read(self, fn: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(session, ...)` on a consistent snapshot where the database offers one, and writes nothing."""
        return self._run(self.engine, fn, *args, **kwargs)

    def migrate(self) -> None:
        """Migrates the schema to this version. If two processes start at once, one does it and the other waits.

        Raises StoreUnavailable when the database cannot be reached, or was made by a newer version.
        """
        deadline = time.monotonic() + MIGRATION_PATIENCE_S
        while True:
            try:
                with self._write_engine.begin() as connection:
                    if not self.sqlite:
                        connection.execute(text("SET LOCAL statement_timeout = 0"))
                        connection.execute(text(f"SET LOCAL lock_timeout = '{int(MIGRATION_PATIENCE_S)}s'"))
                        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                    if MigrationContext.configure(connection).get_current_revision() != _NEWEST:
                        alembic.command.upgrade(_alembic_config(connection), "head")
                    return
            except alembic.util.CommandError as error:
                raise StoreUnavailable(
                    "数据库由更新的版本创建，请安装该版本或恢复备份\n"
                    f"the database was made by a newer version ({error}); install that version, or restore a backup"
                ) from error
            except (OperationalError, InterfaceError) as error:
                if not _passing(error) or time.monotonic() > deadline:
                    raise StoreUnavailable(_reason(error)) from error
                time.sleep(0.1)

    def close(self) -> None:
        """Closes the pooled connections; SQLite's write-ahead log is folded into the file by the last one."""
        self.engine.dispose()

    def _run(self, engine: Engine, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        deadline = time.monotonic() + self._patience_s
        tries = 0
        while True:
            tries += 1
            committing = False
            try:
                with self._writers_turn(engine), Session(engine, expire_on_commit=False, info=self._info) as session:
                    result = fn(session, *args, **kwargs)
                    session.flush()
                    committing = True
                    session.commit()
                    return result
            except IntegrityError:
                # Two writers inserted the same row at once: the repeated function finds the first one's row.
                if tries >= UNIQUE_TRIES:
                    raise
            except (OperationalError, InterfaceError, PoolTimeout) as error:
                if committing and isinstance(error, DBAPIError) and error.connection_invalidated:
                    raise StoreUnavailable(
                        "the connection broke during a commit: unknown whether it's written"
                    ) from error
                if not _passing(error) or time.monotonic() > deadline:
                    raise StoreUnavailable(_reason(error)) from error
                time.sleep(min(1.0, 0.01 * 2**tries) * random.uniform(0.5, 1.0))

    @contextlib.contextmanager
    def _writers_turn(self, engine: Engine) -> Iterator[None]:
        if not (self.sqlite and engine is self._write_engine):
            yield
            return
        if not self._turn.acquire(timeout=self._patience_s):
            raise StoreUnavailable("another write of this process has been going on for too long")
        try:
            yield
        finally:
            self._turn.release()


def _passing(error: Exception) -> bool:
    """Whether another try can succeed."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        # The low byte: SQLITE_BUSY_SNAPSHOT and the like are kinds of SQLITE_BUSY.
        return (error.orig.sqlite_errorcode & 0xFF) in _SQLITE_PASSING
    state = getattr(error.orig, "sqlstate", None)
    # Without a state the server did not answer: it does not run (yet).
    return state is None or state in _POSTGRES_PASSING


def _reason(error: Exception) -> str:
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    if "full" in said:
        return f"{said}: free some space on the disk / 磁盘已满，请清理"
    if "readonly" in said or "unable to open" in said:
        return f"{said}: it must be there, and this account able to write it / 文件须存在，且当前账户须能写入"
    return f"{said}: is the database running and reachable? / 请检查数据库是否在运行且可连接"


def _create_private(path: Path) -> None:
    """The file holds callers' names and numbers: only its owner can read it (SQLite's -wal and -shm follow it)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # None: the module must not begin transactions by itself; `_begin_sqlite` does.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    # Changing to WAL needs exclusive access, to which SQLite does not apply its busy timeout.
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads first and writes later could otherwise fail half-way, with any timeout.
    writes = connection.get_execution_options().get(_WRITE)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    try:
        # Not through SQLAlchemy, which would need as much time for this as for the next statement.
        raw.execute(begin)
    except sqlite3.OperationalError as error:
        raise OperationalError(begin, None, error) from error


def _alembic_config(connection: Connection) -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    return config

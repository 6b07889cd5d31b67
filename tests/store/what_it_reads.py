"""The statements sent to the database, and how it runs them: by an index, or by reading a whole table."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, event

from models.database.store import Store
from tests.store.history import HISTORY

_OF_OPEN_ONES = re.compile(r"INDEX \w+_(open|going_on|now)(_|\b)")
"""Such an index holds only open rows: reading all of it reads no history."""


class Statements:
    """Records every statement that the store sends, in order, with its values."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.statements: list[tuple[str, Any]] = []

    def __enter__(self) -> "Statements":
        event.listen(self._store.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._store.engine, "before_cursor_execute", self._note)

    def _note(
        self, _connection: Connection, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool
    ) -> None:
        if statement.split()[0] in ("SELECT", "UPDATE", "DELETE"):
            self.statements.append((statement, values))


def plans(store: Store, sent: Statements) -> Iterator[tuple[str, Any]]:
    """The plan of each statement: SQLite's lines, or PostgreSQL's tree with the pages that it read."""
    with store.engine.connect() as connection:
        for statement, values in sent.statements:
            if store.sqlite:
                lines = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                yield statement, [line.detail for line in lines]
            else:
                explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
                plan = connection.exec_driver_sql(explain, values).scalar_one()
                yield statement, (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def read_whole(store: Store, statement: str, plan: Any, growing: Mapping[str, str] = HISTORY) -> list[str]:
    """The growing tables that this plan reads as a whole."""
    if not store.sqlite:
        scanned = [node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
        return [table for table in scanned if table in growing]
    scanned = [line.split()[1] for line in plan if line.startswith("SCAN") and not _OF_OPEN_ONES.search(line)]
    # A scan in the order of an index, with a limit, stops early.
    in_order = "LIMIT" in statement and not any("TEMP B-TREE" in line for line in plan)
    return [table for table in scanned if table in growing and not in_order]


def steps_of_sqlite(store: Store, work: Callable[[], None]) -> int:
    """How many steps SQLite's virtual machine takes, in tens."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    def watch(connection: Connection) -> None:
        connection.connection.driver_connection.set_progress_handler(count, 10)  # type: ignore[union-attr]

    event.listen(store.engine, "begin", watch)
    work()
    event.remove(store.engine, "begin", watch)
    return taken


def indexes(store: Store, plan: Any) -> Iterator[str]:
    """The names of the indexes by which this plan finds rows; "id" is the primary key."""
    if not store.sqlite:
        for node in nodes(plan):
            if (name := node.get("Index Name")) is not None:
                yield "id" if name.startswith("pk_") else name
        return
    for line in plan:
        if found := re.search(r"USING (?:COVERING )?INDEX (\w+)", line):
            yield found[1]
        elif "INTEGER PRIMARY KEY" in line:
            yield "id"

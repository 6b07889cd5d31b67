"""A change says how many rows it met: with the expected state in its WHERE, that number decides who was first."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Insert, Update, insert
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from models.tables import Call, Task, Ticket

Row = TypeVar("Row", Call, Task, Ticket)


def change(session: Session, statement: Update) -> int:
    """Runs the UPDATE and returns how many rows it changed; rows already loaded in this session are not refreshed."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return result.rowcount


def run(session: Session, prepared: Update | Insert, **values: Any) -> int:
    """As `change`, for what every call does: a statement on a table, built once, with the values of this time.

    Most of the CPU time of a call is its rows; a statement built anew costs twice as much of it, and one that goes
    through the session a third more.
    """
    return session.connection().execute(prepared, values).rowcount


def find(session: Session, prepared: Executable, **values: Any) -> CursorResult[Any]:
    """As `run`, for a SELECT; it does not see what the session has not flushed."""
    return session.connection().execute(prepared, values)


def add(session: Session, row: Row) -> Row:
    """Writes a new row, as `session.add` and a flush would, for less: the row is the session's from then on."""
    prepared, defaults = _new(type(row))
    given = {name: getattr(row, name) for name in row.__dict__.keys() & defaults.keys()}
    values = defaults | given
    result = session.connection().execute(prepared, values)
    for name in values.keys() - given.keys():
        setattr(row, name, values[name])
    assert result.inserted_primary_key is not None
    row.id = result.inserted_primary_key[0]
    make_transient_to_detached(row)
    session.add(row)
    return row


@cache
def _new(kind: type[Row]) -> tuple[Insert, dict[str, Any]]:
    """The statement, and what every column but the id holds when nothing is said of it."""
    table = kind.metadata.tables[kind.__tablename__]
    columns = [column for column in table.columns if not column.primary_key]
    return insert(table), {
        c.key: c.default.arg if isinstance(c.default, ScalarElementColumnDefault) else None for c in columns
    }

"""Changes return the number of rows they changed: with the expected state in WHERE, it decides who was first."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Insert, Update, func, insert, select
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
    """As `change`, for statements that every call needs: built once, run with new values each time.

    Most of the CPU time of a call goes into its rows; a newly built statement costs twice as much, one that goes
    through the session a third more.
    """
    return session.connection().execute(prepared, values).rowcount


def in_turn(session: Session, what: str) -> None:
    """From here to the commit this is the only transaction that does `what`: what it counts, no other one changes.

    SQLite has one writer at a time; in PostgreSQL it is a lock of the transaction.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(what))))


def find(session: Session, prepared: Executable, **values: Any) -> CursorResult[Any]:
    """As `run`, for a SELECT; it does not see changes that the session has not flushed."""
    return session.connection().execute(prepared, values)


def add(session: Session, row: Row) -> Row:
    """Writes a new row as `session.add` and a flush do, at a lower cost; the row then belongs to the session."""
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
    """The statement, and the default of every column except the id."""
    table = kind.metadata.tables[kind.__tablename__]
    columns = [column for column in table.columns if not column.primary_key]
    return insert(table), {
        c.key: c.default.arg if isinstance(c.default, ScalarElementColumnDefault) else None for c in columns
    }

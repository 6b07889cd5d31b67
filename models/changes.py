"""A change says how many rows it met: with the expected state in its WHERE, that number decides who was first."""

from sqlalchemy import CursorResult, Update
from sqlalchemy.orm import Session


def change(session: Session, statement: Update) -> int:
    """Runs the UPDATE and returns how many rows it changed; rows already loaded in this session are not refreshed."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return result.rowcount

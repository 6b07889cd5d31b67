"""Keyset pages: each begins behind the last row of the page before, so every page costs the same."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal, select, tuple_
from sqlalchemy.orm import QueryableAttribute, Session


class Mark(NamedTuple):
    """A row, and its place in the order (moment, id)."""

    at: datetime
    id: int


def marks(
    session: Session,
    at: QueryableAttribute[Any],
    id: QueryableAttribute[int],
    *conditions: ColumnElement[bool] | QueryableAttribute[bool],
    after: Mark | None,
    limit: int,
) -> list[Mark]:
    """The next `limit` rows that meet the conditions, in the order (at, id): behind `after`, or from the first one."""
    wanted = select(at, id).where(*conditions)
    if after is not None:
        wanted = wanted.where(behind(at, id, after))
    rows = session.execute(wanted.order_by(at, id).limit(limit))
    return [Mark(when, number) for when, number in rows if when is not None]


def behind(at: QueryableAttribute[Any], id: QueryableAttribute[int], mark: Sequence[Any]) -> ColumnElement[bool]:
    """True of the rows that come later in the order (at, id)."""
    condition: ColumnElement[bool] = tuple_(at, id) > _values(at, id, mark)
    return condition


def before(at: QueryableAttribute[Any], id: QueryableAttribute[int], mark: Sequence[Any]) -> ColumnElement[bool]:
    """True of the rows that come earlier in the order (at, id): the next page of a list that begins with the newest."""
    condition: ColumnElement[bool] = tuple_(at, id) < _values(at, id, mark)
    return condition


def from_here(at: QueryableAttribute[Any], id: QueryableAttribute[int], mark: Sequence[Any]) -> ColumnElement[bool]:
    """True of the row at the mark, and of those that come later."""
    condition: ColumnElement[bool] = tuple_(at, id) >= _values(at, id, mark)
    return condition


def _values(at: QueryableAttribute[Any], id: QueryableAttribute[int], mark: Sequence[Any]) -> Any:
    when, number = mark
    return tuple_(literal(when, at.type), literal(number, id.type))

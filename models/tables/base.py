"""Column types: every time in the database is aware UTC, every state a word; every constraint has a name."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Enum, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Refuses naive values; reads as aware UTC also from SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: pass an aware moment")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


WORD_LENGTH = 24


def word(states: type[StrEnum]) -> Enum:
    """A column with one of `states`, stored as its value; a new state needs no migration."""
    return Enum(
        states,
        native_enum=False,
        length=WORD_LENGTH,
        validate_strings=True,
        values_callable=lambda kind: [state.value for state in kind],
    )


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    def __repr__(self) -> str:
        # Only loaded columns: a detached row must be printable.
        shown = ", ".join(f"{key}={value!r}" for key, value in self.as_dict().items() if value is not None)
        return f"{type(self).__name__}({shown})"

    def as_dict(self) -> dict[str, Any]:
        """Column names and values, in the order of the table."""
        return {column.key: self.__dict__.get(column.key) for column in self.__table__.columns}

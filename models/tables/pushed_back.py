"""Rows that a scan could not handle wait here, so that the rows after them are handled in time."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, UtcDateTime


class PushedBack(Base):
    """`row_id` is a row of the table that `scan` reads; `since` is its first failure, `error` the last one."""

    __tablename__ = "pushed_back"
    __table_args__ = (Index(None, "scan", "row_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scan: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int]
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int]
    error: Mapped[str] = mapped_column(Text)

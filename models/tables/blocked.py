"""Numbers of nuisance callers, who are not let in for a time."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, UtcDateTime


class BlockedNumber(Base):
    """A number, in normal form, that is not let in before `until`, or before somebody has lifted it."""

    __tablename__ = "blocked_numbers"
    __table_args__ = (Index(None, "number", "until"), Index(None, "until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(200))
    blocked_by: Mapped[str] = mapped_column(String(80))
    blocked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[str | None] = mapped_column(String(80))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

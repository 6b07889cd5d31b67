"""Dates promised to customers; the schema lets a ticket be postponed only once."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.tickets import PromiseEnding
from models.tables.base import Base, UtcDateTime, word


class Promise(Base):
    """A date given to the customer (R15-2). If it replaces an earlier one: `postpones_id` is that one, `text` why.

    Open while `ended_at` is empty.
    """

    __tablename__ = "promises"
    __table_args__ = (
        Index(None, "ticket_id"),
        Index(
            "uq_promises_open_ticket_id",
            "ticket_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        # A ticket is never postponed twice (R15-3), not even by two requests at the same moment.
        Index(
            "uq_promises_postponed_ticket_id",
            "ticket_id",
            unique=True,
            sqlite_where=text("postpones_id IS NOT NULL"),
            postgresql_where=text("postpones_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")
    postpones_id: Mapped[int | None] = mapped_column(ForeignKey("promises.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[PromiseEnding | None] = mapped_column(word(PromiseEnding))

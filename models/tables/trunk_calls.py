"""Calls over a trunk that the gate has let out or refused."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.gate import NumberClass, Reach
from models.tables.base import Base, UtcDateTime, word

_GOING_ON = text("ended_at IS NULL")


class TrunkCall(Base):
    """One decision of the gate. `reason` is why the call was refused ("refused-premium", "refused-too-often"), empty
    for one that was let out; that one has a `channel_id`, on the node `node`, and goes on while `ended_at` is empty.

    `number` is in normal form. `seconds` is the talk, from `answered_at` on, and `fen` its price in hundredths. `known`
    is false for a number that somebody else wrote and of which nobody has talked to us.
    """

    __tablename__ = "trunk_calls"
    __table_args__ = (
        Index(None, "number", "decided_at"),
        Index(None, "purpose", "decided_at"),
        Index(None, "decided_at"),
        Index(
            "ix_trunk_calls_going_on",
            "purpose",
            sqlite_where=_GOING_ON,
            postgresql_where=_GOING_ON,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    number_class: Mapped[NumberClass] = mapped_column(word(NumberClass))
    purpose: Mapped[Reach] = mapped_column(word(Reach))
    known: Mapped[bool] = mapped_column(default=True)
    trunk: Mapped[str | None] = mapped_column(String(40))
    node: Mapped[str | None] = mapped_column(String(40))
    channel_id: Mapped[str | None] = mapped_column(String(150))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(40))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seconds: Mapped[int] = mapped_column(default=0)
    fen: Mapped[int] = mapped_column(default=0)

"""A canary is a test call through the whole line; its row says whether the line answered (R17-5, R05-7)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.states.health import CanaryStep
from models.tables.base import Base, UtcDateTime, word


class Canary(Base):
    """`ms` is how long the call took, `step` where it failed. One row of an outage carries the ticket; `told_at` is
    when the duty phone was rung for it."""

    __tablename__ = "canaries"
    __table_args__ = (Index(None, "at"), Index(None, "ok", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ok: Mapped[bool]
    ms: Mapped[int | None]
    step: Mapped[CanaryStep | None] = mapped_column(word(CanaryStep))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

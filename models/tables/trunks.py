"""What is known of each trunk: whether it is there, and what failed last."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.states.health import TrunkFailure, TrunkState
from models.tables.base import Base, UtcDateTime, word


class TrunkRow(Base):
    """`since` is when the state began, `up_at` when it was last seen up; `failure` and `failed_at` stay after the
    trunk has come back, as its last failure."""

    __tablename__ = "trunks"

    name: Mapped[str] = mapped_column(String(31), primary_key=True)
    state: Mapped[TrunkState] = mapped_column(word(TrunkState))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[TrunkFailure | None] = mapped_column(word(TrunkFailure))
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

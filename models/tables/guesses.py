"""Who guesses: wrong passwords of telephones by address and account, the bans that follow, and wrong PINs."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, UtcDateTime


class Guess(Base):
    """Wrong passwords that came from `address` together; `account` is empty for a name that no telephone has."""

    __tablename__ = "guesses"
    __table_args__ = (Index(None, "at"), Index(None, "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(45))
    account: Mapped[str] = mapped_column(String(20))
    tries: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Ban(Base):
    """Asterisk answers `address` with 403, until `ends_at`; `lifted_by` is who ended it before.

    `held_since` is when the Asterisk began that has the ban: another one does not know it yet. Empty: none has it.
    """

    __tablename__ = "bans"
    __table_args__ = (
        Index(None, "ends_at"),
        Index(None, "address", "began_at"),
        Index(
            "ix_bans_held_now",
            "held_since",
            sqlite_where=text("held_since IS NOT NULL"),
            postgresql_where=text("held_since IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(45))
    tries: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[str | None] = mapped_column(String(80))
    held_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WrongPins(Base):
    """How many wrong PINs in a row were keyed at a telephone; no PIN is asked for there before `locked_until`."""

    __tablename__ = "wrong_pins"
    __table_args__ = (Index(None, "locked_until"),)

    telephone: Mapped[str] = mapped_column(String(20), primary_key=True)
    tries: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

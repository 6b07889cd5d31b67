"""How staff sign in: accounts with a password, sign-ins, one-time links, and passwords that were wrong."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.people import SignInEnd, SignInPlace, Theme
from models.tables.base import Base, UtcDateTime, word


class Account(Base):
    """One of the staff who may sign in. `password` is an argon2id hash; empty: none was chosen yet.

    `language` and `theme` are empty while the person has not chosen.
    """

    __tablename__ = "accounts"

    staff_number: Mapped[str] = mapped_column(ForeignKey("staff.number"), primary_key=True)
    password: Mapped[str | None] = mapped_column(String(200))
    administrator: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(String(2))
    theme: Mapped[Theme | None] = mapped_column(word(Theme))


class SignIn(Base):
    """One browser or terminal in which somebody is signed in; only the SHA-256 of its secret is kept.

    `role` and `group` are those at its beginning: another post ends it. `address` is an IP address or a terminal.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (
        Index(None, "sha256", unique=True),
        Index(None, "staff_number", "address"),
        Index(None, "ended_at"),
        Index(
            "ix_sign_ins_open",
            "seen_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    staff_number: Mapped[str] = mapped_column(ForeignKey("accounts.staff_number"))
    place: Mapped[SignInPlace] = mapped_column(word(SignInPlace))
    address: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(40))
    group: Mapped[str] = mapped_column(String(40))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why_ended: Mapped[SignInEnd | None] = mapped_column(word(SignInEnd))


class SignInLink(Base):
    """A link by which its person chooses a password, once; a newer one for the same person ends it.

    With `administrator` it gives that right, too.
    """

    __tablename__ = "sign_in_links"
    __table_args__ = (Index(None, "sha256", unique=True), Index(None, "staff_number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    staff_number: Mapped[str] = mapped_column(ForeignKey("staff.number"))
    administrator: Mapped[bool]
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInTry(Base):
    """A sign-in that was tried and has not succeeded; `staff_number` as it was typed."""

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index(None, "at"), Index(None, "staff_number", "at"), Index(None, "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_number: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

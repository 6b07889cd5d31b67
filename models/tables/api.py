"""Access by other programs: their tokens and idempotency keys, their webhooks, and each message to them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.events import DeliveryState, WebhookState
from models.tables.base import Base, UtcDateTime, word


class Token(Base):
    """Only the SHA-256 of the secret is kept. `may` holds words of `May`, `staff_number` the person it acts for."""

    __tablename__ = "tokens"
    __table_args__ = (
        Index(None, "sha256", unique=True),
        Index(
            "uq_tokens_valid_name",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    sha256: Mapped[str] = mapped_column(String(64))
    may: Mapped[str] = mapped_column(String(80))
    staff_number: Mapped[str | None] = mapped_column(String(20))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class IdempotencyKey(Base):
    """A request that opened a ticket: repeated with the same token and key, it returns the same ticket."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "token_id", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("tokens.id"))
    key: Mapped[str] = mapped_column(String(200))
    body_sha256: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Webhook(Base):
    """An address that gets events: `events` lists their kinds, or "*". The secret signs, so it is kept in clear.

    `delivered_at` and `given_up_at` are the last time of each; it is failing while the second is later.
    """

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(80))
    events: Mapped[str] = mapped_column(Text)
    state: Mapped[WebhookState] = mapped_column(word(WebhookState), default=WebhookState.ACTIVE)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Delivery(Base):
    """One message to one webhook: every attempt sends the same bytes under one `message_id`.

    `next_at` is when it is due, empty when it is finished; while it is being sent it is the end of the sender's lease.
    `tries` counts the attempts, `answer` is the result of the last one.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(None, "webhook_id", "id"),
        *(
            Index(None, *columns, sqlite_where=where, postgresql_where=where)
            for where, *columns in (
                (text("next_at IS NOT NULL"), "webhook_id", "next_at"),
                (text("next_at IS NOT NULL"), "webhook_id", "ticket_id", "id"),
                (text("ended_at IS NOT NULL"), "ended_at"),
            )
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    message_id: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(word(DeliveryState), default=DeliveryState.WAITING)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

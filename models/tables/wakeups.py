"""What guests have asked to be woken for, what has come of it, and the evidence: rings, keys and knocks (R21-13)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.calls import Ring
from models.states.guests import Confirmed, KnockLevel, KnockOutcome, OrderState, WakeupHow, WakeupState
from models.tables.base import Base, UtcDateTime, word


class WakeupOrder(Base):
    """A room is to be woken at `at` ("06:30", by the site's clock) on one date, or on every one of `weekdays` ("12345",
    1 is Monday). `language` is empty when it is the room's.

    `set_by` is a staff number, or "room". `planned_to` is the last day whose wake-ups are rows, empty when no more are
    to come. `replaces_id` is the order that was changed into this one.
    """

    __tablename__ = "wakeup_orders"
    __table_args__ = (Index(None, "state", "room"), Index(None, "planned_to"))

    id: Mapped[int] = mapped_column(primary_key=True)
    # A number, not a foreign key: it stays on file when the room is gone.
    room: Mapped[str] = mapped_column(String(20))
    at: Mapped[str] = mapped_column(String(5))
    on_date: Mapped[date | None]
    weekdays: Mapped[str | None] = mapped_column(String(7))
    language: Mapped[str | None] = mapped_column(String(10))
    state: Mapped[OrderState] = mapped_column(word(OrderState), default=OrderState.ACTIVE)
    how: Mapped[WakeupHow] = mapped_column(word(WakeupHow))
    set_by: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    planned_to: Mapped[date | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("wakeup_orders.id"))


class Wakeup(Base):
    """One wake-up: an order on one local day. `due_at` is the promise; `wake_at` is later when he has snoozed.

    `knock_at` is when the next person is called about him, empty while nobody is to be. `on_way_by` has said that he
    goes there. `late_minutes` (by `wake_at`), `confirmed_by` ("guest" or a staff number) and `confirmed_how` are known
    when he is awake.
    """

    __tablename__ = "wakeups"
    __table_args__ = (
        # Exactly one for each local day, whoever plans it and however often (R21-9).
        Index(None, "order_id", "on_date", unique=True),
        Index(None, "due_at"),
        Index(None, "state", "wake_at"),
        Index(None, "state", "room"),
        Index(None, "knock_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("wakeup_orders.id"))
    room: Mapped[str] = mapped_column(String(20))
    on_date: Mapped[date]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wake_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[WakeupState] = mapped_column(word(WakeupState), default=WakeupState.PLANNED)
    snoozes: Mapped[int] = mapped_column(default=0)
    knock_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    knock_round: Mapped[int] = mapped_column(default=0)
    desk_at_once: Mapped[bool] = mapped_column(default=False)
    on_way_by: Mapped[str | None] = mapped_column(String(20))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(80))
    confirmed_how: Mapped[Confirmed | None] = mapped_column(word(Confirmed))
    late_minutes: Mapped[int | None]


class WakeupAttempt(Base):
    """One ringing of the room, not before `due_at`, on a channel whose name is fixed before it is dialled.

    `rings` is how often it has rung, `key` what he has pressed in the end. Without `outcome` and with `ended_at` it was
    interrupted on our side.
    """

    __tablename__ = "wakeup_attempts"
    __table_args__ = (Index(None, "wakeup_id", "number", unique=True), Index(None, "channel_id", unique=True))

    id: Mapped[int] = mapped_column(primary_key=True)
    wakeup_id: Mapped[int] = mapped_column(ForeignKey("wakeups.id"))
    number: Mapped[int]
    channel_id: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dialled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Ring | None] = mapped_column(word(Ring))
    rings: Mapped[int] = mapped_column(default=0)
    key: Mapped[str | None] = mapped_column(String(1))


class Knock(Base):
    """One of the staff, called about a guest who does not wake; `rouse` is why he."""

    __tablename__ = "wakeup_knocks"
    __table_args__ = (Index(None, "wakeup_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wakeup_id: Mapped[int] = mapped_column(ForeignKey("wakeups.id"))
    rouse: Mapped[KnockLevel] = mapped_column(word(KnockLevel))
    staff_number: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[KnockOutcome | None] = mapped_column(word(KnockOutcome))


class WakeupEvent(Base):
    """Something has happened to a wake-up; append-only. `who` is a staff number, "guest", "room" or "system"."""

    __tablename__ = "wakeup_events"
    __table_args__ = (Index(None, "wakeup_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wakeup_id: Mapped[int] = mapped_column(ForeignKey("wakeups.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(80))
    from_state: Mapped[WakeupState | None] = mapped_column(word(WakeupState))
    to_state: Mapped[WakeupState | None] = mapped_column(word(WakeupState))
    text: Mapped[str] = mapped_column(Text, default="")


class WakeupText(Base):
    """What is said in the wake-up calls of these local days, both included: of several the last; append-only.

    `zh_sound` and `en_sound` are the names of the sounds, as the telephone plays them. Without words nothing is said.
    """

    __tablename__ = "wakeup_texts"
    __table_args__ = (Index(None, "until_date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    from_date: Mapped[date]
    until_date: Mapped[date]
    zh: Mapped[str | None] = mapped_column(Text)
    zh_sound: Mapped[str | None] = mapped_column(String(80))
    en: Mapped[str | None] = mapped_column(Text)
    en_sound: Mapped[str | None] = mapped_column(String(80))
    set_by: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)

"""Wake-up orders, the wake-ups of each day, and their evidence: rings, keys and knocks (R21-13)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.calls import Ring
from models.states.guests import Confirmed, KnockLevel, KnockOutcome, OrderState, WakeupHow, WakeupState
from models.tables.base import Base, UtcDateTime, word


class WakeupOrder(Base):
    """A room is to be woken at `at` ("06:30", by the site's clock) on one date, or on every one of `weekdays` ("12345",
    1 is Monday). `language` is empty for the room's own.

    `set_by` is a staff number, or "room". `planned_to` is the last day whose wake-ups have rows, empty when there
    will be no more. `replaces_id` is the order that was changed into this one.
    """

    __tablename__ = "wakeup_orders"
    __table_args__ = (Index(None, "state", "room"), Index(None, "planned_to"))

    id: Mapped[int] = mapped_column(primary_key=True)
    # A number, not a foreign key: it stays when the room is gone.
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
    """One wake-up: an order on one local day. `due_at` is the promised time; `wake_at` is later after a snooze.

    `knock_at` is when the next person is called about the guest, empty while nobody is to be called. `on_way_by` is the
    person on the way to the room. `late_minutes` (after `wake_at`), `confirmed_by` ("guest" or a staff number) and
    `confirmed_how` are written when the guest is awake.
    """

    __tablename__ = "wakeups"
    __table_args__ = (
        # Exactly one for each local day, even if two processes plan it (R21-9).
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

    `rings` is how often it rang, `key` the last key pressed. With `ended_at` but without `outcome` it was interrupted
    on our side.
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
    """A call to one of the staff about a guest who does not wake; `rouse` is the level at which it was made."""

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
    """An event of a wake-up; append-only. `who` is a staff number, "guest", "room" or "system"."""

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
    """A text for the wake-up calls of these local days, both included; the last one counts; append-only.

    `zh_sound` and `en_sound` are the names of the sounds as played to telephones. Without words nothing is said.
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

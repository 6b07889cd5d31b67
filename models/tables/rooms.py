"""The rooms, the guests who stay in them, and the events of each room."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.states.guests import RoomEventKind, RoomState
from models.tables.base import Base, UtcDateTime, word


class Room(Base):
    """A room of the site file with a telephone. `language` is what its guests hear first (R21-1)."""

    __tablename__ = "rooms"

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    state: Mapped[RoomState] = mapped_column(word(RoomState), default=RoomState.FREE)
    language: Mapped[str] = mapped_column(String(10))
    do_not_disturb: Mapped[bool] = mapped_column(default=False)


class Guest(Base):
    """A guest who stays, or has stayed, in a room; present while `checked_out_at` is empty."""

    __tablename__ = "guests"
    __table_args__ = (Index(None, "room", "checked_out_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    room: Mapped[str] = mapped_column(ForeignKey("rooms.number"))
    checked_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_in_by: Mapped[str] = mapped_column(String(80))
    checked_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_out_by: Mapped[str | None] = mapped_column(String(80))


class RoomEvent(Base):
    """An event of a room; append-only. `note` is the language, or the number of guests concerned."""

    __tablename__ = "room_events"
    __table_args__ = (Index(None, "room", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room: Mapped[str] = mapped_column(ForeignKey("rooms.number"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[RoomEventKind] = mapped_column(word(RoomEventKind))
    who: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(80), default="")

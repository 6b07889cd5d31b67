"""Days and times agreed with customers; a ticket has one at a time."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.tickets import AppointmentEnding
from models.tables.base import Base, UtcDateTime, word

_OPEN = text("ended_at IS NULL")
_PLANNED = text("next_at IS NOT NULL")


class Appointment(Base):
    """Somebody is to be on site at `due_at` (R10-2, R10-3). If it replaces an earlier one: `moves_id` is that one,
    `text` why.

    `next_at`: when the next thing happens by itself: the reminder, then the look whether somebody has come; empty when
    both have happened, and after the end. Open while `ended_at` is empty.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        Index(None, "ticket_id"),
        Index(None, "next_at", sqlite_where=_PLANNED, postgresql_where=_PLANNED),
        # Two people who agree on different times at the same moment must not both be right.
        Index("uq_appointments_open_ticket_id", "ticket_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")
    moves_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    missed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[AppointmentEnding | None] = mapped_column(word(AppointmentEnding))

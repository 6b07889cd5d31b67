"""What an agent writes up: each call, and the day."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, UtcDateTime


class WrapUp(Base):
    """The agent has written up this call (R11-3); what was written is on the ticket, if there is one."""

    __tablename__ = "wrap_ups"
    __table_args__ = (Index(None, "call_id", "staff_number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    staff_number: Mapped[str] = mapped_column(String(20))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkSummary(Base):
    """What a member of staff wrote about a day's work (R07-3, R11-3); `day` is of the site's calendar."""

    __tablename__ = "work_summaries"

    staff_number: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

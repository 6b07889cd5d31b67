"""What staff keep on the console's pages: views of lists, and the photos of tickets."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.states.tickets import PhotoKind
from models.tables.base import Base, UtcDateTime, word


class SavedView(Base):
    """A list as one person wants to see it again: `filters` is the part of the address behind the question mark."""

    __tablename__ = "saved_views"
    __table_args__ = (Index(None, "staff_number", "name", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_number: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    filters: Mapped[str] = mapped_column(String(500))


class Photo(Base):
    """A picture that belongs to a ticket. `path` is relative to the folder of the photos."""

    __tablename__ = "photos"
    __table_args__ = (Index(None, "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    taken_by: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[PhotoKind] = mapped_column(word(PhotoKind))
    path: Mapped[str] = mapped_column(String(200), unique=True)
    size: Mapped[int]
    """In bytes."""

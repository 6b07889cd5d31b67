"""Faults that scans have found, until they are settled."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.health import FindingKind
from models.tables.base import Base, UtcDateTime, word


class Finding(Base):
    """`subject` is a path, a recording's name, a scan, or a disk that is nearly full. Open while `settled_at` is empty.

    `told_at` is when the duty phone was rung for it.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index(
            "uq_findings_open_kind_subject",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[FindingKind] = mapped_column(word(FindingKind))
    subject: Mapped[str] = mapped_column(String(300))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

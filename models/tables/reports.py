"""Automatic reports, each made, filed and sent once (R03-5, R06-5)."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.states.reports import PeriodKind, ReportState
from models.tables.base import Base, UtcDateTime, word


class ReportRun(Base):
    """One period's report. A claim lasts until `leased_until`; `fence` counts the claims, so that a process whose claim
    has lapsed cannot go on. `retry_at` is when it is due, `error` the last failure."""

    __tablename__ = "report_runs"
    __table_args__ = (Index(None, "kind", "period", unique=True), Index(None, "state", "retry_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PeriodKind] = mapped_column(word(PeriodKind))
    # As `Period.parse` reads it: "2026-11-24", "2026-11", "2026Q4".
    period: Mapped[str] = mapped_column(String(12))
    state: Mapped[ReportState] = mapped_column(word(ReportState), default=ReportState.DUE)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retry_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

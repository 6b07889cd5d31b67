"""Scorings of calls, each with the form as it was then."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.quality import Mark
from models.tables.base import Base, UtcDateTime, word


class Scoring(Base):
    """How `staff_number`, then of `department`, did in a call, as `scorer` judges: `total` of 100 (R04-1).

    The agent sees it when it is published (R13-7), and may answer with one remark. `training_task_id` is the task about
    training that was open or became due then.
    """

    __tablename__ = "scorings"
    __table_args__ = (
        Index(None, "call_id", "staff_number", unique=True),
        Index(None, "staff_number", "published_at"),
        Index(None, "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    staff_number: Mapped[str] = mapped_column(String(20))
    department: Mapped[str | None] = mapped_column(String(40))
    scorer: Mapped[str] = mapped_column(String(20))
    scored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    total: Mapped[float]
    comment: Mapped[str] = mapped_column(Text, default="")
    policy_version: Mapped[str] = mapped_column(String(20))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[str | None] = mapped_column(String(20))
    remark: Mapped[str | None] = mapped_column(Text)
    remarked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    training_task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))


class ScoredCriterion(Base):
    """One line of a scoring: `weight`, `zh` and `en` are those of the form on that day."""

    __tablename__ = "scored_criteria"

    scoring_id: Mapped[int] = mapped_column(ForeignKey("scorings.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    place: Mapped[int]
    weight: Mapped[int]
    zh: Mapped[str] = mapped_column(String(200))
    en: Mapped[str] = mapped_column(String(200))
    mark: Mapped[Mark] = mapped_column(word(Mark))

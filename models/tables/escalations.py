"""Whom we have called about a matter that is late: one ladder for each time, and a row for each call on it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.tickets import EscalationState, LadderRung, StepOutcome
from models.tables.base import Base, UtcDateTime, word

_OPEN = text("ended_at IS NULL")


class Escalation(Base):
    """The ladder of one ticket for the clock that runs out at `due_at`.

    `next_at` is when it goes on, empty while somebody is being called and after the end. `round` counts how often it
    has begun from the top. `accepted_by` is who has said by key that he has the matter.
    """

    __tablename__ = "escalations"
    __table_args__ = (
        Index(None, "next_at"),
        Index(None, "ticket_id"),
        # Two schedulers that look at once must not call everybody twice.
        Index("uq_escalations_open_ticket_id", "ticket_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    state: Mapped[EscalationState] = mapped_column(word(EscalationState), default=EscalationState.CLIMBING)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    round: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_by: Mapped[str | None] = mapped_column(String(20))


class EscalationStep(Base):
    """One person, to be called once; `rung` is why he. `channel_id` is the newest channel on which he was called."""

    __tablename__ = "escalation_steps"
    __table_args__ = (Index(None, "escalation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id"))
    round: Mapped[int]
    rung: Mapped[LadderRung] = mapped_column(word(LadderRung))
    staff_number: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel_id: Mapped[str | None] = mapped_column(String(150))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[StepOutcome | None] = mapped_column(word(StepOutcome))

"""The ladders of tickets that are late, or new, or have an appointment; a row for each call to one of the staff."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.tickets import EscalationState, LadderCause, LadderRung, StepOutcome
from models.tables.base import Base, UtcDateTime, word

_OPEN = text("ended_at IS NULL")


class Escalation(Base):
    """The ladder of one ticket for the clock that runs out, or the appointment that is, at `due_at`, or because it is
    new (`cause`).

    `next_at` is when it goes on, empty during a call and after the end. `round` counts how often it has started at the
    first step. `accepted_by` is the staff number of the person who accepted by key.
    """

    __tablename__ = "escalations"
    __table_args__ = (
        Index(None, "next_at"),
        Index(None, "ticket_id"),
        # Two schedulers at the same moment must not call everybody twice.
        Index(
            "uq_escalations_open_ticket_id_cause",
            "ticket_id",
            "cause",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    cause: Mapped[LadderCause] = mapped_column(
        word(LadderCause), default=LadderCause.LATE, server_default=text("'late'")
    )
    state: Mapped[EscalationState] = mapped_column(word(EscalationState), default=EscalationState.CLIMBING)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    round: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_by: Mapped[str | None] = mapped_column(String(20))


class EscalationStep(Base):
    """One call to one person; `rung` is the step on the ladder, `channel_id` the newest channel of the call."""

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

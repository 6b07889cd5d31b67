"""Calls that the hotline makes itself: who requested and who claimed each, and its attempts with their outcome."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.calls import AttemptOutcome, Priority, Purpose, ToMake
from models.tables.base import Base, UtcDateTime, word

_GOING_ON = text("ended_at IS NULL")


class CallToMake(Base):
    """One call to be made, not before `due_at`. A claim holds until `leased_until`, then the call is due again.

    `subject_id` is the row it is made for, in the table of its kind; a call back has `task_id` instead.
    It rings `number` in the public network, or without one the telephone at `extension`: a room's for a wake-up, else
    that of one of the staff (the mobile while the telephone is not registered). In a call back `extension` is the agent
    who is to talk, empty when anyone of `owner_group` may.
    `fence` counts the claims: a process that was thought dead cannot go on with an old one. `flag` is why the gate
    refused the number, such as "refused-premium" (R05-8, R20-5). `line` is the line of the conversation, whose number
    is shown. `channel_id` is the name of its channel, if that is fixed before.
    """

    __tablename__ = "calls_to_make"
    __table_args__ = (
        Index(None, "state", "priority", "due_at"),
        Index(None, "state", "leased_until"),
        Index(None, "asked_at"),
        Index(None, "task_id"),
        Index(None, "ticket_id"),
        Index(None, "kind", "subject_id"),
        # Two people who request the same call at once must not cause two calls.
        Index(
            "uq_calls_to_make_going_on_task_id",
            "task_id",
            unique=True,
            sqlite_where=_GOING_ON,
            postgresql_where=_GOING_ON,
        ),
        Index(
            "uq_calls_to_make_going_on_subject_id",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=_GOING_ON,
            postgresql_where=_GOING_ON,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Purpose] = mapped_column(word(Purpose), default=Purpose.CALL_BACK)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    subject_id: Mapped[int | None]
    state: Mapped[ToMake] = mapped_column(word(ToMake), default=ToMake.WAITING)
    priority: Mapped[int] = mapped_column(default=Priority.ORDINARY)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    number: Mapped[str | None] = mapped_column(String(40))
    extension: Mapped[str | None] = mapped_column(String(20))
    owner_group: Mapped[str] = mapped_column(String(40), default="")
    line: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str | None] = mapped_column(String(10))
    channel_id: Mapped[str | None] = mapped_column(String(40))
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fence: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    flag: Mapped[str | None] = mapped_column(String(40))


class Attempt(Base):
    """One claim of a call to make, with its fence as `number`; the conversation itself is the call `call_id`.

    `staff_number` is the agent who makes the call (or the staff member it rings), `dialled_at` when the person called
    was dialled.
    """

    __tablename__ = "attempts"
    __table_args__ = (Index(None, "call_to_make_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_to_make_id: Mapped[int] = mapped_column(ForeignKey("calls_to_make.id"))
    number: Mapped[int]
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    staff_number: Mapped[str | None] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dialled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[AttemptOutcome | None] = mapped_column(word(AttemptOutcome))

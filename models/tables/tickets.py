"""A ticket is a matter somebody expects an answer to; its events are only ever added; tasks are owed to a person."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from models.states import ClockKind, Source, TaskKind, TaskState, TicketEventKind, TicketKind, TicketState
from models.tables.base import Base, UtcDateTime, word

FIRST_NUMBER = 1000
"""Ticket numbers start above this: four digits, so that a caller hears a number and not "one"."""


class Ticket(Base):
    """`next_due_at` is the earliest clock that is not met, empty when all are.

    `building` and `room` are as the caller keyed them, `unit_id` is the unit found for them, if any. `about_staff` is
    whom a complaint is about: he does not handle it (R15-6).
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index(None, "next_due_at"),
        Index(None, "state", "opened_at"),
        Index(None, "opened_at"),
        Index(None, "owner_id", "opened_at"),
        Index(None, "unit_id", "opened_at"),
        # An owner hears the number on the telephone: it may never be given to a second matter.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TicketKind] = mapped_column(word(TicketKind))
    state: Mapped[TicketState] = mapped_column(word(TicketState), default=TicketState.NEW)
    source: Mapped[Source] = mapped_column(word(Source), default=Source.TELEPHONE)
    line: Mapped[str | None] = mapped_column(String(20))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    caller_number: Mapped[str | None] = mapped_column(String(40))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owners.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    building: Mapped[str | None] = mapped_column(String(20))
    room: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    policy_version: Mapped[str] = mapped_column(String(20))
    first_receiver: Mapped[str | None] = mapped_column(String(20))
    about_staff: Mapped[str | None] = mapped_column(String(20))

    @hybrid_property
    def number(self) -> int:
        """What people call it: 1001, 1002, ..."""
        return FIRST_NUMBER + self.id

    @number.inplace.expression
    @classmethod
    def _number_expression(cls) -> ColumnElement[int]:
        return cls.id + FIRST_NUMBER


class TicketEvent(Base):
    """What happened to a ticket, when, by whom (a staff number, "caller" or "system"); never changed or deleted."""

    __tablename__ = "ticket_events"
    __table_args__ = (Index(None, "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(40))
    kind: Mapped[TicketEventKind] = mapped_column(word(TicketEventKind))
    from_state: Mapped[TicketState | None] = mapped_column(word(TicketState))
    to_state: Mapped[TicketState | None] = mapped_column(word(TicketState))
    text: Mapped[str] = mapped_column(Text, default="")


class TicketClock(Base):
    """One deadline of a ticket. `calendar` says which time it counts ("wall": every minute), `rule` why it exists."""

    __tablename__ = "clocks"
    __table_args__ = (Index(None, "ticket_id", "kind", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[ClockKind] = mapped_column(word(ClockKind))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    calendar: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(40))


class Task(Base):
    """Something a person owes by `due_at`. `times` counts how often the same caller has asked for it."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "call_id"),
        # Two processes that file the same caller at once must not make two call-backs of him.
        Index(
            "uq_tasks_open_kind_number",
            "kind",
            "number",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TaskKind] = mapped_column(word(TaskKind))
    state: Mapped[TaskState] = mapped_column(word(TaskState), default=TaskState.OPEN)
    number: Mapped[str | None] = mapped_column(String(40))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    owner_group: Mapped[str | None] = mapped_column(String(40))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(Text, default="")

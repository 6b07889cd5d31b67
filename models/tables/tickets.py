"""Tickets with their clocks and append-only events, and the tasks that staff owe."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from models.states.tickets import (
    Cause,
    ClockKind,
    Reporter,
    Severity,
    Source,
    TaskKind,
    TaskState,
    TicketEventKind,
    TicketKind,
    TicketState,
    TimeUnit,
)
from models.tables.base import Base, UtcDateTime, word

FIRST_NUMBER = 1000
"""Ticket numbers start above this: four digits, so that a caller hears a number and not "one"."""


def _where_known(known: str, *columns: str) -> Index:
    """An index without the many rows in which `known` is empty."""
    where = text(f"{known} IS NOT NULL")
    return Index(None, *columns, sqlite_where=where, postgresql_where=where)


class Ticket(Base):
    """A request that somebody expects an answer to. `next_due_at` is the earliest open clock or promise; else empty.

    `building` and `room` are as the caller keyed them, `unit_id` is the unit found for them, if any. `about_staff` is
    the person a complaint is about, who must not handle it (R15-6). `contact_name` and `contact_number` are the person
    to ask, unless it is the owner at the calling number; `problem` is the fault or complaint, `need` what the customer
    wants (R13-2), `cause` why it came to that (R17-4). `department` is the group that has the ticket, `assignee` the
    person (R17-2). `referred_to` is the public utility that has it, `referral_number` the utility's own number for it
    (R15-8). `reminded_at`: when the first receiver took it or was last reminded (R15-1); empty when there is nobody to
    remind. `notify_at`: since when the department is to be notified (R10-1); empty when it has been, or need not be.
    `appointment_at`: when somebody is to be on site, as agreed with the customer (R10-2); empty without an appointment.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index(None, "next_due_at"),
        Index(None, "state", "opened_at"),
        Index(None, "opened_at"),
        Index(None, "owner_id", "opened_at"),
        Index(None, "unit_id", "opened_at"),
        Index(None, "caller_number"),
        Index(None, "room"),
        Index(None, "first_receiver", "state"),
        _where_known("contact_number", "contact_number"),
        _where_known("department", "department", "state"),
        _where_known("assignee", "assignee", "state"),
        _where_known("about_staff", "about_staff"),
        _where_known("merged_into", "merged_into"),
        _where_known("reminded_at", "state", "reminded_at"),
        _where_known("notify_at", "notify_at"),
        # An owner hears the number on the telephone: a second ticket may never get it.
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
    severity: Mapped[Severity] = mapped_column(
        word(Severity), default=Severity.ORDINARY, server_default=text("'ordinary'")
    )
    reporter: Mapped[Reporter | None] = mapped_column(word(Reporter))
    contact_name: Mapped[str | None] = mapped_column(String(80))
    contact_number: Mapped[str | None] = mapped_column(String(40))
    problem: Mapped[str | None] = mapped_column(Text)
    need: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[Cause | None] = mapped_column(word(Cause))
    department: Mapped[str | None] = mapped_column(String(40))
    assignee: Mapped[str | None] = mapped_column(String(20))
    referred_to: Mapped[str | None] = mapped_column(String(80))
    referral_number: Mapped[str | None] = mapped_column(String(80))
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    notify_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    appointment_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))

    @hybrid_property
    def number(self) -> int:
        """The number that people use: 1001, 1002, ..."""
        return FIRST_NUMBER + self.id

    @number.inplace.expression
    @classmethod
    def _number_expression(cls) -> ColumnElement[int]:
        return cls.id + FIRST_NUMBER


class TicketEvent(Base):
    """What happened to a ticket, when, and who did it (a staff number, "caller" or "system"); append-only."""

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
    """One deadline of a ticket: `figure` and `unit` (3 days) after `begun_at` by `calendar` ("wall": every minute), as
    `rule` and the policy `policy_version` gave it. A later policy does not change it.

    `round` is 1, and grows by one when the ticket is reopened: clocks that were met start again, each in a new row.
    """

    __tablename__ = "clocks"
    __table_args__ = (Index(None, "ticket_id", "kind", "round", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[ClockKind] = mapped_column(word(ClockKind))
    round: Mapped[int] = mapped_column(default=1)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    figure: Mapped[int]
    unit: Mapped[TimeUnit] = mapped_column(word(TimeUnit))
    calendar: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(40))
    policy_version: Mapped[str] = mapped_column(String(20))


class Task(Base):
    """Something that a group, or `owner_staff`, must do by `due_at`. `times` counts the requests. `call_at`: when the
    hotline makes an open call back by itself; empty while it is being made, and when only a person makes it."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "opened_at"),
        Index(None, "call_id"),
        Index(None, "ticket_id"),
        # Two processes that file the same caller at once must not open two call-backs.
        Index(
            "uq_tasks_open_kind_number",
            "kind",
            "number",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        _where_known("owner_staff", "owner_staff", "state"),
        _where_known("call_at", "call_at"),
        # Nobody gets two tasks of one kind for one ticket.
        Index(
            "uq_tasks_open_ticket_id_kind_owner_staff",
            "ticket_id",
            "kind",
            "owner_staff",
            unique=True,
            sqlite_where=text("state = 'open' AND owner_staff IS NOT NULL"),
            postgresql_where=text("state = 'open' AND owner_staff IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TaskKind] = mapped_column(word(TaskKind))
    state: Mapped[TaskState] = mapped_column(word(TaskState), default=TaskState.OPEN)
    number: Mapped[str | None] = mapped_column(String(40))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    owner_group: Mapped[str | None] = mapped_column(String(40))
    owner_staff: Mapped[str | None] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    call_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(Text, default="")

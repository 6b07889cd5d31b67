"""The imported roster (shifts, the groups they serve, rotations), and its duties, swaps, gaps and handovers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.roster import GapKind, HandoverState, SwapKind, SwapState
from models.tables.base import Base, UtcDateTime, word


class Shift(Base):
    """A shift of the roster file, its hours as `models.people.shifts.Hours` writes them. Not `in_force`: kept for the
    history only. `place` is its place in the file."""

    __tablename__ = "shifts"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    zh: Mapped[str] = mapped_column(String(80))
    en: Mapped[str] = mapped_column(String(80))
    need: Mapped[int]
    rule: Mapped[str] = mapped_column(String(40))
    hours: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    handover: Mapped[bool]
    place: Mapped[int]
    in_force: Mapped[bool]


class ShiftGroup(Base):
    """A group that the people of this shift answer for; the first group's tickets are handed over at its end."""

    __tablename__ = "shift_groups"
    __table_args__ = (Index(None, "group"),)

    shift: Mapped[str] = mapped_column(String(40), primary_key=True)
    group: Mapped[str] = mapped_column(String(40), primary_key=True)
    place: Mapped[int]


class Cover(Base):
    """A group that must be answered round the clock (R13-1); in a gap the group `falls_to` answers (R09-3)."""

    __tablename__ = "covers"

    group: Mapped[str] = mapped_column(String(40), primary_key=True)
    falls_to: Mapped[str | None] = mapped_column(String(40))
    rule: Mapped[str] = mapped_column(String(40))


class Rotation(Base):
    """The teams that take turns at a shift: lists of staff numbers, each for `days` days from `first_on` on."""

    __tablename__ = "rotations"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift: Mapped[str] = mapped_column(String(40))
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    days: Mapped[int]
    people: Mapped[list[list[str]]] = mapped_column(JSON)


class Duty(Base):
    """One person's turn at one shift. `instead_of`: who had it before an approved swap or absence."""

    __tablename__ = "duties"
    __table_args__ = (Index(None, "starts_at"), Index(None, "staff_number", "starts_at", "shift", unique=True))

    id: Mapped[int] = mapped_column(primary_key=True)
    # Names and numbers, no foreign keys: they stay when the shift or person is gone.
    shift: Mapped[str] = mapped_column(String(40))
    staff_number: Mapped[str] = mapped_column(String(20))
    instead_of: Mapped[str | None] = mapped_column(String(20))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Swap(Base):
    """A requested swap or absence, and the manager's decision (R07-7, R09-7).

    A swap: `with_staff` has the turn that begins at `starts_at`, and `staff_number` the one of `with_staff` that begins
    at `back_at`, if any. An absence: from `starts_at` until `ends_at`; `with_staff`, if any, stands in. All of it is
    over at `over_at`.
    """

    __tablename__ = "swaps"
    __table_args__ = (Index(None, "state", "over_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SwapKind] = mapped_column(word(SwapKind))
    state: Mapped[SwapState] = mapped_column(word(SwapState), default=SwapState.ASKED)
    staff_number: Mapped[str] = mapped_column(String(20))
    with_staff: Mapped[str | None] = mapped_column(String(20))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    back_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    over_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(20))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(Text, default="")


class Gap(Base):
    """A time for which the roster has nobody, or fewer than needed; open until a check no longer finds it.

    `subject` is the group without an answer, or the shift that is short.
    """

    __tablename__ = "gaps"
    __table_args__ = (
        Index(
            "ix_gaps_open",
            "kind",
            "subject",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[GapKind] = mapped_column(word(GapKind))
    subject: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DutyNote(Base):
    """An entry of the duty log: what the people on duty want the next ones to know (R09-6); append-only."""

    __tablename__ = "duty_notes"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text)


class Handover(Base):
    """What a shift leaves open at its end, until a person of the next shift takes it over (R09-6).

    `group` is the group that owns it. `tickets`, `wakeups` and `escalations` are the ids of what was taken over.
    """

    __tablename__ = "handovers"
    __table_args__ = (Index(None, "shift", "ended_at", unique=True), Index(None, "state", "ended_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    shift: Mapped[str] = mapped_column(String(40))
    group: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leaving: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[HandoverState] = mapped_column(word(HandoverState), default=HandoverState.DUE)
    note: Mapped[str] = mapped_column(Text, default="")
    given_by: Mapped[str | None] = mapped_column(String(20))
    given_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[str | None] = mapped_column(String(20))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tickets: Mapped[list[int] | None] = mapped_column(JSON)
    wakeups: Mapped[list[int] | None] = mapped_column(JSON)
    escalations: Mapped[list[int] | None] = mapped_column(JSON)
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))

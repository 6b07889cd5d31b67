"""A call is one conversation; it has rings (each phone rung), talks, transfers, and recordings."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.calls import CallState, EndedBy, RecordingKind, RecordingState, Refusal, Ring, TransferState
from models.states.tickets import TicketKind
from models.tables.base import Base, UtcDateTime, word

_WITH_FILE = text("path IS NOT NULL")


class Call(Base):
    """One conversation, written before the first word."""

    __tablename__ = "calls"
    __table_args__ = (Index(None, "state", "started_at"), Index(None, "started_at"), Index(None, "caller_number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(150), unique=True)
    line: Mapped[str] = mapped_column(String(20))
    caller_number: Mapped[str | None] = mapped_column(String(40))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owners.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", use_alter=True))
    language: Mapped[str] = mapped_column(String(10))
    menu_path: Mapped[str] = mapped_column(String(500), default="")
    mode: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[CallState] = mapped_column(word(CallState), default=CallState.ACTIVE)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[EndedBy | None] = mapped_column(word(EndedBy))
    end_reason: Mapped[str | None] = mapped_column(String(200))


class RingRow(Base):
    """One phone rung for one call. `outcome` is empty while it rings; `rings` is how often it rang."""

    __tablename__ = "rings"
    __table_args__ = (Index(None, "call_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    stage: Mapped[str] = mapped_column(String(40))
    # A number, not a foreign key: it stays after the person has left.
    staff_number: Mapped[str | None] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(80))
    channel_id: Mapped[str] = mapped_column(String(150), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ringing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rings: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[Ring | None] = mapped_column(word(Ring))


class Talk(Base):
    """Caller and agent in one bridge. Open while `ended_at` is empty; `warned_at`: warned of its length (R05-3)."""

    __tablename__ = "talks"
    __table_args__ = (Index(None, "call_id"), Index(None, "staff_number", "started_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    staff_number: Mapped[str | None] = mapped_column(String(20))
    bridge_id: Mapped[str] = mapped_column(String(150))
    caller_channel: Mapped[str] = mapped_column(String(150))
    leg_channel: Mapped[str] = mapped_column(String(150))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[EndedBy | None] = mapped_column(word(EndedBy))
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Transfer(Base):
    """One attempt to put a caller through to a colleague (R05-4, R07-4): by whom, to whom, why, and how it ended.

    The colleague hears the agent's own words if there is a `reason_recording`, otherwise the kind of the ticket.
    `asked_at` is when the colleague was asked for consent, `ended_at` when it was answered or ended otherwise.
    `agent_left_at`: the agent did not wait for the answer.
    """

    __tablename__ = "transfers"
    __table_args__ = (Index(None, "call_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    by_staff: Mapped[str] = mapped_column(String(20))
    to_number: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[TransferState] = mapped_column(word(TransferState), default=TransferState.KEYING)
    refusal: Mapped[Refusal | None] = mapped_column(word(Refusal))
    reason_kind: Mapped[TicketKind | None] = mapped_column(word(TicketKind))
    reason_recording: Mapped[str | None] = mapped_column(String(200))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agent_left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Recording(Base):
    """One sound file, its name reserved before the beep.

    `expected_seconds` is the length by Asterisk or the talk, `seconds` the length of the file; `level` is the loudness
    of the recording (dBFS). `path` is relative to the home. `retry_at` is when a scan looks at it next. While `held_at`
    is set it is kept past its date, for a legal case or a complaint.
    """

    __tablename__ = "recordings"
    __table_args__ = (
        Index(None, "call_id"),
        Index(None, "ticket_id"),
        Index(None, "state", "retry_at"),
        # Most files have been removed after their time; their rows stay.
        Index("ix_recordings_with_file", "id", sqlite_where=_WITH_FILE, postgresql_where=_WITH_FILE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[RecordingKind] = mapped_column(word(RecordingKind))
    state: Mapped[RecordingState] = mapped_column(word(RecordingState), default=RecordingState.RESERVED)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    reserved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seconds: Mapped[float | None]
    expected_seconds: Mapped[float | None]
    path: Mapped[str | None] = mapped_column(String(300))
    format: Mapped[str | None] = mapped_column(String(10))
    level: Mapped[float | None]
    retain_until: Mapped[datetime] = mapped_column(UtcDateTime)
    retry_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None] = mapped_column(String(500))
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_by: Mapped[str | None] = mapped_column(String(80))
    hold_reason: Mapped[str | None] = mapped_column(String(300))

"""The tickets opened in a period, each as it stood when the period ended."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from models.reports.period import Period
from models.states.tickets import ClockKind, PromiseEnding, Severity, Source, TicketKind, TicketState
from models.tables import Promise, Ticket, TicketClock, TicketEvent, Unit

Opened = tuple[ColumnElement[bool], ColumnElement[bool]]
"""Which tickets: those opened from the one moment on and before the other."""
_SETTLED = frozenset({TicketState.DONE, TicketState.CONFIRMED, TicketState.CLOSED})


class Kept(StrEnum):
    """How a deadline was kept: each has exactly one."""

    IN_TIME = "in-time"
    LATE = "late"
    """Met, but after it."""
    OVERDUE = "overdue"
    """It has passed, and is not met yet."""
    RUNNING = "running"


def kept(due_at: datetime, met_at: datetime | None, until: datetime) -> Kept:
    """As it stood at `until`."""
    if met_at is not None and met_at < until:
        return Kept.IN_TIME if met_at <= due_at else Kept.LATE
    return Kept.OVERDUE if due_at < until else Kept.RUNNING


@dataclass(slots=True)
class TicketFacts:
    """One ticket opened in the period."""

    kind: TicketKind
    line: str | None
    source: Source
    building: str | None
    first_receiver: str | None
    about_staff: str | None
    severity: Severity
    department: str | None
    assignee: str | None
    state: TicketState = TicketState.NEW
    reopened: bool = False
    clocks: list[tuple[ClockKind, Kept]] = field(default_factory=list)
    postponed: bool = False
    promises: list[Kept | PromiseEnding] = field(default_factory=list)
    """What became of each: kept in time or late, put off, carried over, or how it stands."""

    @property
    def is_customers(self) -> bool:
        """Not one that we have noticed ourselves."""
        return self.source is not Source.SYSTEM

    @property
    def merged(self) -> bool:
        """It is another one's, and counts there."""
        return self.state is TicketState.MERGED

    @property
    def settled(self) -> bool:
        """By the staff's own word at least (R15-4)."""
        return self.state in _SETTLED


def matters_of(session: Session, period: Period, until: datetime) -> list[TicketFacts]:
    """As they stood at `until`."""
    opened = (Ticket.opened_at >= period.begins, Ticket.opened_at < period.ends)
    rows = session.execute(
        select(
            Ticket.id,
            Ticket.kind,
            Ticket.line,
            Ticket.source,
            Ticket.building,
            Ticket.first_receiver,
            Ticket.about_staff,
            Ticket.severity,
            Ticket.department,
            Ticket.assignee,
            Unit.building.label("unit_building"),
        )
        .outerjoin(Unit, Unit.id == Ticket.unit_id)
        .where(*opened)
        .order_by(Ticket.id)
    )
    found = {
        row.id: TicketFacts(
            kind=row.kind,
            line=row.line,
            source=row.source,
            building=row.unit_building or row.building,
            first_receiver=row.first_receiver,
            about_staff=row.about_staff,
            severity=row.severity,
            department=row.department,
            assignee=row.assignee,
        )
        for row in rows
    }
    _add_moves(session, opened, until, found)
    _add_clocks(session, opened, until, found)
    _add_promises(session, opened, until, found)
    return list(found.values())


def _add_moves(session: Session, opened: Opened, until: datetime, found: dict[int, TicketFacts]) -> None:
    moves = (
        select(TicketEvent.ticket_id, TicketEvent.to_state)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(*opened, TicketEvent.to_state.is_not(None), TicketEvent.at < until)
        .order_by(TicketEvent.ticket_id, TicketEvent.id)
    )
    for ticket_id, state in session.execute(moves):
        matter = found[ticket_id]
        matter.state = state or matter.state
        matter.reopened |= state is TicketState.REOPENED


def _add_clocks(session: Session, opened: Opened, until: datetime, found: dict[int, TicketFacts]) -> None:
    clocks = (
        select(TicketClock.ticket_id, TicketClock.kind, TicketClock.due_at, TicketClock.met_at)
        .join(Ticket, Ticket.id == TicketClock.ticket_id)
        # One that is begun later is a reopened matter's.
        .where(*opened, TicketClock.begun_at < until)
    )
    for row in session.execute(clocks):
        found[row.ticket_id].clocks.append((row.kind, kept(row.due_at, row.met_at, until)))


def _add_promises(session: Session, opened: Opened, until: datetime, found: dict[int, TicketFacts]) -> None:
    promises = (
        select(Promise.ticket_id, Promise.due_at, Promise.postpones_id, Promise.ended_at, Promise.ending)
        .join(Ticket, Ticket.id == Promise.ticket_id)
        .where(*opened, Promise.made_at < until)
    )
    for row in session.execute(promises):
        matter = found[row.ticket_id]
        matter.postponed |= row.postpones_id is not None
        over = row.ended_at is not None and row.ended_at < until
        if over and row.ending in (PromiseEnding.POSTPONED, PromiseEnding.CARRIED):
            matter.promises.append(row.ending)
        else:
            matter.promises.append(kept(row.due_at, row.ended_at, until))

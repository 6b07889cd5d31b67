"""The tickets opened in a period, each as it stood when the period ended."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from models.reports.period import Period
from models.states.tickets import Cause, ClockKind, PromiseEnding, Severity, Source, TicketKind, TicketState
from models.tables import Promise, Ticket, TicketClock, TicketEvent, Unit

Opened = tuple[ColumnElement[bool], ColumnElement[bool]]
"""Conditions for the tickets opened from one moment on and before another."""
_SETTLED = frozenset({TicketState.DONE, TicketState.CONFIRMED, TicketState.CLOSED})


class Kept(StrEnum):
    """How a deadline was kept; each deadline has exactly one of these."""

    IN_TIME = "in-time"
    LATE = "late"
    """Met, but too late."""
    OVERDUE = "overdue"
    """Passed, and not met yet."""
    RUNNING = "running"


def kept(due_at: datetime, met_at: datetime | None, until: datetime) -> Kept:
    """How a deadline was kept, as it stood at `until`."""
    if met_at is not None and met_at < until:
        return Kept.IN_TIME if met_at <= due_at else Kept.LATE
    return Kept.OVERDUE if due_at < until else Kept.RUNNING


@dataclass(slots=True)
class TicketFacts:
    """What a report needs to know of a ticket opened in the period."""

    kind: TicketKind
    line: str | None
    source: Source
    building: str | None
    first_receiver: str | None
    about_staff: str | None
    severity: Severity
    cause: Cause | None
    department: str | None
    assignee: str | None
    state: TicketState = TicketState.NEW
    reopened: bool = False
    clocks: list[tuple[ClockKind, Kept]] = field(default_factory=list)
    postponed: bool = False
    promises: list[Kept | PromiseEnding] = field(default_factory=list)
    """How each promise ended (in time, late, postponed, carried over) or stands."""

    @property
    def is_customers(self) -> bool:
        """A ticket that the system did not open by itself."""
        return self.source is not Source.SYSTEM

    @property
    def merged(self) -> bool:
        """Merged into another ticket, and counted there."""
        return self.state is TicketState.MERGED

    @property
    def settled(self) -> bool:
        """At least by the word of the staff (R15-4)."""
        return self.state in _SETTLED


def tickets_of(session: Session, period: Period, until: datetime) -> list[TicketFacts]:
    """The tickets opened in the period, as they stood at `until`."""
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
            Ticket.cause,
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
            cause=row.cause,
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
        facts = found[ticket_id]
        facts.state = state or facts.state
        facts.reopened |= state is TicketState.REOPENED


def _add_clocks(session: Session, opened: Opened, until: datetime, found: dict[int, TicketFacts]) -> None:
    clocks = (
        select(TicketClock.ticket_id, TicketClock.kind, TicketClock.due_at, TicketClock.met_at)
        .join(Ticket, Ticket.id == TicketClock.ticket_id)
        # Clocks that began later belong to a reopening.
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
        facts = found[row.ticket_id]
        facts.postponed |= row.postpones_id is not None
        over = row.ended_at is not None and row.ended_at < until
        if over and row.ending in (PromiseEnding.POSTPONED, PromiseEnding.CARRIED):
            facts.promises.append(row.ending)
        else:
            facts.promises.append(kept(row.due_at, row.ended_at, until))

"""A ticket is due when its earliest open clock runs out, or earlier, on the date promised to the customer.

A clock keeps the figure and rule it was given.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, union_all, update
from sqlalchemy.orm import Session

from models.database.changes import add, change
from models.events import ticket_events
from models.policy import Policy
from models.policy.clocks import ClockRule
from models.states.tickets import WAITING_FOR_SOMEBODY, ClockKind, Severity, TicketEventKind, TicketState
from models.tables import Promise, Ticket, TicketClock
from models.tickets import escalations

__all__ = ["CLOCKS_MET", "ClockKind", "TicketClock"]

_S, _K = TicketState, ClockKind

CLOCKS_MET: dict[TicketState, frozenset[ClockKind]] = {
    _S.ACCEPTED: frozenset({_K.RESPOND}),
    _S.ON_SITE: frozenset({_K.RESPOND, _K.ON_SITE}),
    # By definition of the state, the customer has been informed (R08-7).
    _S.WAITING: frozenset({_K.RESPOND, _K.FEEDBACK}),
    _S.REFERRED: frozenset({_K.RESPOND}),
    # The customer may not know yet: "feedback" runs until then.
    _S.DONE: frozenset({_K.RESPOND, _K.ON_SITE, _K.SOLUTION}),
    _S.CONFIRMED: frozenset(_K),
    _S.CLOSED: frozenset(_K),
    _S.MERGED: frozenset(_K),
}
"""The clocks that a ticket meets by entering a state; the others run on."""

# Every call runs this, so it is built once: see `models.database.changes.run`.
_NEW = insert(TicketClock.metadata.tables["clocks"])


def begin(session: Session, ticket: Ticket, *, at: datetime, policy: Policy) -> None:
    """Writes a new ticket and the clocks of its class, which start at `at`; its department is to be notified."""
    rules = policy.clocks(ticket.kind, ticket.severity or Severity.ORDINARY)
    rows = [_row(rule, at, policy) for rule in rules]
    ticket.next_due_at = min((row["due_at"] for row in rows), default=None)
    ticket.policy_version = policy.version
    ticket.notify_at = at if policy.notify.rings_for(ticket.kind) else None
    add(session, ticket)
    _write(session, ticket.id, rows)


def meet(session: Session, ticket_id: int, *kinds: ClockKind, at: datetime) -> bool:
    """Stops the running clocks of these kinds. True if there was one."""
    running = (TicketClock.ticket_id == ticket_id, TicketClock.kind.in_(kinds), TicketClock.met_at.is_(None))
    met = change(session, update(TicketClock).where(*running).values(met_at=at))
    if met:
        set_next_due(session, ticket_id, at=at)
    return met > 0


def customer_informed(session: Session, ticket_id: int, *, who: str, at: datetime, text: str) -> None:
    """The customer has been informed of the progress (R08-1, R08-3, R15-4)."""
    ticket_events.write(session, ticket_id, TicketEventKind.TOLD, who=who, at=at, text=text)
    meet(session, ticket_id, ClockKind.FEEDBACK, at=at)


def entered(session: Session, ticket_id: int, state: TicketState, *, at: datetime) -> None:
    """The ticket has entered this state: stops the clocks that this meets, and computes `next_due_at` again."""
    if not meet(session, ticket_id, *CLOCKS_MET.get(state, ()), at=at):
        set_next_due(session, ticket_id, at=at)


def classify(session: Session, ticket: Ticket, *, at: datetime, policy: Policy) -> None:
    """The ticket's class has changed: running clocks are replaced by those of the new class with the same beginning, or
    dropped if it has none; clocks that were met stay. The department is notified of what it has become."""
    if policy.notify.rings_for(ticket.kind) and ticket.state in WAITING_FOR_SOMEBODY:
        ticket.notify_at = at
    session.flush()
    known = _latest(session, ticket.id)
    begun_at = max((clock.begun_at for clock in known.values()), default=ticket.opened_at)
    number = max((clock.round for clock in known.values()), default=1)
    rules = {rule.kind: rule for rule in policy.clocks(ticket.kind, ticket.severity)}
    running = {kind for kind, clock in known.items() if clock.met_at is None}
    ids = [known[kind].id for kind in running]
    session.execute(delete(TicketClock).where(TicketClock.id.in_(ids)))
    new = [
        _row(rule, known[kind].begun_at if kind in running else begun_at, policy)
        | {"round": known[kind].round if kind in running else number}
        for kind, rule in rules.items()
        if kind in running or kind not in known
    ]
    _write(session, ticket.id, new)
    set_next_due(session, ticket.id, at=at)


def restart(session: Session, ticket_id: int, *, at: datetime, policy: Policy) -> None:
    """The ticket is reopened: clocks that were met start again by its present class; the old rows stay."""
    ticket = session.get_one(Ticket, ticket_id, populate_existing=True)
    known = _latest(session, ticket_id)
    number = max((clock.round for clock in known.values()), default=0) + 1
    running = {kind for kind, clock in known.items() if clock.met_at is None}
    rules = (rule for rule in policy.clocks(ticket.kind, ticket.severity) if rule.kind not in running)
    _write(session, ticket_id, [_row(rule, at, policy) | {"round": number} for rule in rules])
    set_next_due(session, ticket_id, at=at)


def set_next_due(session: Session, ticket_id: int, *, at: datetime) -> None:
    """Computes `next_due_at` again; called after every change of a clock or a promise. Calls about a deadline that is
    met or postponed end."""
    open_clocks = (TicketClock.ticket_id == ticket_id, TicketClock.met_at.is_(None))
    open_promises = (Promise.ticket_id == ticket_id, Promise.ended_at.is_(None))
    dates = union_all(
        select(TicketClock.due_at.label("at")).where(*open_clocks),
        select(Promise.due_at.label("at")).where(*open_promises),
    ).subquery()
    earliest = select(func.min(dates.c.at)).scalar_subquery()
    change(session, update(Ticket).where(Ticket.id == ticket_id).values(next_due_at=earliest))
    escalations.end_of_clock(session, ticket_id, at=at)


def next_of(session: Session, ticket: Ticket) -> ClockKind | None:
    """What must happen by `next_due_at`: the kind of its clock; None for a promise to the customer, or no deadline."""
    running = (TicketClock.ticket_id == ticket.id, TicketClock.met_at.is_(None))
    due = select(TicketClock.kind).where(*running, TicketClock.due_at == ticket.next_due_at)
    kind: ClockKind | None = session.scalar(due.order_by(TicketClock.id).limit(1))
    return kind


def answer_by(session: Session, ticket_id: int, *, after: datetime) -> datetime | None:
    """By when the customer is answered (R11-2): the date promised, else the end of the clock for feedback, else, where
    the class has none, of that for the response. None when it is not to come `after` this time."""
    promised = select(Promise.due_at).where(Promise.ticket_id == ticket_id, Promise.ended_at.is_(None)).limit(1)
    running = {clock.kind: clock.due_at for clock in of_ticket(session, ticket_id) if clock.met_at is None}
    by = session.scalar(promised) or running.get(ClockKind.FEEDBACK) or running.get(ClockKind.RESPOND)
    return by if by is not None and by > after else None


def of_ticket(session: Session, ticket_id: int) -> list[TicketClock]:
    """All clocks of a ticket by round, then by deadline."""
    clocks = select(TicketClock).where(TicketClock.ticket_id == ticket_id)
    return list(session.scalars(clocks.order_by(TicketClock.round, TicketClock.due_at, TicketClock.id)))


def _latest(session: Session, ticket_id: int) -> dict[ClockKind, TicketClock]:
    """The clock of each kind in its last round."""
    return {clock.kind: clock for clock in of_ticket(session, ticket_id)}


def _row(rule: ClockRule, at: datetime, policy: Policy) -> dict[str, Any]:
    span = rule.span
    return {
        "kind": rule.kind,
        "round": 1,
        "begun_at": at,
        "due_at": policy.calendars[span.calendar].after(at, span),
        "figure": span.figure,
        "unit": span.unit,
        "calendar": span.calendar,
        "rule": rule.rule,
        "policy_version": policy.version,
    }


def _write(session: Session, ticket_id: int, rows: Iterable[dict[str, Any]]) -> None:
    rows = [row | {"ticket_id": ticket_id} for row in rows]
    if rows:
        session.execute(_NEW, rows)

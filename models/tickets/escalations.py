"""Staff are called in turn about a ticket that is late, or new, or has an appointment, until one of them accepts it
(R07-9, R16-2, R10-1, R10-3); or its first receiver is reminded of it (R15-1).

A ladder keeps nothing in memory: the time of its next step is a column, and any scan may take that step.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.calls import outgoing
from models.database.changes import change
from models.database.paging import Mark, marks
from models.events.ticket_events import SYSTEM, write
from models.policy import Policy
from models.site import Site
from models.states.calls import Priority, Purpose
from models.states.tickets import (
    APPOINTMENTS,
    CANNOT_BE_RUNG,
    ESCALATION_MOVES,
    TICKET_OPEN,
    WAITING_FOR_SOMEBODY,
    ClockKind,
    EscalationState,
    LadderCause,
    LadderRung,
    StepOutcome,
    TicketEventKind,
    TicketKind,
    TicketState,
)
from models.tables import Escalation, EscalationStep, Ticket, TicketClock
from models.tickets import first_receiver, rungs, unaccepted
from models.tickets.rungs import Climb

__all__ = ["Escalation", "EscalationState", "EscalationStep", "LadderCause", "LadderRung", "StepOutcome"]

_TOLD_BY = {LadderCause.NEW: TicketEventKind.NOTIFIED} | dict.fromkeys(APPOINTMENTS, TicketEventKind.APPOINTMENT_CALLED)
"""The event that says on the ticket whom a ladder has called; a late one has a list of its own."""
_OF_THE_TICKET = (LadderCause.LATE, LadderCause.NEW, LadderCause.REMINDER)
_NOT_NOW = timedelta(minutes=5)
"""How often a ladder is looked at again outside the calling hours."""


@dataclass(frozen=True)
class UnderWay:
    """An open ladder and the last call on it; `last` is None before the first."""

    ladder: Escalation
    ticket: Ticket
    last: EscalationStep | None


# -- the beginning ----------------------------------------------------------------------------------------------------


def late(
    session: Session,
    *,
    at: datetime,
    policy: Policy,
    after: Mark | None,
    limit: int,
    kinds: Collection[TicketKind] = tuple(TicketKind),
) -> list[Mark]:
    """(deadline, id) of the next tickets without a ladder whose deadline is near or has passed."""
    wanting = *_wanting(at, policy), Ticket.kind.in_(kinds)
    return marks(session, Ticket.next_due_at, Ticket.id, *wanting, after=after, limit=limit)


def begin(session: Session, ticket_id: int, *, at: datetime, policy: Policy) -> bool:
    """Starts a ladder for this late ticket, in place of the calls about a new one and of a reminder. False when it
    needs none any more, or has one."""
    ticket = session.scalar(select(Ticket).where(Ticket.id == ticket_id, *_wanting(at, policy)).with_for_update())
    if ticket is None or ticket.next_due_at is None:
        return False
    delay = timedelta(minutes=policy.escalation.ladder(ticket.kind).after_minutes[0])
    _stop_ladders(session, ticket_id, [LadderCause.NEW, LadderCause.REMINDER], at=at)
    add(session, ticket_id, LadderCause.LATE, due_at=ticket.next_due_at, at=at, next_at=at + delay)
    return True


def add(
    session: Session, ticket_id: int, cause: LadderCause, *, due_at: datetime, at: datetime, next_at: datetime
) -> None:
    """A ladder that takes its first step at `next_at`; a ticket has one at a time for each cause."""
    session.add(Escalation(ticket_id=ticket_id, cause=cause, due_at=due_at, started_at=at, next_at=next_at))
    session.flush()


def _wanting(at: datetime, policy: Policy) -> list[ColumnElement[bool]]:
    """Tickets near their deadline by the policy of their kind (accepted ones: past it), with no open ladder and none
    for the same deadline that ended lately."""
    near, ended = [], []
    ladders = {kind: policy.escalation.ladder(kind) for kind in TicketKind}
    for kind, ladder in ladders.items():
        near.append(and_(Ticket.kind == kind, Ticket.next_due_at <= at + timedelta(minutes=ladder.before_minutes)))
        again = timedelta(minutes=ladder.again_minutes)
        ended.append(and_(Ticket.kind == kind, Escalation.ended_at > at - again))
    longest = max(ladder.before_minutes for ladder in ladders.values())
    same_clock = and_(Escalation.due_at == Ticket.next_due_at, or_(*ended))
    late = Escalation.cause == LadderCause.LATE
    has_one = exists().where(Escalation.ticket_id == Ticket.id, late, or_(Escalation.ended_at.is_(None), same_clock))
    return [
        Ticket.next_due_at <= at + timedelta(minutes=longest),
        Ticket.state.in_(TICKET_OPEN),
        or_(*near),
        or_(Ticket.state != TicketState.ACCEPTED, Ticket.next_due_at <= at),
        ~has_one,
    ]


# -- step by step -----------------------------------------------------------------------------------------------------


def to_advance(
    session: Session,
    *,
    at: datetime,
    after: Mark | None,
    limit: int,
    kinds: Collection[TicketKind] = tuple(TicketKind),
) -> list[Mark]:
    """(time, id) of the next ladders whose next step is due."""
    of_kind = Ticket.id == Escalation.ticket_id, Ticket.kind.in_(kinds)
    going_on = Escalation.next_at <= at, *of_kind
    return marks(session, Escalation.next_at, Escalation.id, *going_on, after=after, limit=limit)


def advance(
    session: Session, escalation_id: int, *, at: datetime, policy: Policy, site: Site
) -> EscalationState | None:
    """Asks for the next call or, after the last step, waits before the first; of a new ticket the supervisor has a task
    then. None: it was no longer due."""
    ladder_row = session.get(Escalation, escalation_id, with_for_update=True)
    if ladder_row is None or ladder_row.next_at is None or ladder_row.next_at > at:
        return None
    ticket = session.get_one(Ticket, ladder_row.ticket_id)
    if not _is_wanted(session, ladder_row, ticket, at=at, policy=policy):
        stop(session, ticket.id, at=at, causes=[ladder_row.cause])
        return EscalationState.STOPPED
    climb = rungs.climb(ladder_row.cause, ticket, policy)
    if not climb.may_call(at.astimezone(site.time_zone)):
        ladder_row.next_at = at + _NOT_NOW
        return ladder_row.state
    if ladder_row.state is EscalationState.EXHAUSTED:
        ladder_row.round += 1
        _move(session, ladder_row, EscalationState.CLIMBING, at=at, next_at=at)
    steps = _steps(session, ladder_row)
    on_the_way = _on_the_way(session, ticket) if ladder_row.cause is LadderCause.LATE else None
    for rung in climb.rungs[_place(steps, climb) :]:
        if on_the_way and rung is LadderRung.ASSIGNEE:
            continue
        left_out = {on_the_way, *(step.staff_number for step in steps if _is_out(step, rung))}
        calls = Counter(step.staff_number for step in steps)
        person = rungs.whom(session, ticket, rung, site=site, at=at, climb=climb, left_out=left_out, calls=calls)
        if person is not None:
            _call(session, ladder_row, ticket, rung, person, at=at, priority=climb.priority)
            return EscalationState.CLIMBING
    return _nobody(session, ladder_row, ticket, at=at, climb=climb, site=site)


def _is_wanted(session: Session, ladder: Escalation, ticket: Ticket, *, at: datetime, policy: Policy) -> bool:
    """False when the clock was met or the promise postponed, or somebody has the new ticket, or has done what the
    reminder was about."""
    if ladder.cause is LadderCause.REMINDER:
        return first_receiver.has_to(session, ticket)
    if ladder.cause is LadderCause.NEW:
        return ticket.state in WAITING_FOR_SOMEBODY
    if ladder.cause in APPOINTMENTS:
        return ticket.appointment_at == ladder.due_at
    near = at + timedelta(minutes=policy.escalation.ladder(ticket.kind).before_minutes)
    return ticket.state in TICKET_OPEN and ticket.next_due_at is not None and ticket.next_due_at <= near


def _is_out(step: EscalationStep, rung: LadderRung) -> bool:
    """Whether the person of this step is not called on this rung: called on an earlier one, not to be rung, or, where a
    colleague is called instead, not willing."""
    refused = rung is LadderRung.DEPARTMENT and step.outcome is StepOutcome.PASSED_ON
    return step.rung is not rung or step.outcome in CANNOT_BE_RUNG or refused


def _nobody(
    session: Session, ladder: Escalation, ticket: Ticket, *, at: datetime, climb: Climb, site: Site
) -> EscalationState:
    """Everybody has been called and nobody has accepted."""
    if climb.again_minutes is None:
        if ladder.cause is not LadderCause.REMINDER:
            unaccepted.open(session, ticket, rungs.department(session, ticket, site), at=at)
        _move(session, ladder, EscalationState.HANDED_UP, at=at, next_at=None)
        return EscalationState.HANDED_UP
    again = timedelta(minutes=climb.again_minutes)
    _move(session, ladder, EscalationState.EXHAUSTED, at=at, next_at=at + again)
    return EscalationState.EXHAUSTED


def _on_the_way(session: Session, ticket: Ticket) -> str | None:
    """The person who has accepted and is not on site yet: a call would only hold him or her up (R08-2)."""
    to_be_there = (
        TicketClock.ticket_id == ticket.id,
        TicketClock.kind == ClockKind.ON_SITE,
        TicketClock.met_at.is_(None),
    )
    accepted = ticket.state is TicketState.ACCEPTED and session.scalar(select(exists().where(*to_be_there)))
    return ticket.assignee if accepted else None


def _call(
    session: Session,
    ladder: Escalation,
    ticket: Ticket,
    rung: LadderRung,
    person: str,
    *,
    at: datetime,
    priority: Priority,
) -> None:
    """Asks for one call to one person; `end_step` records its outcome and sets when the ladder goes on."""
    step = EscalationStep(escalation_id=ladder.id, round=ladder.round, rung=rung, staff_number=person, asked_at=at)
    session.add(step)
    session.flush()
    ladder.next_at = None
    outgoing.ask(
        session,
        Purpose.ESCALATION,
        step.id,
        due_at=at,
        by="escalation",
        at=at,
        extension=person,
        ticket_id=ticket.id,
        priority=priority,
    )


def _steps(session: Session, ladder: Escalation) -> list[EscalationStep]:
    """The steps of this round, in order."""
    mine = (EscalationStep.escalation_id == ladder.id, EscalationStep.round == ladder.round)
    return list(session.scalars(select(EscalationStep).where(*mine).order_by(EscalationStep.id)))


def _place(steps: list[EscalationStep], climb: Climb) -> int:
    """The index of the next rung: the same one again, or the next one."""
    if not steps:
        return 0
    last = steps[-1]
    place = climb.rungs.index(last.rung)
    tried = sum(step.rung is last.rung and step.outcome not in CANNOT_BE_RUNG for step in steps)
    passed_up = last.outcome is StepOutcome.PASSED_ON and last.rung is not LadderRung.DEPARTMENT
    return place + (passed_up or tried >= climb.tries)


def dialled(session: Session, step_id: int, *, channel_id: str) -> None:
    """Records the channel of the call, before dialling."""
    change(session, update(EscalationStep).where(EscalationStep.id == step_id).values(channel_id=channel_id))


def end_step(session: Session, step_id: int, outcome: StepOutcome, *, at: datetime, policy: Policy) -> Escalation:
    """Records how this call ended and, unless the ticket was accepted, when the ladder goes on."""
    step = session.get_one(EscalationStep, step_id)
    step.outcome, step.ended_at = outcome, at
    session.flush()
    ladder = session.get_one(Escalation, step.escalation_id)
    if (kind := _TOLD_BY.get(ladder.cause)) is not None:
        write(session, ladder.ticket_id, kind, who=SYSTEM, at=at, text=f"{outcome}: {step.staff_number}")
    if ladder.ended_at is None and outcome is not StepOutcome.ACCEPTED:
        climb = rungs.climb(ladder.cause, session.get_one(Ticket, ladder.ticket_id), policy)
        ladder.next_at = at + timedelta(minutes=_wait(step, _place(_steps(session, ladder), climb), climb))
    return ladder


def _wait(step: EscalationStep, place: int, climb: Climb) -> float:
    """Minutes until the next call; somebody else is called at once when this telephone cannot be rung (R07-9)."""
    passed_on = step.outcome is StepOutcome.PASSED_ON and step.rung is LadderRung.DEPARTMENT
    if place == len(climb.rungs) or step.outcome in CANNOT_BE_RUNG or passed_on:
        return 0.0
    return climb.pause_minutes if climb.rungs[place] is step.rung else climb.after_minutes[place]


# -- the end ----------------------------------------------------------------------------------------------------------


def stop(
    session: Session,
    ticket_id: int,
    *,
    at: datetime,
    accepted_by: str | None = None,
    causes: Collection[LadderCause] = _OF_THE_TICKET,
) -> None:
    """Ends the ladders, since the ticket was accepted or needs nobody any more; cancels a call that is going on, and
    unless it was only a reminder the task of the supervisor. Those of an appointment go on until that is kept, moved or
    cancelled."""
    if set(causes) != {LadderCause.REMINDER}:
        unaccepted.close(session, ticket_id, at=at)
    _stop_ladders(session, ticket_id, causes, at=at, accepted_by=accepted_by)


def end_of_clock(session: Session, ticket_id: int, *, at: datetime) -> None:
    """The next deadline of the ticket may be another one: ends the ladder of a clock that has been met."""
    due_at = session.scalar(select(Ticket.next_due_at).where(Ticket.id == ticket_id))
    late = (Escalation.ticket_id == ticket_id, Escalation.ended_at.is_(None), Escalation.cause == LadderCause.LATE)
    began = session.scalar(select(Escalation.due_at).where(*late))
    if began is not None and (due_at is None or due_at > began):
        _stop_ladders(session, ticket_id, [LadderCause.LATE], at=at)


def _stop_ladders(
    session: Session,
    ticket_id: int,
    causes: Collection[LadderCause],
    *,
    at: datetime,
    accepted_by: str | None = None,
) -> None:
    open_ones = Escalation.ticket_id == ticket_id, Escalation.ended_at.is_(None), Escalation.cause.in_(causes)
    to = EscalationState.STOPPED if accepted_by is None else EscalationState.ACCEPTED
    for ladder in session.scalars(select(Escalation).where(*open_ones)).all():
        if not _move(session, ladder, to, at=at, next_at=None, accepted_by=accepted_by):
            continue
        going_on = (EscalationStep.escalation_id == ladder.id, EscalationStep.outcome.is_(None))
        for step in session.scalars(select(EscalationStep).where(*going_on)).all():
            outgoing.cancel(session, Purpose.ESCALATION, step.id, at=at)
            step.outcome, step.ended_at = StepOutcome.CALLED_OFF, at
        session.flush()


def _move(
    session: Session,
    ladder: Escalation,
    to: EscalationState,
    *,
    at: datetime,
    next_at: datetime | None,
    accepted_by: str | None = None,
) -> bool:
    """Compare-and-set; False when the ladder is in a state from which the move is not legal."""
    session.flush()
    origins = [state for state, moves in ESCALATION_MOVES.items() if to in moves]
    values: dict[str, object] = {"state": to, "next_at": next_at, "accepted_by": accepted_by}
    if to not in ESCALATION_MOVES:
        values["ended_at"] = at
    here = Escalation.id == ladder.id, Escalation.state.in_(origins)
    moved = change(session, update(Escalation).where(*here).values(values)) == 1
    session.refresh(ladder)
    return moved


# -- what is known ----------------------------------------------------------------------------------------------------


def going_on(session: Session, *, limit: int) -> list[tuple[Escalation, Ticket, list[EscalationStep]]]:
    """The open ladders of late tickets with their steps: exhausted ones first, then by deadline."""
    open_ones = (
        select(Escalation, Ticket)
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .where(Escalation.ended_at.is_(None), Escalation.cause == LadderCause.LATE)
        .order_by((Escalation.state == EscalationState.EXHAUSTED).desc(), Escalation.due_at, Escalation.id)
        .limit(limit)
    )
    return [(ladder, ticket, steps_of(session, ladder.id)) for ladder, ticket in session.execute(open_ones)]


def under_way(session: Session, *concerning: ColumnElement[bool]) -> list[UnderWay]:
    """The open ladders of these late tickets, the earliest deadline first."""
    newer = aliased(EscalationStep)
    last = select(func.max(newer.id)).where(newer.escalation_id == Escalation.id).scalar_subquery()
    open_ones = (
        select(Escalation, Ticket, EscalationStep)
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .outerjoin(EscalationStep, EscalationStep.id == last)
        .where(Escalation.ended_at.is_(None), Escalation.cause == LadderCause.LATE, *concerning)
        .order_by(Escalation.due_at, Escalation.id)
    )
    return [UnderWay(*row) for row in session.execute(open_ones)]


def is_going_on(session: Session, ticket_id: int, *causes: LadderCause) -> bool:
    """Whether staff are being called about this ticket for one of these causes."""
    this = Escalation.ticket_id == ticket_id, Escalation.ended_at.is_(None), Escalation.cause.in_(causes)
    return bool(session.scalar(select(exists().where(*this))))


def about(session: Session, step_id: int) -> Escalation:
    """The ladder of this call. Raises NoResultFound."""
    return session.get_one(Escalation, session.get_one(EscalationStep, step_id).escalation_id)


def steps_of(session: Session, escalation_id: int) -> list[EscalationStep]:
    """Every call of this ladder, in order."""
    mine = select(EscalationStep).where(EscalationStep.escalation_id == escalation_id).order_by(EscalationStep.id)
    return list(session.scalars(mine))

"""Staff are called in turn about a late ticket until one of them accepts it (R07-9, R16-2).

A ladder keeps nothing in memory: the time of its next step is a column, and any scan may take that step.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.calls import outgoing
from models.database.changes import change
from models.database.paging import Mark, marks
from models.people import people
from models.policy import Policy
from models.site import Site
from models.states.calls import Priority, Purpose
from models.states.tickets import (
    ESCALATION_MOVES,
    TICKET_OPEN,
    ClockKind,
    EscalationState,
    LadderRung,
    StepOutcome,
    TicketKind,
    TicketState,
)
from models.tables import Escalation, EscalationStep, Group, Staff, Ticket, TicketClock
from models.tickets import impartial

__all__ = ["Escalation", "EscalationState", "EscalationStep", "LadderRung", "StepOutcome"]

_NOT_NOW = timedelta(minutes=5)
"""How often a ladder is looked at again outside the calling hours."""
_ROLES = {LadderRung.MANAGER: "manager", LadderRung.GENERAL_MANAGER: "general-manager"}
_HANDS = {
    TicketKind.REPAIR: "technician",
    TicketKind.URGENT_REPAIR: "technician",
    TicketKind.LIFT: "technician",
    TicketKind.POWER: "technician",
    TicketKind.WATER: "technician",
    TicketKind.PUBLIC_LIGHTING: "technician",
    TicketKind.FAULT: "monitoring",
}
"""The role whose department a ticket falls to before it is dispatched."""


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
    """Starts a ladder for this ticket. False when it needs none any more, or has one."""
    ticket = session.scalar(select(Ticket).where(Ticket.id == ticket_id, *_wanting(at, policy)).with_for_update())
    if ticket is None or ticket.next_due_at is None:
        return False
    delay = timedelta(minutes=policy.escalation.ladder(ticket.kind).after_minutes[0])
    session.add(Escalation(ticket_id=ticket_id, due_at=ticket.next_due_at, started_at=at, next_at=at + delay))
    session.flush()
    return True


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
    has_one = exists().where(Escalation.ticket_id == Ticket.id, or_(Escalation.ended_at.is_(None), same_clock))
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
    """Asks for the next call or, after the last step, waits before the first. None: it was no longer due."""
    ladder_row = session.get(Escalation, escalation_id, with_for_update=True)
    if ladder_row is None or ladder_row.next_at is None or ladder_row.next_at > at:
        return None
    ticket = session.get_one(Ticket, ladder_row.ticket_id)
    rules = policy.escalation.ladder(ticket.kind)
    near = at + timedelta(minutes=rules.before_minutes)
    if ticket.state not in TICKET_OPEN or ticket.next_due_at is None or ticket.next_due_at > near:
        # The clock was met, or the promise postponed.
        stop(session, ticket.id, at=at)
        return EscalationState.STOPPED
    if not policy.escalation.may_call(ticket.kind, at.astimezone(site.time_zone)):
        ladder_row.next_at = at + _NOT_NOW
        return ladder_row.state
    if ladder_row.state is EscalationState.EXHAUSTED:
        ladder_row.round += 1
        _move(session, ladder_row, EscalationState.CLIMBING, at=at, next_at=at)
    steps = _steps(session, ladder_row)
    on_the_way = _on_the_way(session, ticket)
    for rung in [LadderRung(name) for name in rules.steps[_place(steps, rules.steps, rules.tries) :]]:
        if on_the_way and rung is LadderRung.ASSIGNEE:
            continue
        taken = {on_the_way, *(step.staff_number for step in steps if step.rung is not rung)}
        person = whom(session, ticket, rung, site=site, at=at, anybody=policy.escalation.is_emergency(ticket.kind))
        if person is not None and person not in taken:
            _call(session, ladder_row, ticket, rung, person, at=at, policy=policy)
            return EscalationState.CLIMBING
    again = timedelta(minutes=rules.again_minutes)
    _move(session, ladder_row, EscalationState.EXHAUSTED, at=at, next_at=at + again)
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
    session: Session, ladder: Escalation, ticket: Ticket, rung: LadderRung, person: str, *, at: datetime, policy: Policy
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
        priority=Priority.FIRST if policy.escalation.is_emergency(ticket.kind) else Priority.ORDINARY,
    )


def _steps(session: Session, ladder: Escalation) -> list[EscalationStep]:
    """The steps of this round, in order."""
    mine = (EscalationStep.escalation_id == ladder.id, EscalationStep.round == ladder.round)
    return list(session.scalars(select(EscalationStep).where(*mine).order_by(EscalationStep.id)))


def _place(steps: list[EscalationStep], rungs: Sequence[str], tries: int) -> int:
    """The index of the next rung: the same person again, or the next one."""
    if not steps:
        return 0
    last = steps[-1]
    place = [LadderRung(name) for name in rungs].index(last.rung)
    tried = sum(step.rung is last.rung for step in steps)
    return place + (last.outcome is StepOutcome.PASSED_ON or tried >= tries)


def whom(session: Session, ticket: Ticket, rung: LadderRung, *, site: Site, at: datetime, anybody: bool) -> str | None:
    """The staff number to call on this rung, never the person a complaint is about (R15-6); None: nobody.

    `anybody`: also staff who are off duty.
    """
    for number in _candidates(session, ticket, rung, site, at):
        if people.staff(session, number) is None or not impartial.may_have(ticket, number):
            continue
        if anybody or people.is_on_duty(session, number, at=at):
            return number
    return None


def _candidates(session: Session, ticket: Ticket, rung: LadderRung, site: Site, at: datetime) -> Iterable[str]:
    department = _department(session, ticket, site)
    if rung is LadderRung.ASSIGNEE:
        # Before it is assigned: the first receiver (R15-1), or the people of the department who are on duty.
        known = [number for number in (ticket.assignee, ticket.first_receiver) if number]
        return known or [person.number for person in people.on_duty(session, department, at=at)]
    if rung is LadderRung.LEAD:
        group = session.get(Group, department)
        return [group.supervisor] if group and group.supervisor else []
    role = select(Staff.number).where(Staff.role == _ROLES[rung], Staff.group.is_not(None))
    return session.scalars(role.order_by(Staff.on_duty.desc(), Staff.number)).all()


def _department(session: Session, ticket: Ticket, site: Site) -> str:
    if ticket.department:
        return ticket.department
    if (role := _HANDS.get(ticket.kind)) is not None:
        hands = select(Staff.group).where(Staff.role == role, Staff.group.is_not(None)).order_by(Staff.number).limit(1)
        if (found := session.scalar(hands)) is not None:
            return found
    lines = {line.number: line.group for line in site.lines}
    return lines.get(ticket.line or "", site.lines[0].group)


def dialled(session: Session, step_id: int, *, channel_id: str) -> None:
    """Records the channel of the call, before dialling."""
    change(session, update(EscalationStep).where(EscalationStep.id == step_id).values(channel_id=channel_id))


def end_step(session: Session, step_id: int, outcome: StepOutcome, *, at: datetime, policy: Policy) -> Escalation:
    """Records how this call ended and, unless the ticket was accepted, when the ladder goes on."""
    step = session.get_one(EscalationStep, step_id)
    step.outcome, step.ended_at = outcome, at
    session.flush()
    ladder = session.get_one(Escalation, step.escalation_id)
    if ladder.ended_at is None and outcome is not StepOutcome.ACCEPTED:
        rules = policy.escalation.ladder(session.get_one(Ticket, ladder.ticket_id).kind)
        place = _place(_steps(session, ladder), rules.steps, rules.tries)
        if place == len(rules.steps):
            wait = 0.0
        elif rules.steps[place] == step.rung:
            wait = rules.pause_minutes
        else:
            wait = rules.after_minutes[place]
        ladder.next_at = at + timedelta(minutes=wait)
    return ladder


# -- the end ----------------------------------------------------------------------------------------------------------


def stop(session: Session, ticket_id: int, *, at: datetime, accepted_by: str | None = None) -> bool:
    """Ends the ladder, since the ticket was accepted or needs nobody any more; cancels a call that is going on. True if
    there was a ladder."""
    ladder = session.scalar(select(Escalation).where(Escalation.ticket_id == ticket_id, Escalation.ended_at.is_(None)))
    if ladder is None:
        return False
    to = EscalationState.STOPPED if accepted_by is None else EscalationState.ACCEPTED
    if not _move(session, ladder, to, at=at, next_at=None, accepted_by=accepted_by):
        return False
    going_on = (EscalationStep.escalation_id == ladder.id, EscalationStep.outcome.is_(None))
    for step in session.scalars(select(EscalationStep).where(*going_on)).all():
        outgoing.cancel(session, Purpose.ESCALATION, step.id, at=at)
        step.outcome, step.ended_at = StepOutcome.CALLED_OFF, at
    session.flush()
    return True


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
    """The open ladders with their steps: exhausted ones first, then by deadline."""
    open_ones = (
        select(Escalation, Ticket)
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .where(Escalation.ended_at.is_(None))
        .order_by((Escalation.state == EscalationState.EXHAUSTED).desc(), Escalation.due_at, Escalation.id)
        .limit(limit)
    )
    return [(ladder, ticket, steps_of(session, ladder.id)) for ladder, ticket in session.execute(open_ones)]


def under_way(session: Session, *concerning: ColumnElement[bool]) -> list[UnderWay]:
    """The open ladders of these tickets, the earliest deadline first."""
    newer = aliased(EscalationStep)
    last = select(func.max(newer.id)).where(newer.escalation_id == Escalation.id).scalar_subquery()
    open_ones = (
        select(Escalation, Ticket, EscalationStep)
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .outerjoin(EscalationStep, EscalationStep.id == last)
        .where(Escalation.ended_at.is_(None), *concerning)
        .order_by(Escalation.due_at, Escalation.id)
    )
    return [UnderWay(*row) for row in session.execute(open_ones)]


def steps_of(session: Session, escalation_id: int) -> list[EscalationStep]:
    """Every call of this ladder, in order."""
    mine = select(EscalationStep).where(EscalationStep.escalation_id == escalation_id).order_by(EscalationStep.id)
    return list(session.scalars(mine))

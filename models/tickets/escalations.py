"""A matter that is late is told to one person after the other until somebody says that he has it (R07-9, R16-2).

A ladder never waits for anything in memory: when it goes on is a column, and whoever looks then takes the next step.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.calls import outgoing
from models.database.changes import change
from models.people import people
from models.policy import Policy
from models.site import Site
from models.states.calls import Priority, Purpose
from models.states.tickets import (
    ESCALATION_MOVES,
    TICKET_OPEN,
    EscalationState,
    LadderRung,
    StepOutcome,
    TicketKind,
    TicketState,
)
from models.tables import Escalation, EscalationStep, Group, Staff, Ticket
from models.tickets import impartial

__all__ = ["Escalation", "EscalationState", "EscalationStep", "LadderRung", "StepOutcome"]

_NOT_NOW = timedelta(minutes=5)
"""In the hours in which nobody is called about what may wait, it is looked at so often."""
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
"""Whose department a matter is, while it has been given to none."""


@dataclass(frozen=True)
class UnderWay:
    """An open ladder, and the last call on it; None: nobody has been called yet."""

    ladder: Escalation
    ticket: Ticket
    last: EscalationStep | None


# -- the beginning ----------------------------------------------------------------------------------------------------


def late(
    session: Session,
    *,
    at: datetime,
    policy: Policy,
    after: tuple[datetime, int] | None,
    limit: int,
    kinds: Collection[TicketKind] = tuple(TicketKind),
) -> list[tuple[datetime, int]]:
    """(due, id) of the next tickets whose clock runs out soon or has run out, and which have no ladder."""
    due = select(Ticket.next_due_at, Ticket.id).where(*_wanting(at, policy), Ticket.kind.in_(kinds))
    if after is not None:
        is_behind = and_(Ticket.next_due_at == after[0], Ticket.id > after[1])
        due = due.where(or_(Ticket.next_due_at > after[0], is_behind))
    rows = session.execute(due.order_by(Ticket.next_due_at, Ticket.id).limit(limit))
    return [(due_at, id) for due_at, id in rows if due_at is not None]


def begin(session: Session, ticket_id: int, *, at: datetime, policy: Policy) -> bool:
    """A ladder for this ticket, whose first step is due; False when it needs none any more, or has one."""
    ticket = session.scalar(select(Ticket).where(Ticket.id == ticket_id, *_wanting(at, policy)).with_for_update())
    if ticket is None or ticket.next_due_at is None:
        return False
    delay = timedelta(minutes=policy.escalation.ladder(ticket.kind).after_minutes[0])
    session.add(Escalation(ticket_id=ticket_id, due_at=ticket.next_due_at, started_at=at, next_at=at + delay))
    session.flush()
    return True


def _wanting(at: datetime, policy: Policy) -> list[ColumnElement[bool]]:
    """Near its due time by its kind, or past it when somebody is on his way already; and not one whose ladder for the
    same clock goes on, or has ended just now."""
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


def due(
    session: Session,
    *,
    at: datetime,
    after: tuple[datetime, int] | None,
    limit: int,
    kinds: Collection[TicketKind] = tuple(TicketKind),
) -> list[tuple[datetime, int]]:
    """(when, id) of the next ladders that go on now."""
    of_kind = Ticket.id == Escalation.ticket_id, Ticket.kind.in_(kinds)
    found = select(Escalation.next_at, Escalation.id).where(Escalation.next_at <= at, *of_kind)
    if after is not None:
        is_behind = and_(Escalation.next_at == after[0], Escalation.id > after[1])
        found = found.where(or_(Escalation.next_at > after[0], is_behind))
    rows = session.execute(found.order_by(Escalation.next_at, Escalation.id).limit(limit))
    return [(next_at, id) for next_at, id in rows if next_at is not None]


def advance(
    session: Session, escalation_id: int, *, at: datetime, policy: Policy, site: Site
) -> EscalationState | None:
    """The next call, or the end of the ladder, from whose top it begins again later. None: it was not due any more."""
    ladder_row = session.get(Escalation, escalation_id, with_for_update=True)
    if ladder_row is None or ladder_row.next_at is None or ladder_row.next_at > at:
        return None
    ticket = session.get_one(Ticket, ladder_row.ticket_id)
    rules = policy.escalation.ladder(ticket.kind)
    near = at + timedelta(minutes=rules.before_minutes)
    if ticket.state not in TICKET_OPEN or ticket.next_due_at is None or ticket.next_due_at > near:
        # Its clock has been met, or put off.
        stop(session, ticket.id, at=at)
        return EscalationState.STOPPED
    if not policy.escalation.may_call(ticket.kind, at.astimezone(site.time_zone)):
        ladder_row.next_at = at + _NOT_NOW
        return ladder_row.state
    if ladder_row.state is EscalationState.EXHAUSTED:
        ladder_row.round += 1
        _move(session, ladder_row, EscalationState.CLIMBING, at=at, next_at=at)
    steps = _steps(session, ladder_row)
    for rung in [LadderRung(name) for name in rules.steps[_place(steps, rules.steps, rules.tries) :]]:
        taken = {step.staff_number for step in steps if step.rung is not rung}
        person = whom(session, ticket, rung, site=site, at=at, anybody=policy.escalation.is_emergency(ticket.kind))
        if person is not None and person not in taken:
            _call(session, ladder_row, ticket, rung, person, at=at, policy=policy)
            return EscalationState.CLIMBING
    again = timedelta(minutes=rules.again_minutes)
    _move(session, ladder_row, EscalationState.EXHAUSTED, at=at, next_at=at + again)
    return EscalationState.EXHAUSTED


def _call(
    session: Session, ladder: Escalation, ticket: Ticket, rung: LadderRung, person: str, *, at: datetime, policy: Policy
) -> None:
    """One person is to be called once; who calls him says how it ended, and when the ladder goes on."""
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
    """Those of this round, in order."""
    mine = (EscalationStep.escalation_id == ladder.id, EscalationStep.round == ladder.round)
    return list(session.scalars(select(EscalationStep).where(*mine).order_by(EscalationStep.id)))


def _place(steps: list[EscalationStep], rungs: Sequence[str], tries: int) -> int:
    """Which step is the next: the same person again, or the one after him."""
    if not steps:
        return 0
    last = steps[-1]
    place = [LadderRung(name) for name in rungs].index(last.rung)
    tried = sum(step.rung is last.rung for step in steps)
    return place + (last.outcome is StepOutcome.PASSED_ON or tried >= tries)


def whom(session: Session, ticket: Ticket, rung: LadderRung, *, site: Site, at: datetime, anybody: bool) -> str | None:
    """Who stands on this step: his staff number. Whom a complaint is about is never told of it (R15-6).

    `anybody`: also one who is off duty.
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
        # Nobody has it yet: who took it first keeps asking (R15-1), or whoever of the department is on duty.
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
    """On which channel he is called, before he is."""
    change(session, update(EscalationStep).where(EscalationStep.id == step_id).values(channel_id=channel_id))


def end_step(session: Session, step_id: int, outcome: StepOutcome, *, at: datetime, policy: Policy) -> Escalation:
    """How this call has ended; unless the matter is accepted now, the ladder goes on, later."""
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
    """The matter is in somebody's hands, or over: nobody is called about it any more, and who is being called at this
    moment no longer is. True if there was a ladder."""
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
    """Compare-and-set; False when it is not legal from where the ladder is by now."""
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
    """The open ladders with their steps; those that nobody has accepted first, then the one that is late longest."""
    open_ones = (
        select(Escalation, Ticket)
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .where(Escalation.ended_at.is_(None))
        .order_by((Escalation.state == EscalationState.EXHAUSTED).desc(), Escalation.due_at, Escalation.id)
        .limit(limit)
    )
    return [(ladder, ticket, steps_of(session, ladder.id)) for ladder, ticket in session.execute(open_ones)]


def under_way(session: Session, *concerning: ColumnElement[bool]) -> list[UnderWay]:
    """The open ladders of these tickets, the one that is late longest first."""
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

"""A handover passes what a shift leaves open to a person of the next shift, who follows it from then on (R09-6, R14-2).

It begins at the end of a shift, or before, when one of its people gives a note. It holds the open tickets first
received by the leaving shift, as they are when it is read, and the escalations that are under way. Anyone then on duty
for the group may take it, except the people who leave.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from models.calls import outgoing
from models.calls.outgoing import Claim
from models.database.changes import change
from models.database.paging import Mark, marks
from models.errors import MoveRefused
from models.people import duties, people
from models.people.shifts import LONGEST
from models.policy import Policy
from models.states.calls import AttemptOutcome, Purpose, ToMake
from models.states.roster import HANDOVER_OPEN, HandoverState
from models.states.tickets import TICKET_OPEN, TaskKind, TaskState
from models.tables import Duty, Group, Handover, Shift, ShiftGroup, Staff, Task, Ticket, Wakeup
from models.text.signs import written
from models.text.wording import word
from models.tickets import escalations, first_receiver, impartial, tasks
from models.tickets.escalations import UnderWay

__all__ = ["Handover", "HandoverState"]

DESK_ROLE = "agent"
"""The group of this role has the wake-up sheet and answers for every ticket."""
_A_DAY = timedelta(days=1)


class HandoverRefused(MoveRefused):
    """The handover cannot be given or taken; the text says why."""


@dataclass(frozen=True)
class Contents:
    """What is handed over: tickets first received by the people who leave, and the tasks of their group."""

    tickets: list[Ticket]
    tasks: list[Task]
    wakeups: list[Wakeup]
    """Coming wake-ups and those not confirmed yet; only for a front desk (R21-9)."""
    escalations: list[UnderWay]
    """Escalations of tickets that the people who leave have received or have in hand, or of their group; for a front
    desk, all (R09-3)."""


@dataclass(frozen=True)
class Waiting:
    """How much there is to take over, and whether there is a note."""

    tickets: int
    tasks: int
    wakeups: int
    escalations: int
    noted: bool


def ended(session: Session, after: Mark | None, limit: int, *, since: datetime, at: datetime) -> list[Mark]:
    """Duties that have ended since then and have no handover yet, in order, behind `after`: end and id."""
    known = exists().where(Handover.shift == Duty.shift, Handover.ended_at == Duty.ends_at)
    lately = Duty.starts_at > since - LONGEST, Duty.ends_at > since, Duty.ends_at <= at
    of_shift = Shift.name == Duty.shift, Shift.handover
    return marks(session, Duty.ends_at, Duty.id, *lately, *of_shift, ~known, after=after, limit=limit)


def begin_after(session: Session, duty_id: int) -> bool:
    """Begins the handover of this duty's shift at its end. True if it is new and there is something to take over."""
    duty = session.get_one(Duty, duty_id)
    if _of(session, duty.shift, duty.ends_at) is not None:
        return False
    return begin(session, duty.shift, duty.ends_at).state is HandoverState.DUE


def begin(session: Session, shift: str, ended_at: datetime) -> Handover:
    """The handover of this shift at its end, begun now or before. With nothing open, it is over at once."""
    if (found := _of(session, shift, ended_at)) is not None:
        return found
    of_shift = Duty.shift == shift, Duty.ends_at == ended_at, Duty.starts_at > ended_at - LONGEST
    numbers = set(session.scalars(select(Duty.staff_number).where(*of_shift)))
    groups = select(ShiftGroup.group).where(ShiftGroup.shift == shift).order_by(ShiftGroup.place)
    group = session.scalar(groups.limit(1))
    leaving = sorted(numbers - _on_turn(session, group, ended_at)) if group else []
    handover = Handover(shift=shift, group=group or "", ended_at=ended_at, leaving=leaving)
    holds = contents(session, handover) if leaving else None
    handover.state = HandoverState.DUE if holds and any(vars(holds).values()) else HandoverState.NOTHING_OPEN
    session.add(handover)
    session.flush()
    return handover


def give(session: Session, number: str, note: str, *, at: datetime) -> Handover:
    """Adds the note of a person who leaves, or has just left. Raises HandoverRefused without a shift to hand over."""
    last = (
        select(Duty)
        .join(Shift, Shift.name == Duty.shift)
        .where(Duty.staff_number == number, Duty.starts_at > at - 2 * LONGEST, Duty.starts_at <= at, Shift.handover)
        .order_by(Duty.ends_at.desc())
        .limit(1)
    )
    duty = session.scalar(last)
    if duty is None:
        raise HandoverRefused(f"{number} has had no shift to hand over", f"{number} 没有可移交的班")
    handover = begin(session, duty.shift, duty.ends_at)
    open_ones = Handover.id == handover.id, Handover.state != HandoverState.TAKEN
    note = written(note)
    said = f"{handover.note}\n{number}: {note}".strip() if note else handover.note
    given = {"state": HandoverState.GIVEN, "note": said, "given_by": number, "given_at": at}
    if change(session, update(Handover).where(*open_ones).values(given)) != 1:
        raise HandoverRefused(f"handover {handover.id} is taken already", f"交接 {handover.id} 已被接收")
    session.refresh(handover)
    return handover


def for_whom(session: Session, number: str, *, at: datetime) -> list[Handover]:
    """The open handovers that this person may take now, the oldest first."""
    return [one for one in still_open(session) if number not in one.leaving and number in _next(session, one, at)]


def contents(session: Session, handover: Handover) -> Contents:
    """The contents at this moment."""
    owed = select(Task).where(Task.state == TaskState.OPEN, Task.owner_group == handover.group).order_by(Task.due_at)
    tickets, tasks = _tickets(session, handover.leaving), list(session.scalars(owed))
    return Contents(tickets, tasks, _wakeups(session, handover), _escalations(session, handover))


def take(session: Session, handover_id: int, number: str, *, at: datetime) -> list[Ticket]:
    """This person follows what is open from now on, except complaints about this person (R15-6). Returns the tickets.

    Raises HandoverRefused, LookupError.
    """
    handover = session.get(Handover, handover_id, with_for_update=True)
    if handover is None:
        raise LookupError(f"no handover {handover_id}")
    if handover.state not in HANDOVER_OPEN:
        raise HandoverRefused(
            f"handover {handover_id} is {word(handover.state, 'en')}", f"交接 {handover_id} 无需再接收"
        )
    if number in handover.leaving:
        raise HandoverRefused(f"{number} is of the shift that leaves", f"{number} 是交班人，不能接收本班的交接")
    if number not in (there := _next(session, handover, at)):
        group, who = session.get_one(Group, handover.group), ", ".join(there) or "-"
        raise HandoverRefused(
            f"{number} is not on duty for {group.en}; on duty: {who}", f"{number} 不当班；当班人员：{who}"
        )
    moved = [one for one in _tickets(session, handover.leaving) if impartial.may_have(one, number)]
    for ticket in moved:
        first_receiver.hand_over(session, ticket.id, to=number, who=number, at=at, handover_id=handover_id)
    taken = {
        "state": HandoverState.TAKEN,
        "taken_by": number,
        "taken_at": at,
        "tickets": [ticket.id for ticket in moved],
        "wakeups": [wakeup.id for wakeup in _wakeups(session, handover)],
        "escalations": [
            one.ladder.id for one in _escalations(session, handover) if impartial.may_have(one.ticket, number)
        ],
    }
    mine = Handover.id == handover_id, Handover.state.in_(HANDOVER_OPEN)
    if change(session, update(Handover).where(*mine).values(taken)) != 1:
        raise HandoverRefused(f"handover {handover_id} was taken meanwhile", f"交接 {handover_id} 已被接收")
    outgoing.cancel(session, Purpose.REMINDER, handover_id, at=at)
    if handover.task_id is not None:
        tasks.close(session, handover.task_id, at=at, note=f"taken over: {number}")
    return moved


def take_all(session: Session, number: str, *, at: datetime) -> list[tuple[Handover, list[Ticket]]]:
    """Takes all handovers that this person may take; returns each with its tickets. Raises HandoverRefused."""
    return [(one, take(session, one.id, number, at=at)) for one in for_whom(session, number, at=at)]


def take_all_on_call(session: Session, claim: Claim, number: str, *, at: datetime) -> bool | None:
    """As `take_all`, by key in the call that reminded of it. False: a colleague was quicker; None: the claim of the
    call is not ours any more, and nothing is taken."""
    if not outgoing.move(session, claim, to=ToMake.CONNECTED, at=at, outcome=AttemptOutcome.CONNECTED):
        return None
    return bool(take_all(session, number, at=at))


def waiting_for(session: Session, number: str, *, at: datetime) -> Waiting | None:
    """What this person could take over now; None: nothing."""
    found = for_whom(session, number, at=at)
    if not found:
        return None
    holds = [contents(session, one) for one in found]
    tickets = {ticket.id for one in holds for ticket in one.tickets if impartial.may_have(ticket, number)}
    tasks_there = {task.id for one in holds for task in one.tasks}
    wakeups = {wakeup.id for one in holds for wakeup in one.wakeups}
    ladders = {each.ladder.id for one in holds for each in one.escalations if impartial.may_have(each.ticket, number)}
    return Waiting(len(tickets), len(tasks_there), len(wakeups), len(ladders), any(one.note for one in found))


def of_wakeups(session: Session, ids: Collection[int], *, since: datetime, until: datetime) -> list[Handover]:
    """The handovers of this time that passed on some of these wake-ups, the oldest first (R21-9)."""
    taken = Handover.state == HandoverState.TAKEN, Handover.ended_at >= since, Handover.ended_at < until
    found = session.scalars(select(Handover).where(*taken).order_by(Handover.ended_at, Handover.id))
    return [one for one in found if set(one.wakeups or ()) & set(ids)]


def still_open(session: Session) -> list[Handover]:
    """The handovers that nobody has taken, the oldest first."""
    waiting = select(Handover).where(Handover.state.in_(HANDOVER_OPEN)).order_by(Handover.ended_at, Handover.id)
    return list(session.scalars(waiting))


def newest(session: Session, *, limit: int) -> list[Handover]:
    return list(session.scalars(select(Handover).order_by(Handover.id.desc()).limit(limit)))


def to_remind(session: Session, after: Mark | None, limit: int, *, at: datetime, policy: Policy) -> list[Mark]:
    """The handovers to remind the next shift of now, in order, behind `after`: end of shift and id."""
    patience, every = _minutes(policy.handover.remind_after_minutes), _minutes(policy.handover.remind_every_minutes)
    late = Handover.state.in_(HANDOVER_OPEN), Handover.ended_at <= at - patience, Handover.task_id.is_(None)
    again = or_(Handover.reminded_at.is_(None), Handover.reminded_at <= at - every)
    return marks(session, Handover.ended_at, Handover.id, *late, again, after=after, limit=limit)


def remind(session: Session, handover_id: int, *, at: datetime, policy: Policy, lead: str) -> bool:
    """Requests a call to a person of the next shift; people present only by *20 come last. When all reminders were in
    vain, or nobody is there, it becomes a task of the group `lead`, without further reminders. True if something was
    done.
    """
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    every = _minutes(policy.handover.remind_every_minutes)
    lately = handover.reminded_at is not None and handover.reminded_at > at - every
    if lately or handover.state not in HANDOVER_OPEN or handover.task_id is not None:
        return False
    on_turn = _on_turn(session, handover.group, at)
    there = [number for number in _next(session, handover, at) if number not in handover.leaving]
    there.sort(key=lambda number: number not in on_turn)
    handover.reminded_at = at
    if there and handover.reminders < policy.handover.reminders:
        # Another person of the shift each time, then from the first again.
        number = there[handover.reminders % len(there)]
        handover.reminders += 1
        outgoing.ask(session, Purpose.REMINDER, handover_id, extension=number, due_at=at, by="system", at=at)
        return True
    handover.task_id = tasks.open(
        session,
        kind=TaskKind.HANDOVER,
        number=None,
        call_id=None,
        ticket_id=None,
        owner_group=lead,
        at=at,
        due_at=at,
        note=f"handover not taken over: {handover_id}",
    ).id
    return True


def _next(session: Session, handover: Handover, at: datetime) -> list[str]:
    """The numbers on duty for the group after the shift, in the order in which they are rung."""
    return [one.number for one in people.on_duty(session, handover.group, at=max(at, handover.ended_at))]


def _on_turn(session: Session, group: str, at: datetime) -> set[str]:
    """The people whose turns go on for the same group: they keep their tickets."""
    turns = duties.between(session, at, at + timedelta(microseconds=1))
    shifts = set(session.scalars(select(ShiftGroup.shift).where(ShiftGroup.group == group)))
    return {turn.staff_number for turn in turns if turn.shift in shifts}


def _tickets(session: Session, leaving: Sequence[str]) -> list[Ticket]:
    if not leaving:
        return []
    open_ones = Ticket.first_receiver.in_(leaving), Ticket.state.in_(TICKET_OPEN)
    return list(session.scalars(select(Ticket).where(*open_ones).order_by(Ticket.next_due_at, Ticket.id)))


def _wakeups(session: Session, handover: Handover) -> list[Wakeup]:
    """The open wake-ups of the next day, for a front desk; none for other groups."""
    if not _is_desk(session, handover.group):
        return []
    ahead = Wakeup.due_at >= handover.ended_at - LONGEST, Wakeup.due_at < handover.ended_at + _A_DAY
    return list(session.scalars(select(Wakeup).where(*ahead, Wakeup.ended_at.is_(None)).order_by(Wakeup.due_at)))


def _escalations(session: Session, handover: Handover) -> list[UnderWay]:
    if _is_desk(session, handover.group):
        return escalations.under_way(session)
    theirs = Ticket.first_receiver.in_(handover.leaving), Ticket.assignee.in_(handover.leaving)
    return escalations.under_way(session, or_(*theirs, Ticket.department == handover.group))


def _is_desk(session: Session, group: str) -> bool:
    desk = select(Staff.number).where(Staff.group == group, Staff.role == DESK_ROLE).limit(1)
    return session.scalar(desk) is not None


def _of(session: Session, shift: str, ended_at: datetime) -> Handover | None:
    return session.scalar(select(Handover).where(Handover.shift == shift, Handover.ended_at == ended_at))


def _minutes(n: int) -> timedelta:
    return timedelta(minutes=n)

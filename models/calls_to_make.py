"""A call to make is a row before anybody is rung; one process has it at a time, and a lapsed claim is due again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from models.changes import change
from models.numbers import plausible
from models.states import TO_MAKE_MOVES, AttemptOutcome, TaskState, TicketKind, ToMake
from models.tables import Attempt, Call, CallToMake, Task, Ticket

__all__ = ["Attempt", "AttemptOutcome", "CallToMake", "CannotCall", "Claim", "ToMake"]


class CannotCall(LookupError):
    """Why nobody can be called for this task: "no open task" or "no number"."""


@dataclass(frozen=True)
class Claim:
    """What one process is about to do. `name` is what the customer's channel is called, once and never again."""

    id: int
    fence: int
    task: Task
    number: str
    staff_number: str | None
    owner_group: str
    line: str | None
    """The line on which the customer had called us."""
    language: str | None

    @property
    def name(self) -> str:
        return f"c2m-{self.id}-{self.fence}"


def ask(
    session: Session, task_id: int, *, staff_number: str | None, by: str, at: datetime, flagged: Iterable[str] = ()
) -> CallToMake:
    """The call to make for this task; the one that is going on already, if there is one.

    `flagged`: beginnings of numbers that are reported (R05-8). Raises CannotCall.
    """
    task = session.get(Task, task_id, with_for_update=True)
    if task is None or task.state is not TaskState.OPEN:
        raise CannotCall("no open task")
    if task.number is None or not plausible(task.number):
        raise CannotCall("no number")
    going_on = select(CallToMake).where(CallToMake.task_id == task_id, CallToMake.ended_at.is_(None))
    if (found := session.scalar(going_on)) is not None:
        return found
    call = CallToMake(
        task_id=task_id,
        number=task.number,
        staff_number=staff_number,
        owner_group=task.owner_group or "",
        asked_by=by[:80],
        asked_at=at,
        flag=next((start for start in flagged if task.number.startswith(start)), None),
    )
    session.add(call)
    session.flush()
    return call


def claim(session: Session, *, by: str, at: datetime, until: datetime) -> Claim | None:
    """Takes one that waits, or whose claim has lapsed: an urgent repair first, then the one that was asked for first.

    With the claim goes a new attempt; the last one, if nobody has ended it, was interrupted.
    """
    due = (
        select(CallToMake, Task)
        .join(Task, Task.id == CallToMake.task_id)
        .outerjoin(Ticket, Ticket.id == Task.ticket_id)
        .where(_due(at))
        .order_by((Ticket.kind == TicketKind.URGENT_REPAIR).is_(True).desc(), CallToMake.asked_at, CallToMake.id)
        .limit(1)
    )
    if (row := session.execute(due).first()) is None:
        return None
    call, task = row
    fence = call.fence + 1
    values = {"state": ToMake.CLAIMED, "claimed_by": by[:80], "leased_until": until, "fence": fence}
    mine = CallToMake.id == call.id, CallToMake.fence == call.fence, CallToMake.ended_at.is_(None)
    if change(session, update(CallToMake).where(*mine).values(values)) != 1:
        return None
    change(
        session,
        update(Attempt)
        .where(Attempt.call_to_make_id == call.id, Attempt.ended_at.is_(None))
        .values(outcome=AttemptOutcome.INTERRUPTED, ended_at=at),
    )
    session.add(Attempt(call_to_make_id=call.id, number=fence, started_at=at))
    came = session.get(Call, task.call_id) if task.call_id else None
    line, language = (came.line, came.language) if came else (None, None)
    return Claim(call.id, fence, task, call.number, call.staff_number, call.owner_group, line, language)


def any_due(session: Session, *, at: datetime) -> bool:
    """Whether there is one to be claimed: asked often, and cheaper than a claim."""
    return session.scalar(select(CallToMake.id).where(_due(at)).limit(1)) is not None


def _due(at: datetime) -> ColumnElement[bool]:
    lapsed = and_(CallToMake.state.in_((ToMake.CLAIMED, ToMake.DIALLING)), CallToMake.leased_until <= at)
    return or_(CallToMake.state == ToMake.WAITING, lapsed)


def move(
    session: Session,
    claim: Claim,
    *,
    to: ToMake,
    at: datetime,
    until: datetime | None = None,
    staff_number: str | None = None,
    outcome: AttemptOutcome | None = None,
) -> bool:
    """The next step (leased `until`), or the end with the attempt's `outcome`.

    False when the claim is no longer ours, or the step is not legal from where the call is: nothing has changed.
    """
    origins = [state for state, moves in TO_MAKE_MOVES.items() if to in moves]
    over = to not in TO_MAKE_MOVES
    mine = CallToMake.id == claim.id, CallToMake.fence == claim.fence, CallToMake.state.in_(origins)
    values = {"state": to, "leased_until": None if over else until, "ended_at": at if over else None}
    if change(session, update(CallToMake).where(*mine).values(values)) != 1:
        return False
    attempt: dict[str, object] = {"staff_number": staff_number} if staff_number else {}
    if to is ToMake.DIALLING:
        attempt["dialled_at"] = at
    if over:
        attempt |= {"ended_at": at, "outcome": outcome}
    this = Attempt.call_to_make_id == claim.id, Attempt.number == claim.fence
    if attempt:
        change(session, update(Attempt).where(*this).values(attempt))
    return True


def conversation(session: Session, claim: Claim, call_id: int) -> None:
    """The attempt's conversation is this call."""
    this = Attempt.call_to_make_id == claim.id, Attempt.number == claim.fence
    change(session, update(Attempt).where(*this).values(call_id=call_id))


def progress(session: Session, call_to_make_id: int) -> tuple[CallToMake, list[Attempt]]:
    """How far it has come, with its attempts in order. Raises NoResultFound for an id that was never given out."""
    attempts = select(Attempt).where(Attempt.call_to_make_id == call_to_make_id).order_by(Attempt.number)
    return session.get_one(CallToMake, call_to_make_id), list(session.scalars(attempts))


def tries(session: Session, task_ids: Iterable[int]) -> dict[int, list[AttemptOutcome]]:
    """How the attempts made for these tasks have ended, in order."""
    made = (
        select(CallToMake.task_id, Attempt.outcome)
        .join(Attempt, Attempt.call_to_make_id == CallToMake.id)
        .where(CallToMake.task_id.in_(list(task_ids)))
        .order_by(Attempt.id)
    )
    found: dict[int, list[AttemptOutcome]] = {}
    for task_id, outcome in session.execute(made):
        if outcome is not None:
            found.setdefault(task_id, []).append(outcome)
    return found

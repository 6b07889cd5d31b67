"""A call to make has a row before any phone rings; one process claims it at a time, and a lapsed claim is due again."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from models.calls import calls, refusals, trunk_calls
from models.calls.gate import Decision
from models.database.changes import change
from models.people.people import Known
from models.policy import Policy
from models.policy.gate import Reach
from models.site import Site
from models.states.calls import TO_MAKE_MOVES, AttemptOutcome, Priority, Purpose, ToMake
from models.states.tickets import TaskState, TicketKind
from models.tables import Attempt, Call, CallToMake, Task, Ticket
from models.tables.base import UtcDateTime
from models.text.numbers import plausible

__all__ = ["Attempt", "AttemptOutcome", "CallToMake", "CannotCall", "Claim", "Priority", "Purpose", "ToMake"]

EMERGENCIES = frozenset({TicketKind.URGENT_REPAIR, TicketKind.FAULT})
"""Tickets whose calls are made before all others (R08-2, R17-5)."""
BY_ITSELF = "system"
"""Who has requested a call back that is made because it is due."""
_IN_HAND = (ToMake.CLAIMED, ToMake.DIALLING)


class CannotCall(LookupError):
    """Why nobody can be called: "no open task" or "no number"."""


@dataclass(frozen=True)
class Claim:
    """The call that one process is about to make. `name` is the name of its channel, used only once."""

    id: int
    fence: int
    kind: Purpose
    due_at: datetime
    task: Task | None
    """The task of a call back."""
    ticket_id: int | None
    subject_id: int | None
    number: str | None
    """In the public network; without one it rings `extension`."""
    extension: str | None
    """A staff number, or for a wake-up a room."""
    owner_group: str
    line: str | None
    """The line of the conversation; for a call back the line that the customer had dialled."""
    language: str | None
    by_itself: bool
    """No person has requested it (a call back)."""
    channel_id: str | None = None
    """The name of the channel, if it was fixed before; it replaces the one made by `name`."""

    @property
    def name(self) -> str:
        """Contains the staff number being rung: a mobile does not show that it is in use."""
        return self.channel_id or f"c2m-{self.id}-{self.fence}" + (f"-{self.extension}" if self.number is None else "")


def ask(
    session: Session,
    kind: Purpose,
    subject_id: int,
    *,
    due_at: datetime,
    by: str,
    at: datetime,
    number: str | None = None,
    extension: str | None = None,
    ticket_id: int | None = None,
    priority: Priority = Priority.ORDINARY,
    line: str | None = None,
    language: str | None = None,
    channel_id: str | None = None,
) -> CallToMake:
    """Requests the call for this row; returns the open one if there is one.

    It rings `number` over the trunk, or without one `extension`, not before `due_at`. Line and language are the
    ticket's, if there is one, unless they are given. Raises CannotCall ("no number").
    """
    if extension is None and not (number and plausible(number)):
        raise CannotCall("no number")
    going_on = (CallToMake.kind == kind, CallToMake.subject_id == subject_id, CallToMake.ended_at.is_(None))
    if (found := session.scalar(select(CallToMake).where(*going_on))) is not None:
        return found
    ticket = session.get(Ticket, ticket_id) if ticket_id else None
    call = CallToMake(
        kind=kind,
        subject_id=subject_id,
        ticket_id=ticket_id,
        number=number,
        extension=extension,
        line=line or (ticket.line if ticket else None),
        language=language or (ticket.language if ticket else None),
        channel_id=channel_id,
        priority=priority,
        due_at=due_at,
        asked_by=by[:80],
        asked_at=at,
    )
    session.add(call)
    session.flush()
    return call


def ask_back(
    session: Session, task_id: int, *, staff_number: str | None, by: str, at: datetime, site: Site, policy: Policy
) -> CallToMake:
    """Requests the call back for this task; returns the open one if there is one.

    A number that the gate does not let out is refused at once: the row has ended, its `flag` and the task say why.
    Raises CannotCall.
    """
    task = session.get(Task, task_id, with_for_update=True)
    if task is None or task.state is not TaskState.OPEN:
        raise CannotCall("no open task")
    if task.number is None:
        raise CannotCall("no number")
    going_on = select(CallToMake).where(CallToMake.task_id == task_id, CallToMake.ended_at.is_(None))
    if (found := session.scalar(going_on)) is not None:
        return found
    came = session.get(Call, task.call_id) if task.call_id else None
    ticket = session.get(Ticket, task.ticket_id) if task.ticket_id else None
    call = CallToMake(
        kind=Purpose.CALL_BACK,
        task_id=task_id,
        ticket_id=task.ticket_id,
        number=task.number,
        extension=staff_number,
        owner_group=task.owner_group or "",
        line=came.line if came else None,
        language=came.language if came else None,
        priority=Priority.FIRST if ticket and ticket.kind in EMERGENCIES else Priority.ORDINARY,
        due_at=at,
        asked_by=by[:80],
        asked_at=at,
    )
    session.add(call)
    session.flush()
    rules: Any = {"site": site, "policy": policy, "at": at, "by_itself": by == BY_ITSELF}
    decision = trunk_calls.let_out(session, task.number, Reach.CALL_BACK, channel_id=None, **rules)
    if not decision.allowed:
        call.state, call.ended_at = ToMake.REFUSED, at
        refused = {"outcome": AttemptOutcome.REFUSED, "started_at": at, "ended_at": at}
        session.add(Attempt(call_to_make_id=call.id, number=call.fence, **refused))
        refusals.write(session, call, decision, at=at)
        session.flush()
    return call


def refuse(session: Session, claim: Claim, decision: Decision, *, at: datetime) -> bool:
    """Ends it: the gate does not let it out. The reason is on its task and its ticket. False: it is no longer ours."""
    if not move(session, claim, to=ToMake.REFUSED, at=at, outcome=AttemptOutcome.REFUSED):
        return False
    refusals.write(session, session.get_one(CallToMake, claim.id), decision, at=at)
    return True


def write_refusal(session: Session, claim: Claim, decision: Decision, *, at: datetime) -> None:
    """As `refuse`, for a call whose own flow ends it."""
    refusals.write(session, session.get_one(CallToMake, claim.id), decision, at=at)


def claim(
    session: Session,
    *,
    by: str,
    at: datetime,
    until: datetime,
    among: Collection[Priority] = tuple(Priority),
    ahead: timedelta = timedelta(0),
    except_ids: Collection[int] = (),
) -> Claim | None:
    """Takes one that is due, or whose claim has lapsed: the highest priority first, then the one that is due longest.

    `among`: other priorities stay. A call that is due to the second is taken this long `ahead`. `except_ids`: calls
    whose attempts are still going on, lapsed or not. The claim comes with a new attempt; the last one, if nobody has
    ended it, was interrupted.
    """
    values = {"at": at, "ahead": at + ahead, "except_ids": list(except_ids)}
    found = [call for one in _due(frozenset(among)) if (call := session.scalar(one, values)) is not None]
    if not found:
        return None
    call = min(found, key=lambda one: (-one.priority, one.due_at, one.id))
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
    return Claim(
        id=call.id,
        fence=fence,
        kind=call.kind,
        due_at=call.due_at,
        task=session.get(Task, call.task_id) if call.task_id else None,
        ticket_id=call.ticket_id,
        subject_id=call.subject_id,
        number=call.number,
        extension=call.extension,
        owner_group=call.owner_group,
        line=call.line,
        language=call.language,
        by_itself=call.asked_by == BY_ITSELF,
        channel_id=call.channel_id,
    )


def any_due(
    session: Session,
    *,
    at: datetime,
    among: Collection[Priority] = tuple(Priority),
    ahead: timedelta = timedelta(0),
    except_ids: Collection[int] = (),
) -> bool:
    """Whether a call can be claimed; asked every second, and much cheaper than a claim."""
    values = {"at": at, "ahead": at + ahead, "except_ids": list(except_ids)}
    return bool(session.scalar(_any_due(frozenset(among)), values))


@cache
def _any_due(among: frozenset[Priority]) -> Select[bool]:
    heads = [one.with_only_columns(CallToMake.id).scalar_subquery() for one in _due(among)]
    return select(or_(*(head.is_not(None) for head in heads)))


@cache
def _due(among: frozenset[Priority]) -> list[Select[CallToMake]]:
    """For each priority the call that is due longest, and the first whose claim has lapsed; each is the head of an
    index, at the same cost for any number of waiting calls."""
    at = bindparam("at", type_=UtcDateTime)
    longest = select(CallToMake).order_by(CallToMake.due_at, CallToMake.id).limit(1)
    waiting = [
        longest.where(
            CallToMake.state == ToMake.WAITING,
            CallToMake.priority == priority,
            CallToMake.due_at <= (bindparam("ahead", type_=UtcDateTime) if priority is Priority.AT_ITS_SECOND else at),
        )
        for priority in sorted(among, reverse=True)
    ]
    lapsed = (
        select(CallToMake)
        .where(CallToMake.state.in_(_IN_HAND), CallToMake.leased_until <= at, CallToMake.priority.in_(among))
        .where(CallToMake.id.not_in(bindparam("except_ids", expanding=True)))
        .order_by(CallToMake.priority.desc(), CallToMake.due_at, CallToMake.id)
        .limit(1)
    )
    return [*waiting, lapsed]


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

    False when the claim is no longer ours (also when the call has been called off), or the step is not legal from where
    the call is: nothing has changed.
    """
    origins = [state for state, moves in TO_MAKE_MOVES.items() if to in moves]
    over = to not in TO_MAKE_MOVES
    values = {"state": to, "leased_until": None if over else until, "ended_at": at if over else None}
    if change(session, update(CallToMake).where(*_ours(claim), CallToMake.state.in_(origins)).values(values)) != 1:
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


def renew(session: Session, claim: Claim, *, until: datetime) -> bool:
    """Extends the lease. False when the claim is no longer ours: this process must stop."""
    mine = (*_ours(claim), CallToMake.state.in_(_IN_HAND))
    return change(session, update(CallToMake).where(*mine).values(leased_until=until)) == 1


def keep(session: Session, claims: Iterable[Claim], *, until: datetime) -> None:
    """Extends the leases of those that have not ended."""
    for claim in claims:
        renew(session, claim, until=until)


def give_back(session: Session, claim: Claim, *, at: datetime) -> bool:
    """The attempt was cut off: the claim lapses at this moment, sooner than its lease. False when it has ended."""
    mine = (*_ours(claim), CallToMake.state.in_(_IN_HAND))
    return change(session, update(CallToMake).where(*mine).values(leased_until=at)) == 1


def take_from(session: Session, kinds: Collection[Purpose], *, node: str, except_claimant: str, at: datetime) -> int:
    """Calls of these kinds that a dead process of this node had in hand are due again; returns how many.

    `except_claimant`: the living process, of which a node has one.
    """
    dead = (
        CallToMake.state.in_(_IN_HAND),
        CallToMake.leased_until > at,
        CallToMake.kind.in_(kinds),
        CallToMake.claimed_by.startswith(f"{node}-", autoescape=True),
        CallToMake.claimed_by != except_claimant,
    )
    return change(session, update(CallToMake).where(*dead).values(leased_until=at))


def _ours(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return CallToMake.id == claim.id, CallToMake.fence == claim.fence


def cancel(session: Session, kind: Purpose, subject_id: int, *, at: datetime) -> bool:
    """Cancels the call for this row (for a call back: of this task), also one that is being dialled, rings or talks.

    True if there was one that had not ended.
    """
    subject = CallToMake.task_id if kind is Purpose.CALL_BACK else CallToMake.subject_id
    this = (CallToMake.kind == kind, subject == subject_id, CallToMake.ended_at.is_(None))
    call_id = session.scalar(select(CallToMake.id).where(*this))
    if call_id is None:
        return False
    values = {"state": ToMake.CANCELLED, "leased_until": None, "ended_at": at}
    going_on = CallToMake.id == call_id, CallToMake.ended_at.is_(None)
    if change(session, update(CallToMake).where(*going_on).values(values)) != 1:
        return False
    attempt = update(Attempt).where(Attempt.call_to_make_id == call_id, Attempt.ended_at.is_(None))
    change(session, attempt.values(outcome=AttemptOutcome.CANCELLED, ended_at=at))
    return True


def called_off(session: Session, claims: Collection[Claim]) -> set[int]:
    """The ids of those that were cancelled, or belong to another process now."""
    rows = session.execute(
        select(CallToMake.id, CallToMake.fence, CallToMake.state).where(CallToMake.id.in_([c.id for c in claims]))
    )
    now = {id: (fence, state) for id, fence, state in rows}
    return {claim.id for claim in claims if now[claim.id][0] != claim.fence or now[claim.id][1] is ToMake.CANCELLED}


def conversation(
    session: Session, claim: Claim, *, line: str, number: str, language: str, at: datetime
) -> tuple[Call, Known | None]:
    """The row of the attempt's conversation, and what the directory knows of the person who is called."""
    call, known = calls.take_up(
        session, channel_id=claim.name, line=line, number=number, language=language, mode=claim.kind, at=at
    )
    this = Attempt.call_to_make_id == claim.id, Attempt.number == claim.fence
    change(session, update(Attempt).where(*this).values(call_id=call.id))
    calls.note(session, call.id, ticket_id=claim.ticket_id)
    return call, known


def progress(session: Session, call_to_make_id: int) -> tuple[CallToMake, list[Attempt]]:
    """The call to make, with its attempts in order. Raises NoResultFound for an unknown id."""
    attempts = select(Attempt).where(Attempt.call_to_make_id == call_to_make_id).order_by(Attempt.number)
    return session.get_one(CallToMake, call_to_make_id), list(session.scalars(attempts))


def tries(session: Session, task_ids: Iterable[int]) -> dict[int, list[AttemptOutcome]]:
    """The outcomes of the attempts for these tasks, in order."""
    made = (
        select(CallToMake.task_id, Attempt.outcome)
        .join(Attempt, Attempt.call_to_make_id == CallToMake.id)
        .where(CallToMake.task_id.in_(list(task_ids)))
        .order_by(Attempt.id)
    )
    found: dict[int, list[AttemptOutcome]] = {}
    for task_id, outcome in session.execute(made):
        if task_id is not None and outcome is not None:
            found.setdefault(task_id, []).append(outcome)
    return found

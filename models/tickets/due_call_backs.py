"""An owed call back is made by itself: emergencies first, then the oldest promise; each attempt plans the next (R17-1).

The task says when (`call_at`), the call to make is the one claim: a person's request and this one never make two calls.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from models.calls import at_a_phone, gate, outgoing
from models.calls.gate import Decision
from models.calls.outgoing import BY_ITSELF, EMERGENCIES, Attempt, AttemptOutcome, CallToMake, Claim, Priority, ToMake
from models.database import paging
from models.database.paging import Mark
from models.people import people
from models.policy import Policy
from models.site import Site
from models.states.gate import FOR_A_PERSON, TOMORROW, Limit
from models.states.tickets import TaskState
from models.tables import Call, Task, Ticket
from models.tickets import tasks

_MOST = 20
"""Of the call backs that a group owes, so many are looked at for one that is free."""


def due(session: Session, after: Mark | None, limit: int, *, emergencies: bool, at: datetime) -> list[Mark]:
    """Open call backs that are to be made by now, the oldest promise first: those about emergencies, or the others."""
    urgent = select(Ticket.id).where(Ticket.id == Task.ticket_id, Ticket.kind.in_(EMERGENCIES)).exists()
    # Only open call backs have such a time: a condition on the state would lead the planner away from its index.
    wanted = and_(Task.call_at <= at, urgent if emergencies else ~urgent)
    return paging.marks(session, Task.due_at, Task.id, wanted, after=after, limit=limit)


def going_on(session: Session, *, at: datetime) -> int:
    """How many call backs are being made by themselves, without those about emergencies."""
    mine = CallToMake.asked_by == BY_ITSELF, CallToMake.priority == Priority.ORDINARY
    waiting = (*mine, CallToMake.state == ToMake.WAITING, CallToMake.due_at <= at)
    in_hand = (*mine, CallToMake.state.in_((ToMake.CLAIMED, ToMake.DIALLING)))
    return sum(session.scalar(select(func.count(CallToMake.id)).where(*these)) or 0 for these in (waiting, in_hand))


def request(session: Session, task_id: int, *, at: datetime, site: Site, policy: Policy) -> bool:
    """Requests the call back of this task, or puts it off: outside the hours, without an agent on duty, or while the
    customer is in a call with us. False: it is no longer due."""
    task = session.get(Task, task_id, with_for_update=True, populate_existing=True)
    if task is None or task.state is not TaskState.OPEN or task.call_at is None or task.call_at > at:
        return False
    opens = _in_hours(session, task, at, site, policy)
    if opens > at:
        _call_at(session, task, opens, policy)
    elif not _is_staffed(session, task, site, at) or at_a_phone.is_in_a_call(session, task.number):
        _plan(session, task, at + timedelta(minutes=policy.call_back.no_agent_minutes), site, policy)
    else:
        call = outgoing.ask_back(session, task_id, staff_number=None, by=BY_ITSELF, at=at, site=site, policy=policy)
        task.call_at = None
        if call.state is ToMake.REFUSED:
            _plan(session, task, _after_refusal(call.flag, at, site, policy), site, policy)
    return True


def take_next(session: Session, staff_number: str, group: str, *, at: datetime, site: Site, policy: Policy) -> bool:
    """*33: requests the most urgent call back of this group that nobody makes yet, for this person. False: none."""
    for task in tasks.to_call_back(session, group, reader=staff_number, limit=_MOST):
        call = outgoing.ask_back(
            session, task.id, staff_number=staff_number, by=staff_number, at=at, site=site, policy=policy
        )
        if call.state is ToMake.WAITING and call.extension == staff_number and call.asked_at == at:
            return True
    return False


def end(
    session: Session, claim: Claim, *, to: ToMake, outcome: AttemptOutcome, at: datetime, site: Site, policy: Policy
) -> bool:
    """As `outgoing.move` to the end of a call back, and plans the next one if the customer is still owed it."""
    task = _locked(session, claim)
    if not outgoing.move(session, claim, to=to, at=at, outcome=outcome):
        return False
    if outcome is AttemptOutcome.REFUSED:
        flag = session.get_one(CallToMake, claim.id).flag
        _plan(session, task, _after_refusal(flag, at, site, policy), site, policy)
    else:
        _plan(session, task, _next(session, claim, task, at, policy), site, policy)
    return True


def refuse(session: Session, claim: Claim, decision: Decision, *, at: datetime, site: Site, policy: Policy) -> bool:
    """As `outgoing.refuse`; a limit that lets the call out later only puts it off."""
    task = _locked(session, claim)
    if not outgoing.refuse(session, claim, decision, at=at):
        return False
    _plan(session, task, _after_refusal(decision.reason, at, site, policy), site, policy)
    return True


# -- when --------------------------------------------------------------------------------------------------------------


def _locked(session: Session, claim: Claim) -> Task:
    """Locked before its call, the order that closing a task keeps, too."""
    assert claim.task is not None
    return session.get_one(Task, claim.task.id, with_for_update=True, populate_existing=True)


def _next(session: Session, claim: Claim, task: Task, at: datetime, policy: Policy) -> datetime | None:
    """After a customer who was dialled, by their number; soon when none was."""
    rules = policy.call_back
    dialled = session.scalar(
        select(Attempt.dialled_at).where(Attempt.call_to_make_id == claim.id, Attempt.number == claim.fence)
    )
    if dialled is None:
        return at + timedelta(minutes=rules.no_agent_minutes)
    made = _dialled_since(session, task, _requested_at(session, task))
    return at + timedelta(minutes=rules.again_minutes[made - 1]) if made <= len(rules.again_minutes) else None


def _dialled_since(session: Session, task: Task, since: datetime) -> int:
    made = (
        select(func.count())
        .select_from(Attempt)
        .join(CallToMake, CallToMake.id == Attempt.call_to_make_id)
        .where(CallToMake.task_id == task.id, Attempt.dialled_at >= since)
    )
    return session.scalar(made) or 0


def _after_refusal(flag: str | None, at: datetime, site: Site, policy: Policy) -> datetime | None:
    """When a limit may let the call out that it has refused; None when it must not be made without a person."""
    limit = next((limit for limit in Limit if flag == gate.reason_of(limit)), None)
    if limit is None or limit in FOR_A_PERSON:
        return None
    rules = policy.call_back
    if limit in TOMORROW:
        return rules.opens(site.time_zone).next_day(at)
    return at + timedelta(minutes=rules.no_agent_minutes)


def _plan(session: Session, task: Task, next_at: datetime | None, site: Site, policy: Policy) -> None:
    """Writes it, within the hours; None: a person must call."""
    if next_at is not None:
        next_at = _in_hours(session, task, next_at, site, policy)
    _call_at(session, task, next_at, policy)


def _call_at(session: Session, task: Task, next_at: datetime | None, policy: Policy) -> None:
    rules = policy.call_back
    until = _requested_at(session, task) + timedelta(hours=rules.for_hours)
    by_itself = rules.by_itself and task.state is TaskState.OPEN and next_at is not None and next_at <= until
    task.call_at = next_at if by_itself else None


def _in_hours(session: Session, task: Task, at: datetime, site: Site, policy: Policy) -> datetime:
    ticket = session.get(Ticket, task.ticket_id) if task.ticket_id else None
    if ticket is not None and ticket.kind in EMERGENCIES:
        return at
    return policy.call_back.opens(site.time_zone).next(at)


def _requested_at(session: Session, task: Task) -> datetime:
    """When the customer has asked for it last."""
    came = session.get(Call, task.call_id) if task.call_id else None
    return max(task.opened_at, came.started_at) if came else task.opened_at


def _is_staffed(session: Session, task: Task, site: Site, at: datetime) -> bool:
    groups = _circle(task.owner_group, site)
    return bool(people.on_duty(session, *groups, at=at))


def _circle(owner_group: str | None, site: Site) -> Sequence[str]:
    """The group that owes the call and its neighbours (R20-4); the first line's, when the site no longer has it."""
    names = {group.name for group in site.groups}
    group = site.group(owner_group if owner_group in names else site.lines[0].group)
    return (group.name, *group.neighbours)

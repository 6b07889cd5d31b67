"""The first receiver follows a ticket until the customer is satisfied, even when others do the work (R15-1).

The first receiver is reminded while it is not done, notified when it is (R15-4), and passes it on only at a handover.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.database.paging import Mark, marks
from models.errors import MoveRefused
from models.events import ticket_events
from models.people import people
from models.policy import Policy
from models.states.tickets import TICKET_OPEN, TaskKind, TaskState, TicketEventKind, TicketState
from models.tables import Staff, Task, Ticket
from models.tickets import impartial

TO_FOLLOW = TICKET_OPEN - {TicketState.DONE}
OVER = (TicketState.DONE, TicketState.CONFIRMED, TicketState.CLOSED)
PERSONAL = (TaskKind.FOLLOW_MATTER, TaskKind.MATTER_DONE)


def receive(session: Session, ticket_id: int, staff_number: str, *, at: datetime) -> bool:
    """Makes this person the first receiver (R15-1). True if there was none; otherwise nothing changes.

    Nor does it for the person complained of (R15-6): the ticket waits for somebody else.
    """
    first = change(
        session,
        update(Ticket)
        .where(
            Ticket.id == ticket_id,
            Ticket.first_receiver.is_(None),
            or_(Ticket.about_staff.is_(None), Ticket.about_staff != staff_number),
        )
        .values(first_receiver=staff_number, reminded_at=at),
    )
    if first:
        ticket_events.write(session, ticket_id, TicketEventKind.RECEIVED, who=staff_number, at=at)
    return first == 1


def take(session: Session, ticket_id: int, staff_number: str, *, at: datetime) -> Ticket:
    """As `receive`, on request. Raises MoveRefused when there is another first receiver, LookupError."""
    ticket = impartial.to_change(session, ticket_id, who=staff_number)
    if not receive(session, ticket_id, staff_number, at=at) and ticket.first_receiver != staff_number:
        number, has = ticket.number, ticket.first_receiver
        raise MoveRefused(
            f"the first receiver of ticket {number} is {has}, who follows it until the customer is satisfied (R15-1); "
            "it changes hands only at the shift handover",
            f"工单 {number} 的首问责任人是 {has}，跟进到客户满意为止（R15-1）；只能在交接班时移交",
        )
    return session.get_one(Ticket, ticket_id, populate_existing=True)


def hand_over(session: Session, ticket_id: int, *, to: str, who: str, at: datetime, handover_id: int) -> Ticket:
    """Makes `to`, of the next shift, the first receiver; `who` has acknowledged this handover.

    Open tasks of the former one move along. Raises MoveRefused for a person who does not work here, NotImpartial for
    the person complained of, LookupError.
    """
    ticket = impartial.to_change(session, ticket_id, who=who)
    impartial.check_given_to(ticket, to)
    if people.staff(session, to) is None:
        raise MoveRefused(f"nobody at work here has the number {to}", f"没有在职员工的工号是 {to}")
    pass_on(session, ticket, to, who=who, at=at, why=f"handover {handover_id}")
    return ticket


def pass_on(session: Session, ticket: Ticket, to: str | None, *, who: str, at: datetime, why: str) -> None:
    """Makes `to` the first receiver and moves the open tasks; with None, the next person to take it."""
    was = ticket.first_receiver
    if was == to:
        return
    ticket.first_receiver = to
    ticket.reminded_at = None if to is None or ticket.state not in TO_FOLLOW else at
    session.flush()
    text = f"{was or '-'} -> {to or '-'}: {why}"
    ticket_events.write(session, ticket.id, TicketEventKind.HANDED_OVER, who=who, at=at, text=text)
    tasks = _open_tasks(session, ticket.id, PERSONAL)
    if to is None:
        _close(session, tasks, at)
        return
    kept = {task.kind for task in tasks if task.owner_staff == to}
    _close(session, [task for task in tasks if task.owner_staff != to and task.kind in kept], at)
    for task in tasks:
        if task.state is TaskState.OPEN:
            task.owner_staff, task.owner_group = to, _group_of(session, to)
    session.flush()


def moved(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """The ticket has changed state: adapts the tasks of its first receiver."""
    if ticket.first_receiver is None:
        return
    if ticket.state not in TO_FOLLOW:
        _close(session, _open_tasks(session, ticket.id, [TaskKind.FOLLOW_MATTER]), at)
    if ticket.state is not TicketState.DONE:
        _close(session, _open_tasks(session, ticket.id, [TaskKind.MATTER_DONE]), at)
    if ticket.state is TicketState.MERGED:
        _reminded(session, ticket.id, None)
    elif ticket.state is TicketState.REOPENED:
        _reminded(session, ticket.id, at)
        _owe(session, ticket, TaskKind.FOLLOW_MATTER, at=at, due_at=at)


def to_remind(session: Session, after: Mark | None, limit: int, *, at: datetime, policy: Policy) -> list[Mark]:
    """(last reminder, id) of the next tickets, behind `after`, whose first receiver is to be notified that they are
    done or reminded that they are not."""
    done = Ticket.state.in_(OVER), Ticket.reminded_at.is_not(None)
    silent = Ticket.state.in_(TO_FOLLOW), Ticket.reminded_at <= at - _every(policy)
    rows = [
        mark
        for wanted in (done, silent)
        for mark in marks(session, Ticket.reminded_at, Ticket.id, *wanted, after=after, limit=limit)
    ]
    return sorted(rows)[:limit]


def remind(session: Session, ticket_id: int, *, at: datetime, policy: Policy) -> bool:
    """Opens the task for the first receiver. False when another scan has, or the ticket has changed meanwhile."""
    ticket = session.get_one(Ticket, ticket_id)
    since, over = ticket.reminded_at, ticket.state in OVER
    if since is None or not (over or (ticket.state in TO_FOLLOW and since <= at - _every(policy))):
        return False
    same = (Ticket.id == ticket_id, Ticket.reminded_at == since, Ticket.state == ticket.state)
    if not change(session, update(Ticket).where(*same).values(reminded_at=None if over else at)):
        return False
    if over:
        _owe(session, ticket, TaskKind.MATTER_DONE, at=at, due_at=at + timedelta(hours=policy.first_asked.tell_hours))
    else:
        _owe(session, ticket, TaskKind.FOLLOW_MATTER, at=at, due_at=at + _every(policy))
    return True


def has_to(session: Session, ticket: Ticket) -> bool:
    """Whether the first receiver has yet to do what the last reminder was about."""
    own = (Task.ticket_id == ticket.id, Task.owner_staff == ticket.first_receiver, Task.kind.in_(PERSONAL))
    return session.scalar(select(Task.id).where(*own, Task.state == TaskState.OPEN).limit(1)) is not None


def mine(session: Session, staff_number: str, *, limit: int) -> list[Ticket]:
    """Open tickets of this first receiver or assignee, by deadline."""
    open_ones = select(Ticket).where(Ticket.state.in_(TICKET_OPEN)).limit(limit)
    # Not by the index on `next_due_at`: it begins with all closed tickets.
    due_next = (Ticket.next_due_at.is_(None), Ticket.next_due_at, Ticket.id)
    found = {
        ticket.id: ticket
        for condition in (Ticket.first_receiver == staff_number, Ticket.assignee == staff_number)
        for ticket in session.scalars(open_ones.where(condition).order_by(*due_next))
        if impartial.may_have(ticket, staff_number)
    }
    ordered = sorted(found.values(), key=lambda one: (one.next_due_at is None, one.next_due_at, one.id))
    return ordered[:limit]


def tasks_of(session: Session, staff_number: str, *, limit: int) -> list[Task]:
    """Open tasks and notices of this person, by deadline."""
    own = select(Task).where(Task.owner_staff == staff_number, Task.state == TaskState.OPEN)
    return list(session.scalars(own.order_by(Task.due_at, Task.id).limit(limit)))


def _every(policy: Policy) -> timedelta:
    return timedelta(hours=policy.first_asked.remind_hours)


def _owe(session: Session, ticket: Ticket, kind: TaskKind, *, at: datetime, due_at: datetime) -> None:
    """One task of each kind for each ticket; a repeated request is counted, and the first deadline stays."""
    for task in _open_tasks(session, ticket.id, [kind]):
        task.times += 1
        session.flush()
        return
    owner = ticket.first_receiver
    task = Task(
        kind=kind,
        ticket_id=ticket.id,
        owner_staff=owner,
        owner_group=_group_of(session, owner),
        opened_at=at,
        due_at=due_at,
    )
    session.add(task)
    session.flush()


def _open_tasks(session: Session, ticket_id: int, kinds: "tuple[TaskKind, ...] | list[TaskKind]") -> list[Task]:
    open_ones = (Task.ticket_id == ticket_id, Task.state == TaskState.OPEN, Task.owner_staff.is_not(None))
    return list(session.scalars(select(Task).where(*open_ones, Task.kind.in_(kinds)).with_for_update()))


def _close(session: Session, tasks: list[Task], at: datetime) -> None:
    for task in tasks:
        task.state, task.closed_at = TaskState.CLOSED, at
    session.flush()


def _reminded(session: Session, ticket_id: int, at: datetime | None) -> None:
    change(session, update(Ticket).where(Ticket.id == ticket_id).values(reminded_at=at))


def _group_of(session: Session, staff_number: str | None) -> str | None:
    group: str | None = session.scalar(select(Staff.group).where(Staff.number == staff_number))
    return group

"""A date promised to a customer may be postponed once, if the customer is informed before it passes (R15-2, R15-3)."""

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.errors import MoveRefused
from models.events import ticket_events
from models.policy import Policy
from models.states.tickets import TICKET_OPEN, PromiseEnding, TicketEventKind, TicketState
from models.tables import Promise, Ticket
from models.text.signs import written
from models.text.wording import word
from models.tickets import deadlines, impartial

__all__ = ["Promise", "PromiseRefused"]

PROMISED_IN = TICKET_OPEN - {TicketState.DONE}
"""The states in which something may be promised."""


class PromiseRefused(MoveRefused):
    """This promise is not allowed; the text says what is."""


def make(session: Session, ticket_id: int, *, due_at: datetime, who: str, at: datetime, policy: Policy) -> Promise:
    """Records the date given to the customer (R11-2), at most a week from now (R15-2).

    Texts for people write it in the time zone of `due_at`. Raises PromiseRefused, NotImpartial, LookupError.
    """
    ticket = impartial.to_change(session, ticket_id, who=who)
    check_date(ticket, due_at, at=at, policy=policy)
    if (running := open_of(session, ticket_id)) is not None:
        day = _day(running.due_at, due_at)
        raise PromiseRefused(
            f"ticket {ticket.number} has a promise already, for {day}: it can be postponed once, with a reason, after "
            "informing the customer",
            f"工单 {ticket.number} 已有承诺（{day}）：可说明原因、告知客户后延期一次",
        )
    promise = _add(session, ticket_id, due_at=due_at, who=who, at=at)
    ticket_events.write(session, ticket_id, TicketEventKind.PROMISED, who=who, at=at, text=_day(due_at, due_at))
    return promise


def postpone(
    session: Session,
    ticket_id: int,
    *,
    due_at: datetime,
    reason: str,
    told: bool,
    who: str,
    at: datetime,
    policy: Policy,
) -> Promise:
    """Moves the promise to a later date, only once (R15-3).

    `told`: the customer was informed, with the `reason`, before the old date. Raises PromiseRefused, NotImpartial,
    LookupError.
    """
    ticket = impartial.to_change(session, ticket_id, who=who)
    running = open_of(session, ticket_id)
    number = ticket.number
    if running is None:
        raise PromiseRefused(f"ticket {number} has no promise to postpone", f"工单 {number} 没有可延期的承诺")
    if put_off(session, ticket_id):
        raise PromiseRefused(
            f"ticket {number} was postponed once: a ticket is never postponed twice (R15-3). "
            f"The promise is for {_day(running.due_at, due_at)}",
            f"工单 {number} 已延期过一次：同一事项不得二次延期（R15-3）。承诺期限为 {_day(running.due_at, due_at)}",
        )
    if at >= running.due_at:
        raise PromiseRefused(
            f"the promise of ticket {number} has passed: it is too late to postpone it (R15-3). Settle the ticket",
            f"工单 {number} 的承诺期限已过：只能在到期前延期（R15-3）。请尽快办结",
        )
    reason = written(reason)
    if not reason or not told:
        raise PromiseRefused(
            f"ticket {number} is postponed only with a reason, and after informing the customer (R15-3)",
            f"工单 {number} 延期须说明原因，并已告知客户（R15-3）",
        )
    if due_at <= running.due_at:
        raise PromiseRefused(
            f"that is not later than the present promise, {_day(running.due_at, due_at)}",
            f"新期限不晚于原承诺（{_day(running.due_at, due_at)}）",
        )
    check_date(ticket, due_at, at=at, policy=policy)
    _end(session, running, PromiseEnding.POSTPONED, at)
    promise = _add(session, ticket_id, due_at=due_at, who=who, at=at, text=reason, postpones_id=running.id)
    ticket_events.write(
        session, ticket_id, TicketEventKind.POSTPONED, who=who, at=at, text=f"{_day(due_at, due_at)}\n{reason}"
    )
    deadlines.customer_informed(session, ticket_id, who=who, at=at, text=reason)
    return promise


def settle(session: Session, ticket_id: int, *, at: datetime) -> None:
    """The ticket is done: ends its promise as kept or broken. The caller sets `next_due_at`."""
    running = open_of(session, ticket_id)
    if running is not None:
        _end(session, running, PromiseEnding.KEPT if at <= running.due_at else PromiseEnding.BROKEN, at)


def carry(session: Session, ticket_id: int, *, into: int, at: datetime) -> None:
    """A ticket is merged: `into` keeps the earlier of the two promises. The caller sets `next_due_at`."""
    given = open_of(session, ticket_id)
    if given is None:
        return
    _end(session, given, PromiseEnding.CARRIED, at)
    has = open_of(session, into)
    if has is not None:
        if has.due_at <= given.due_at:
            return
        _end(session, has, PromiseEnding.CARRIED, at)
    _add(session, into, due_at=given.due_at, who=given.made_by, at=at, text=given.text)


def put_off(session: Session, ticket_id: int) -> bool:
    """Whether this ticket, or one merged into it, has been postponed."""
    merged = select(Ticket.id).where(Ticket.merged_into == ticket_id)
    postponed = exists().where(
        Promise.postpones_id.is_not(None), or_(Promise.ticket_id == ticket_id, Promise.ticket_id.in_(merged))
    )
    return bool(session.scalar(select(postponed)))


def open_of(session: Session, ticket_id: int) -> Promise | None:
    """The open promise of the ticket."""
    return session.scalar(select(Promise).where(Promise.ticket_id == ticket_id, Promise.ended_at.is_(None)))


def longer_than_best(promise: Promise, policy: Policy) -> bool:
    """Whether it exceeds the best practice of one to two days (R15-2)."""
    return promise.due_at - promise.made_at > timedelta(days=policy.promises.best_days)


def check_date(ticket: Ticket, due_at: datetime, *, at: datetime, policy: Policy) -> None:
    """Raises PromiseRefused when this date cannot be promised for this ticket (R15-2)."""
    if ticket.state not in PROMISED_IN:
        raise PromiseRefused(
            f"ticket {ticket.number} is {word(ticket.state, 'en')}: nothing can be promised any more",
            f"工单 {ticket.number} 现为{word(ticket.state, 'zh')}，无需再承诺",
        )
    if due_at <= at:
        raise PromiseRefused(f"{_day(due_at, due_at)} has passed already", f"{_day(due_at, due_at)} 已经过去")
    days, best = policy.promises.longest_days, policy.promises.best_days
    latest = at + timedelta(days=days)
    if due_at > latest:
        raise PromiseRefused(
            f"no more than {days} days may be promised (R15-2), best {best}: {_day(latest, due_at)} at the latest",
            f"承诺不超过 {days} 天（R15-2），最好 {best} 天内：最迟 {_day(latest, due_at)}",
        )


def _add(
    session: Session,
    ticket_id: int,
    *,
    due_at: datetime,
    who: str,
    at: datetime,
    text: str = "",
    postpones_id: int | None = None,
) -> Promise:
    promise = Promise(
        ticket_id=ticket_id, due_at=due_at, made_at=at, made_by=who[:40], text=text, postpones_id=postpones_id
    )
    session.add(promise)
    session.flush()
    deadlines.set_next_due(session, ticket_id, at=at)
    return promise


def _end(session: Session, promise: Promise, ending: PromiseEnding, at: datetime) -> None:
    change(session, update(Promise).where(Promise.id == promise.id).values(ended_at=at, ending=ending))
    session.refresh(promise)


def _day(at: datetime, like: datetime) -> str:
    """In the time zone of `like`."""
    return f"{at.astimezone(like.tzinfo):%Y-%m-%d %H:%M}"

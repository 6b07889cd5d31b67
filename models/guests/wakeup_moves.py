"""A wake-up changes state by compare-and-set, with an event; when it ends, its calls end in the same transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.calls import outgoing
from models.database.changes import change
from models.states.calls import Priority, Purpose, Ring
from models.states.guests import WAKEUP_MOVES, KnockOutcome, OrderState, WakeupState
from models.tables import Knock, Wakeup, WakeupAttempt, WakeupEvent, WakeupOrder


def move(
    session: Session, wakeup: Wakeup, to: WakeupState, *, who: str, at: datetime, text: str = "", **values: Any
) -> bool:
    """False when its present state does not allow the move: nothing has changed. `values`: other columns."""
    session.flush()
    before = wakeup.state
    over = to not in WAKEUP_MOVES
    if to not in WAKEUP_MOVES.get(before, ()):
        return False
    if over:
        values |= {"ended_at": at, "knock_at": None}
    here = Wakeup.id == wakeup.id, Wakeup.state == before
    if change(session, update(Wakeup).where(*here).values(state=to, **values)) != 1:
        return False
    session.refresh(wakeup)
    note(session, wakeup, who=who, at=at, text=text, moved_from=before)
    if over:
        stop_ringing(session, wakeup, at=at)
        call_off_knocks(session, wakeup, at=at)
    if to is WakeupState.AWAKE:
        _one_date_is_over(session, wakeup, who=who, at=at)
    return True


def note(
    session: Session, wakeup: Wakeup, *, who: str, at: datetime, text: str, moved_from: WakeupState | None = None
) -> None:
    """Writes an event; without `moved_from` the state has not changed."""
    to = wakeup.state if moved_from else None
    session.add(WakeupEvent(wakeup_id=wakeup.id, at=at, who=who[:80], from_state=moved_from, to_state=to, text=text))


def ring(session: Session, wakeup: Wakeup, *, due_at: datetime, at: datetime) -> WakeupAttempt:
    """Adds an attempt to ring the room at this moment, with its number and channel, and the call to make for it."""
    mine = select(func.max(WakeupAttempt.number)).where(WakeupAttempt.wakeup_id == wakeup.id)
    number = (session.scalar(mine) or 0) + 1
    attempt = WakeupAttempt(wakeup_id=wakeup.id, number=number, channel_id=f"wake-{wakeup.id}-{number}", due_at=due_at)
    session.add(attempt)
    session.flush()
    outgoing.ask(
        session,
        Purpose.WAKE_UP,
        attempt.id,
        due_at=due_at,
        by="system",
        at=at,
        extension=wakeup.room,
        priority=Priority.AT_ITS_SECOND,
        channel_id=attempt.channel_id,
    )
    return attempt


def stop_ringing(session: Session, wakeup: Wakeup, *, at: datetime) -> None:
    """Cancels the calls to the room, also one that is ringing."""
    mine = WakeupAttempt.wakeup_id == wakeup.id, WakeupAttempt.ended_at.is_(None)
    for attempt in session.scalars(select(WakeupAttempt).where(*mine)).all():
        outgoing.cancel(session, Purpose.WAKE_UP, attempt.id, at=at)
        attempt.ended_at, attempt.outcome = at, Ring.CANCELLED
    session.flush()


def call_off_knocks(session: Session, wakeup: Wakeup, *, at: datetime) -> None:
    """Cancels the calls to staff about this guest."""
    for knock in session.scalars(select(Knock).where(Knock.wakeup_id == wakeup.id, Knock.ended_at.is_(None))).all():
        outgoing.cancel(session, Purpose.KNOCK, knock.id, at=at)
        knock.ended_at, knock.outcome = at, KnockOutcome.CALLED_OFF
    session.flush()


def _one_date_is_over(session: Session, wakeup: Wakeup, *, who: str, at: datetime) -> None:
    one_date = WakeupOrder.id == wakeup.order_id, WakeupOrder.on_date.is_not(None)
    here = update(WakeupOrder).where(*one_date, WakeupOrder.state == OrderState.ACTIVE)
    change(session, here.values(state=OrderState.OVER, ended_by=who[:80], ended_at=at))

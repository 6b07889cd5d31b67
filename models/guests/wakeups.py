"""Wake-up orders of guests: an order has one wake-up for each of its days.

The first call of a wake-up is requested together with its row, so that only `ivr` needs to run at its second. The
results of calls are in `models.guests.wakeup_attempts`, knocking in `models.guests.knocks` (R21-9 to R21-13).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database.changes import change as changed
from models.database.paging import Mark, behind
from models.errors import MoveRefused
from models.guests import pacing, rooms, wakeup_moves
from models.policy.wakeups import WakeupPolicy as Rules
from models.states.calls import Ring
from models.states.guests import ORDER_MOVES, Confirmed, KnockOutcome, OrderState, WakeupHow, WakeupState
from models.tables import Knock, Wakeup, WakeupAttempt, WakeupEvent, WakeupOrder
from models.text.wording import word
from models.time.calendar import moment
from models.time.days import check_near

__all__ = [
    "Confirmed",
    "Knock",
    "KnockOutcome",
    "MinuteFull",
    "OrderState",
    "Ring",
    "Sheet",
    "Wakeup",
    "WakeupAttempt",
    "WakeupEvent",
    "WakeupHow",
    "WakeupOrder",
    "WakeupRefused",
    "WakeupState",
]

DAY, WEEK = timedelta(days=1), timedelta(days=7)
ROOM = "room"
"""Stands for the guest who sets or cancels an order from the room's telephone."""


class WakeupRefused(MoveRefused):
    """The order is not possible, or does not exist; the message says why, and what to do."""


class MinuteFull(WakeupRefused):
    """That minute has more wake-ups than rooms that can be rung in it; `free` is the nearest free time, or None."""

    def __init__(self, at: time, free: time | None) -> None:
        offer = f"{free:%H:%M} is free" if free else "choose a time half an hour away"
        offer_zh = f"{free:%H:%M} 可以" if free else "请改早或改晚半小时"
        super().__init__(
            f"{at:%H:%M} is full: no more rooms can be rung in that minute; {offer}",
            f"{at:%H:%M} 的叫醒已满（一分钟内可呼叫的房间数有限）；{offer_zh}",
        )
        self.free = free


@dataclass(frozen=True)
class Sheet:
    """A row of the wake-up sheet (住客叫醒登记表). `cancelled_by`: a staff number or ROOM."""

    wakeup: Wakeup
    order: WakeupOrder
    attempts: Sequence[WakeupAttempt]
    knocks: Sequence[Knock]
    cancelled_by: str | None = None


# -- when -------------------------------------------------------------------------------------------------------------


def next_date(at: time, now: datetime, zone: tzinfo) -> date:
    """The next local day with this time still ahead: today or tomorrow."""
    today = now.astimezone(zone).date()
    return today if moment(today, at, zone) > now else today + DAY


def days_of(order: WakeupOrder, since: date, until: date) -> Iterator[date]:
    """The local days of this order between the two, both included."""
    day = since
    while day <= until:
        if day == order.on_date or (order.weekdays and str(day.isoweekday()) in order.weekdays):
            yield day
        day += DAY


# -- ordering ---------------------------------------------------------------------------------------------------------


def book(
    session: Session,
    room: str,
    time_of_day: time,
    *,
    on: date | None = None,
    weekdays: str = "",
    language: str | None = None,
    by: str,
    how: WakeupHow,
    at: datetime,
    rules: Rules,
    zone: tzinfo,
    replaces: WakeupOrder | None = None,
) -> WakeupOrder:
    """An order for one date or for weekdays ("12345", 1 is Monday), with the wake-ups of its next days (R21-9).

    The same order given twice is kept once. `by`: a staff number or ROOM. Raises RoomRefused for a room that does not
    exist or is not let, MinuteFull, WakeupRefused for a time that has passed, and MoveRefused for one far away.
    """
    rooms.let(session, room, to_change=True)
    clock, days = f"{time_of_day:%H:%M}", "".join(sorted(set(weekdays)))
    if (on is None) == (not days):
        raise WakeupRefused("a wake-up is for one date, or for some weekdays", "叫醒须指定一个日期，或若干星期几")
    if on is not None and moment(on, time_of_day, zone) <= at:
        raise WakeupRefused(f"{on} {clock} is past", f"{on} {clock} 已经过去")
    if on is not None:
        check_near(on, at.astimezone(zone).date())
    wanted = WakeupOrder.room == room, WakeupOrder.state == OrderState.ACTIVE, WakeupOrder.at == clock
    same = WakeupOrder.on_date == on if on else WakeupOrder.weekdays == days
    if (found := session.scalar(select(WakeupOrder).where(*wanted, same))) is not None:
        return found
    order = WakeupOrder(
        room=room,
        at=clock,
        on_date=on,
        weekdays=days or None,
        language=language,
        how=how,
        set_by=by[:80],
        set_at=at,
        # If the time has passed today, the first wake-up is tomorrow.
        planned_to=on - DAY if on else next_date(time_of_day, at, zone) - DAY,
        replaces_id=replaces.id if replaces else None,
    )
    session.add(order)
    session.flush()
    for wakeup in plan(session, order.id, at=at, rules=rules, zone=zone):
        if pacing.is_over_full(session, wakeup.due_at, rules):
            free = pacing.nearest_free(session, wakeup.due_at, at=at, rules=rules)
            raise MinuteFull(time_of_day, free.astimezone(zone).time() if free else None)
    return order


def plan(session: Session, order_id: int, *, at: datetime, rules: Rules, zone: tzinfo) -> list[Wakeup]:
    """Adds the wake-ups of its next days, once each; returns the new ones.

    A wake-up of yesterday or today that was missed during a downtime gets its row, too: staff are called about it.
    """
    order = session.get_one(WakeupOrder, order_id, with_for_update=True)
    if order.state is not OrderState.ACTIVE or order.planned_to is None:
        return []
    today = at.astimezone(zone).date()
    until = order.on_date or today + rules.horizon_days * DAY
    made = []
    # Days that were cancelled before they were planned.
    ahead = select(Wakeup.on_date).where(Wakeup.order_id == order.id, Wakeup.on_date > order.planned_to)
    there = set(session.scalars(ahead))
    for day in days_of(order, max(order.planned_to, today - 2 * DAY) + DAY, until):
        if day in there:
            continue
        due_at = moment(day, time.fromisoformat(order.at), zone)
        wakeup = Wakeup(
            order_id=order.id,
            room=order.room,
            on_date=day,
            due_at=due_at,
            wake_at=due_at,
            knock_at=due_at + timedelta(minutes=rules.knock.attendant_minutes),
        )
        session.add(wakeup)
        session.flush()
        wakeup_moves.note(session, wakeup, who=order.set_by, at=at, text=f"set: {order.how}")
        wakeup_moves.ring(session, wakeup, due_at=due_at, at=at)
        made.append(wakeup)
    order.planned_to = None if order.on_date else max(order.planned_to, until)
    session.flush()
    return made


def to_plan(
    session: Session, *, at: datetime, rules: Rules, zone: tzinfo, after: Mark | None, limit: int
) -> list[Mark]:
    """(the end of the last planned day, id) of orders with days to plan, in order, behind `after`."""
    until = at.astimezone(zone).date() + rules.horizon_days * DAY
    day = WakeupOrder.planned_to
    wanted = select(day, WakeupOrder.id).where(day < until)
    if after is not None:
        wanted = wanted.where(behind(day, WakeupOrder.id, (after.at.date(), after.id)))
    rows = session.execute(wanted.order_by(day, WakeupOrder.id).limit(limit))
    return [Mark(datetime.combine(planned_to, time.max, UTC), id) for planned_to, id in rows if planned_to is not None]


def change(
    session: Session,
    order_id: int,
    *,
    time_of_day: time | None = None,
    on: date | None = None,
    weekdays: str | None = None,
    language: str | None = None,
    by: str,
    how: WakeupHow,
    at: datetime,
    rules: Rules,
    zone: tzinfo,
) -> WakeupOrder:
    """Replaces this order by another; what is not given stays as it was, and calls for the old one stop.

    Raises as `book` (the transaction is rolled back, nothing has changed); WakeupRefused when it is not active.
    """
    old = _active(session, order_id)
    cancel(session, order_id, by=by, at=at)
    # A date replaces weekdays, and weekdays replace a date.
    days = weekdays or ("" if on else old.weekdays or "")
    return book(
        session,
        old.room,
        time_of_day or time.fromisoformat(old.at),
        on=on or (None if days else old.on_date),
        weekdays=days,
        language=language or old.language,
        by=by,
        how=how,
        at=at,
        rules=rules,
        zone=zone,
        replaces=old,
    )


def cancel(session: Session, order_id: int, *, by: str, at: datetime) -> WakeupOrder:
    """Cancels an order and its calls, also one that is ringing. Raises WakeupRefused when it is not active."""
    order = _active(session, order_id)
    mine = Wakeup.order_id == order.id, Wakeup.ended_at.is_(None)
    for wakeup in session.scalars(select(Wakeup).where(*mine).order_by(Wakeup.id)).all():
        wakeup_moves.move(session, wakeup, WakeupState.CANCELLED, who=by, at=at)
    end(session, order, OrderState.CANCELLED, by=by, at=at)
    return order


def cancel_day(session: Session, order_id: int, day: date, *, by: str, at: datetime, zone: tzinfo) -> None:
    """Cancels an order for this local day; a repeated order goes on on its other days.

    Raises WakeupRefused when it is not active, has no wake-up on that day, or that wake-up is over.
    """
    order = _active(session, order_id)
    if order.on_date == day:
        cancel(session, order_id, by=by, at=at)
        return
    mine = Wakeup.order_id == order.id, Wakeup.on_date == day
    wakeup = session.scalar(select(Wakeup).where(*mine).with_for_update())
    due_at = moment(day, time.fromisoformat(order.at), zone)
    if wakeup is None:
        if day not in days_of(order, day, day) or due_at <= at:
            raise WakeupRefused(f"{order_id} wakes nobody on {day}", f"叫醒 {order_id} 在 {day} 没有要执行的叫醒")
        # It has no row yet: with this row, no scan adds another.
        wakeup = Wakeup(order_id=order.id, room=order.room, on_date=day, due_at=due_at, wake_at=due_at)
        session.add(wakeup)
    if not wakeup_moves.move(session, wakeup, WakeupState.CANCELLED, who=by, at=at, text="this day alone"):
        raise WakeupRefused(
            f"{order_id} is over on {day}: {word(wakeup.state, 'en')}", f"叫醒 {order_id} 在 {day} 已结束或已取消"
        )


def cancel_room(session: Session, room: str, *, by: str, at: datetime) -> int:
    """Cancels every order of a room whose guests have left (R21-9); returns how many there were."""
    orders = of_room(session, room)
    for order in orders:
        cancel(session, order.id, by=by, at=at)
    return len(orders)


def _active(session: Session, order_id: int) -> WakeupOrder:
    order = session.get(WakeupOrder, order_id, with_for_update=True)
    if order is None or order.state is not OrderState.ACTIVE:
        raise WakeupRefused(
            f"there is no wake-up {order_id} to come: it has ended, or was cancelled",
            f"没有待执行的叫醒 {order_id}：已结束或已取消",
        )
    return order


def end(session: Session, order: WakeupOrder, to: OrderState, *, by: str, at: datetime) -> bool:
    """Ends the order by compare-and-set; False when it has ended already."""
    origins = [state for state, moves in ORDER_MOVES.items() if to in moves]
    mine = update(WakeupOrder).where(WakeupOrder.id == order.id, WakeupOrder.state.in_(origins))
    session.flush()
    done = changed(session, mine.values(state=to, ended_by=by[:80], ended_at=at, planned_to=None)) == 1
    session.refresh(order)
    return done


# -- lists ------------------------------------------------------------------------------------------------------------


def of_room(session: Session, room: str | None = None) -> list[WakeupOrder]:
    """The active orders of a room (None: of all), by room and time."""
    wanted = select(WakeupOrder).where(WakeupOrder.state == OrderState.ACTIVE)
    if room is not None:
        wanted = wanted.where(WakeupOrder.room == room)
    return list(session.scalars(wanted.order_by(WakeupOrder.room, WakeupOrder.at, WakeupOrder.id)))


def of_guest(session: Session, room: str, *, limit: int) -> tuple[rooms.Room, list[WakeupOrder]]:
    """The room with the first of its active orders. Raises RoomRefused when nobody stays there."""
    return rooms.let(session, room), of_room(session, room)[:limit]


def open_ones(session: Session, order_id: int) -> list[Wakeup]:
    """The wake-ups of an order that have not ended, the next one first."""
    mine = Wakeup.order_id == order_id, Wakeup.ended_at.is_(None)
    return list(session.scalars(select(Wakeup).where(*mine).order_by(Wakeup.due_at)))


def next_of(session: Session, order: WakeupOrder, *, at: datetime, zone: tzinfo) -> tuple[date, datetime]:
    """The local day and moment of the next wake-up of a repeated order, planned or not."""
    today = at.astimezone(zone).date()
    mine = Wakeup.order_id == order.id, Wakeup.on_date >= today - DAY
    rows = {wakeup.on_date: wakeup for wakeup in session.scalars(select(Wakeup).where(*mine))}
    for day in days_of(order, today - DAY, max([today, *rows]) + WEEK):
        wakeup = rows.get(day)
        due_at = wakeup.wake_at if wakeup else moment(day, time.fromisoformat(order.at), zone)
        if wakeup.ended_at is None if wakeup else due_at > at:
            return day, due_at
    raise ValueError(f"order {order.id} is not repeated")


def next_time(session: Session, order: WakeupOrder, *, at: datetime, zone: tzinfo) -> datetime | None:
    """When an active order rings next; None when its only day is over."""
    if order.weekdays:
        return next_of(session, order, at=at, zone=zone)[1]
    return next((one.wake_at for one in open_ones(session, order.id)), None)


def left_out(session: Session, order_id: int, since: date) -> list[date]:
    """The single days, from `since` on, for which a repeated order was cancelled."""
    mine = Wakeup.order_id == order_id, Wakeup.on_date >= since, Wakeup.state == WakeupState.CANCELLED
    return list(session.scalars(select(Wakeup.on_date).where(*mine).order_by(Wakeup.on_date)))


def sheet(session: Session, since: datetime, until: datetime) -> list[Sheet]:
    """The wake-up sheet of these hours (a date or a shift), `until` excluded, by time and room (R21-9)."""
    wanted = (
        select(Wakeup, WakeupOrder)
        .join(WakeupOrder, WakeupOrder.id == Wakeup.order_id)
        .where(Wakeup.due_at >= since, Wakeup.due_at < until)
        .order_by(Wakeup.due_at, Wakeup.room, Wakeup.id)
    )
    rows = [(wakeup, order) for wakeup, order in session.execute(wanted)]
    ids = [wakeup.id for wakeup, _ in rows]
    attempts: dict[int, list[WakeupAttempt]] = {}
    for one in session.scalars(
        select(WakeupAttempt).where(WakeupAttempt.wakeup_id.in_(ids)).order_by(WakeupAttempt.number)
    ):
        attempts.setdefault(one.wakeup_id, []).append(one)
    knocks: dict[int, list[Knock]] = {}
    for knock in session.scalars(select(Knock).where(Knock.wakeup_id.in_(ids)).order_by(Knock.id)):
        knocks.setdefault(knock.wakeup_id, []).append(knock)
    cancelled = select(WakeupEvent.wakeup_id, WakeupEvent.who).where(
        WakeupEvent.wakeup_id.in_(ids), WakeupEvent.to_state == WakeupState.CANCELLED
    )
    by = {row.wakeup_id: row.who for row in session.execute(cancelled)}
    return [Sheet(w, order, attempts.get(w.id, []), knocks.get(w.id, []), by.get(w.id)) for w, order in rows]


def events(session: Session, wakeup_id: int) -> list[WakeupEvent]:
    """The events of a wake-up, in order (R21-13)."""
    mine = select(WakeupEvent).where(WakeupEvent.wakeup_id == wakeup_id).order_by(WakeupEvent.id)
    return list(session.scalars(mine))

"""Requested wake-ups: each row of a list is set, set already, or refused with the reason, independently."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.store import Store
from models.errors import MoveRefused
from models.guests import pacing, rooms, wakeups
from models.guests.rooms import RoomState
from models.guests.wakeups import OrderState, WakeupHow, WakeupOrder
from models.policy.wakeups import WakeupPolicy as Rules


@dataclass(frozen=True)
class WakeupRequest:
    """A requested wake-up: on one date, or on each of these weekdays ("12345", 1 is Monday)."""

    room: str
    at: time
    on: date | None
    weekdays: str = ""


class RowOutcome(StrEnum):
    SET = "set"
    ALREADY = "already-set"
    """It was there before; nothing was done."""
    REFUSED = "not-set"


@dataclass(frozen=True)
class RowResult:
    """The result for one row. `wait_s`: how long after its time the room may be rung because the minute is full."""

    wanted: WakeupRequest
    outcome: RowOutcome
    order: WakeupOrder | None = None
    wait_s: int = 0
    why: MoveRefused | None = None


@dataclass(frozen=True)
class OrderedBy:
    """The person who orders, the way it was ordered, and the rules."""

    by: str
    how: WakeupHow
    rules: Rules
    zone: tzinfo


def take(store: Store, wanted: WakeupRequest, desk: OrderedBy, *, at: datetime) -> RowResult:
    """Takes one row in a transaction of its own: an interrupted list can simply be taken again from the start.

    Raises StoreUnavailable.
    """
    try:
        return store.write(_take, wanted, desk, at)
    except MoveRefused as refused:
        return RowResult(wanted, RowOutcome.REFUSED, why=refused)


def write(
    session: Session, wanted: WakeupRequest, desk: OrderedBy, *, at: datetime, instead_of: WakeupOrder | None = None
) -> WakeupOrder:
    """Books it, or changes `instead_of` into it if that is still active. Raises as `wakeups.book`."""
    old = session.get(WakeupOrder, instead_of.id, with_for_update=True) if instead_of else None
    if old is None or old.state is not OrderState.ACTIVE:
        return wakeups.book(
            session,
            wanted.room,
            wanted.at,
            on=wanted.on,
            weekdays=wanted.weekdays,
            by=desk.by,
            how=desk.how,
            at=at,
            rules=desk.rules,
            zone=desk.zone,
        )
    return wakeups.change(
        session,
        old.id,
        time_of_day=wanted.at,
        on=wanted.on,
        weekdays=wanted.weekdays,
        by=desk.by,
        how=desk.how,
        at=at,
        rules=desk.rules,
        zone=desk.zone,
    )


def _take(session: Session, wanted: WakeupRequest, desk: OrderedBy, at: datetime) -> RowResult:
    if desk.how is WakeupHow.IMPORT and (before := _imported(session, wanted)) is not None:
        if before.state is OrderState.CANCELLED:
            raise wakeups.WakeupRefused(
                f"was cancelled since (by {before.ended_by}); if it is wanted all the same, set it again",
                f"导入后已取消（由 {before.ended_by}）；如仍需要，请重新登记",
            )
        return RowResult(wanted, RowOutcome.ALREADY, before)
    order = write(session, wanted, desk, at=at)
    if order.set_at != at:
        return RowResult(wanted, RowOutcome.ALREADY, order)
    waits = (pacing.wait_seconds(session, one.due_at, desk.rules) for one in wakeups.open_ones(session, order.id))
    return RowResult(wanted, RowOutcome.SET, order, max(waits, default=0))


def _imported(session: Session, wanted: WakeupRequest) -> WakeupOrder | None:
    """The same order for one date, imported during the stay of the present guests."""
    there = rooms.guests(session, [wanted.room]).get(wanted.room)
    if not there or wanted.on is None:
        return None
    since = min(guest.checked_in_at for guest in there)
    same = (
        WakeupOrder.room == wanted.room,
        WakeupOrder.state.in_(OrderState),
        WakeupOrder.at == f"{wanted.at:%H:%M}",
        WakeupOrder.on_date == wanted.on,
        WakeupOrder.how == WakeupHow.IMPORT,
        WakeupOrder.set_at >= since,
    )
    return session.scalar(select(WakeupOrder).where(*same).order_by(WakeupOrder.id.desc()).limit(1))


def room_numbers(session: Session, wished: Iterable[str], floors: Iterable[str]) -> list[str]:
    """The rooms meant by "1101", "1103-1110" and whole floors, each once; ranges and floors leave out the free rooms.

    A single room that does not exist is kept: the order for it is refused with the reason.
    """
    let = [room.number for room in rooms.all_of(session) if room.state is RoomState.LET]
    found: list[str] = []
    for wish in wished:
        first, dash, last = wish.partition("-")
        found += [one for one in let if first <= one <= last and len(one) == len(first)] if dash else [wish]
    for floor in floors:
        found += [one for one in let if one[:-2] == floor]
    return list(dict.fromkeys(found))

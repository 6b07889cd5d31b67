"""The wake-up sheet of a day (住客叫醒登记表): who must be knocked for now comes first."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.pages.desk import rack
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.guests import rooms, wakeup_attempts, wakeups
from models.guests.wakeups import Confirmed, Sheet
from models.people.rights import Right
from models.tables import Guest
from models.time import calendar

router = APIRouter(prefix="/wakeups")
_DAY = timedelta(days=1)

Desk = Annotated[Visitor, may(Right.DESK)]


@router.get("")
def sheet(visitor: Desk, day: date | None = None) -> Response:
    shown_day = day or visitor.at.astimezone(visitor.zone).date()

    def read(session: Session) -> dict[str, Any]:
        weekly = [order for order in wakeups.of_room(session) if order.weekdays]
        return {
            "rows": rows(session, shown_day, visitor.zone),
            "woken": rack.being_woken(session),
            "weekly": [(one, wakeups.next_time(session, one, at=visitor.at, zone=visitor.zone)) for one in weekly],
        }

    before, after = shown_day - _DAY, shown_day + _DAY
    return page(visitor, "desk/wakeups.html", day=shown_day, before=before, after=after, **visitor.read(read))


@router.post("/awake")
def awake(visitor: Desk, room: Annotated[str, Form()]) -> Response:
    """The guest was seen awake, as *56 and the room on a telephone (R21-12)."""
    done = visitor.write(wakeup_attempts.confirm, room, by=visitor.who, how=Confirmed.COMMAND, at=visitor.at)
    if not done:
        raise MoveRefused(f"nobody is being woken in {room}", f"房间 {room} 没有正在进行的叫醒")
    return visitor.done("/wakeups", f"房间 {room} 住客已醒", f"the guest in {room} is awake")


@router.post("/{order}/cancel")
def cancel_day(visitor: Desk, order: int, day: Annotated[date, Form()]) -> Response:
    visitor.write(wakeups.cancel_day, order, day, by=visitor.who, at=visitor.at, zone=visitor.zone)
    return visitor.done(f"/wakeups?day={day}", "当天叫醒已取消", "the wake-up of this day is cancelled")


def rows(session: Session, day: date, zone: tzinfo) -> list[tuple[Sheet, list[Guest]]]:
    """The wake-ups of a local day, each with the guests who stay there."""
    since, until = (calendar.moment(one, time(0), zone) for one in (day, day + _DAY))
    found = wakeups.sheet(session, since, until)
    stays = rooms.stays(session, {one.wakeup.room for one in found}, since, until)
    return [(one, _there(one, stays)) for one in found]


def _there(one: Sheet, stays: list[Guest]) -> list[Guest]:
    """The guests who stay in the room at that moment."""
    at: datetime = one.wakeup.due_at
    return [
        guest
        for guest in stays
        if guest.room == one.wakeup.room
        and guest.checked_in_at <= at
        and (guest.checked_out_at is None or guest.checked_out_at > at)
    ]

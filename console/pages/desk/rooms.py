"""Rooms by floor, and one room: who stays there, its language, do not disturb, its wake-ups."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.pages.desk import rack
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.guests import rooms, stays, wakeup_rows, wakeups
from models.guests.wakeup_rows import OrderedBy, RowOutcome, WakeupRequest
from models.guests.wakeups import WakeupHow
from models.guests.wakeups_file import clock, weekdays
from models.people.rights import Right
from models.text.choices import days_in_words

router = APIRouter(prefix="/rooms")
_EVENTS = 10
_DAY = timedelta(days=1)

Desk = Annotated[Visitor, may(Right.DESK)]
Text = Annotated[str, Form()]


@router.get("")
def by_floor(visitor: Desk) -> Response:
    def read(session: Session) -> dict[str, Any]:
        floors = rack.floors(session)
        return {"floors": floors, "counts": rack.counts(floors, before=visitor.at + _DAY)}

    return page(visitor, "desk/rooms.html", **visitor.read(read))


@router.get("/{number}")
def one(visitor: Desk, number: str) -> Response:
    def read(session: Session) -> dict[str, Any]:
        room = rooms.find(session, number)
        orders = wakeups.of_room(session, number)
        return {
            "room": room,
            "guests": rooms.guests(session, [number]).get(number, []),
            "orders": [
                (order, wakeups.next_time(session, order, at=visitor.at, zone=visitor.zone)) for order in orders
            ],
            "woken": [one for one in rack.being_woken(session) if one.room == number],
            "events": rooms.events(session, number, limit=_EVENTS),
        }

    return page(visitor, "desk/room.html", **visitor.read(read))


@router.post("/{number}/guests")
def check_in(visitor: Desk, number: str, name: Text, language: Text = "") -> Response:
    """Several guests at once: names apart by a comma or line."""
    names = [one for one in re.split("[,，、;；\r\n]+", name) if one.strip()]
    if not names:
        raise MoveRefused("write the guest's name", "请填写住客姓名")
    visitor.write(stays.check_in, number, names, language=language or None, who=visitor.who, at=visitor.at)
    return visitor.done(f"/rooms/{number}", f"{number} 已入住", f"{number} is let")


@router.post("/{number}/check-out")
def check_out(visitor: Desk, number: str) -> Response:
    language = visitor.instance.site.language
    done = visitor.write(stays.check_out, number, language=language, who=visitor.who, at=visitor.at)
    zh = f"{number} 已退房，取消叫醒 {done.wakeups} 个"
    return visitor.done("/rooms", zh, f"{number} is free; {done.wakeups} wake-ups cancelled")


@router.post("/{number}/language")
def speak(visitor: Desk, number: str, language: Text) -> Response:
    visitor.write(rooms.set_language, number, language, who=visitor.who, at=visitor.at)
    return visitor.done(f"/rooms/{number}", "已保存", "saved")


@router.post("/{number}/do-not-disturb")
def do_not_disturb(visitor: Desk, number: str, wanted: Annotated[bool, Form()]) -> Response:
    visitor.write(rooms.set_do_not_disturb, number, wanted, who=visitor.who, at=visitor.at)
    return visitor.done(f"/rooms/{number}", "已保存", "saved")


@router.post("/{number}/wakeups")
def wake(
    visitor: Desk, number: str, time_of_day: Text, day: Text = "", days: Annotated[Sequence[str], Form()] = ()
) -> Response:
    """On one day, the next with this time if none is given, or on weekdays (R21-9)."""
    at = clock(time_of_day)
    if at is None:
        raise MoveRefused(f'"{time_of_day}" is no time: 06:30', f"「{time_of_day}」不是时间：请写 06:30")
    repeated = weekdays("".join(days)) or "" if days else ""
    if days and (day or not repeated):
        raise MoveRefused("choose a date or days of the week, not both", "日期和每周几只能选一种")
    on = None if repeated else _day(day) or wakeups.next_date(at, visitor.at, visitor.zone)
    desk = OrderedBy(visitor.who, WakeupHow.FRONT_DESK, visitor.instance.policy.wake_up, visitor.zone)
    taken = wakeup_rows.take(visitor.instance.store, WakeupRequest(number, at, on, repeated), desk, at=visitor.at)
    if taken.why is not None:
        raise taken.why
    every = visitor.words(f" 每周{days_in_words(repeated, 'zh')}", f" every week on {days_in_words(repeated, 'en')}")
    when = f"{at:%H:%M}" + (f" {on:%Y-%m-%d}" if on else every)
    if taken.outcome is RowOutcome.ALREADY:
        return visitor.done(f"/rooms/{number}", f"{when} 此前已登记", f"{when} was set before")
    return visitor.done(f"/rooms/{number}", f"{number} 叫醒 {when} 已登记", f"{number} will be woken at {when}")


@router.post("/{number}/wakeups/{order}/cancel")
def cancel(visitor: Desk, number: str, order: int) -> Response:
    visitor.write(wakeups.cancel, order, by=visitor.who, at=visitor.at)
    return visitor.done(f"/rooms/{number}", "叫醒已取消", "the wake-up is cancelled")


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MoveRefused(f'"{text}" is no date: 2026-11-30', f"「{text}」不是日期：2026-11-30") from None

"""The roster's week with its gaps, and the requests for swaps and absences that wait for a decision (R07-7, R09-7)."""

from datetime import date, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.people.rights import Right
from models.roster import gaps, swaps, week
from models.roster.week import Week
from models.time import calendar

router = APIRouter(prefix="/roster")
_MOST = 30
Duty = Annotated[Visitor, may(Right.DUTY)]
Staff = Annotated[Visitor, may(Right.CALLS)]
Text = Annotated[str, Form()]


@router.get("")
def shown(visitor: Staff, day: date | None = None) -> Response:
    instance = visitor.instance
    at = calendar.moment(day, time(12), visitor.zone) if day else visitor.at

    def read(session: Session) -> dict[str, Any]:
        around = week.around(session, at, visitor.at, site=instance.site, policy=instance.policy)
        return {"week": around, "gaps": gaps.still_open(session), "swaps": swaps.newest(session, limit=_MOST)}

    days = week.days(at, visitor.zone)
    context = visitor.read(read)
    context |= {"today": visitor.at.astimezone(visitor.zone).date(), "one_week": timedelta(days=7)}
    return page(visitor, "duty/roster.html", days=days, rows=_rows(context["week"], days, visitor), **context)


def _rows(around: Week, days: list[date], visitor: Visitor) -> list[tuple[str, list[list[Any]]]]:
    """For each shift its turns on each day."""
    rows = []
    for name, shift in around.shifts.items():
        mine = [turn for turn in around.week if turn.shift == name]
        if mine or shift.in_force:
            by_day = [[turn for turn in mine if turn.starts_at.astimezone(visitor.zone).date() == day] for day in days]
            rows.append((visitor.words(shift.zh, shift.en), by_day))
    return rows


@router.post("/swaps")
def ask(visitor: Staff, with_staff: Text, day: Annotated[date, Form()], back: Text = "", reason: Text = "") -> Response:
    """My turn of that day is to be taken by a colleague."""
    returned = _day(back)
    visitor.write(
        swaps.ask_swap,
        visitor.who,
        with_staff,
        day,
        back=returned,
        shift=None,
        reason=reason,
        by=visitor.who,
        at=visitor.at,
        zone=visitor.zone,
    )
    return visitor.done("/roster", "换班申请已提交", "the swap is requested")


@router.post("/absences")
def ask_absence(
    visitor: Staff,
    first: Annotated[date, Form()],
    last: Annotated[date, Form()],
    with_staff: Text = "",
    reason: Text = "",
) -> Response:
    """From the first to the last day, both whole."""
    begin = calendar.moment(first, time(0), visitor.zone)
    end = calendar.moment(last + timedelta(days=1), time(0), visitor.zone)
    visitor.write(
        swaps.ask_absence,
        visitor.who,
        begin,
        end,
        with_staff=with_staff or None,
        reason=reason,
        by=visitor.who,
        at=visitor.at,
    )
    return visitor.done("/roster", "请假申请已提交", "the absence is requested")


@router.post("/swaps/{request}/approve")
def approve(visitor: Duty, request: int) -> Response:
    instance = visitor.instance
    days = instance.policy.roster.horizon_days
    _decide(visitor, swaps.approve, request, dates=instance.site.days, days=days)
    return visitor.done("/roster", "已批准", "approved")


@router.post("/swaps/{request}/refuse")
def refuse(visitor: Duty, request: int, why: Text = "") -> Response:
    _decide(visitor, swaps.refuse, request, why=why)
    return visitor.done("/roster", "未批准，已记录原因", "refused, with the reason")


def _decide(visitor: Visitor, decision: Any, request: int, **given: Any) -> None:
    try:
        visitor.write(decision, request, by=visitor.who, at=visitor.at, **given)
    except LookupError:
        raise MoveRefused(f"there is no request {request}", f"没有申请 {request}") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise MoveRefused(f'"{text}" is no date: 2026-11-30', f"「{text}」不是日期：2026-11-30") from None

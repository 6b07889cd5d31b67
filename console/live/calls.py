"""The calls that go on, the oldest first: who calls which line, what is being done, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from console.live.boards import Audience, Board
from models.calls import calls
from models.calls.calls import OUTGOING, ActiveCall
from models.instance.instance import Instance
from models.people.rights import Right
from models.tickets import impartial

Doing = Literal["waiting", "ringing", "talking"]


@dataclass(frozen=True)
class Row:
    """`number` is as the audience may see it, None if it was withheld or the call is closed (R15-6); `staff` are those
    who are rung or talk."""

    id: int
    line: str
    number: str | None
    closed: bool
    outgoing: bool
    doing: Doing
    since: datetime
    staff: list[str]


def read(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    active = calls.active(session)
    closed = impartial.about_staff(session, [one.call.id for one in active])
    return {"calls": [_row(one, audience, one.call.id in closed) for one in active]}


def _row(one: ActiveCall, audience: Audience, closed: bool) -> Row:
    call, (doing, since, staff) = one.call, _doing(one)
    return Row(
        id=call.id,
        line=call.line,
        number=None if closed else audience.shown.number(call.caller_number),
        closed=closed,
        outgoing=call.mode in OUTGOING,
        doing=doing,
        since=since,
        staff=staff,
    )


def _doing(one: ActiveCall) -> tuple[Doing, datetime, list[str]]:
    if one.talks:
        return "talking", one.talks[0].started_at, [talk.staff_number or "" for talk in one.talks]
    if one.rings:
        began = min(ring.ringing_at or ring.started_at for ring in one.rings)
        return "ringing", began, [ring.staff_number or ring.phone for ring in one.rings]
    return "waiting", one.call.started_at, []


BOARD = Board("calls", Right.DUTY, "live/calls.html", read)

"""Calls, the newest first: what is behind a number of the management sheet, each with its telephones and recordings."""

from datetime import date, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.calls import call_list
from models.calls.calls import CallRecord
from models.database.paging import Mark
from models.people.rights import Right
from models.quality import scorings
from models.tables import Call
from models.tickets import impartial
from models.time import calendar

router = APIRouter(prefix="/calls")
_A_PAGE = 50


@router.get("")
def listed(
    visitor: Annotated[Visitor, may(Right.QUALITY)],
    since: date | None = None,
    until: date | None = None,
    staff: str = "",
    behind: int = 0,
) -> Response:
    """Of these days (the last seven), with this person; `behind` is the call before the first one shown."""
    today = visitor.at.astimezone(visitor.zone).date()
    until = until or today
    since = since or until - timedelta(days=6)
    begins, ends = (calendar.moment(day, time(0), visitor.zone) for day in (since, until + timedelta(days=1)))

    def read(session: Session) -> dict[str, Any]:
        found = call_list.between(
            session, begins, ends, staff=staff or None, after=_mark(session, behind), limit=_A_PAGE
        )
        closed = impartial.closed_to(session, visitor.who)
        return {
            "records": [(one, closed.call(one.call)) for one in found],
            "scored": scorings.of_calls(session, [one.call.id for one in found], reader=visitor.who),
            "more": _more(found),
        }

    return page(visitor, "leader/calls.html", since=since, until=until, staff=staff, **visitor.read(read))


def _mark(session: Session, call_id: int) -> Mark | None:
    call = session.get(Call, call_id) if call_id else None
    return Mark(call.started_at, call.id) if call else None


def _more(found: list[CallRecord]) -> int | None:
    """The call behind which the next page begins."""
    return found[-1].call.id if len(found) == _A_PAGE else None

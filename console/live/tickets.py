"""A page of tickets says that it is no longer true: somebody works on a ticket that others look at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.live.boards import MASKED, Audience, Board
from console.pages.tickets.filters import Filters
from console.pages.visitor import Visitor
from console.pages.work import reading as work
from models.instance.instance import Instance
from models.people.rights import Right
from models.tables import TicketEvent
from models.tickets import changes, impartial, reach


class _Reader(NamedTuple):
    number: str
    department: str | None


def _audience(visitor: Visitor, argument: str) -> Audience:
    """`group` is the only department whose tickets the reader sees, if there is such."""
    return Audience(visitor.language, number=visitor.who, group=visitor.signed_in.department, argument=argument)


def _changed(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    """The argument is the ticket's number, a point, and the newest event that the page shows."""
    number, _, event = audience.argument.partition(".")
    nothing = {"number": number, "newest": None}
    if not (number.isdecimal() and event.isdecimal()):
        return nothing
    reader = _Reader(audience.number or "", audience.group)
    ticket = reach.find(session, int(number), reader)
    if ticket is None or impartial.hidden_from(ticket, reader.number):
        return nothing
    newest = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id.desc()).limit(1)
    found = session.scalars(newest).one_or_none()
    return {"number": number, "newest": found if found is not None and found.id > int(event[:18]) else None}


def _list_changed(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    """The argument is the newest event at the time of the list, a point, and the filters in its address."""
    event, _, address = audience.argument.partition(".")
    filters = Filters.of(dict(parse_qsl(address)))
    wanted = filters.query(department=audience.group, who=audience.number or "", at=at, zone=instance.site.time_zone)
    newest = int(event[:9]) if event.isdecimal() else changes.newest(session)
    return {"changes": changes.since(session, newest, wanted, shown=MASKED, reader=audience.number or "")}


def _worker(visitor: Visitor, argument: str) -> Audience:
    return Audience(visitor.language, number=visitor.who, group=visitor.signed_in.group, argument=argument)


def _other_work(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    """The argument is the `key` of the work that the page shows."""
    own, free = work.of(session, audience.number or "", audience.group or "")
    return {"changed": work.key(own, free) != audience.argument}


LIST = Board(
    "tickets",
    Right.TICKETS,
    "tickets/list_changed.html",
    _list_changed,
    _audience,
    every_s=60,
    stamps=(changes.stamps,),
    most_often_s=2.0,
)
CHANGED = Board("ticket", Right.TICKETS, "tickets/changed.html", _changed, _audience)
WORK = Board("work", Right.HANDLE, "work/changed.html", _other_work, _worker)

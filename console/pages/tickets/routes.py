"""The list of tickets, with its filters in the address, and one ticket with all that is known of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse

from console.pages.again import shown_again
from console.pages.fields import Line
from console.pages.rendering import page
from console.pages.tickets import reading
from console.pages.tickets.filters import Filters, ticket_number
from console.pages.tickets.forms import Number, moment
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.people import access_log
from models.people.rights import Right
from models.states.tickets import Source, TicketKind
from models.text.signs import written
from models.tickets import promises, reach, search, sheet, views
from models.tickets.search import TicketQuery

router = APIRouter(prefix="/tickets")
Reader = Annotated[Visitor, may(Right.TICKETS)]


@router.get("")
def listed(request: Request, visitor: Reader) -> Response:
    filters, person = Filters.of(request.query_params), visitor.signed_in
    sought: dict[str, str] = getattr(request.state, "sought", {})
    if filters.ticket is not None and visitor.read(reach.find, filters.ticket, person) is not None:
        return RedirectResponse(f"/tickets/{filters.ticket}", 303)
    shown = visitor.read(reading.rows, visitor, filters, sought)
    return page(visitor, "tickets/list.html", filters=filters, sought=sought, **shown)


def _person(
    visitor: Annotated[Visitor, may(Right.PERSONAL)], caller: Line = "", name: Line = "", reason: Line = ""
) -> dict[str, str]:
    given = {"caller": written(caller), "name": written(name)}
    sought, reason = {key: value for key, value in given.items() if value}, written(reason)
    if not sought or not reason:
        raise MoveRefused("give a number or a name, and say why you look for it", "请填写号码或姓名，并说明原因")
    subject = f"tickets: {search.described(TicketQuery(**sought))}: {reason}"  # type: ignore[arg-type]
    visitor.write(access_log.log, who=visitor.who, what="names and numbers shown", subject=subject, at=visitor.at)
    return sought


@router.post("/of-a-person")
async def of_a_person(request: Request, sought: Annotated[dict[str, str], Depends(_person)]) -> Response:
    """The newest tickets of a number or name, shown whole; it is logged, and stands in no address (R05-9, R08-9)."""
    return await shown_again(request, "/tickets", 200, reveal=True, sought=sought)


@router.post("/views")
def save_view(visitor: Reader, name: Line = "", filters: Annotated[str, Form(max_length=500)] = "") -> Response:
    kept = Filters.of(dict(parse_qsl(filters))).address()
    visitor.write(views.save, visitor.who, name, kept)
    return visitor.done(f"/tickets?{kept}", "视图已保存", "the view is saved")


@router.post("/views/{view}/forget")
def forget_view(visitor: Reader, view: Number) -> Response:
    visitor.write(views.forget, visitor.who, view)
    return visitor.done("/tickets", "视图已删除", "the view is deleted")


@router.get("/new")
def blank(visitor: Annotated[Visitor, may(Right.HANDLE)]) -> Response:
    kinds = [kind for kind in TicketKind if kind is not TicketKind.FAULT]
    sources = [source for source in Source if source not in (Source.SYSTEM, Source.TELEPHONE)]
    return page(visitor, "tickets/new.html", kinds=kinds, sources=[*sources, Source.TELEPHONE], **reading.choices())


@router.get("/{number}")
def one(visitor: Reader, number: Number) -> Response:
    return page(visitor, "tickets/one.html", **visitor.read(reading.whole, visitor, number))


@router.get("/{number}/promise")
def read_back(visitor: Annotated[Visitor, may(Right.HANDLE)], number: Number, due: str = "") -> Response:
    """The date in words, before it is saved."""
    try:
        due_at = moment(visitor, due)
    except MoveRefused as why:
        return refused(visitor, number, why)
    policy = visitor.instance.policy

    def read(session: Session) -> dict[str, Any]:
        ticket = reading.to_handle(session, visitor, number)
        promises.check_date(ticket, due_at, at=visitor.at, policy=policy)
        running = promises.open_of(session, ticket.id)
        return {
            "ticket": sheet.fields(session, ticket, visitor.shown, reader=visitor.who),
            "running": running.due_at if running else None,
        }

    try:
        shown = visitor.read(read)
    except MoveRefused as why:
        return refused(visitor, number, why)
    best = policy.promises.best_days
    longer = due_at - visitor.at > timedelta(days=best)
    return page(visitor, "tickets/promise.html", due=due, due_at=due_at, best=best, longer=longer, **shown)


@router.get("/{number}/merge")
def side_by_side(visitor: Annotated[Visitor, may(Right.HANDLE)], number: Number, into: str = "") -> Response:
    """Both tickets, before one is merged into the other for good."""
    wanted = ticket_number(into)

    def read(session: Session) -> list[dict[str, Any]]:
        ticket = reading.to_handle(session, visitor, number)
        goes_on = reach.find(session, wanted, visitor.signed_in) if wanted is not None else None
        both = [ticket, goes_on]
        return [sheet.fields(session, row, visitor.shown, reader=visitor.who) for row in both if row is not None]

    both = visitor.read(read)
    if len(both) < 2:
        return refused(visitor, number, MoveRefused(f"there is no ticket {into}", f"没有工单 {into}"))
    return page(visitor, "tickets/merge.html", ticket=both[0], into=both[1])


def refused(visitor: Visitor, number: int, why: MoveRefused) -> Response:
    """The ticket, with the reason; nothing was to be changed yet."""
    told = replace(visitor, refused=visitor.words(why.zh, why.en))
    return page(told, "tickets/one.html", status=409, **visitor.read(reading.whole, visitor, number))

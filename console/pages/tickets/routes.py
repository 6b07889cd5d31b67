"""The list of tickets, with its filters in the address, and one ticket."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.people.rights import Right
from models.tables import FIRST_NUMBER, Ticket
from models.tickets import search, sheet, tickets
from models.tickets.search import TicketQuery

router = APIRouter(prefix="/tickets")
_A_PAGE = 50


@router.get("")
def listed(visitor: Annotated[Visitor, may(Right.TICKETS)]) -> Response:
    def read(session: Session) -> list[dict[str, object]]:
        wanted = TicketQuery(open_only=True, department=visitor.signed_in.department)
        found = search.search(session, wanted, shown=visitor.shown, reader=visitor.who, limit=_A_PAGE).found
        return [sheet.fields(session, one, visitor.shown, reader=visitor.who) for one in found]

    return page(visitor, "tickets/list.html", rows=visitor.read(read))


@router.get("/{number}")
def one(visitor: Annotated[Visitor, may(Right.TICKETS)], number: int) -> Response:
    def read(session: Session) -> dict[str, object]:
        record = tickets.get(session, number - FIRST_NUMBER)
        if record is None:
            raise HTTPException(404)
        return sheet.whole(session, record, visitor.shown, reader=visitor.who)

    return page(visitor, "tickets/one.html", ticket=visitor.read(read))


@router.post("/{number}/notes")
def note(visitor: Annotated[Visitor, may(Right.HANDLE)], number: int, text: Annotated[str, Form()]) -> Response:
    def write(session: Session) -> None:
        if session.get(Ticket, number - FIRST_NUMBER) is None:
            raise HTTPException(404)
        tickets.note(session, number - FIRST_NUMBER, text, who=visitor.who, at=visitor.at)

    visitor.write(write)
    return visitor.done(f"/tickets/{number}", "已备注", "noted")

"""A day and a time agreed with the customer: read back before they are saved, moved, cancelled (R10-2, R10-3)."""

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from console.pages.fields import Line, Text
from console.pages.rendering import page
from console.pages.tickets import reading
from console.pages.tickets.acts import Handler, acted
from console.pages.tickets.forms import Number, moment
from console.pages.tickets.routes import refused
from models.errors import MoveRefused
from models.tables import Ticket
from models.tickets import appointments, sheet

router = APIRouter(prefix="/tickets/{number}/appointment")


@router.get("")
def read_back(visitor: Handler, number: Number, due: str = "") -> Response:
    """The day and the time in words, before they are saved."""

    def read(session: Session) -> dict[str, Any]:
        ticket = reading.to_handle(session, visitor, number)
        due_at = moment(visitor, due)
        appointments.check_time(ticket, due_at, at=visitor.at, policy=visitor.instance.policy)
        return {"ticket": sheet.fields(session, ticket, visitor.shown, reader=visitor.who), "due_at": due_at}

    try:
        shown = visitor.read(read)
    except MoveRefused as why:
        return refused(visitor, number, why)
    return page(visitor, "tickets/appointment.html", due=due, **shown)


@router.post("")
def make(visitor: Handler, number: Number, due: Line = "") -> Response:
    due_at, policy = moment(visitor, due), visitor.instance.policy

    def act(session: Session, ticket_id: int) -> Ticket:
        appointments.make(session, ticket_id, due_at=due_at, who=visitor.who, at=visitor.at, policy=policy)
        return session.get_one(Ticket, ticket_id, populate_existing=True)

    return acted(visitor, number, act, "预约已保存", "the appointment is saved")


@router.post("/move")
def move(visitor: Handler, number: Number, due: Line = "", reason: Text = "") -> Response:
    due_at, policy = moment(visitor, due), visitor.instance.policy

    def act(session: Session, ticket_id: int) -> Ticket:
        given = {"who": visitor.who, "at": visitor.at, "policy": policy, "reason": reason}
        appointments.move(session, ticket_id, due_at=due_at, **given)  # type: ignore[arg-type]
        return session.get_one(Ticket, ticket_id, populate_existing=True)

    return acted(visitor, number, act, "已改约", "the appointment is moved")


@router.post("/cancel")
def cancel(visitor: Handler, number: Number, reason: Text = "") -> Response:
    def act(session: Session, ticket_id: int) -> Ticket:
        given = {"who": visitor.who, "at": visitor.at, "zone": visitor.zone, "reason": reason}
        return appointments.cancel(session, ticket_id, **given)  # type: ignore[arg-type]

    return acted(visitor, number, act, "预约已取消", "the appointment is cancelled")

"""Staff handle a ticket through another program, by the same rules and with the same refusals as at the desk."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from sqlalchemy.orm import Session

from console.api.bearers import Asker, who_may
from console.api.forms import (
    Assignment,
    CancelledAppointment,
    Dispatch,
    Move,
    MovedAppointment,
    NewAppointment,
    NewPromise,
    Postponement,
)
from console.api.problems import documented, no_such_ticket
from console.api.shown import Ticket as ShownTicket
from console.api.tickets import Number
from models.states.people import May
from models.tables import FIRST_NUMBER, Ticket
from models.tickets import appointments, dispatch, intake, promises, reach, required, sheet, tickets
from models.tickets.intake import Facts

router = APIRouter(prefix="/tickets/{number}", tags=["handling"], responses=documented(404, 409, 413))

Worker = Annotated[Asker, who_may(May.HANDLE)]


@router.post("/moves", summary="Change the state 改状态")
def move(asker: Worker, number: Number, form: Move) -> ShownTicket:
    """A refusal lists the states that are possible next (R10-4)."""
    by: dict[str, Any] = {"who": asker.who, "at": asker.at, "policy": asker.instance.policy}

    def change(session: Session, ticket_id: int) -> None:
        if form.cause is not None:
            intake.fill_in(session, ticket_id, Facts(cause=form.cause), **by)
        tickets.move(session, ticket_id, to=form.to, text=form.text, told=form.told, **by)

    return _changed(asker, number, change)


@router.post("/dispatches", summary="Dispatch to a department 派单")
def send(asker: Worker, number: Number, form: Dispatch) -> ShownTicket:
    """To one of the site's departments, or to a person in it (R10-1, R17-2)."""
    return _changed(
        asker,
        number,
        lambda session, ticket_id: dispatch.dispatch(
            session,
            ticket_id,
            department=form.department,
            assignee=form.assignee,
            who=asker.who,
            at=asker.at,
            text=form.text,
        ),
    )


@router.post("/assignments", summary="Assign to a person 指派")
def assign(asker: Worker, number: Number, form: Assignment) -> ShownTicket:
    """And so to that person's department; never to the person a complaint is about (R15-6)."""
    return _changed(
        asker,
        number,
        lambda session, ticket_id: dispatch.assign(
            session, ticket_id, staff_number=form.staff, who=asker.who, at=asker.at, text=form.text
        ),
    )


@router.post("/promises", summary="Promise a date 承诺时限")
def promise(asker: Worker, number: Number, form: NewPromise) -> ShownTicket:
    """Records the date given to the customer, at most a week ahead (R15-2, R11-2)."""
    due_at = _local(asker, form.due_at)
    return _changed(
        asker,
        number,
        lambda session, ticket_id: promises.make(
            session, ticket_id, due_at=due_at, who=asker.who, at=asker.at, policy=asker.instance.policy
        ),
    )


@router.post("/postponements", summary="Postpone a promise, once 延期一次")
def postpone(asker: Worker, number: Number, form: Postponement) -> ShownTicket:
    """Once, with a reason, before the date has passed, after the customer was informed (R15-3)."""
    due_at = _local(asker, form.due_at)
    return _changed(
        asker,
        number,
        lambda session, ticket_id: promises.postpone(
            session,
            ticket_id,
            due_at=due_at,
            reason=form.reason,
            told=form.told,
            who=asker.who,
            at=asker.at,
            policy=asker.instance.policy,
        ),
    )


@router.post("/appointments", summary="Make an appointment 预约上门")
def appoint(asker: Worker, number: Number, form: NewAppointment) -> ShownTicket:
    """When somebody is to be on site, as agreed with the customer (R10-2); a ticket has one at a time."""
    return _changed(
        asker,
        number,
        lambda session, ticket_id: appointments.make(
            session,
            ticket_id,
            due_at=_local(asker, form.due_at),
            who=asker.who,
            at=asker.at,
            policy=asker.instance.policy,
        ),
    )


@router.post("/appointment-moves", summary="Move the appointment 改约")
def move_appointment(asker: Worker, number: Number, form: MovedAppointment) -> ShownTicket:
    """To another time agreed with the customer (R10-2)."""
    return _changed(
        asker,
        number,
        lambda session, ticket_id: appointments.move(
            session,
            ticket_id,
            due_at=_local(asker, form.due_at),
            reason=form.reason,
            who=asker.who,
            at=asker.at,
            policy=asker.instance.policy,
        ),
    )


@router.post("/appointment-cancellations", summary="Cancel the appointment 取消预约")
def cancel_appointment(asker: Worker, number: Number, form: CancelledAppointment) -> ShownTicket:
    """Nobody is to come any more."""
    zone = asker.instance.site.time_zone
    return _changed(
        asker,
        number,
        lambda session, ticket_id: appointments.cancel(
            session, ticket_id, who=asker.who, at=asker.at, zone=zone, reason=form.reason
        ),
    )


def _local(asker: Asker, due_at: datetime) -> datetime:
    return due_at.astimezone(asker.instance.site.time_zone)


def _changed(asker: Asker, number: int, change: Callable[[Session, int], object]) -> ShownTicket:
    """The ticket after the change; the application answers MoveRefused."""
    asker.log(f"ticket {number}")

    def write(session: Session) -> ShownTicket:
        ticket_id = number - FIRST_NUMBER
        if reach.find(session, number, asker) is None:
            raise no_such_ticket(number)
        change(session, ticket_id)
        ticket = session.get_one(Ticket, ticket_id, populate_existing=True)
        row = sheet.fields(session, ticket, asker.shown, reader=asker.reader)
        return ShownTicket.model_validate(row | {"missing": required.missing(session, ticket)})

    return asker.instance.store.write(write)

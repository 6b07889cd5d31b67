"""What staff do with a ticket, by the functions that the command line calls."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.pages.fields import Line, StaffNumber, Text, Ticked
from console.pages.tickets.forms import Number, moment, not_there
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.people.rights import Right
from models.states.tickets import Cause, Reporter, Severity, Source, TicketKind, TicketState
from models.tables import FIRST_NUMBER, Ticket
from models.text.numbers import extension
from models.tickets import dispatch as dispatching
from models.tickets import first_receiver, intake, promises, reach, tickets
from models.tickets.intake import Facts

router = APIRouter(prefix="/tickets")
Handler = Annotated[Visitor, may(Right.HANDLE)]
Change = Callable[[Session, int], Ticket]


def change(visitor: Visitor, number: int, act: Change) -> int:
    """Changes a ticket that the visitor may see; returns the number of the ticket that goes on. Raises MoveRefused."""

    def write(session: Session) -> int:
        if reach.find(session, number, visitor.signed_in) is None:
            raise not_there()
        return act(session, number - FIRST_NUMBER).number

    return visitor.write(write)


def acted(visitor: Visitor, number: int, act: Change, zh: str, en: str) -> Response:
    return visitor.done(f"/tickets/{change(visitor, number, act)}", zh, en)


@router.post("")
def new(
    visitor: Handler,
    kind: Annotated[TicketKind, Form()],
    source: Annotated[Source, Form()],
    problem: Text = "",
    need: Text = "",
    contact_name: Line = "",
    contact_number: Line = "",
    building: Line = "",
    room: Line = "",
    reporter: Annotated[str, Form()] = "",
    severity: Annotated[Severity, Form()] = Severity.ORDINARY,
    about_staff: StaffNumber = "",
) -> Response:
    facts = _facts(problem, need, contact_name, contact_number, building, room, reporter, severity)
    given = {"kind": kind, "source": source, "facts": facts, "about_staff": about_staff or None}
    rules = {"policy": visitor.instance.policy, "language": visitor.instance.site.language}

    def write(session: Session) -> Ticket:
        return intake.new(session, **given, **rules, who=visitor.who, at=visitor.at)  # type: ignore[arg-type]

    ticket = visitor.write(write)
    zh, en = f"已建工单 {ticket.number}", f"ticket {ticket.number} is opened"
    if ticket.kind is not kind:
        zh, en = f"{zh}，因涉及员工已改为投诉（R15-6）", f"{en}, as a complaint, for it is about one of us (R15-6)"
    return visitor.done(f"/tickets/{ticket.number}", zh, en)


@router.post("/{number}/move")
def move(
    visitor: Handler,
    number: Number,
    to: Annotated[TicketState, Form()],
    text: Text = "",
    told: Ticked = "",
    cause: Annotated[str, Form()] = "",
) -> Response:
    def act(session: Session, ticket_id: int) -> Ticket:
        given = {"who": visitor.who, "at": visitor.at, "policy": visitor.instance.policy}
        if cause in set(Cause):
            intake.fill_in(session, ticket_id, Facts(cause=Cause(cause)), **given)  # type: ignore[arg-type]
        return tickets.move(session, ticket_id, to=to, text=text, told=bool(told), **given)  # type: ignore[arg-type]

    return acted(visitor, number, act, "状态已更新", "the state is changed")


@router.post("/{number}/dispatch")
def dispatch(visitor: Handler, number: Number, to: Line = "", text: Text = "") -> Response:
    """`to`: a department, or the number of one of its staff."""

    def act(session: Session, ticket_id: int) -> Ticket:
        given = {"who": visitor.who, "at": visitor.at, "text": text}
        if extension(to).isdecimal():
            return dispatching.assign(session, ticket_id, staff_number=to, **given).ticket  # type: ignore[arg-type]
        return dispatching.dispatch(session, ticket_id, department=to, **given).ticket  # type: ignore[arg-type]

    return acted(visitor, number, act, "已派单", "dispatched")


@router.post("/{number}/receive")
def receive(visitor: Handler, number: Number) -> Response:
    def act(session: Session, ticket_id: int) -> Ticket:
        return first_receiver.take(session, ticket_id, visitor.who, at=visitor.at)

    return acted(visitor, number, act, "您是首问责任人", "you are the first receiver")


@router.post("/{number}/notes")
def note(visitor: Handler, number: Number, text: Text = "", told: Ticked = "") -> Response:
    def act(session: Session, ticket_id: int) -> Ticket:
        write = intake.tell if told else tickets.note
        return write(session, ticket_id, text, who=visitor.who, at=visitor.at)

    return acted(visitor, number, act, "已记录", "noted")


@router.post("/{number}/promise")
def promise(visitor: Handler, number: Number, due: Line = "") -> Response:
    due_at, policy = moment(visitor, due), visitor.instance.policy

    def act(session: Session, ticket_id: int) -> Ticket:
        promises.make(session, ticket_id, due_at=due_at, who=visitor.who, at=visitor.at, policy=policy)
        return session.get_one(Ticket, ticket_id, populate_existing=True)

    return acted(visitor, number, act, "承诺已保存", "the promise is saved")


@router.post("/{number}/postpone")
def postpone(visitor: Handler, number: Number, due: Line = "", reason: Text = "", told: Ticked = "") -> Response:
    due_at, policy = moment(visitor, due), visitor.instance.policy

    def act(session: Session, ticket_id: int) -> Ticket:
        given = {"reason": reason, "told": bool(told), "who": visitor.who, "at": visitor.at, "policy": policy}
        promises.postpone(session, ticket_id, due_at=due_at, **given)  # type: ignore[arg-type]
        return session.get_one(Ticket, ticket_id, populate_existing=True)

    return acted(visitor, number, act, "已延期", "postponed")


@router.post("/{number}/refer")
def refer(visitor: Handler, number: Number, to: Line = "", reference: Line = "", text: Text = "") -> Response:
    def act(session: Session, ticket_id: int) -> Ticket:
        given = {"who": visitor.who, "at": visitor.at, "text": text}
        return dispatching.refer(session, ticket_id, to=to, reference=reference, **given)  # type: ignore[arg-type]

    return acted(visitor, number, act, "已转外部单位", "referred")


@router.post("/{number}/merge")
def merge(visitor: Handler, number: Number, into: Annotated[int, Form()], text: Text = "") -> Response:
    def act(session: Session, ticket_id: int) -> Ticket:
        if reach.find(session, into, visitor.signed_in) is None:
            raise MoveRefused(f"there is no ticket {into}", f"没有工单 {into}")
        given = {"who": visitor.who, "at": visitor.at, "text": text}
        return dispatching.merge(session, ticket_id, into=into - FIRST_NUMBER, **given)  # type: ignore[arg-type]

    return acted(visitor, number, act, f"工单 {number} 已并入此工单", f"ticket {number} is merged into this one")


@router.post("/{number}/about")
def about(visitor: Handler, number: Number, staff: StaffNumber = "") -> Response:
    """The ticket becomes a complaint, if it was none."""

    def act(session: Session, ticket_id: int) -> Ticket:
        return tickets.about(session, ticket_id, staff, who=visitor.who, at=visitor.at, policy=visitor.instance.policy)

    return acted(
        visitor, number, act, "被投诉人已登记，此单为投诉", "the person complained of is entered: it is a complaint"
    )


@router.post("/{number}/classify")
def classify(
    visitor: Handler, number: Number, kind: Annotated[TicketKind, Form()], severity: Annotated[Severity, Form()]
) -> Response:
    def act(session: Session, ticket_id: int) -> Ticket:
        given = {"who": visitor.who, "at": visitor.at, "policy": visitor.instance.policy}
        return tickets.classify(session, ticket_id, kind, severity=severity, **given)  # type: ignore[arg-type]

    return acted(visitor, number, act, "已归类，时限随之更新", "classified; the deadlines follow")


@router.post("/{number}/facts")
def fill_in(
    visitor: Handler,
    number: Number,
    problem: Text = "",
    need: Text = "",
    contact_name: Line = "",
    contact_number: Line = "",
    building: Line = "",
    room: Line = "",
    reporter: Annotated[str, Form()] = "",
    cause: Annotated[str, Form()] = "",
) -> Response:
    facts = _facts(problem, need, contact_name, contact_number, building, room, reporter, None)
    if cause in set(Cause):
        facts = replace(facts, cause=Cause(cause))
    if facts == Facts():
        raise MoveRefused("fill in what has become known", "请填写要补录的内容")

    def act(session: Session, ticket_id: int) -> Ticket:
        return intake.fill_in(session, ticket_id, facts, who=visitor.who, at=visitor.at, policy=visitor.instance.policy)

    return acted(visitor, number, act, "已补录", "filled in")


def _facts(
    problem: str,
    need: str,
    contact_name: str,
    contact_number: str,
    building: str,
    room: str,
    reporter: str,
    severity: Severity | None,
) -> Facts:
    """What is empty is not known."""
    return Facts(
        problem=problem or None,
        need=need or None,
        contact_name=contact_name or None,
        contact_number=contact_number or None,
        building=building or None,
        room=room or None,
        reporter=Reporter(reporter) if reporter in set(Reporter) else None,
        severity=severity,
    )

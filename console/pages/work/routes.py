"""What somebody on the way has to do: the own tickets as cards, then those of the department that nobody has taken."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.pages.fields import Text, Ticked
from console.pages.rendering import page
from console.pages.tickets.acts import change
from console.pages.tickets.forms import Number
from console.pages.visitor import Visitor, may
from console.pages.work import reading
from models.people.rights import Right
from models.states.tickets import TICKET_MOVES, TicketState
from models.tables import Ticket
from models.tickets import notices, sheet, tickets

router = APIRouter(prefix="/my-work")
Worker = Annotated[Visitor, may(Right.HANDLE)]
STEPS = (TicketState.ACCEPTED, TicketState.ON_SITE, TicketState.WAITING, TicketState.DONE)
"""The big buttons, in the order of the work."""


@router.get("")
def mine(visitor: Worker) -> Response:
    return page(visitor, "work/mine.html", **visitor.read(cards, visitor))


@router.post("/{number}")
def step(
    visitor: Worker, number: Number, to: Annotated[TicketState, Form()], text: Text = "", told: Ticked = ""
) -> Response:
    """As the step on the ticket's own page, and back to the work."""

    def act(session: Session, ticket_id: int) -> Ticket:
        given = {"who": visitor.who, "at": visitor.at, "policy": visitor.instance.policy}
        return tickets.move(session, ticket_id, to=to, text=text, told=bool(told), **given)  # type: ignore[arg-type]

    change(visitor, number, act)
    return visitor.done("/my-work", f"工单 {number} 已更新", f"ticket {number} is changed")


@router.post("/{number}/notes")
def note(visitor: Worker, number: Number, text: Text = "") -> Response:
    def act(session: Session, ticket_id: int) -> Ticket:
        return tickets.note(session, ticket_id, text, who=visitor.who, at=visitor.at)

    change(visitor, number, act)
    return visitor.done("/my-work", f"工单 {number} 已备注", f"ticket {number} is noted")


def cards(session: Session, visitor: Visitor) -> dict[str, Any]:
    """The own tickets, those that may be taken, and how many wait for their customer's word."""
    own, free = reading.of(session, visitor.who, visitor.signed_in.group)
    done = [ticket for ticket in own if ticket.state is TicketState.DONE]
    return {
        "own": [_card(session, visitor, ticket) for ticket in own if ticket not in done],
        "free": [_card(session, visitor, ticket) for ticket in free],
        "done": len(done),
        "key": reading.key(own, free),
    }


def _card(session: Session, visitor: Visitor, ticket: Ticket) -> dict[str, Any]:
    steps = [state.value for state in STEPS if state in TICKET_MOVES[ticket.state]]
    called = notices.last_call(session, ticket.id)
    return sheet.fields(session, ticket, visitor.shown, reader=visitor.who) | {"steps": steps, "called": called}

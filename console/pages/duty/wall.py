"""The live wall, also large on a television; from each number to what is behind it."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from console.live import wall
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.people.rights import Right
from models.tickets import escalation_answers

router = APIRouter(prefix=wall.PAGE)
Duty = Annotated[Visitor, may(Right.DUTY)]


@router.get("")
def now(visitor: Duty, tv: bool = False) -> Response:
    def read(session: Session) -> dict[str, Any]:
        return dict(wall.read(session, wall.of_reader(visitor, ""), visitor.at, visitor.instance))

    return page(visitor, "duty/wall.html", tv=tv, **visitor.read(read))


@router.post("/escalations/{escalation}/take")
def take(visitor: Duty, escalation: int) -> Response:
    """ "I take it", as key 1 in the call: the ticket is this person's, and nobody else is called (R09-3)."""
    ticket = visitor.write(escalation_answers.take, escalation, who=visitor.who, at=visitor.at)
    return visitor.done(
        f"/tickets/{ticket.number}", f"工单 {ticket.number} 由您负责", f"ticket {ticket.number} is yours"
    )

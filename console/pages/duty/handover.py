"""The handover: what the leaving shift leaves open, its note, and the running duty log (R09-6, R14-2)."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.people.rights import Right
from models.roster import duty_log, handovers
from models.tickets import impartial

router = APIRouter(prefix="/handover")
_MOST = 50
_LOG = timedelta(days=2)
Staff = Annotated[Visitor, may(Right.CALLS)]


@router.get("")
def shown(visitor: Staff) -> Response:
    def read(session: Session) -> dict[str, Any]:
        mine = handovers.for_whom(session, visitor.who, at=visitor.at)
        return {
            "mine": [(one, handovers.contents(session, one)) for one in mine],
            "newest": handovers.newest(session, limit=10),
            "log": duty_log.since(session, visitor.at - _LOG, limit=_MOST),
        }

    may_have = impartial.may_have
    return page(visitor, "duty/handover.html", may_have=may_have, longest=duty_log.LONGEST, **visitor.read(read))


@router.post("/give")
def give(visitor: Staff, note: Annotated[str, Form()] = "") -> Response:
    """As the leaving shift: a note for the next one."""
    visitor.write(handovers.give, visitor.who, note.strip(), at=visitor.at)
    return visitor.done("/handover", "已交班", "given to the next shift")


@router.post("/{handover}/take")
def take(visitor: Staff, handover: int) -> Response:
    """As *30 at the telephone."""
    try:
        moved = visitor.write(handovers.take, handover, visitor.who, at=visitor.at)
    except LookupError:
        raise MoveRefused(f"there is no handover {handover}", f"没有交接 {handover}") from None
    zh, en = f"已接班，接收工单 {len(moved)} 个", f"taken over: {len(moved)} tickets are yours to follow"
    return visitor.done("/handover", zh, en)


@router.post("/log")
def write(visitor: Annotated[Visitor, may(Right.DUTY)], note: Annotated[str, Form()] = "") -> Response:
    visitor.write(duty_log.write, note, who=visitor.who, at=visitor.at)
    return visitor.done("/handover", "已记入值班日志", "written into the duty log")

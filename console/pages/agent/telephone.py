"""What is clicked at the telephone's part of the agent's page: to call, to transfer, to hold, to take back.

The answer is an empty one, at which a browser stays on its page: what somebody types there about the call must not be
lost. How far the click is, and why one is refused, stands in its row, which the page follows.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from console.live.agent import PAGE
from console.pages.visitor import Visitor, may
from models.calls import clicks
from models.calls.clicks import ClickKind
from models.people.rights import Right

router = APIRouter(prefix=PAGE)
Staff = Annotated[Visitor, may(Right.CALLS)]
Number = Annotated[str, Form(max_length=80)]
CallId = Annotated[int, Form(alias="call")]


@router.post("/call")
def call(visitor: Staff, target: Number) -> Response:
    """My telephone rings, then that one."""
    return _clicked(visitor, ClickKind.CALL, target=target)


@router.post("/call-back")
def call_back(visitor: Staff, task: Annotated[int, Form()]) -> Response:
    """As `hotline call-back`, with me as the one who talks."""
    return _clicked(visitor, ClickKind.CALL_BACK, task_id=task)


@router.post("/transfer")
def transfer(visitor: Staff, call: CallId, target: Number, with_reason: Annotated[bool, Form()] = False) -> Response:
    """As *2 and the number."""
    return _clicked(visitor, ClickKind.TRANSFER, call_id=call, target=target, with_reason=with_reason)


@router.post("/hold")
def hold(visitor: Staff, call: CallId) -> Response:
    return _clicked(visitor, ClickKind.HOLD, call_id=call)


@router.post("/take-back")
def take_back(visitor: Staff, call: CallId) -> Response:
    return _clicked(visitor, ClickKind.TAKE_BACK, call_id=call)


def _clicked(visitor: Visitor, kind: ClickKind, **about: Any) -> Response:
    rules: Any = {"site": visitor.instance.site, "policy": visitor.instance.policy, "at": visitor.at}
    visitor.write(clicks.ask, visitor.who, kind, **about, **rules)
    return visitor.stays()

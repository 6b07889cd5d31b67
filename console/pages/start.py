"""The first page of each visitor: the one that answers what his or her post asks."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from console.pages.again import PAGE, is_ours, shown_again, typed_in
from console.pages.navigation import home_of
from console.pages.visitor import Visitor, anybody, may
from models.errors import MoveRefused
from models.people import access_log
from models.people.rights import Right
from models.text.signs import written

router = APIRouter()
_LONGEST_REASON = 200


@router.get("/")
def first(visitor: Annotated[Visitor, anybody()]) -> Response:
    return RedirectResponse(home_of(visitor.signed_in), 303)


@router.post("/show")
async def show(request: Request, visitor: Annotated[Visitor, may(Right.PERSONAL)]) -> Response:
    """Shows a page once with whole names and numbers; who, which and why is logged before it is sent (R05-9, R08-9)."""
    typed = await typed_in(request)
    path, reason = typed.get(PAGE, ""), written(typed.get("reason", ""), _LONGEST_REASON)
    if not reason:
        raise MoveRefused("say why you need to see them", "请说明查看原因")
    if not is_ours(path):
        raise HTTPException(404)
    answer = await shown_again(request, path, 200, reveal=True)
    if not answer.headers.get("content-type", "").startswith("text/html"):
        raise HTTPException(404)
    if answer.status_code == 200:
        await run_in_threadpool(
            visitor.write,
            access_log.log,
            who=visitor.who,
            what="names and numbers shown",
            subject=f"{path}: {reason}",
            at=visitor.at,
        )
    return answer

"""The first page of each visitor: the one that answers what his or her post asks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.responses import RedirectResponse

from console.pages.navigation import home_of
from console.pages.refusals import shown_again
from console.pages.visitor import Visitor, anybody, may
from models.errors import MoveRefused
from models.people import access_log
from models.people.rights import Right

router = APIRouter()


@router.get("/")
def first(visitor: Annotated[Visitor, anybody()]) -> Response:
    return RedirectResponse(home_of(visitor.signed_in), 303)


def _logged(
    visitor: Annotated[Visitor, may(Right.PERSONAL)],
    reason: Annotated[str, Form()] = "",
    path: Annotated[str, Form(alias="page")] = "/",
) -> str:
    if not reason.strip():
        raise MoveRefused("say why you need to see them", "请说明查看原因")
    subject = f"{path}: {reason.strip()}"
    visitor.write(access_log.log, who=visitor.who, what="names and numbers shown", subject=subject, at=visitor.at)
    return path


@router.post("/show")
async def show(request: Request, path: Annotated[str, Depends(_logged)]) -> Response:
    """Shows a page once with whole names and numbers; who, which and why is logged first (R05-9, R08-9)."""
    return await shown_again(request, path, 200, reveal=True)

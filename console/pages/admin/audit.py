"""The access log, whether it is whole, and who is kept out for guessing passwords."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.instance import heads
from models.people import access_log, bans
from models.people.access_log import Break, Head
from models.people.rights import Right

router = APIRouter(prefix="/admin/log")
_AT_MOST = 200

Admin = Annotated[Visitor, may(Right.ADMINISTER)]


@router.get("")
def log(visitor: Admin, verify: bool = False) -> Response:
    def checked(session: Session) -> tuple[list[Break], Head]:
        return access_log.breaks(session, heads.noted(visitor.instance.home)), access_log.head(session)

    return page(
        visitor,
        "admin/log.html",
        entries=visitor.read(access_log.newest, limit=_AT_MOST),
        verified=visitor.read(checked) if verify else None,
        bans=visitor.read(bans.active, at=visitor.at),
    )


@router.post("/bans/lift")
def lift(visitor: Admin, address: Annotated[str, Form()]) -> Response:
    if not visitor.write(bans.lift, address, by=visitor.who, at=visitor.at):
        raise MoveRefused(f"{address} is not banned", f"{address} 未被封禁")
    return visitor.done("/admin/log", f"{address} 已解除封禁", f"{address} is no longer banned")

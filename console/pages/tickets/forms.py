"""What addresses and forms of tickets hold."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException

from console.pages.visitor import Visitor
from models.errors import MoveRefused

Number = Annotated[int, Path(ge=1, le=999_999_999)]


def moment(visitor: Visitor, text: str) -> datetime:
    """What a browser's field for date and time holds, by the site's clock. Raises MoveRefused."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=visitor.zone)
    except ValueError:
        raise MoveRefused("choose a day and a time", "请选择日期和时间") from None


def not_there() -> HTTPException:
    return HTTPException(404)

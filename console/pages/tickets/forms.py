"""What people type on the pages of tickets, without signs that nobody sees."""

from datetime import datetime
from typing import Annotated

from fastapi import Form, Path
from pydantic import AfterValidator
from starlette.exceptions import HTTPException

from console.pages.visitor import Visitor
from models.errors import MoveRefused
from models.text.signs import checked

Number = Annotated[int, Path(ge=1, le=999_999_999)]
Text = Annotated[str, Form(max_length=4000), AfterValidator(checked)]
Line = Annotated[str, Form(max_length=200), AfterValidator(checked)]
Ticked = Annotated[str, Form(max_length=5)]
"""A box: empty unless it is ticked."""


def moment(visitor: Visitor, text: str) -> datetime:
    """What a browser's field for date and time holds, by the site's clock. Raises MoveRefused."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=visitor.zone)
    except ValueError:
        raise MoveRefused("choose a day and a time", "请选择日期和时间") from None


def not_there() -> HTTPException:
    return HTTPException(404)

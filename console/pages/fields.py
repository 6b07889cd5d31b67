"""The kinds of fields of our forms, as a route reads them."""

from typing import Annotated

from fastapi import Form, Request
from pydantic import AfterValidator
from starlette.datastructures import UploadFile

from models.text.numbers import extension
from models.text.signs import checked

Text = Annotated[str, Form()]
"""Several lines; how many are kept is the rule of whom it is given to."""
Line = Annotated[str, Form(max_length=200)]
Ticked = Annotated[str, Form(max_length=5)]
"""A box: empty unless it is ticked."""
StaffNumber = Annotated[str, Form(max_length=40), AfterValidator(extension)]
"""Of one of ours, however it is typed: "７００１", "70 01"."""


async def hold_no_controls(request: Request) -> None:
    """Of every form, whichever route it is for. Raises SignRefused."""
    if request.method != "POST":
        return
    for _, value in (await request.form()).multi_items():
        if not isinstance(value, UploadFile):
            checked(value)

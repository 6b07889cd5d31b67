"""Photos of tickets: kept with a note, and shown to those who may see the ticket."""

import re
from typing import Annotated

from fastapi import APIRouter, File, Response, UploadFile
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from console.pages.fields import Line
from console.pages.tickets.forms import Number, not_there
from console.pages.visitor import Visitor, may
from models.people.rights import Right
from models.tables import FIRST_NUMBER, Photo, Ticket
from models.tickets import impartial, photos, reach

router = APIRouter()
UPLOAD = re.compile(r"/tickets/\d+/photos")
"""The paths at which a request may be as long as a photo."""


@router.post("/tickets/{number}/photos")
def add(
    visitor: Annotated[Visitor, may(Right.HANDLE)],
    number: Number,
    photo: Annotated[UploadFile, File()],
    text: Line = "",
    then: Line = "",
) -> Response:
    """`then`: the page to go on with."""
    instance, person = visitor.instance, visitor.signed_in
    if visitor.read(reach.find, number, person) is None:
        raise not_there()
    content = photo.file.read(instance.policy.console.photo_bytes + 1)
    given = {"who": visitor.who, "at": visitor.at, "policy": instance.policy}
    kept = photos.add(instance.store, instance.home, number - FIRST_NUMBER, content, text, **given)  # type: ignore[arg-type]
    path = "/my-work" if then == "/my-work" else f"/tickets/{FIRST_NUMBER + kept}"
    return visitor.done(path, "照片已保存", "the photo is kept")


@router.get("/photos/{photo}")
def show(visitor: Annotated[Visitor, may(Right.TICKETS)], photo: Number) -> Response:
    def read(session: Session) -> Photo:
        row = session.get(Photo, photo)
        ticket = session.get_one(Ticket, row.ticket_id) if row is not None else None
        if row is None or ticket is None or not reach.sees(ticket, visitor.signed_in):
            raise not_there()
        if impartial.hidden_from(ticket, visitor.who):
            raise not_there()
        return row

    row = visitor.read(read)
    file = visitor.instance.home.photos / row.path
    if not file.is_file():
        raise HTTPException(404)
    headers = {
        "content-disposition": f'inline; filename="{row.id}.{row.kind}"',
        "cache-control": "private, max-age=3600",
    }
    return FileResponse(file, media_type=photos.MEDIA[row.kind], headers=headers)

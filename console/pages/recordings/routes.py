"""A recording is as closed as its ticket; who listens is logged first, each time anew (R05-9, R15-6)."""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi import Path as InPath
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from console.pages.visitor import Visitor, may
from models.calls import recordings
from models.people.rights import Right
from models.tables import Recording, Ticket
from models.tickets import impartial, reach
from recordings import audio, files

router = APIRouter(prefix="/recordings")
Listener = Annotated[Visitor, may(Right.TICKETS)]
Id = Annotated[int, InPath(ge=1, le=2**31 - 1)]
PARTS = 120
"""Bars of a drawing."""
_HEIGHT = 32
_MEDIA = {".wav": "audio/wav", ".opus": "audio/ogg", ".mp3": "audio/mpeg"}
_SAME_BEGINNING, _SAME_LISTENING = timedelta(seconds=30), timedelta(minutes=30)
"""A browser asks for a sound in parts: further parts within this time belong to one listening."""


@router.get("/{recording}/sound")
def sound(visitor: Listener, recording: Id, range: Annotated[str, Header()] = "") -> Response:
    """The sound, whole or the parts that are asked for (RFC 9110, 14)."""
    file = visitor.read(_file, visitor, recording)
    part = _SAME_BEGINNING if range in ("", "bytes=0-") else _SAME_LISTENING
    visitor.write(recordings.listened, recording, who=visitor.who, since=visitor.at - part, at=visitor.at)
    return FileResponse(file, media_type=_MEDIA[file.suffix])


@router.get("/{recording}/drawing.svg")
def drawing(visitor: Listener, recording: Id) -> Response:
    """How loud it is over its length: where somebody speaks, and where nobody does."""
    file = visitor.read(_file, visitor, recording)
    return Response(_bars(file, file.stat().st_mtime_ns), media_type="image/svg+xml")


def _file(session: Session, visitor: Visitor, recording_id: int) -> Path:
    """Its file, if this visitor may hear it: on a ticket that he or she sees, or by the right to judge quality."""
    row = session.get(Recording, recording_id)
    if row is None or not _may_hear(session, visitor, row):
        raise HTTPException(404)
    file = files.of(visitor.instance.home, row)
    if file.suffix not in _MEDIA or not file.is_file():
        raise HTTPException(404)
    return file


def _may_hear(session: Session, visitor: Visitor, row: Recording) -> bool:
    if impartial.closed_to(session, visitor.who).recording(session, row):
        return False
    ticket = session.get(Ticket, row.ticket_id) if row.ticket_id is not None else None
    on_ticket = ticket is not None and reach.sees(ticket, visitor.signed_in)
    return on_ticket or Right.QUALITY in visitor.rights


@lru_cache(maxsize=256)
def _bars(file: Path, _changed: int) -> str:
    """An SVG with a bar for each part; of a file that cannot be read, a flat line."""
    try:
        peaks = audio.peaks(file, PARTS)
    except audio.Unreadable:
        peaks = [0.0] * PARTS
    top = max(peaks) or 1.0
    bars = []
    for place, peak in enumerate(peaks):
        height = max(1.0, peak / top * _HEIGHT)
        y = (_HEIGHT - height) / 2
        bars.append(f'<rect x="{place * 4}" y="{y:.1f}" width="3" height="{height:.1f}" rx="1"/>')
    size = f'viewBox="0 0 {PARTS * 4} {_HEIGHT}" preserveAspectRatio="none"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} fill="#4299e1">{"".join(bars)}</svg>'

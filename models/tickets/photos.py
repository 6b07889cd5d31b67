"""A photo of a ticket is a file that holds its picture alone, and it is as closed as its ticket."""

import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database.store import Store
from models.instance.home import Home
from models.policy import Policy
from models.states.tickets import PhotoKind
from models.tables import Photo
from models.text.signs import written
from models.tickets import pictures, tickets
from models.tickets.pictures import PhotoRefused

MEDIA = {PhotoKind.JPEG: "image/jpeg", PhotoKind.PNG: "image/png", PhotoKind.WEBP: "image/webp"}
NOTE = "photo"
"""The first word of the note that stands on the ticket; the photo's id follows."""


def add(
    store: Store, home: Home, ticket_id: int, content: bytes, text: str, *, who: str, at: datetime, policy: Policy
) -> int:
    """Keeps the photo, with a note on the ticket; of a merged ticket on the one that goes on, whose id is returned.

    The file is on disk before its row is written. Raises PhotoRefused, NotImpartial, LookupError, OSError.
    """
    kind, content = _picture(content, policy)
    path = f"{at:%Y/%m}/{secrets.token_hex(16)}.{kind}"
    file = home.photos / path
    _write(file, content)

    def write(session: Session) -> int:
        photo = Photo(ticket_id=ticket_id, taken_by=who, at=at, kind=kind, path=path, size=len(content))
        if _count(session, ticket_id) >= policy.console.photos_of_ticket:
            most = policy.console.photos_of_ticket
            raise PhotoRefused(f"a ticket has at most {most} photos", f"每张工单最多 {most} 张照片")
        session.add(photo)
        session.flush()
        noted = tickets.note(session, ticket_id, f"{NOTE}: {photo.id}\n{written(text)}".strip(), who=who, at=at)
        photo.ticket_id = noted.id
        return noted.id

    try:
        return store.write(write)
    except BaseException:
        with suppress(OSError):
            file.unlink()
        raise


def of_ticket(session: Session, ticket_id: int) -> list[Photo]:
    return list(session.scalars(select(Photo).where(Photo.ticket_id == ticket_id).order_by(Photo.id)))


def _count(session: Session, ticket_id: int) -> int:
    return session.scalar(select(func.count()).where(Photo.ticket_id == ticket_id)) or 0


def _picture(content: bytes, policy: Policy) -> tuple[PhotoKind, bytes]:
    """Raises PhotoRefused."""
    if not content:
        raise PhotoRefused("choose a photo first", "请先选择照片")
    if len(content) > policy.console.photo_bytes:
        most = policy.console.photo_mb
        raise PhotoRefused(f"a photo has at most {most} MB", f"照片不超过 {most} MB")
    return pictures.rewritten(content, megapixels=policy.console.photo_megapixels)


def _write(file: Path, content: bytes) -> None:
    """Complete and on disk, or not there."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_name(f".{file.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(file)

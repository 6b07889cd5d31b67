"""A note on the spool is one call that could not be written into the store; it is filed later, once.

The dialplan writes UNIQUEID.txt (lines of key=value), the fallback UNIQUEID.json (all that it knows). Both name the
sound UNIQUEID.wav if the caller said something.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ValidationError

from models.instance.home import Home
from models.states.calls import EndedBy, Ring
from models.states.tickets import TicketKind

MESSAGE_LEFT = "answered by the dialplan alone: message left"
NO_MESSAGE = "answered by the dialplan alone: no message"


class NotedRing(BaseModel):
    """One phone that was rung; `outcome` is empty when the fallback died before it."""

    stage: str
    number: str
    channel_id: str
    started: AwareDatetime
    ringing: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    rings: int = 0
    outcome: Ring | None = None


class NotedTalk(BaseModel):
    """Caller and colleague talked; the sound is their talk, not a message."""

    number: str
    channel_id: str
    started: AwareDatetime
    ended: AwareDatetime
    by: EndedBy


class SpoolNote(BaseModel):
    """The known facts of one call; without `ended` it goes on, or was cut off."""

    uniqueid: str
    line: str
    caller: str
    language: str
    started: AwareDatetime
    answered: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    ended_by: EndedBy = EndedBy.CALLER
    reason: str = ""
    mode: str | None = None
    kind: TicketKind = TicketKind.MESSAGE
    menu_path: str = ""
    rings: list[NotedRing] = []
    talk: NotedTalk | None = None


def sound_of(home: Home, uniqueid: str) -> Path:
    return home.message_spool / f"{uniqueid}.wav"


def keep(home: Home, note: SpoolNote) -> None:
    """Writes the fallback's note, whole and on disk when it returns. Raises OSError."""
    path = home.message_spool / f"{note.uniqueid}.json"
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(note.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read(path: Path, *, otherwise: datetime, language: str) -> SpoolNote:
    """Reads as much as there is: a note cut short by a crash still names a caller who must be called back.

    `otherwise` is the beginning of the call if the note does not have it.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".json":
        try:
            return SpoolNote.model_validate_json(text)
        except ValidationError:
            text = ""
    # A power failure leaves zeros in place of the last words.
    fields = dict(line.split("=", 1) for line in text.replace("\0", "").splitlines() if "=" in line)
    return SpoolNote(
        uniqueid=fields.get("uniqueid", "").strip() or path.stem,
        line=fields.get("line", "").strip()[:20] or "?",
        caller=fields.get("caller", "").strip(),
        language=fields.get("language", "").strip()[:10] or language,
        started=_moment(fields.get("started")) or otherwise,
        ended=_moment(fields.get("ended")),
    )


def joined(first: SpoolNote, then: SpoolNote) -> SpoolNote:
    """Joins two notes of one call, by the fallback and, after its death, by the dialplan, which saw the end."""
    return first.model_copy(update={"ended": then.ended, "ended_by": then.ended_by, "reason": ""})


def _moment(epoch: str | None) -> datetime | None:
    text = (epoch or "").strip()
    return datetime.fromtimestamp(int(text), UTC) if text.isascii() and text.isdecimal() and len(text) < 12 else None

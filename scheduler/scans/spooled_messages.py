"""A caller whom only the dialplan answered is filed like any other: call, ticket, recording, and somebody calls back.

The dialplan leaves UNIQUEID.txt and, if something was said, UNIQUEID.wav (dialplan/extensions-lines.conf.j2). All rows
are one transaction, recognised by the recording's name; only then the sound moves on and the note goes: after a crash
between any two of these the scan does what is left.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from models import calls, recordings, tasks, tickets
from models.states import EndedBy, RecordingKind, TaskKind, TicketKind
from models.store import StoreUnavailable
from recordings import audio, files
from scheduler.scope import Scope

GRACE = timedelta(minutes=2)
"""A note without an end is a call that goes on, unless nothing has been written for longer than a message may last."""
MESSAGE_LEFT = "answered by the dialplan alone: message left"
NO_MESSAGE = "answered by the dialplan alone: no message"


@dataclass(frozen=True)
class Note:
    """What the dialplan wrote of one call; without `ended` it was cut off."""

    uniqueid: str
    line: str
    caller: str
    language: str
    started: datetime
    ended: datetime | None


def spooled_messages(scope: Scope) -> int:
    """Files what the fallback has taken (R13-1, R17-1)."""
    filed = 0
    for path in sorted(scope.home.message_spool.glob("*.txt")):
        try:
            filed += _file(scope, path)
        except StoreUnavailable:
            raise
        except FileNotFoundError:
            # Another scheduler has filed it meanwhile.
            continue
        except Exception as error:
            # The next one may be well; this one is looked at again at the next scan.
            scope.report(path.name, f"can't be filed: {error}")
    return filed


def _file(scope: Scope, path: Path) -> bool:
    sound = path.with_suffix(".wav")
    last_written = max(_written(path), _written(sound))
    note = read_note(path, otherwise=last_written, language=scope.site.language)
    patience = timedelta(seconds=scope.policy.message.longest_s) + GRACE
    if note.ended is None and scope.clock.now() - last_written < patience:
        return False
    name = f"spool-{note.uniqueid}"
    target = files.original(scope.home, name)
    # An earlier run may have moved it already.
    seconds = _seconds(sound if sound.exists() else target)
    filed = scope.store.write(_write, scope, note, name, seconds, note.ended or last_written)
    with suppress(FileNotFoundError):
        sound.replace(target)
    path.unlink(missing_ok=True)
    return filed


def _write(session: Session, scope: Scope, note: Note, name: str, seconds: float, ended: datetime) -> bool:
    """True if this has filed it, False if an earlier run had."""
    if recordings.by_name(session, name):
        return False
    call = calls.begin(
        session,
        channel_id=note.uniqueid,
        line=note.line,
        caller_number=note.caller,
        language=note.language,
        at=note.started,
    )
    reason = MESSAGE_LEFT if seconds > 0 else NO_MESSAGE
    if call.ticket_id is None:
        ticket = tickets.open(session, kind=TicketKind.MESSAGE, call_id=call.id, at=note.started, policy=scope.policy)
        session.refresh(call)
    else:
        # The caller had a ticket when our programs went away under him.
        ticket = session.get_one(tickets.Ticket, call.ticket_id)
        tickets.note(session, ticket.id, reason, who="system", at=ended)
    retain_until = ended + timedelta(days=scope.policy.recording.retention_days)
    recordings.reserve(
        session,
        name=name,
        kind=RecordingKind.SPOOL,
        call_id=call.id,
        ticket_id=ticket.id,
        at=note.started,
        retain_until=retain_until,
    )
    recordings.ended(session, name, seconds, at=ended)
    tasks.open(
        session,
        kind=TaskKind.CALL_BACK,
        number=call.caller_number,
        call_id=call.id,
        ticket_id=ticket.id,
        owner_group=_group(scope, call.line),
        at=ended,
        due_at=ended + timedelta(minutes=scope.policy.tasks.call_back_minutes),
        note=reason,
    )
    calls.answered(session, call.id, at=note.started)
    by = EndedBy.CALLER if note.ended else EndedBy.NETWORK
    calls.end(session, call.id, by=by, reason=reason, at=ended)
    return True


def read_note(path: Path, *, otherwise: datetime, language: str) -> Note:
    """Takes what is there: a note cut short by a crash still names a caller to whom we owe a call."""
    # A power failure leaves zeros where the last words were to be.
    lines = path.read_text(encoding="utf-8", errors="replace").replace("\0", "").splitlines()
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    return Note(
        uniqueid=fields.get("uniqueid", "").strip() or path.stem,
        line=fields.get("line", "").strip()[:20] or "?",
        caller=fields.get("caller", "").strip(),
        language=fields.get("language", "").strip()[:10] or language,
        started=_moment(fields.get("started")) or otherwise,
        ended=_moment(fields.get("ended")),
    )


def _moment(epoch: str | None) -> datetime | None:
    text = (epoch or "").strip()
    return datetime.fromtimestamp(int(text), UTC) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def _written(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.fromtimestamp(0, UTC)


def _seconds(path: Path) -> float:
    """Nothing to be heard counts as nothing said: the caller is called back all the same."""
    try:
        return audio.seconds(path)
    except (FileNotFoundError, audio.Unreadable):
        return 0.0


def _group(scope: Scope, line: str) -> str:
    """Who serves that line; the first line's group where the note does not say which one was dialled."""
    return next((one.group for one in scope.site.lines if one.number == line), scope.site.lines[0].group)

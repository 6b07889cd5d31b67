"""Files a call that is only in a note on the spool like any other: call, ticket, recording and call-back task.

Notes are the dialplan's (UNIQUEID.txt) and the fallback's (UNIQUEID.json), see models.instance.spool. All rows are one
transaction; then the sound is moved and the notes are deleted. After a crash between any two of these steps the next
scan does the rest: rows that exist are recognised by the channel ids of call and phones and by the recording's name.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import calls, recordings
from models.database.store import StoreUnavailable
from models.instance import spool
from models.instance.spool import MESSAGE_LEFT, NO_MESSAGE, NotedRing, SpoolNote
from models.people import people
from models.states.calls import CallState, EndedBy, RecordingKind, Ring
from models.tables import Call, RingRow, Talk, Ticket
from models.tickets import call_backs, tasks, tickets
from recordings import audio, files
from scheduler.scope import Scope

GRACE = timedelta(minutes=2)
"""A note without an end is a call in progress, unless nothing was written for longer than the longest message."""


def spooled_messages(scope: Scope) -> int:
    """Files the calls of the fallback (R13-1, R17-1); returns how many. Raises StoreUnavailable."""
    filed = 0
    found = sorted({path.with_suffix("") for ending in ("txt", "json") for path in _notes(scope, ending)})
    for place in found:
        paths = [path for ending in ("json", "txt") if (path := _ending(place, ending)).exists()]
        try:
            filed += _file(scope, paths)
        except StoreUnavailable:
            raise
        except (FileNotFoundError, IndexError):
            # Another scheduler has filed it in the meantime.
            continue
        except Exception as error:
            # The next one may be fine; this one is tried again at the next scan.
            scope.report(paths[-1].name, f"can't be filed: {error}")
    return filed


def _notes(scope: Scope, ending: str) -> list[Path]:
    return list(scope.home.message_spool.glob(f"*.{ending}"))


def _ending(place: Path, ending: str) -> Path:
    # with_suffix would take the number of "seconds.number" for a file ending
    return place.with_name(f"{place.name}.{ending}")


def _file(scope: Scope, paths: list[Path]) -> bool:
    sound = paths[0].with_suffix(".wav")
    last_written = max(map(_written, [*paths, sound]))
    note, *later = [spool.read(path, otherwise=last_written, language=scope.site.language) for path in paths]
    for after in later:
        note = spool.joined(note, after)
    # A talk may last as long as a call; a message with its prompts is shorter.
    goes_on = any(ring.outcome is None for ring in note.rings)
    longest = scope.policy.call.longest_minutes * 60 if goes_on else scope.policy.message.longest_s
    if note.ended is None and scope.clock.now() - last_written < timedelta(seconds=longest) + GRACE:
        return False
    name = f"spool-{note.uniqueid}"
    target = files.original(scope.home, name)
    # An earlier run may have moved it already.
    seconds = _seconds(sound if sound.exists() else target)
    filed = scope.store.write(_write, scope, note, name, seconds, note.ended or last_written)
    with suppress(FileNotFoundError):
        sound.replace(target)
    for path in paths:
        path.unlink(missing_ok=True)
    return filed


def _write(session: Session, scope: Scope, note: SpoolNote, name: str, seconds: float, ended: datetime) -> bool:
    """True if this run has filed it, False if an earlier run, another scheduler or the fallback itself had done so."""
    if recordings.by_name(session, name) or (seconds == 0 and _is_known(session, note)):
        return False
    known = _rings_written(session, note)
    call = calls.begin(
        session,
        channel_id=note.uniqueid,
        line=note.line,
        caller_number=note.caller,
        language=note.language,
        at=note.started,
        mode=note.mode,
    )
    # Filing locks the call's row; a scheduler that waited for the lock checks again.
    session.refresh(call, with_for_update=True)
    if recordings.by_name(session, name):
        return False
    if call.owner_id is None and (owner := people.owner_by_number(session, note.caller)):
        unit_id = owner.unit.id if owner.unit else None
        calls.note(session, call.id, owner_id=owner.owner.id, unit_id=unit_id)
    reason = MESSAGE_LEFT if seconds > 0 and note.talk is None else note.reason or NO_MESSAGE
    ticket = _ticket(session, scope, note, call, reason, ended)
    for ring in note.rings:
        if ring.channel_id not in known:
            _end_ring(session, ring, _begin_ring(session, ring, call, ticket))
    talked = _talk(session, scope, note, call, ticket)
    recordings.reserve(
        session,
        name=name,
        kind=RecordingKind.TALK if talked else RecordingKind.SPOOL,
        call_id=call.id,
        ticket_id=ticket.id,
        at=note.talk.started if note.talk else note.started,
        retain_until=ended + timedelta(days=scope.policy.recording.retention_days),
    )
    recordings.ended(session, name, None if talked else seconds, at=note.talk.ended if note.talk else ended)
    if not talked:
        call_backs.owe(session, call.id, reason, site=scope.site, policy=scope.policy, at=ended)
    calls.answered(session, call.id, at=note.answered or note.started)
    by = note.ended_by if note.ended else EndedBy.NETWORK
    calls.end(session, call.id, by=by, reason=reason, at=ended)
    return True


def _is_known(session: Session, note: SpoolNote) -> bool:
    """Whether the fallback wrote the call to its end and died before it could report that to the dialplan."""
    call = session.scalar(select(Call).where(Call.channel_id == note.uniqueid))
    return call is not None and call.state is CallState.ENDED and call.ended_by is not EndedBy.NETWORK


def _ticket(session: Session, scope: Scope, note: SpoolNote, call: Call, reason: str, ended: datetime) -> Ticket:
    if call.ticket_id is None:
        ticket = tickets.open(
            session,
            kind=note.kind,
            call_id=call.id,
            at=note.started,
            policy=scope.policy,
            menu_path=note.menu_path or None,
        )
        session.refresh(call)
        return ticket
    # The caller already had a ticket when our programs or the store failed.
    tickets.note(session, call.ticket_id, reason, who="system", at=ended)
    return session.get_one(Ticket, call.ticket_id)


def _rings_written(session: Session, note: SpoolNote) -> set[str]:
    """Channel ids of the note's rings that already have a row; how they ended is known from the note only."""
    names = [ring.channel_id for ring in note.rings]
    rows = session.scalars(select(RingRow).where(RingRow.channel_id.in_(names))).all() if names else []
    ids = {row.channel_id: row.id for row in rows}
    for ring in note.rings:
        if ring.channel_id in ids:
            _end_ring(session, ring, ids[ring.channel_id])
    return set(ids)


def _end_ring(session: Session, ring: NotedRing, ring_id: int) -> None:
    """A ring whose end is not noted ended with the caller's hang-up."""
    if ring.ringing:
        calls.ringing(session, ring_id, ring.ringing)
    outcome, at = ring.outcome or Ring.CALLER_GONE, ring.ended or ring.started
    calls.end_ring(session, ring_id, outcome=outcome, rings=ring.rings, at=at)


def _begin_ring(session: Session, ring: NotedRing, call: Call, ticket: Ticket) -> int:
    return calls.begin_ring(
        session,
        call_id=call.id,
        ticket_id=ticket.id,
        stage=ring.stage,
        staff_number=ring.number,
        phone=ring.number,
        channel_id=ring.channel_id,
        at=ring.started,
    )


def _talk(session: Session, scope: Scope, note: SpoolNote, call: Call, ticket: Ticket) -> bool:
    """Whether the caller talked with somebody; the talk is written once."""
    talk = note.talk
    if talk is None:
        return False
    if session.scalar(select(Talk.id).where(Talk.call_id == call.id, Talk.leg_channel == talk.channel_id)) is None:
        tickets.receive(session, ticket.id, talk.number, at=talk.started)
        talk_id = calls.begin_talk(
            session,
            call_id=call.id,
            staff_number=talk.number,
            bridge_id=talk.channel_id,
            caller_channel=note.uniqueid,
            leg_channel=talk.channel_id,
            at=talk.started,
        )
        calls.end_talk(session, talk_id, by=talk.by, at=talk.ended)
        tasks.settle(session, talk_id, at=talk.ended, at_least_s=scope.policy.tasks.talk_counts_from_s)
    return True


def _written(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.fromtimestamp(0, UTC)


def _seconds(path: Path) -> float:
    """0 for a missing or unreadable file: the caller is then called back as after an empty message."""
    try:
        return audio.seconds(path)
    except (FileNotFoundError, audio.Unreadable):
        return 0.0

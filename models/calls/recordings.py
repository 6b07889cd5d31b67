"""A recording's name is reserved before the beep, and its row outlives its file."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.calls import calls
from models.database.changes import change
from models.people import access_log
from models.policy import Policy
from models.states.calls import CallState, RecordingKind, RecordingState
from models.tables import AccessEntry, Call, Recording, Talk

UNFINISHED = (RecordingState.RESERVED, RecordingState.RECORDED)


def reserve(
    session: Session,
    *,
    name: str,
    kind: RecordingKind,
    call_id: int | None,
    ticket_id: int | None,
    at: datetime,
    retain_until: datetime,
) -> Recording:
    """The row of this name, written now or found again. `name` is the file's in the spool, without its ending."""
    found = by_name(session, name)
    if found:
        return found
    recording = Recording(
        name=name,
        kind=kind,
        call_id=call_id,
        ticket_id=ticket_id,
        reserved_at=at,
        retry_at=at,
        retain_until=retain_until,
    )
    session.add(recording)
    session.flush()
    return recording


def begin(
    session: Session,
    name: str,
    kind: RecordingKind,
    *,
    call_id: int | None,
    ticket_id: int | None,
    at: datetime,
    policy: Policy,
) -> None:
    """Reserves the name before the beep; the recording is kept as long as the policy says."""
    retain_until = at + timedelta(days=policy.recording.retention_days)
    reserve(session, name=name, kind=kind, call_id=call_id, ticket_id=ticket_id, at=at, retain_until=retain_until)


def ended(session: Session, name: str, seconds: float | None, *, at: datetime) -> bool:
    """The recording has ended; `seconds` is its length by Asterisk. True if that was not known yet."""
    changed = change(
        session,
        update(Recording)
        .where(Recording.name == name, Recording.state == RecordingState.RESERVED)
        .values(state=RecordingState.RECORDED, ended_at=at, expected_seconds=seconds, retry_at=at),
    )
    return changed == 1


def release(session: Session, name: str) -> None:
    """Releases a reserved name under which nothing was recorded."""
    session.execute(delete(Recording).where(Recording.name == name, Recording.state == RecordingState.RESERVED))


def by_name(session: Session, name: str) -> Recording | None:
    return session.scalar(select(Recording).where(Recording.name == name))


def to_finish(session: Session, *, at: datetime, limit: int) -> list[Recording]:
    """Recordings due to be finished: those that have ended, and those cut off when their call ended (a crash).

    Of the talks of an ended call only the first: its `further_parts` go with it.
    """
    earlier, its_call = aliased(Recording), aliased(Call)
    whole = or_(
        Recording.kind != RecordingKind.TALK,
        Recording.call_id.is_(None),
        and_(
            exists().where(its_call.id == Recording.call_id, its_call.state == CallState.ENDED),
            ~exists().where(
                earlier.call_id == Recording.call_id,
                earlier.id < Recording.id,
                earlier.kind == RecordingKind.TALK,
                earlier.state.in_(UNFINISHED),
            ),
        ),
    )
    recorded = (
        select(Recording)
        .where(Recording.state == RecordingState.RECORDED, Recording.retry_at <= at, whole)
        .order_by(Recording.retry_at)
        .limit(limit)
    )
    abandoned = (
        select(Recording)
        .join(Call, Call.id == Recording.call_id)
        .where(
            Recording.state == RecordingState.RESERVED,
            Recording.retry_at <= at,
            Call.state == CallState.ENDED,
            whole,
        )
        .order_by(Recording.retry_at)
        .limit(limit)
    )
    return [*session.scalars(recorded), *session.scalars(abandoned)]


def further_parts(session: Session, recording: Recording) -> list[Recording]:
    """Later recordings of the same conversation, after a transfer that nobody took, or after our programs died."""
    if recording.kind is not RecordingKind.TALK or recording.call_id is None:
        return []
    later = select(Recording).where(
        Recording.call_id == recording.call_id,
        Recording.id > recording.id,
        Recording.kind == RecordingKind.TALK,
        Recording.state.in_(UNFINISHED),
    )
    return list(session.scalars(later.order_by(Recording.id)))


def talk_seconds(session: Session, parts: Sequence[Recording]) -> float | None:
    """How long people talked while these parts were recorded; None without a talk."""
    begin, end = parts[0].reserved_at, parts[-1].ended_at
    if parts[0].call_id is None or end is None:
        return None
    talks = session.scalars(select(Talk).where(Talk.call_id == parts[0].call_id)).all()
    spans = [(max(talk.started_at, begin), min(talk.ended_at or end, end)) for talk in talks]
    return calls.seconds_of(spans) if spans else None


def finish(
    session: Session,
    recording_id: int,
    *,
    state: RecordingState,
    at: datetime,
    path: str | None = None,
    format: str | None = None,
    seconds: float | None = None,
    expected_seconds: float | None = None,
    level: float | None = None,
    note: str | None = None,
) -> bool:
    """Writes the result; `path` is relative to the home. True if no other scan had done so.

    The recording is looked at again on its retention date.
    """
    values: dict[str, object] = {
        "state": state,
        "path": path,
        "format": format,
        "seconds": seconds,
        "expected_seconds": expected_seconds,
        "level": level,
        "note": note[:500] if note else None,
        "retry_at": Recording.retain_until,
    }
    changed = change(
        session,
        update(Recording).where(Recording.id == recording_id, Recording.state.in_(UNFINISHED)).values(values),
    )
    change(
        session,
        update(Recording).where(Recording.id == recording_id, Recording.ended_at.is_(None)).values(ended_at=at),
    )
    return changed == 1


def join(session: Session, part_id: int, into: Recording, *, at: datetime) -> None:
    """Marks a part whose sound is stored in another recording; a hold moves to that one."""
    part = session.get_one(Recording, part_id)
    if part.held_at is not None:
        held = {"held_at": part.held_at, "held_by": part.held_by, "hold_reason": part.hold_reason}
        change(session, update(Recording).where(Recording.id == into.id, Recording.held_at.is_(None)).values(held))
    finish(session, part_id, state=RecordingState.JOINED, at=at, note=f"in {into.name}")


def claim(session: Session, recording: Recording, *, until: datetime) -> bool:
    """Claims it for this scan until then; False when another scan was quicker. The claim of a dead scan lapses."""
    claimed = change(
        session,
        update(Recording)
        .where(Recording.id == recording.id, Recording.retry_at == recording.retry_at)
        .values(retry_at=until),
    )
    return claimed == 1


def states_of(session: Session, names: Iterable[str]) -> dict[str, RecordingState]:
    """The states of the recordings with these names."""
    known = select(Recording.name, Recording.state).where(Recording.name.in_(list(names)))
    return dict(session.execute(known).all())


def wait(session: Session, recording_id: int, *, until: datetime) -> None:
    """The recording is not complete yet: it is looked at again at `until`."""
    change(session, update(Recording).where(Recording.id == recording_id).values(retry_at=until))


def push_back(session: Session, recording_id: int, *, until: datetime, note: str) -> None:
    """The recording could not be finished: it is looked at again later, so that it delays no others."""
    change(
        session,
        update(Recording)
        .where(Recording.id == recording_id)
        .values(retry_at=until, tries=Recording.tries + 1, note=note[:500]),
    )


def expired(session: Session, *, at: datetime, limit: int) -> list[Recording]:
    """Recordings past their retention date (R14-3) that are not held."""
    kept = session.scalars(
        select(Recording)
        .where(
            Recording.state.in_((RecordingState.KEPT, RecordingState.PARTIAL, RecordingState.EMPTY)),
            Recording.retry_at <= at,
            Recording.retain_until <= at,
            Recording.held_at.is_(None),
        )
        .order_by(Recording.retry_at)
        .limit(limit)
    )
    return list(kept)


def removed(session: Session, recording_id: int, *, at: datetime) -> bool:
    """Written before the file is removed; the row stays and says when. False: it was put on hold at this moment."""
    changed = change(
        session,
        update(Recording)
        .where(Recording.id == recording_id, Recording.held_at.is_(None))
        .values(state=RecordingState.REMOVED, path=None, note=f"removed {at:%Y-%m-%d %H:%M} UTC"),
    )
    return changed == 1


def opened(session: Session, recording_id: int, *, who: str, what: str, at: datetime) -> Recording | None:
    """The recording, to be listened to; the access log says so first (R05-9)."""
    recording = session.get(Recording, recording_id)
    if recording is not None:
        access_log.log(session, who=who, what=what, subject=_subject(recording), at=at)
    return recording


def listened(session: Session, recording_id: int, *, who: str, since: datetime, at: datetime) -> None:
    """Logs that this person listens, unless it has been logged since then."""
    row = session.get_one(Recording, recording_id)
    what, subject = "listened", _subject(row)
    same = select(AccessEntry.id).where(AccessEntry.at > since, AccessEntry.who == who, AccessEntry.subject == subject)
    if session.scalar(same.where(AccessEntry.what == what).limit(1)) is None:
        access_log.log(session, who=who, what=what, subject=subject, at=at)


def _subject(recording: Recording) -> str:
    return f"recording {recording.id} {recording.name}"


def hold(session: Session, recording_id: int, *, who: str, reason: str, at: datetime) -> bool:
    """Keeps it past its date from now on. False when the file was removed, or there is no such recording."""
    held = change(
        session,
        update(Recording)
        .where(Recording.id == recording_id, Recording.state != RecordingState.REMOVED)
        .values(held_at=at, held_by=who[:80], hold_reason=reason[:300]),
    )
    if held:
        access_log.log(session, who=who, what="hold", subject=f"recording {recording_id}: {reason}", at=at)
    return held == 1


def let_go(session: Session, recording_id: int, *, who: str, reason: str, at: datetime) -> bool:
    """Ends a hold: the retention date applies again. True if it was held."""
    released = change(
        session,
        update(Recording)
        .where(Recording.id == recording_id, Recording.held_at.is_not(None))
        .values(held_at=None, held_by=None, hold_reason=None),
    )
    if released:
        access_log.log(session, who=who, what="hold ended", subject=f"recording {recording_id}: {reason}", at=at)
    return released == 1


def newest(session: Session, *, limit: int) -> list[Recording]:
    return list(session.scalars(select(Recording).order_by(Recording.id.desc()).limit(limit)))


def with_files(session: Session, *, after: int, limit: int) -> list[Recording]:
    """Recordings with a file, by id, after this one."""
    page = (
        select(Recording).where(Recording.id > after, Recording.path.is_not(None)).order_by(Recording.id).limit(limit)
    )
    return list(session.scalars(page))


def by_paths(session: Session, paths: Iterable[str]) -> set[str]:
    """The paths among these, each named after its recording, that have a row."""
    names = {Path(path).stem: path for path in paths}
    known = session.execute(select(Recording.name, Recording.path).where(Recording.name.in_(list(names))))
    return {path for _, path in known if path is not None}


def first_talk(session: Session, since: datetime) -> int | None:
    """The id of the first talk in the calls since then, if there is one."""
    first_call = select(Call.id).where(Call.started_at >= since).order_by(Call.started_at, Call.id).limit(1)
    talk = select(Talk.id).where(Talk.call_id >= first_call.scalar_subquery()).order_by(Talk.call_id, Talk.id).limit(1)
    return session.scalar(talk)


def talks_without(session: Session, *, after: int, limit: int) -> list[tuple[Talk, bool]]:
    """Talks by id, after this one; True: it has ended without a recording."""
    # A talk connected by the fallback has no bridge of ours, and the fallback names its recording.
    by_fallback = Talk.bridge_id == Talk.leg_channel
    recorded = exists().where(
        Recording.call_id == Talk.call_id,
        Recording.kind == RecordingKind.TALK,
        Recording.state != RecordingState.LOST,
        or_(Recording.name == Talk.bridge_id, by_fallback),
    )
    page = select(Talk, recorded).where(Talk.id > after).order_by(Talk.id).limit(limit)
    return [(talk, talk.ended_at is not None and not has) for talk, has in session.execute(page)]

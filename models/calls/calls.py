"""The rows of a conversation: the call, each phone rung, each talk."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import Row, bindparam, select, union_all, update
from sqlalchemy.orm import Session

from models.database.changes import add, change, find, run
from models.database.numbers import here
from models.people import people
from models.policy import Policy
from models.states.calls import CallState, EndedBy, Purpose, Ring, TransferState
from models.tables import Call, Owner, Recording, RingRow, Staff, Talk, Transfer, Unit

__all__ = ["ActiveCall", "Call", "CallRecord", "EndedBy", "Ring", "RingRow", "Talk", "Transfer"]

FROM_SCREEN = "from-screen"
"""The mode of a call that one of the staff makes with a click."""

OUTGOING = frozenset({FROM_SCREEN, *(purpose.value for purpose in Purpose)})
"""The modes of calls that we make: `caller_number` is then the number called."""

NO_SOUND = "no sound in common"
"""Why a call ended: Asterisk has none of the codecs that it offered (SIP 488)."""

STEP = ">"
"""Between the choices of a menu path: "repair>urgent_repair"."""
NOBODY_HUNG_UP = frozenset({27, 38, 41, 42, 44, 102})
"""Causes (Q.850) of a channel that has ended so: destination or network out of order, temporary failure, congestion, no
sound any more (Asterisk's word for a silent line, res_pjsip_sdp_rtp.c), no answer to a SIP request."""
_RING_TOLERANCE_S = 0.4

# Statements for every call are built once: see `models.database.changes.run`.
_CALLS, _RINGS, _TALKS, _TRANSFERS = (Call.metadata.tables[n] for n in ("calls", "rings", "talks", "transfers"))
_ON_CHANNEL = select(_CALLS.c.id).where(_CALLS.c.channel_id == bindparam("channel"))
_FACTS = select(
    *(_CALLS.c[n] for n in ("line", "mode", "caller_number", "owner_id", "unit_id", "ticket_id", "language"))
).where(_CALLS.c.id == bindparam("call"))
_NOTE = update(_CALLS).where(_CALLS.c.id == bindparam("call"))
_ANSWERED = _NOTE.where(_CALLS.c.answered_at.is_(None))
_END = _NOTE.where(_CALLS.c.state == CallState.ACTIVE)
_GOING_ON = union_all(
    select(_RINGS.c.id).where(_RINGS.c.call_id == bindparam("call"), _RINGS.c.outcome.is_(None)),
    select(_TALKS.c.id).where(_TALKS.c.call_id == bindparam("call"), _TALKS.c.ended_at.is_(None)),
    select(_TRANSFERS.c.id).where(_TRANSFERS.c.call_id == bindparam("call"), _TRANSFERS.c.ended_at.is_(None)),
)


@dataclass(frozen=True)
class ActiveCall:
    """A call that goes on by our rows, with its open rings, its open talks (one for each agent in it) and its open
    transfer."""

    call: Call
    rings: list[RingRow]
    talks: list[Talk]
    transfer: Transfer | None


@dataclass(frozen=True)
class CallRecord:
    """Everything written about one call (R05-5), in the order it happened."""

    call: Call
    owner: Owner | None
    unit: Unit | None
    rings: list[RingRow]
    talks: list[Talk]
    transfers: list[Transfer]
    recordings: list[Recording]

    @property
    def waited_seconds(self) -> float | None:
        """From the beginning of the call to the first talk, or to its end; None while the caller waits."""
        end = self.talks[0].started_at if self.talks else self.call.ended_at
        return (end - self.call.started_at).total_seconds() if end else None

    @property
    def talked_seconds(self) -> float:
        """In all talks that have ended."""
        return seconds_of([(talk.started_at, talk.ended_at) for talk in self.talks if talk.ended_at])


def seconds_of(spans: list[tuple[datetime, datetime]]) -> float:
    """How long any of them was going on: in a transfer two of the staff talk with the caller at the same time."""
    seconds, until = 0.0, None
    for start, end in sorted(spans):
        start = max(start, until) if until else start
        seconds += max(0.0, (end - start).total_seconds())
        until = max(end, until) if until else end
    return seconds


def begin(
    session: Session,
    *,
    channel_id: str,
    line: str,
    caller_number: str | None,
    language: str,
    at: datetime,
    mode: str | None = None,
) -> Call:
    """The call on this channel, written now or (after an interruption) found again; earlier rings have ended.

    A withheld number (see `models.text.numbers.normal`) is kept as None.
    """
    found = find(session, _ON_CHANNEL, channel=channel_id).scalar()
    if found is not None:
        _break_off(session, found, by=EndedBy.NETWORK, at=at)
        return session.get_one(Call, found)
    number = here(session, caller_number)
    call = Call(
        channel_id=channel_id,
        line=line,
        caller_number=number,
        language=language,
        started_at=at,
        mode=mode,
    )
    return add(session, call)


def take_up(
    session: Session, *, channel_id: str, line: str, number: str, language: str, mode: str, at: datetime
) -> tuple[Call, people.Known | None]:
    """The row of a call, begun now or found again, and who calls according to the directory (R13-5)."""
    call = begin(session, channel_id=channel_id, line=line, caller_number=number, language=language, at=at, mode=mode)
    return call, people.owner_by_number(session, number)


class Learnt(TypedDict, total=False):
    """Facts learnt during a call; None changes nothing."""

    language: str | None
    owner_id: int | None
    unit_id: int | None
    ticket_id: int | None
    mode: str | None
    menu_path: str | None


def note(session: Session, call_id: int, **learnt: Unpack[Learnt]) -> None:
    """Writes new facts of the call."""
    if fields := _fields(learnt):
        run(session, _NOTE, call=call_id, **fields)


def answered(session: Session, call_id: int, at: datetime) -> None:
    """The first answer counts."""
    run(session, _ANSWERED, call=call_id, answered_at=at)


def end(session: Session, call_id: int, *, by: EndedBy, reason: str, at: datetime, **learnt: Unpack[Learnt]) -> bool:
    """Ends the call, and its open rings, talks and transfers.

    The first end counts; True if this was it.
    """
    fields = _fields(learnt) | {"ended_at": at, "ended_by": by, "end_reason": reason[:200]}
    ended = run(session, _END, call=call_id, state=CallState.ENDED, **fields)
    _break_off(session, call_id, by=by, at=at)
    return ended == 1


def turn_away(
    session: Session,
    *,
    channel_id: str,
    line: str,
    caller_number: str | None,
    language: str,
    reason: str,
    at: datetime,
) -> Call:
    """The row of a caller who is not let in, and why."""
    call = begin(session, channel_id=channel_id, line=line, caller_number=caller_number, language=language, at=at)
    end(session, call.id, by=EndedBy.SYSTEM, reason=reason, at=at)
    return call


def _break_off(session: Session, call_id: int, *, by: EndedBy, at: datetime) -> None:
    """Ends the open rings, talks and transfers of the call."""
    if find(session, _GOING_ON, call=call_id).first() is None:
        return
    open_rings = select(RingRow.id).where(RingRow.call_id == call_id, RingRow.outcome.is_(None))
    break_off_rings(session, session.scalars(open_rings).all(), at=at)
    broken_off = TransferState.CALLER_GONE if by is EndedBy.CALLER else TransferState.INTERRUPTED
    change(
        session,
        update(Transfer)
        .where(Transfer.call_id == call_id, Transfer.ended_at.is_(None))
        .values(state=broken_off, ended_at=at),
    )
    open_talks = select(Talk.id).where(Talk.call_id == call_id, Talk.ended_at.is_(None))
    for talk_id in session.scalars(open_talks).all():
        end_talk(session, talk_id, by=by, at=at)


def begin_ring(
    session: Session,
    *,
    call_id: int,
    ticket_id: int | None,
    stage: str,
    staff_number: str | None,
    phone: str,
    channel_id: str,
    at: datetime,
) -> int:
    """A phone is about to be rung on a channel that we have named. Returns the ring's id."""
    ring = RingRow(
        call_id=call_id,
        ticket_id=ticket_id,
        stage=stage,
        staff_number=staff_number,
        phone=phone,
        channel_id=channel_id,
        started_at=at,
    )
    session.add(ring)
    session.flush()
    return ring.id


def begin_rings(
    session: Session,
    phones: Iterable[tuple[str, str, str]],
    *,
    call_id: int,
    ticket_id: int | None,
    stage: str,
    at: datetime,
) -> list[int]:
    """One ring for each phone: (staff number, telephone, channel id). Returns their ids in the same order."""
    return [
        begin_ring(
            session,
            call_id=call_id,
            ticket_id=ticket_id,
            stage=stage,
            staff_number=number,
            phone=phone,
            channel_id=channel_id,
            at=at,
        )
        for number, phone, channel_id in phones
    ]


def rings_in(seconds: float, policy: Policy) -> int:
    """How many rings a phone gives in this time: one begins with the first moment, the next with the next cadence."""
    return max(1, math.ceil((seconds - _RING_TOLERANCE_S) / policy.ring_seconds(1)))


def ringing(session: Session, ring_id: int, at: datetime) -> None:
    """The phone reports that it rings: rings are counted from here (R05-2)."""
    change(session, update(RingRow).where(RingRow.id == ring_id, RingRow.ringing_at.is_(None)).values(ringing_at=at))


def end_ring(session: Session, ring_id: int, *, outcome: Ring, rings: int, at: datetime) -> bool:
    """The ringing of one phone has ended after this number of rings. The first outcome stays; True if this was it."""
    ended = change(
        session,
        update(RingRow)
        .where(RingRow.id == ring_id, RingRow.outcome.is_(None))
        .values(outcome=outcome, rings=rings, ended_at=at),
    )
    return ended == 1


def break_off_rings(session: Session, ring_ids: Sequence[int], *, at: datetime) -> None:
    """These phones ring no more for a caller whom we have lost. A ring that has ended keeps its outcome."""
    change(
        session,
        update(RingRow)
        .where(RingRow.id.in_(ring_ids), RingRow.outcome.is_(None))
        .values(outcome=Ring.CALLER_GONE, ended_at=at),
    )


def begin_talk(
    session: Session,
    *,
    call_id: int,
    staff_number: str | None,
    bridge_id: str,
    caller_channel: str,
    leg_channel: str,
    at: datetime,
) -> int:
    """Caller and agent are about to be joined. Returns the talk's id."""
    talk = Talk(
        call_id=call_id,
        staff_number=staff_number,
        bridge_id=bridge_id,
        caller_channel=caller_channel,
        leg_channel=leg_channel,
        started_at=at,
    )
    session.add(talk)
    session.flush()
    return talk.id


def end_talk(session: Session, talk_id: int, *, by: EndedBy, at: datetime) -> bool:
    """Ends the talk; the agent is idle from now on. The first end counts; True if this was it."""
    ended = change(
        session, update(Talk).where(Talk.id == talk_id, Talk.ended_at.is_(None)).values(ended_at=at, ended_by=by)
    )
    if ended:
        agent = select(Talk.staff_number).where(Talk.id == talk_id).scalar_subquery()
        change(session, update(Staff).where(Staff.number == agent).values(idle_since=at))
    return ended == 1


def warned(session: Session, talk_ids: Iterable[int], *, at: datetime) -> None:
    """The agents in these talks are about to hear that the talk is long (R05-3)."""
    for talk_id in talk_ids:
        change(session, update(Talk).where(Talk.id == talk_id, Talk.warned_at.is_(None)).values(warned_at=at))


def active(session: Session) -> list[ActiveCall]:
    """All calls that have not ended by our rows, oldest first, for recovery to compare with Asterisk's channels."""
    calls = session.scalars(select(Call).where(Call.state == CallState.ACTIVE).order_by(Call.started_at)).all()
    ids = [call.id for call in calls]
    rings = session.scalars(select(RingRow).where(RingRow.call_id.in_(ids), RingRow.outcome.is_(None))).all()
    talks = session.scalars(select(Talk).where(Talk.call_id.in_(ids), Talk.ended_at.is_(None))).all()
    transfers = session.scalars(select(Transfer).where(Transfer.call_id.in_(ids), Transfer.ended_at.is_(None))).all()
    return [
        ActiveCall(
            call,
            [ring for ring in rings if ring.call_id == call.id],
            [talk for talk in talks if talk.call_id == call.id],
            next((transfer for transfer in transfers if transfer.call_id == call.id), None),
        )
        for call in calls
    ]


def get(session: Session, call_id: int) -> Call:
    """The call's row. Raises NoResultFound for an id that was never given out."""
    return session.get_one(Call, call_id)


def facts(session: Session, call_id: int) -> Row[Any]:
    """Line, mode, caller_number, owner_id, unit_id, ticket_id and language of a call. Raises NoResultFound as `get`."""
    return find(session, _FACTS, call=call_id).one()


def record(session: Session, call_id: int) -> CallRecord | None:
    """One call with all its rows."""
    return next(iter(records_of(session, session.scalars(select(Call).where(Call.id == call_id)).all())), None)


def recent(session: Session, *, limit: int) -> list[CallRecord]:
    """The newest calls first, with all their rows."""
    newest = select(Call).order_by(Call.started_at.desc(), Call.id.desc()).limit(limit)
    return records_of(session, session.scalars(newest).all())


def _fields(learnt: Learnt) -> dict[str, Any]:
    fields: dict[str, Any] = {name: value for name, value in learnt.items() if value is not None}
    if path := fields.get("menu_path"):
        fields["menu_path"] = path[:500]
    return fields


def records_of(session: Session, calls: Sequence[Call]) -> list[CallRecord]:
    """These calls with all their rows."""
    ids = [call.id for call in calls]
    rings = session.scalars(select(RingRow).where(RingRow.call_id.in_(ids)).order_by(RingRow.id)).all()
    talks = session.scalars(select(Talk).where(Talk.call_id.in_(ids)).order_by(Talk.id)).all()
    transfers = session.scalars(select(Transfer).where(Transfer.call_id.in_(ids)).order_by(Transfer.id)).all()
    recordings = session.scalars(select(Recording).where(Recording.call_id.in_(ids)).order_by(Recording.id)).all()
    owner_ids, unit_ids = {call.owner_id for call in calls}, {call.unit_id for call in calls}
    owners = {owner.id: owner for owner in session.scalars(select(Owner).where(Owner.id.in_(owner_ids - {None})))}
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(unit_ids - {None})))}
    return [
        CallRecord(
            call,
            owners.get(call.owner_id or 0),
            units.get(call.unit_id or 0),
            [ring for ring in rings if ring.call_id == call.id],
            [talk for talk in talks if talk.call_id == call.id],
            [transfer for transfer in transfers if transfer.call_id == call.id],
            [recording for recording in recordings if recording.call_id == call.id],
        )
        for call in calls
    ]

"""What goes on at the telephone of one of the staff: it rings, or somebody talks; or a colleague has taken the call."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.calls import calls
from models.states.calls import CallState, Ring, TransferState
from models.tables import Call, RingRow, Talk, Transfer


@dataclass(frozen=True)
class AtPhone:
    """One call. `ring` while the telephone rings, or after a colleague has taken the call; `talk` while the person
    talks, then `others` are the colleagues in it."""

    call: Call
    ring: RingRow | None = None
    talk: Talk | None = None
    others: tuple[str, ...] = ()
    transfer: Transfer | None = None
    """By which it comes to this telephone."""

    @property
    def taken_by(self) -> tuple[str, ...]:
        return self.others if self.ring is not None and self.ring.outcome is Ring.TAKEN else ()


def now(session: Session, staff_number: str, *, taken_since: datetime) -> list[AtPhone]:
    """Calls that go on at this telephone, the talk first, and those that a colleague has taken since a moment."""
    # By the calls that go on: the talks and rings of a person are a long history.
    active = session.scalars(select(Call.id).where(Call.state == CallState.ACTIVE)).all()
    talks = session.scalars(select(Talk).where(Talk.call_id.in_(active), Talk.ended_at.is_(None))).all()
    recently = (RingRow.outcome == Ring.TAKEN) & (RingRow.ended_at > taken_since)
    rings = session.scalars(
        select(RingRow)
        .where(RingRow.call_id.in_(active), RingRow.staff_number == staff_number)
        .where(or_(RingRow.outcome.is_(None), recently))
        .order_by(RingRow.id)
    ).all()

    def others(call_id: int) -> tuple[str, ...]:
        there = (talk.staff_number for talk in talks if talk.call_id == call_id)
        return tuple(number for number in there if number and number != staff_number)

    mine = [talk for talk in talks if talk.staff_number == staff_number]
    found = [AtPhone(calls.get(session, one.call_id), talk=one, others=others(one.call_id)) for one in mine]
    for ring in rings:
        if all(talk.call_id != ring.call_id for talk in mine):
            call, transfer = calls.get(session, ring.call_id), _transfer(session, ring.call_id, staff_number)
            found.append(AtPhone(call, ring=ring, others=others(call.id), transfer=transfer))
    return found


def stamps(session: Session) -> dict[str, tuple[object, ...]]:
    """By staff number, what `now` depends on: it changes when something happens at this person's telephone."""
    active = {
        call.id: tuple(call)
        for call in session.execute(
            select(Call.id, Call.ticket_id, Call.menu_path, Call.owner_id).where(Call.state == CallState.ACTIVE)
        )
    }
    shown = or_(RingRow.outcome.is_(None), RingRow.outcome == Ring.TAKEN)
    rings = select(RingRow.call_id, RingRow.staff_number, RingRow.id, RingRow.ringing_at, RingRow.outcome)
    talks = select(Talk.call_id, Talk.staff_number, Talk.id).where(Talk.ended_at.is_(None))
    coming = select(Transfer.call_id, Transfer.to_number, Transfer.id, Transfer.state).where(
        Transfer.ended_at.is_(None)
    )
    of_calls: dict[int, list[tuple[object, ...]]] = {number: [call] for number, call in active.items()}
    whose: set[tuple[str, int]] = set()
    going_on = select(Call.id).where(Call.state == CallState.ACTIVE)
    for query, call_id in ((rings.where(shown), RingRow.call_id), (talks, Talk.call_id), (coming, Transfer.call_id)):
        for row in session.execute(query.where(call_id.in_(going_on))):
            # PostgreSQL: a call may have begun since the query before.
            of_calls.setdefault(row[0], []).append(tuple(row))
            whose.add((row[1] or "", row[0]))
    found: dict[str, tuple[object, ...]] = {}
    for number, call in sorted(whose):
        found[number] = (*found.get(number, ()), *of_calls[call])
    return found


def is_in_a_call(session: Session, number: str | None, *, but: int | None = None) -> bool:
    """Whether this number is in a call with us at this moment, beside the call `but`."""
    going_on = select(Call.id).where(
        Call.state == CallState.ACTIVE, Call.caller_number == number, Call.id != (but or 0)
    )
    return number is not None and session.scalar(going_on.limit(1)) is not None


def of_number(session: Session, number: str | None, *, limit: int) -> list[calls.CallRecord]:
    """The newest calls of this number, in or out; a withheld number names nobody."""
    if number is None:
        return []
    newest = select(Call).where(Call.caller_number == number).order_by(Call.id.desc()).limit(limit)
    return calls.records_of(session, session.scalars(newest).all())


def talked(session: Session, staff_number: str, *, since: datetime, limit: int) -> list[calls.CallRecord]:
    """The newest calls in which this person has talked since a moment."""
    own = select(Talk.call_id).where(Talk.staff_number == staff_number, Talk.started_at >= since)
    newest = session.scalars(own.order_by(Talk.started_at.desc()).limit(limit)).all()
    found = select(Call).where(Call.id.in_(newest)).order_by(Call.started_at.desc(), Call.id.desc())
    return calls.records_of(session, session.scalars(found).all())


def _transfer(session: Session, call_id: int, to: str) -> Transfer | None:
    coming = (TransferState.RINGING, TransferState.ASKED)
    query = select(Transfer).where(Transfer.call_id == call_id, Transfer.to_number == to, Transfer.state.in_(coming))
    return session.scalar(query.order_by(Transfer.id.desc()).limit(1))

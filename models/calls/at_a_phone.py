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
    mine = (Call.state == CallState.ACTIVE, RingRow.staff_number == staff_number)
    recently = (RingRow.outcome == Ring.TAKEN) & (RingRow.ended_at > taken_since)
    rings = session.execute(
        select(Call, RingRow)
        .join(RingRow, RingRow.call_id == Call.id)
        .where(*mine, or_(RingRow.outcome.is_(None), recently))
        .order_by(RingRow.outcome, RingRow.id)
    ).all()
    talks = session.execute(
        select(Call, Talk)
        .join(Talk, Talk.call_id == Call.id)
        .where(Call.state == CallState.ACTIVE, Talk.staff_number == staff_number, Talk.ended_at.is_(None))
        .order_by(Talk.id)
    ).all()
    talking = {call.id for call, _ in talks}
    found = [AtPhone(call, talk=talk, others=_talking(session, call, staff_number)) for call, talk in talks]
    for call, ring in rings:
        if call.id not in talking:
            others = _talking(session, call, staff_number)
            found.append(AtPhone(call, ring=ring, others=others, transfer=_transfer(session, call, staff_number)))
    return found


def of_number(session: Session, number: str | None, *, limit: int) -> list[calls.CallRecord]:
    """The newest calls of this number, in or out; nobody can be told by a withheld number."""
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


def _talking(session: Session, call: Call, besides: str) -> tuple[str, ...]:
    there = select(Talk.staff_number).where(Talk.call_id == call.id, Talk.ended_at.is_(None))
    return tuple(number for number in session.scalars(there.order_by(Talk.id)) if number and number != besides)


def _transfer(session: Session, call: Call, to: str) -> Transfer | None:
    coming = (TransferState.RINGING, TransferState.ASKED)
    query = select(Transfer).where(Transfer.call_id == call.id, Transfer.to_number == to, Transfer.state.in_(coming))
    return session.scalar(query.order_by(Transfer.id.desc()).limit(1))

"""The results of wake-up calls: a room is rung again until the guest presses 1 or staff confirm it.

Each function is one step of one attempt, in one transaction: its outcome, the state of the wake-up, and the next call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.calls import outgoing
from models.calls.outgoing import Claim
from models.database.paging import Mark, behind, marks
from models.guests import wakeup_moves
from models.policy.wakeups import WakeupPolicy as Rules
from models.states.calls import AttemptOutcome, Ring, ToMake
from models.states.guests import WAKEUP_MOVES, Confirmed, WakeupState
from models.tables import Room, Wakeup, WakeupAttempt, WakeupOrder

GUEST = "guest"
SYSTEM = "system"
_AWAITED = tuple(WAKEUP_MOVES)
_TO_RING = (WakeupState.PLANNED, WakeupState.SNOOZED)


@dataclass(frozen=True)
class RoomToWake:
    """What the conversation needs to know. `may_snooze`: the guest may ask to be called again."""

    room: str
    language: str
    wake_at: datetime
    may_snooze: bool


def dial(session: Session, claim: Claim, *, at: datetime, until: datetime, rules: Rules) -> RoomToWake | None:
    """Writes, before the room is rung, that it is about to be, with a lease `until`. None: it must not be rung, or not
    by this attempt, or not now (then the call stays open and is offered again).

    An attempt that had already been dialled was interrupted; the next one follows at once. After a downtime longer than
    the policy's grace, staff are called instead (R21-11); after a shorter one, the front desk is called as well.
    """
    attempt = session.get_one(WakeupAttempt, claim.subject_id)
    wakeup = session.get_one(Wakeup, attempt.wakeup_id, with_for_update=True)
    if wakeup.ended_at is not None or attempt.ended_at is not None:
        return None
    late = at - wakeup.wake_at
    if attempt.dialled_at is not None:
        _end(session, claim, attempt, None, AttemptOutcome.INTERRUPTED, at=at)
        wakeup_moves.note(session, wakeup, who=SYSTEM, at=at, text=f"attempt {attempt.number} was interrupted")
        wakeup_moves.ring(session, wakeup, due_at=at, at=at)
        return None
    if wakeup.state in _TO_RING and late > timedelta(minutes=rules.grace_minutes):
        overdue(session, wakeup.id, at=at, rules=rules)
        return None
    if _is_another_ones_turn(session, wakeup, at=at):
        return None
    if not outgoing.move(session, claim, to=ToMake.DIALLING, at=at, until=until):
        return None
    attempt.dialled_at = at
    if wakeup.state in _TO_RING:
        wakeup_moves.move(session, wakeup, WakeupState.CALLING, who=SYSTEM, at=at)
        if late > timedelta(seconds=rules.desk_told_seconds):
            _call_the_desk(session, wakeup, at=at, text=f"rung {int(late.total_seconds())} s late")
    order, room = session.get_one(WakeupOrder, wakeup.order_id), session.get(Room, wakeup.room)
    language = order.language or (room.language if room else "zh")
    return RoomToWake(wakeup.room, language, wakeup.wake_at, wakeup.snoozes < rules.snoozes)


def _is_another_ones_turn(session: Session, wakeup: Wakeup, *, at: datetime) -> bool:
    """Whether another wake-up of the room goes first: it is ringing, or is a later one that is due or snoozed."""
    others = select(Wakeup.id).where(
        Wakeup.room == wakeup.room, Wakeup.state.in_((*_TO_RING, WakeupState.CALLING)), Wakeup.id != wakeup.id
    )
    rings = WakeupAttempt.dialled_at.is_not(None) & WakeupAttempt.ended_at.is_(None)
    later = behind(Wakeup.due_at, Wakeup.id, (wakeup.due_at, wakeup.id))
    its_turn = or_(Wakeup.wake_at <= at, Wakeup.state == WakeupState.SNOOZED)
    ringing = select(WakeupAttempt.id).where(WakeupAttempt.wakeup_id.in_(others), rings)
    return any(session.scalar(one.limit(1)) is not None for one in (ringing, others.where(later, its_turn)))


def answered(session: Session, attempt_id: int, *, rings: int, at: datetime) -> None:
    """The receiver was lifted, which does not prove yet that the guest is awake."""
    attempt = session.get_one(WakeupAttempt, attempt_id)
    attempt.answered_at, attempt.rings = at, rings


def not_awake(session: Session, claim: Claim, outcome: Ring, *, rings: int, at: datetime, rules: Rules) -> bool:
    """Nobody answered (after `rings` rings), or no key was pressed: the room is rung again. False: it was cancelled."""
    attempt = session.get_one(WakeupAttempt, claim.subject_id)
    wakeup = session.get_one(Wakeup, attempt.wakeup_id, with_for_update=True)
    no_key = outcome is Ring.CONNECTED
    if not _end(session, claim, attempt, outcome, AttemptOutcome.NO_KEY if no_key else AttemptOutcome(outcome), at=at):
        return False
    attempt.rings = attempt.rings if no_key else rings
    wakeup_moves.ring(session, wakeup, due_at=at + timedelta(seconds=rules.again_seconds), at=at)
    return True


def awake(session: Session, claim: Claim, *, at: datetime) -> None:
    """Key 1: this wake-up ends, and every other one of the room that is due."""
    attempt = session.get_one(WakeupAttempt, claim.subject_id)
    attempt.key = "1"
    _end(session, claim, attempt, Ring.CONNECTED, AttemptOutcome.CONNECTED, at=at)
    room = session.get_one(Wakeup, attempt.wakeup_id).room
    confirm(session, room, by=GUEST, how=Confirmed.KEY, at=at)


def snooze(session: Session, claim: Claim, *, at: datetime, rules: Rules) -> bool:
    """Key 2: the room is rung again later, and staff are called that much later. False: not allowed any more."""
    attempt = session.get_one(WakeupAttempt, claim.subject_id)
    wakeup = session.get_one(Wakeup, attempt.wakeup_id, with_for_update=True)
    wake_at = at + timedelta(minutes=rules.snooze_minutes)
    later = {
        "wake_at": wake_at,
        "snoozes": wakeup.snoozes + 1,
        "knock_at": wake_at + timedelta(minutes=rules.knock.attendant_minutes),
        "on_way_by": None,
        "desk_at_once": False,
    }
    if wakeup.snoozes >= rules.snoozes:
        return False
    if not wakeup_moves.move(session, wakeup, WakeupState.SNOOZED, who=GUEST, at=at, text="key 2", **later):
        return False
    attempt.key = "2"
    _end(session, claim, attempt, Ring.CONNECTED, AttemptOutcome.CONNECTED, at=at)
    wakeup_moves.call_off_knocks(session, wakeup, at=at)
    wakeup_moves.ring(session, wakeup, due_at=wake_at, at=at)
    of_room = select(Wakeup).where(Wakeup.room == wakeup.room, Wakeup.state == WakeupState.CALLING)
    for other in session.scalars(of_room.with_for_update()):
        other.knock_at, other.on_way_by = wakeup.knock_at, None
        wakeup_moves.call_off_knocks(session, other, at=at)
    return True


def confirm(session: Session, room: str, *, by: str, how: Confirmed, at: datetime) -> Sequence[Wakeup]:
    """The guest is awake: every wake-up of this room that is due ends, and its calls stop.

    `by`: GUEST or a staff number. Returns the wake-ups that ended; empty when none was due.
    """
    session.flush()
    mine = select(Wakeup).where(Wakeup.room == room, Wakeup.state.in_(_AWAITED))
    found = session.scalars(mine.order_by(Wakeup.id).with_for_update()).all()
    # A guest who snoozed and is up before the next call is awake.
    due = [one for one in found if one.wake_at <= at or one.state is WakeupState.SNOOZED]
    return [
        wakeup
        for wakeup in due
        if wakeup_moves.move(
            session,
            wakeup,
            WakeupState.AWAKE,
            who=by,
            at=at,
            text=how,
            confirmed_by=by[:80],
            confirmed_how=how,
            late_minutes=minutes_late(wakeup.wake_at, at),
        )
    ]


def minutes_late(wake_at: datetime, at: datetime) -> int:
    """Whole minutes after the wake-up time (R21-12), at least 0."""
    return max(0, int((at - wake_at).total_seconds()) // 60)


# -- downtime ---------------------------------------------------------------------------------------------------------


def missed(session: Session, *, at: datetime, rules: Rules, after: Mark | None, limit: int) -> list[Mark]:
    """(wake_at, id) of wake-ups not rung within the policy's grace, in order, behind `after`."""
    before = at - timedelta(minutes=rules.grace_minutes)
    unrung = Wakeup.state.in_(_TO_RING), Wakeup.wake_at < before
    return marks(session, Wakeup.wake_at, Wakeup.id, *unrung, after=after, limit=limit)


def overdue(session: Session, wakeup_id: int, *, at: datetime, rules: Rules) -> bool:
    """Too late for a call to the room: staff are called at once instead. False when it is not overdue (any more)."""
    wakeup = session.get_one(Wakeup, wakeup_id, with_for_update=True)
    if at - wakeup.wake_at <= timedelta(minutes=rules.grace_minutes):
        return False
    if wakeup.state not in _TO_RING or not wakeup_moves.move(session, wakeup, WakeupState.OVERDUE, who=SYSTEM, at=at):
        return False
    wakeup_moves.stop_ringing(session, wakeup, at=at)
    _call_the_desk(session, wakeup, at=at, text="the service was down over its time")
    return True


def _call_the_desk(session: Session, wakeup: Wakeup, *, at: datetime, text: str) -> None:
    wakeup.desk_at_once, wakeup.knock_at = True, at
    wakeup_moves.note(session, wakeup, who=SYSTEM, at=at, text=text)
    session.flush()


def _end(
    session: Session,
    claim: Claim,
    attempt: WakeupAttempt,
    outcome: Ring | None,
    made: AttemptOutcome,
    *,
    at: datetime,
) -> bool:
    """Ends the attempt and its call. False: the call is no longer ours; the attempt has ended all the same."""
    attempt.ended_at, attempt.outcome = at, outcome
    session.flush()
    to = ToMake.CONNECTED if made is AttemptOutcome.CONNECTED else ToMake.NOT_REACHED
    return outgoing.move(session, claim, to=to, at=at, outcome=made)

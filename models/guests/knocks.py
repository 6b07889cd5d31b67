"""Staff are called in turn about a guest who does not wake, until somebody goes and knocks (R21-11).

These rows are not those of `models.tickets.escalations`: an escalation belongs to a ticket and its clock, goes from
person to person and ends when one accepts. Here several people may be called at the same time, and a person who is on
the way only delays the next call.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.calls import outgoing
from models.calls.outgoing import Claim
from models.database.paging import Mark, marks
from models.guests import wakeup_attempts, wakeup_moves
from models.people import people
from models.policy.wakeups import WakeupPolicy as Rules
from models.site import Site
from models.states.calls import AttemptOutcome, Priority, Purpose, ToMake
from models.states.guests import Confirmed, KnockLevel, KnockOutcome
from models.tables import Knock, Room, Staff, Wakeup

SPOKEN_WITH = frozenset({KnockOutcome.AWAKE, KnockOutcome.ON_MY_WAY, KnockOutcome.NO_KEY})
_ROLES = {KnockLevel.ATTENDANT: "attendant", KnockLevel.MANAGER: "manager"}


def due(session: Session, *, at: datetime, after: Mark | None, limit: int) -> list[Mark]:
    """(knock_at, id) of the next wake-ups about which staff are to be called, in order, behind `after`."""
    return marks(session, Wakeup.knock_at, Wakeup.id, Wakeup.knock_at <= at, after=after, limit=limit)


def advance(session: Session, wakeup_id: int, *, at: datetime, rules: Rules, site: Site) -> bool:
    """Requests the calls of this round, one person for each level reached. False when it is not time yet."""
    wakeup = session.get_one(Wakeup, wakeup_id, with_for_update=True)
    if wakeup.ended_at is not None or wakeup.knock_at is None or wakeup.knock_at > at:
        return False
    if wakeup.on_way_by is not None:
        wakeup_moves.note(
            session, wakeup, who=wakeup_attempts.SYSTEM, at=at, text=f"not awake yet; {wakeup.on_way_by} went"
        )
        wakeup.on_way_by = None
    wakeup.knock_round += 1
    called = [_ask(session, wakeup, level, site=site, at=at) for level in _reached(session, wakeup, at, rules)]
    if not any(called):
        wakeup_moves.note(session, wakeup, who=wakeup_attempts.SYSTEM, at=at, text="nobody is on duty who could go")
    again = at + timedelta(seconds=rules.knock.again_seconds)
    desk_at = wakeup.wake_at + timedelta(minutes=rules.knock.desk_minutes)
    wakeup.knock_at = min(again, desk_at) if desk_at > at else again
    session.flush()
    return True


def _reached(session: Session, wakeup: Wakeup, at: datetime, rules: Rules) -> list[KnockLevel]:
    """The levels to call by now. With "do not disturb", the manager decides before anybody knocks."""
    minutes = (at - wakeup.wake_at) / timedelta(minutes=1)
    if minutes >= rules.knock.desk_minutes:
        return list(KnockLevel)
    room = session.get(Room, wakeup.room)
    first = KnockLevel.MANAGER if room is not None and room.do_not_disturb else KnockLevel.ATTENDANT
    reached = [first] if minutes >= rules.knock.attendant_minutes else []
    return [KnockLevel.DESK, *reached] if wakeup.desk_at_once else reached


def _ask(session: Session, wakeup: Wakeup, level: KnockLevel, *, site: Site, at: datetime) -> bool:
    """Requests one call, to the person of this level who was called least; to the next level if nobody is on duty."""
    mine = Knock.wakeup_id == wakeup.id
    times = Counter(session.scalars(select(Knock.staff_number).where(mine)))
    busy = set(session.scalars(select(Knock.staff_number).where(mine, Knock.ended_at.is_(None))))
    for step, numbers in _on_duty(session, level, site, at):
        free = [number for number in numbers if number not in busy]
        if not free:
            if numbers:
                return True
            continue
        number = min(free, key=lambda one: times[one])
        knock = Knock(wakeup_id=wakeup.id, rouse=step, staff_number=number, asked_at=at)
        session.add(knock)
        session.flush()
        outgoing.ask(
            session,
            Purpose.KNOCK,
            knock.id,
            due_at=at,
            by=wakeup_attempts.SYSTEM,
            at=at,
            extension=number,
            priority=Priority.FIRST,
        )
        return True
    return False


def _on_duty(session: Session, level: KnockLevel, site: Site, at: datetime) -> Iterator[tuple[KnockLevel, list[str]]]:
    """The level and its people on duty, then those of the later levels; last the managers, on duty or not."""
    steps = list(KnockLevel)[list(KnockLevel).index(level) :]
    for step in steps:
        numbers = _people(session, step, site)
        yield step, [number for number in numbers if people.is_on_duty(session, number, at=at)]
    yield KnockLevel.MANAGER, _people(session, KnockLevel.MANAGER, site)


def _people(session: Session, step: KnockLevel, site: Site) -> list[str]:
    if step is KnockLevel.DESK:
        mine = Staff.group == site.desk_group
    else:
        mine = and_(Staff.role == _ROLES[step], Staff.group.is_not(None))
    return list(session.scalars(select(Staff.number).where(mine).order_by(Staff.number)))


def answer(session: Session, claim: Claim, outcome: KnockOutcome, *, at: datetime, rules: Rules) -> bool:
    """Writes how the call ended. "On my way" delays the next calls; "awake" ends the wake-up. False when the call was
    cancelled meanwhile."""
    knock = session.get_one(Knock, claim.subject_id)
    wakeup = session.get_one(Wakeup, knock.wakeup_id, with_for_update=True)
    spoken_with = outcome in SPOKEN_WITH
    to = ToMake.CONNECTED if spoken_with else ToMake.NOT_REACHED
    made = AttemptOutcome.CONNECTED if spoken_with else AttemptOutcome(outcome)
    if not outgoing.move(session, claim, to=to, at=at, outcome=made):
        return False
    knock.outcome, knock.ended_at = outcome, at
    session.flush()
    if outcome is KnockOutcome.AWAKE:
        wakeup_attempts.confirm(session, wakeup.room, by=knock.staff_number, how=Confirmed.KNOCK, at=at)
    elif outcome is KnockOutcome.ON_MY_WAY:
        wakeup.on_way_by = knock.staff_number
        wakeup.knock_at = at + timedelta(minutes=rules.knock.on_way_minutes)
        wakeup_moves.note(session, wakeup, who=knock.staff_number, at=at, text="on his way")
        wakeup_moves.call_off_knocks(session, wakeup, at=at)
    return True


def about(session: Session, claim: Claim) -> tuple[Wakeup, bool]:
    """The wake-up that this call is about, and whether its room is set to "do not disturb"."""
    wakeup = session.get_one(Wakeup, session.get_one(Knock, claim.subject_id).wakeup_id)
    room = session.get(Room, wakeup.room)
    return wakeup, room is not None and room.do_not_disturb

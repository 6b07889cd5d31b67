"""How many rooms can be rung in one minute, and how long the last one waits; announced when a wake-up is ordered."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.policy.wakeups import WakeupPolicy as Rules
from models.states.guests import WakeupState
from models.tables import Wakeup

_MINUTE = timedelta(minutes=1)
_LOOK_AROUND = 30


def is_over_full(session: Session, due_at: datetime, rules: Rules) -> bool:
    """Whether this minute has more wake-ups than can be rung in it."""
    return sum(_taken(session, due_at, due_at + _MINUTE).values()) > rules.a_minute


def nearest_free(session: Session, due_at: datetime, *, at: datetime, rules: Rules) -> datetime | None:
    """The nearest future minute that can take one more, the earlier of two; None if none within half an hour."""
    taken = _taken(session, due_at - _LOOK_AROUND * _MINUTE, due_at + (_LOOK_AROUND + 1) * _MINUTE)
    for away in range(1, _LOOK_AROUND + 1):
        for minute in (due_at - away * _MINUTE, due_at + away * _MINUTE):
            if minute > at and taken[minute] < rules.a_minute:
                return minute
    return None


def wait_seconds(session: Session, due_at: datetime, rules: Rules) -> int:
    """How long after its second the latest order for this minute may be rung."""
    before = sum(_taken(session, due_at, due_at + _MINUTE).values()) - 1
    rounds, place = divmod(max(0, before), rules.at_once)
    # A line is free again when its attempt is over, but not before all other lines have started theirs.
    a_round = max(rules.attempt_seconds, rules.at_once / rules.starts_a_second)
    return int(rounds * a_round + place / rules.starts_a_second)


def _taken(session: Session, since: datetime, until: datetime) -> Counter[datetime]:
    """The number of wake-ups by moment; orders are for whole minutes."""
    wanted = Wakeup.due_at >= since, Wakeup.due_at < until, Wakeup.state != WakeupState.CANCELLED
    return Counter(session.scalars(select(Wakeup.due_at).where(*wanted)))

"""The table of promises: what each guest was told when he ordered, and what he does when his telephone rings."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.guests import stays, wakeups
from models.guests.wakeups import WakeupHow
from models.policy import Policy
from models.site import Site
from models.states.calls import Purpose
from models.tables import CallToMake, Wakeup, WakeupAttempt

_DESK = "7001"
_AWAKE, _SILENT, _BUSY, _NO_ANSWER, _HANGS_UP, _SNOOZES = "awake", "silent", "busy", "no answer", "hangs up", "snoozes"
UNREGISTERED = "unregistered"
_WEIGHTS: dict[tuple[str, ...], int] = {
    (_AWAKE,): 43,
    (_SILENT, _AWAKE): 8,
    (_BUSY, _AWAKE): 6,
    (_BUSY, _BUSY, _AWAKE): 3,
    (_NO_ANSWER, _AWAKE): 8,
    (_HANGS_UP, _AWAKE): 6,
    (_HANGS_UP, _SILENT, _AWAKE): 2,
    (_SNOOZES, _AWAKE): 8,
    (_SILENT,): 4,
    (_BUSY,): 3,
    (_NO_ANSWER,): 4,
    (_HANGS_UP,): 2,
    (UNREGISTERED,): 3,
}


@dataclass(frozen=True)
class WakeupPromise:
    """`due`: seconds since the epoch. `plan`: what happens at the first ring, the second, ...; the last goes on."""

    room: str
    due: float
    plan: tuple[str, ...]


def rooms(count: int) -> list[str]:
    """Of floors 11 to 19."""
    return [str(1101 + place // 99 * 100 + place % 99) for place in range(count)]


def table(seed: int, count: int, numbers: list[str], first: float, span_s: float) -> list[WakeupPromise]:
    """So many, the rooms in turn, spread evenly over the span with a chance of their own; by time."""
    dice = random.Random(f"{seed}-promises")
    plans = dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=count)
    order = dice.sample(numbers, len(numbers))
    step = span_s / count
    dues = [first + (place + dice.random()) * step for place in range(count)]
    return [
        WakeupPromise(order[place % len(order)], due, plan)
        for place, (due, plan) in enumerate(zip(dues, plans, strict=True))
    ]


def let(session: Session, numbers: Iterable[str], languages: random.Random, at: datetime) -> None:
    for number in numbers:
        stays.check_in(session, number, [f"Guest {number}"], language=languages.choice(["zh", "en"]), who=_DESK, at=at)


def book(session: Session, promise: WakeupPromise, *, at: datetime, policy: Policy, site: Site) -> None:
    """As the front desk does, for the minute; a morning of hours is pressed into minutes here, so its rows are moved to
    their second in the same transaction."""
    due = datetime.fromtimestamp(promise.due, UTC)
    minute = due.astimezone(site.time_zone).replace(second=0, microsecond=0)
    minute += timedelta(minutes=1) if minute < due else timedelta(0)
    order = wakeups.book(
        session,
        promise.room,
        minute.time(),
        on=minute.date(),
        by=_DESK,
        how=WakeupHow.FRONT_DESK,
        at=at,
        rules=policy.wake_up,
        zone=site.time_zone,
    )
    wakeup = session.scalars(select(Wakeup).where(Wakeup.order_id == order.id)).one()
    earlier = wakeup.due_at - due
    attempt = session.scalars(select(WakeupAttempt).where(WakeupAttempt.wakeup_id == wakeup.id)).one()
    mine = CallToMake.kind == Purpose.WAKE_UP, CallToMake.subject_id == attempt.id
    call = session.scalars(select(CallToMake).where(*mine)).one()
    assert wakeup.knock_at is not None
    wakeup.due_at -= earlier
    wakeup.wake_at -= earlier
    wakeup.knock_at -= earlier
    attempt.due_at -= earlier
    call.due_at -= earlier

"""What stories about guests who are woken share: a room that is let, its order, and the scheduler's look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta
from pathlib import Path

from models.guests import stays, wakeups
from models.guests.wakeups import WakeupHow, WakeupOrder
from models.instance.home import Home
from models.states.calls import Ring
from models.states.guests import KnockLevel, KnockOutcome
from models.tables import Knock, Wakeup, WakeupAttempt
from scheduler.scans.wake_ups import wake_ups
from scheduler.scope import Scope
from tests.fakes.people import FakePhone
from tests.flows.world import Hotline

GREETING = ("good-morning", "wake-time-is", "hour-10")


def ordered(
    hotline: Hotline, room: str = "1101", *, language: str = "zh", minutes: int = 1
) -> tuple[FakePhone, WakeupOrder]:
    """A guest's telephone, and his order for so many minutes from now."""
    now, zone = hotline.clock.now(), hotline.site.time_zone
    hotline.store.write(stays.check_in, room, ["王建国"], language=language, who="7001", at=now)
    due = (now + timedelta(minutes=minutes)).astimezone(zone)
    order = hotline.store.write(
        wakeups.book,
        room,
        time(due.hour, due.minute),
        on=due.date(),
        by="7001",
        how=WakeupHow.FRONT_DESK,
        at=now,
        rules=hotline.policy.wake_up,
        zone=zone,
    )
    return hotline.switch.phone(room), order


def due_at(hotline: Hotline) -> datetime:
    due: datetime = the_wake_up(hotline).due_at
    return due


def the_wake_up(hotline: Hotline) -> Wakeup:
    (wakeup,) = hotline.every(Wakeup)
    assert isinstance(wakeup, Wakeup)
    return wakeup


def attempts(hotline: Hotline) -> list[tuple[Ring | None, str | None]]:
    """How each has ended, and the key that was pressed; those that are still to come are left out."""
    return [(a.outcome, a.key) for a in hotline.every(WakeupAttempt) if a.dialled_at is not None]


def knocks(hotline: Hotline) -> list[tuple[KnockLevel, str, KnockOutcome | None]]:
    return [(knock.rouse, knock.staff_number, knock.outcome) for knock in hotline.every(Knock)]


async def minutes_pass(hotline: Hotline, minutes: float) -> None:
    """Until so long after the time that was ordered first."""
    await asyncio.sleep((due_at(hotline) - hotline.clock.now()).total_seconds() + minutes * 60)


def look(hotline: Hotline, folder: Path) -> int:
    """The scheduler's scan."""
    return wake_ups(Scope(Home(folder), hotline.site, hotline.policy, hotline.store, hotline.clock))


@asynccontextmanager
async def scheduler(hotline: Hotline, folder: Path) -> AsyncIterator[None]:
    """Looks every five seconds, as it does in its own process."""

    async def looks() -> None:
        while True:
            look(hotline, folder)
            await asyncio.sleep(5)

    looking = asyncio.create_task(looks())
    yield
    looking.cancel()

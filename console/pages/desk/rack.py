"""The rooms by floor as a desk sees them: who stays, who is to be woken, and which door must be knocked on now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.guests import rooms
from models.guests.rooms import Guest, Room, RoomState
from models.states.guests import WakeupState
from models.tables import Wakeup

BEING_WOKEN = (WakeupState.CALLING, WakeupState.SNOOZED, WakeupState.OVERDUE)


@dataclass(frozen=True)
class Tile:
    """A room. `wakeup` is the one that goes on, or else the next."""

    room: Room
    guests: Sequence[Guest]
    wakeup: Wakeup | None

    @property
    def looks(self) -> str:
        """The most urgent of what is so: knock, calling, let-quiet, let, free."""
        if self.wakeup is not None and self.wakeup.state in BEING_WOKEN:
            return "knock" if must_knock(self.wakeup) else "calling"
        if self.room.state is RoomState.FREE:
            return "free"
        return "quiet" if self.room.do_not_disturb else "let"


def must_knock(wakeup: Wakeup) -> bool:
    """Whether somebody has to go to the door: staff are being called, and nobody is on the way (R21-11)."""
    called = wakeup.knock_round > 0 or wakeup.state is WakeupState.OVERDUE
    return wakeup.state in BEING_WOKEN and called and wakeup.on_way_by is None


def floors(session: Session) -> dict[str, list[Tile]]:
    """Every room by its floor, the highest floor first."""
    found = rooms.all_of(session)
    there = rooms.guests(session, [room.number for room in found])
    coming: dict[str, Wakeup] = {}
    for wakeup in _open(session):
        coming.setdefault(wakeup.room, wakeup)
    by_floor: dict[str, list[Tile]] = {}
    for room in found:
        tile = Tile(room, there.get(room.number, []), coming.get(room.number))
        by_floor.setdefault(room.number[:-2], []).append(tile)
    return dict(sorted(by_floor.items(), reverse=True))


def being_woken(session: Session) -> list[Wakeup]:
    """The wake-ups that go on, those to knock for first."""
    found = [one for one in _open(session) if one.state in BEING_WOKEN]
    return sorted(found, key=lambda one: (not must_knock(one), one.wake_at, one.room))


def _open(session: Session) -> list[Wakeup]:
    """Those that have not ended, going on or to come, in the order of their time."""
    mine = Wakeup.state.in_((WakeupState.PLANNED, *BEING_WOKEN))
    return list(session.scalars(select(Wakeup).where(mine).order_by(Wakeup.wake_at, Wakeup.id)))


def counts(by_floor: dict[str, list[Tile]], *, before: datetime) -> dict[str, int]:
    """Rooms let and free, and wake-ups to come until then."""
    tiles = [tile for floor in by_floor.values() for tile in floor]
    let = sum(tile.room.state is RoomState.LET for tile in tiles)
    coming = sum(tile.wakeup is not None and tile.wakeup.wake_at < before for tile in tiles)
    return {"let": let, "free": len(tiles) - let, "wakeups": coming}

"""Rooms: whether they are let and to whom, their language, and "do not disturb".

The rooms are the telephones of [rooms] in the site file. `models.guests.stays` writes who arrives and leaves.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.errors import MoveRefused
from models.language import LANGUAGES
from models.states.guests import ROOM_MOVES, RoomEventKind, RoomState
from models.tables import Guest, Room, RoomEvent
from models.text.wording import word

if TYPE_CHECKING:
    from models.site import Site

__all__ = ["Guest", "Room", "RoomRefused", "RoomState"]


class RoomRefused(MoveRefused):
    """There is no such room, or its state does not allow this; the message says which."""


def sync(session: Session, site: "Site") -> None:
    """Adds the rooms of the site file. A room that is no longer in it stays as long as it is let."""
    wanted = dict.fromkeys(site.rooms.phones)
    known = {room.number: room for room in session.scalars(select(Room))}
    new = [
        {"number": number, "state": RoomState.FREE, "language": site.language, "do_not_disturb": False}
        for number in wanted
        if number not in known
    ]
    if new:
        session.execute(insert(Room), new)
    for number, room in known.items():
        if number in wanted and room.state is RoomState.GONE:
            move(session, room, RoomState.FREE)
        elif number not in wanted and room.state is RoomState.FREE:
            move(session, room, RoomState.GONE)


def find(session: Session, number: str, *, to_change: bool = False) -> Room:
    """The room; `to_change`: locked until the end of the transaction. Raises RoomRefused when there is none."""
    room = session.get(Room, number, with_for_update=to_change)
    if room is None or room.state is RoomState.GONE:
        raise RoomRefused(
            f"there is no room {number}: the rooms are those with a telephone",
            f"没有房间 {number}：房间以装有话机的为准",
        )
    return room


def let(session: Session, number: str, *, to_change: bool = False) -> Room:
    """The room, if it is let. Raises RoomRefused when it does not exist or nobody stays there (R21-9)."""
    room = find(session, number, to_change=to_change)
    if room.state is not RoomState.LET:
        raise RoomRefused(
            f"room {number} is not let: check its guest in first",
            f"房间 {number} 未入住：请先办理入住",
        )
    return room


def all_of(session: Session) -> list[Room]:
    """Every room, by number."""
    return list(session.scalars(select(Room).where(Room.state != RoomState.GONE).order_by(Room.number)))


def guests(session: Session, numbers: Iterable[str]) -> dict[str, list[Guest]]:
    """The guests in these rooms, in order of arrival."""
    here = Guest.room.in_(list(numbers)), Guest.checked_out_at.is_(None)
    found: dict[str, list[Guest]] = {}
    for guest in session.scalars(select(Guest).where(*here).order_by(Guest.id)):
        found.setdefault(guest.room, []).append(guest)
    return found


def stays(session: Session, numbers: Iterable[str], since: datetime, until: datetime) -> list[Guest]:
    """The guests who stayed in these rooms at any time between the two moments, in order of arrival."""
    left = or_(Guest.checked_out_at.is_(None), Guest.checked_out_at > since)
    there = Guest.room.in_(list(numbers)), left, Guest.checked_in_at < until
    return list(session.scalars(select(Guest).where(*there).order_by(Guest.id)))


def events(session: Session, number: str, *, limit: int) -> list[RoomEvent]:
    """The events of a room, the newest first."""
    newest = select(RoomEvent).where(RoomEvent.room == number).order_by(RoomEvent.at.desc(), RoomEvent.id.desc())
    return list(session.scalars(newest.limit(limit)))


def set_language(session: Session, number: str, language: str, *, who: str, at: datetime) -> Room:
    """The language this room hears first, from the next call on. Raises RoomRefused."""
    if language not in LANGUAGES:
        raise RoomRefused(f"{language} is not supported: zh or en", f"不支持语言 {language}:zh 或 en")
    room = find(session, number, to_change=True)
    if room.language != language:
        room.language = language
        note(session, number, RoomEventKind.LANGUAGE, who=who, at=at, text=language)
    return room


def set_do_not_disturb(session: Session, number: str, wanted: bool, *, who: str, at: datetime) -> Room:
    """Raises RoomRefused, also for a room that is not let."""
    room = let(session, number, to_change=True)
    if room.do_not_disturb != wanted:
        room.do_not_disturb = wanted
        kind = RoomEventKind.DO_NOT_DISTURB if wanted else RoomEventKind.MAY_DISTURB
        note(session, number, kind, who=who, at=at)
    return room


def move(session: Session, room: Room, to: RoomState) -> None:
    """Raises RoomRefused when its state does not allow the move, or another change was quicker."""
    mine = Room.number == room.number, Room.state == room.state
    if to not in ROOM_MOVES[room.state] or change(session, update(Room).where(*mine).values(state=to)) != 1:
        raise RoomRefused(
            f"room {room.number} is {word(room.state, 'en')} and can't become {word(to, 'en')}",
            f"房间 {room.number} 状态已变",
        )
    session.refresh(room)


def note(session: Session, number: str, kind: RoomEventKind, *, who: str, at: datetime, text: str = "") -> None:
    session.add(RoomEvent(room=number, at=at, kind=kind, who=who[:80], note=text))

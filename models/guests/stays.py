"""Guests arrive and leave; when the last one leaves, the room's wake-ups and settings end (R21-9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.guests import rooms, wakeups
from models.guests.rooms import Guest, RoomRefused
from models.states.guests import RoomEventKind, RoomState

LONGEST_NAME = 80


@dataclass(frozen=True)
class CheckedOut:
    """The guests who left, and how many wake-up orders were cancelled because the room is free."""

    guests: list[Guest]
    wakeups: int


def check_in(
    session: Session, number: str, names: Sequence[str], *, language: str | None = None, who: str, at: datetime
) -> list[Guest]:
    """Checks them in, all of them or none. Raises RoomRefused."""
    room = rooms.find(session, number, to_change=True)
    there = {guest.name for guest in rooms.guests(session, [number]).get(number, [])}
    wanted = [_name(name) for name in names]
    twice = there.intersection(wanted) or {name for name in wanted if wanted.count(name) > 1}
    if twice:
        raise RoomRefused(
            f"a guest of the same name stays in {number} already: write the name so that the two differ",
            f"房间 {number} 已有同名住客：请写成可区分的姓名",
        )
    if room.state is RoomState.FREE:
        rooms.move(session, room, RoomState.LET)
    if language is not None:
        rooms.set_language(session, number, language, who=who, at=at)
    new = [Guest(name=name, room=number, checked_in_at=at, checked_in_by=who[:80]) for name in wanted]
    session.add_all(new)
    rooms.note(session, number, RoomEventKind.CHECKED_IN, who=who, at=at, text=str(len(new)))
    return new


def check_out(
    session: Session, number: str, *, name: str | None = None, language: str, who: str, at: datetime
) -> CheckedOut:
    """All guests leave, or only the one of this name. A room that is free again has no wake-ups, the site's `language`,
    and no "do not disturb". Raises RoomRefused."""
    room = rooms.let(session, number, to_change=True)
    there = rooms.guests(session, [number])[number]
    leaving = [guest for guest in there if name is None or guest.name == name.strip()]
    if not leaving:
        raise RoomRefused(
            f"nobody of that name stays in {number}",
            f"房间 {number} 没有这位住客",
        )
    for guest in leaving:
        guest.checked_out_at, guest.checked_out_by = at, who[:80]
    rooms.note(session, number, RoomEventKind.CHECKED_OUT, who=who, at=at, text=str(len(leaving)))
    cancelled = 0
    if len(leaving) == len(there):
        cancelled = wakeups.cancel_room(session, number, by=who, at=at)
        room.language, room.do_not_disturb = language, False
        session.flush()
        rooms.move(session, room, RoomState.FREE)
    return CheckedOut(leaving, cancelled)


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise RoomRefused(
            f"a guest's name has 1 to {LONGEST_NAME} characters", f"住客姓名应为 1 至 {LONGEST_NAME} 个字符"
        )
    return name

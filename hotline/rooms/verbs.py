"""What `hotline room` changes: check-in, check-out, language, do not disturb, each with who did it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting
from models import enrolment
from models.clock import SystemClock
from models.guests import rooms, stays
from models.guests.stays import CheckedOut
from models.text.masking import masked_name


def check_in(acting: Acting, number: str, names: Sequence[str], language: str | None) -> None:
    """Raises RoomRefused, StoreUnavailable."""
    store = acting.this.open_store()
    store.write(enrolment.enrol, acting.this.site)
    new = store.write(stays.check_in, number, names, language=language, who=acting.who, at=SystemClock().now())
    named = " ".join(masked_name(guest.name) or "" for guest in new)
    acting.print(f"房间 {number} 已入住：{named}", f"room {number} is let: {named}")


def check_out(acting: Acting, numbers: Sequence[str], guest: str | None, *, yes: bool) -> None:
    """All of the rooms, or none. Raises RoomRefused, NotDone, StoreUnavailable."""
    listed = " ".join(numbers)
    acting.confirm(f"{listed} 退房？", f"check out {listed}?", yes=yes)

    def write(session: Session) -> list[CheckedOut]:
        at, language = SystemClock().now(), acting.this.site.language
        return [
            stays.check_out(session, number, name=guest, language=language, who=acting.who, at=at) for number in numbers
        ]

    done = acting.this.open_store().write(write)
    left, cancelled = sum(len(one.guests) for one in done), sum(one.wakeups for one in done)
    acting.print(
        f"{listed} 已退房：{left} 位住客，取消叫醒 {cancelled} 个",
        f"{listed}: {left} checked out, {cancelled} wake-ups cancelled",
    )


def set_language(acting: Acting, number: str, language: str) -> None:
    """Raises RoomRefused, StoreUnavailable."""
    acting.this.open_store().write(rooms.set_language, number, language, who=acting.who, at=SystemClock().now())
    acting.print(f"房间 {number} 的语言：{language}", f"room {number} is spoken to in {language}")


def set_do_not_disturb(acting: Acting, number: str, wanted: bool) -> None:
    """Raises RoomRefused, StoreUnavailable."""
    acting.this.open_store().write(rooms.set_do_not_disturb, number, wanted, who=acting.who, at=SystemClock().now())
    if wanted:
        acting.print(f"房间 {number}：请勿打扰", f"room {number} is not to be disturbed")
    else:
        acting.print(f"房间 {number}：已取消请勿打扰", f"room {number} may be disturbed")

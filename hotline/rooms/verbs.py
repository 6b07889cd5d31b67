"""What `hotline room` shows and does: every change is written with who made it; guests' names are masked."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.listing import ListView, log_reveal, print_json, print_table
from hotline.terminal.opening import Opened, operator
from hotline.terminal.wording import say, word
from hotline.tickets.verbs import STAFF_VARIABLE, acting, sure
from models import enrolment
from models.clock import SystemClock
from models.guests import rooms, stays
from models.guests.stays import CheckedOut
from models.text.masking import masked_name

ROOMS = ("room", "state", "language", "do_not_disturb", "guests")


@dataclass(frozen=True)
class FrontDesk:
    """A terminal at the front desk; `who` is a staff number or, where none is said, the account that logged in."""

    this: Opened
    view: ListView
    who: str

    @classmethod
    def of(cls, this: Opened, view: ListView, asked: str | None) -> "FrontDesk":
        """Raises NotDone for a number that is nobody's."""
        named = asked or os.environ.get(STAFF_VARIABLE)
        return cls(this, view, acting(this, named) if named else operator())

    def show(self) -> None:
        """Raises StoreUnavailable."""
        store, view = self.this.open_store(), self.view
        store.write(enrolment.enrol, self.this.site)
        log_reveal(store, view, "rooms")

        def read(session: Session) -> list[dict[str, Any]]:
            found = rooms.all_of(session)
            there = rooms.guests(session, [room.number for room in found])
            return [
                {
                    "room": room.number,
                    "state": room.state.value,
                    "language": room.language,
                    "do_not_disturb": room.do_not_disturb,
                    "guests": [view.name(guest.name) for guest in there.get(room.number, [])],
                    "since": min((guest.checked_in_at for guest in there.get(room.number, [])), default=None),
                }
                for room in found
            ]

        rows = store.read(read)
        if view.as_json:
            return print_json(rows)
        on = say("是", "yes", view.language)
        texts = [
            {"room": str(row["room"]), "language": str(row["language"])}
            | {
                "state": word(row["state"], view.language),
                "do_not_disturb": on if row["do_not_disturb"] else "",
            }
            | {"guests": " ".join(row["guests"])}
            for row in rows
        ]
        print_table(texts, ROOMS, view.language)

    def check_in(self, number: str, names: Sequence[str], language: str | None) -> None:
        """Raises RoomRefused, StoreUnavailable."""
        store = self.this.open_store()
        store.write(enrolment.enrol, self.this.site)
        new = store.write(stays.check_in, number, names, language=language, who=self.who, at=SystemClock().now())
        named = " ".join(masked_name(guest.name) or "" for guest in new)
        self.say(f"房间 {number} 已入住:{named}", f"room {number} is let: {named}")

    def check_out(self, numbers: Sequence[str], guest: str | None, *, yes: bool) -> None:
        """All of the rooms, or none. Raises RoomRefused, NotDone, StoreUnavailable."""
        told = " ".join(numbers)
        sure(f"{told} 退房?", f"check out {told}?", self.view.language, yes=yes)

        def write(session: Session) -> list[CheckedOut]:
            at, language = SystemClock().now(), self.this.site.language
            return [
                stays.check_out(session, number, name=guest, language=language, who=self.who, at=at)
                for number in numbers
            ]

        done = self.this.open_store().write(write)
        left, cancelled = sum(len(one.guests) for one in done), sum(one.wakeups for one in done)
        self.say(
            f"{told} 已退房:{left} 位住客,取消叫醒 {cancelled} 个",
            f"{told}: {left} checked out, {cancelled} wake-ups cancelled",
        )

    def language(self, number: str, language: str) -> None:
        """Raises RoomRefused, StoreUnavailable."""
        self.this.open_store().write(rooms.set_language, number, language, who=self.who, at=SystemClock().now())
        self.say(f"房间 {number} 的语言:{language}", f"room {number} is spoken to in {language}")

    def do_not_disturb(self, number: str, wanted: bool) -> None:
        """Raises RoomRefused, StoreUnavailable."""
        self.this.open_store().write(rooms.set_do_not_disturb, number, wanted, who=self.who, at=SystemClock().now())
        if wanted:
            self.say(f"房间 {number}:请勿打扰", f"room {number} is not to be disturbed")
        else:
            self.say(f"房间 {number}:已取消请勿打扰", f"room {number} may be disturbed")

    def say(self, zh: str, en: str) -> None:
        print(say(zh, en, self.view.language))

"""`hotline room list`: all rooms, with masked names of the guests."""

from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.acting import log_reveal
from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from models import enrolment
from models.guests import rooms
from models.text.wording import say, word

ROOMS = ("room", "state", "language", "do_not_disturb", "guests")


def list_rooms(this: Opened, view: ListView) -> None:
    """Raises StoreUnavailable."""
    store = this.open_store()
    store.write(enrolment.enrol, this.site)
    log_reveal(this, store, view, "rooms")

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

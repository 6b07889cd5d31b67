"""`hotline wakeup list`: the wake-ups that are ordered and still to come."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting
from hotline.terminal.listing import print_json, print_table
from hotline.wakeups.sheet import day_of, who
from models.guests import wakeups
from models.guests.wakeups import WakeupOrder
from models.language import Language
from models.text.wording import moment, say, word

ORDERS = ("id", "room", "when", "left_out", "next_at", "set_by", "how", "set_at")
_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_WEEK, _WORKING_DAYS = "1234567", "12345"


def list_orders(acting: Acting, room: str | None) -> None:
    """Raises StoreUnavailable."""

    def read(session: Session) -> list[dict[str, Any]]:
        return [_order(acting, session, one) for one in wakeups.of_room(session, room)]

    rows = acting.this.open_store().read(read)
    if acting.view.as_json:
        return print_json(rows)
    zone, language = acting.this.site.time_zone, acting.view.language
    texts = [
        {"id": str(row["id"]), "room": row["room"], "when": spelt(row["time"], row["date"], row["weekdays"], language)}
        | {"left_out": " ".join(row["left_out"])}
        | {"next_at": moment(row["next_at"], zone), "set_by": who(row["set_by"], language)}
        | {"how": word(row["how"], language), "set_at": moment(row["set_at"], zone)}
        for row in rows
    ]
    print_table(texts, ORDERS, language)


def spelt(at: str, on: date | str | None, days: str | None, language: Language) -> str:
    """The time with its date or weekdays, as a person writes it."""
    if on:
        return f"{on} {at}"
    names = _WEEKDAYS[language]
    if days == _WEEK:
        return say(f"每天 {at}", f"daily {at}", language)
    if days == _WORKING_DAYS:
        return say(f"周一至周五 {at}", f"Mon-Fri {at}", language)
    listed = [names[int(day) - 1] for day in days or ""]
    return say(f"周{''.join(listed)} {at}", f"{' '.join(listed)} {at}", language)


def _order(acting: Acting, session: Session, order: WakeupOrder) -> dict[str, Any]:
    to_come = wakeups.open_ones(session, order.id)
    left_out = wakeups.left_out(session, order.id, day_of(acting, None)) if order.weekdays else []
    return {
        "id": order.id,
        "room": order.room,
        "time": order.at,
        "date": order.on_date and str(order.on_date),
        "weekdays": order.weekdays,
        "left_out": [str(day) for day in left_out],
        "next_at": to_come[0].wake_at if to_come else None,
        "set_by": order.set_by,
        "how": order.how.value,
        "set_at": order.set_at,
    }

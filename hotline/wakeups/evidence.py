"""The evidence of one wake-up, by time: the order, each ring with its key, each knock, the end (R21-13)."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting, log_reveal
from hotline.terminal.listing import print_json, print_table
from hotline.terminal.printed import Table, page
from hotline.terminal.refusals import NotDone
from hotline.wakeups.sheet import SHEET, day_of, ended, fields, subtitle, texts_of, who
from models.clock import SystemClock
from models.guests import rooms, wakeups
from models.guests.wakeups import Sheet
from models.tables import Wakeup, WakeupEvent
from models.text.wording import column, moment, say, word

COURSE = ("at", "what", "who", "outcome", "note")
_MOMENT = timedelta(microseconds=1)


def show_evidence(acting: Acting, number: int, date_named: str | None, html: Path | None) -> None:
    """Of the order's wake-up on this day; without a day, of the last one that was due, or else of the first.

    Raises NoMoment, NotDone, CannotWrite, StoreUnavailable.
    """
    store, view, language = acting.this.open_store(), acting.view, acting.view.language
    day = day_of(acting, date_named) if date_named else None
    log_reveal(acting.this, store, view, f"wake-up {number}")

    def read(session: Session) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        one = _of_order(session, number, day)
        if one is None:
            return None
        due_at = one.wakeup.due_at
        stays = rooms.stays(session, [one.wakeup.room], due_at, due_at + _MOMENT)
        steps = sorted(_steps(one, wakeups.events(session, one.wakeup.id)), key=lambda step: step["at"])
        return fields(one, stays, view), steps

    found = store.read(read)
    if found is None:
        raise NotDone(
            say(
                f"没有这一天的叫醒 {number}（.venv/bin/hotline wakeup sheet）",
                f"there is no wake-up {number} of that day (.venv/bin/hotline wakeup sheet)",
                language,
            )
        )
    row, steps = found
    if view.as_json:
        return print_json(row | {"course": steps})
    text, course = texts_of(row, acting), [_texts(step, acting) for step in steps]
    if html is None:
        print_table([text], SHEET, language, several=("knocked",))
        return print_table(course, COURSE, language)
    heads = [[column(key, language) for key in keys] for keys in (SHEET, COURSE)]
    tables = [
        Table(heads[0], [[text[key] for key in SHEET]]),
        Table(heads[1], [[step[key] for key in COURSE] for step in course], say("经过", "What was done", language)),
    ]
    title = say(f"叫醒凭证 {number}", f"Evidence of wake-up {number}", language)
    return page(html, title, subtitle(acting, ""), tables, language)


def _of_order(session: Session, number: int, day: date | None) -> Sheet | None:
    of_order = select(Wakeup).where(Wakeup.order_id == number).order_by(Wakeup.on_date)
    if day is not None:
        of_order = of_order.where(Wakeup.on_date == day)
    found, now = session.scalars(of_order).all(), SystemClock().now()
    if not found:
        return None
    wanted = next((one for one in reversed(found) if one.due_at <= now), found[0])
    return next(
        one for one in wakeups.sheet(session, wanted.due_at, wanted.due_at + _MOMENT) if one.wakeup.id == wanted.id
    )


def _steps(one: Sheet, events: list[WakeupEvent]) -> Iterator[dict[str, Any]]:
    order = one.order
    yield {"at": order.set_at, "what": "ordered", "who": order.set_by, "outcome": order.how.value}
    for ring in one.attempts:
        if ring.dialled_at is not None:
            yield {
                "at": ring.dialled_at,
                "what": "rung",
                "who": ring.channel_id,
                "outcome": ended(ring),
                "rings": ring.rings,
                "answered_at": ring.answered_at,
                "ended_at": ring.ended_at,
                "key": ring.key,
            }
    for knock in one.knocks:
        yield {
            "at": knock.asked_at,
            "what": knock.rouse.value,
            "who": knock.staff_number,
            "ended_at": knock.ended_at,
            "outcome": knock.outcome and knock.outcome.value,
        }
    for event in events:
        if event.to_state is None and event.text.startswith("set: "):
            # The order itself is the first step.
            continue
        yield {
            "at": event.at,
            "what": "state" if event.to_state else "note",
            "who": event.who,
            "outcome": event.to_state and event.to_state.value,
            "text": event.text,
        }


def _texts(step: dict[str, Any], acting: Acting) -> dict[str, str]:
    zone, language = acting.this.site.time_zone, acting.view.language
    notes = [
        (step.get("rings"), say("响 {} 声", "{} rings", language)),
        (moment(step.get("answered_at"), zone), say("{} 接起", "answered {}", language)),
        (step.get("key"), say("按键 {}", "key {}", language)),
        (moment(step.get("ended_at"), zone), say("{} 结束", "ended {}", language)),
        (word(step.get("text"), language), "{}"),
    ]
    return {
        "at": moment(step["at"], zone),
        "what": word(step["what"], language),
        "who": who(step["who"], language),
        "outcome": word(step["outcome"], language),
        "note": say("，", ", ", language).join(text.format(value) for value, text in notes if value),
    }

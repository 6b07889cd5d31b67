"""The wake-up sheet (住客叫醒登记表) of a day or a shift, on the terminal or as a page to print (R21-9)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting, log_reveal
from hotline.terminal.dates import parse
from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.printed import Table, page
from hotline.terminal.refusals import NotDone
from models.clock import SystemClock
from models.guests import rooms, wakeups
from models.guests.wakeups import Sheet, WakeupState
from models.guests.wakeups_file import clock
from models.language import Language
from models.roster import handovers, roster
from models.tables import Guest, Handover, WakeupAttempt
from models.text.wording import column, moment, say, word
from models.time import calendar

SHEET = (
    *("id", "room", "guests", "due", "state", "late_minutes", "rung", "knocked"),
    *("confirmed_by", "set_by", "how", "set_at"),
)
_DAY = timedelta(days=1)
_LATE = {WakeupState.CALLING, WakeupState.OVERDUE}


def show_sheet(acting: Acting, date_named: str | None, shift: str | None, html: Path | None) -> None:
    """Raises NoMoment, NotDone, CannotWrite, StoreUnavailable."""
    store, view, day = acting.this.open_store(), acting.view, day_of(acting, date_named)
    log_reveal(acting.this, store, view, f"wake-up sheet {day}")

    def read(session: Session) -> tuple[list[dict[str, Any]], list[Handover]]:
        since, until = _hours(session, acting, day, shift)
        found = wakeups.sheet(session, since, until)
        stays = rooms.stays(session, {one.wakeup.room for one in found}, since, until)
        rows = [fields(one, stays, view) for one in found]
        return rows, handovers.of_wakeups(session, [one.wakeup.id for one in found], since=since - _DAY, until=until)

    rows, taken = store.read(read)
    if view.as_json:
        return print_json(rows)
    texts = [texts_of(row, acting) for row in rows]
    late = {place for place, row in enumerate(rows) if row["state"] in _LATE or row["late_minutes"]}
    notes = [_handed_over(one, acting) for one in taken]
    if html is not None:
        title = say("住客叫醒登记表", "Wake-up sheet", view.language)
        heads = [column(key, view.language) for key in SHEET]
        table = Table(heads, [[text[key] for key in SHEET] for text in texts], late=late)
        signed = say("交班人签字|接班人签字", "Handed over by|Taken over by", view.language).split("|")
        return page(
            html, title, subtitle(acting, f"{day} {shift or ''}"), [table], view.language, notes=notes, signed=signed
        )
    print_table(texts, SHEET, view.language, red=late, several=("knocked",))
    print("\n".join(notes), end="\n" if notes else "")
    return None


def _hours(session: Session, acting: Acting, day: date, shift: str | None) -> tuple[datetime, datetime]:
    """The whole day, the turn of a shift that begins on it, or hours such as 22:00-08:00."""
    zone = acting.this.site.time_zone
    midnights = [calendar.moment(one, time(0), zone) for one in (day, day + _DAY)]
    if shift is None:
        return midnights[0], midnights[1]
    first, last = (clock(part) for part in (shift.partition("-")[::2]))
    if first is not None and last is not None:
        ends_on = day if last > first else day + _DAY
        return calendar.moment(day, first, zone), calendar.moment(ends_on, last, zone)
    plan = roster.plan(session)
    turns = [
        turn
        for turn in plan.turns(midnights[0], midnights[1], acting.this.site.days)
        if turn.day == day and shift in (turn.shift.name, turn.shift.zh, turn.shift.en)
    ]
    if not turns:
        names = ", ".join(one.name for one in plan.shifts) or "-"
        raise NotDone(
            say(
                f"{day} 没有班次 {shift}；可写 {names}，或时段 22:00-08:00",
                f"no shift {shift} on {day}: one of {names}, or hours such as 22:00-08:00",
                acting.view.language,
            )
        )
    return min(turn.starts_at for turn in turns), max(turn.ends_at for turn in turns)


def fields(one: Sheet, stays: Sequence[Guest], view: ListView) -> dict[str, Any]:
    """Stable names; `rung` and `knocked` hold the outcome of each ring and of each call to staff."""
    wakeup, order = one.wakeup, one.order
    there = [
        guest
        for guest in stays
        if guest.room == wakeup.room
        and guest.checked_in_at <= wakeup.due_at
        and (guest.checked_out_at is None or guest.checked_out_at > wakeup.due_at)
    ]
    return {
        "id": order.id,
        "room": wakeup.room,
        "guests": [view.name(guest.name) for guest in there],
        "due": wakeup.due_at,
        "state": wakeup.state.value,
        "late_minutes": wakeup.late_minutes,
        "rung": [ended(attempt) for attempt in one.attempts if attempt.dialled_at],
        "knocked": [[knock.staff_number, knock.outcome and knock.outcome.value] for knock in one.knocks],
        "cancelled_by": one.cancelled_by,
        "snoozes": wakeup.snoozes,
        "confirmed_by": wakeup.confirmed_by,
        "confirmed_how": wakeup.confirmed_how and wakeup.confirmed_how.value,
        "ended_at": wakeup.ended_at,
        "set_by": order.set_by,
        "how": order.how.value,
        "set_at": order.set_at,
    }


def ended(attempt: WakeupAttempt) -> str:
    """The outcome of a ring; without one it was interrupted on our side, or is going on."""
    if attempt.outcome is not None:
        return attempt.outcome.value
    return "interrupted" if attempt.ended_at else "ringing"


def texts_of(row: dict[str, Any], acting: Acting) -> dict[str, str]:
    """The row as a person reads it."""
    zone, language = acting.this.site.time_zone, acting.view.language
    counted = Counter(row["rung"])
    knocked = [f"{number} {word(outcome, language)}".strip() for number, outcome in row["knocked"]]
    late, by = row["late_minutes"], row["cancelled_by"]
    return {
        "id": str(row["id"]),
        "room": row["room"],
        "guests": " ".join(row["guests"]),
        "due": f"{row['due'].astimezone(zone):%m-%d %H:%M}",
        "state": word(row["state"], language) + (f" {who(by, language)}" if by else ""),
        "late_minutes": "" if late is None else str(late),
        "rung": ", ".join(f"{number} {word(outcome, language)}" for outcome, number in counted.items()),
        "knocked": "\n".join(knocked),
        "confirmed_by": " ".join(word(row[key], language) for key in ("confirmed_by", "confirmed_how") if row[key]),
        "set_by": who(row["set_by"], language),
        "how": word(row["how"], language),
        "set_at": moment(row["set_at"], zone),
    }


def day_of(acting: Acting, text: str | None) -> date:
    """The day that the text names; without one, today. Raises NoMoment."""
    zone, now = acting.this.site.time_zone, SystemClock().now()
    return parse(text, now, zone, acting.view.language).date() if text else now.astimezone(zone).date()


def who(name: str, language: Language) -> str:
    """A staff number or account as it is; "guest" for a room's telephone."""
    return word("guest" if name == wakeups.ROOM else name, language)


def subtitle(acting: Acting, what: str) -> str:
    """The site, the subject, and who printed it when."""
    this, language = acting.this, acting.view.language
    now = moment(SystemClock().now(), this.site.time_zone)
    printed = say(f"{acting.who} 打印于 {now}", f"printed by {acting.who} at {now}", language)
    return " · ".join(filter(None, (say(this.site.name_zh, this.site.name_en, language), what.strip(), printed)))


def _handed_over(one: Handover, acting: Acting) -> str:
    when = moment(one.taken_at, acting.this.site.time_zone)
    given = one.given_by or " ".join(one.leaving)
    return say(
        f"交接 {one.id}：{given} 交，{one.taken_by} 接，{when}",
        f"handover {one.id}: {given} to {one.taken_by}, {when}",
        acting.view.language,
    )

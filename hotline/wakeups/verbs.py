"""Wake-ups ordered at the front desk: each order names who made it, and each row of a list gets its own result."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting
from hotline.terminal.dates import NoMoment, parse
from hotline.terminal.listing import print_json, print_table
from hotline.terminal.refusals import NotDone
from hotline.wakeups.lists import spelt
from hotline.wakeups.sheet import day_of
from models import enrolment
from models.clock import SystemClock
from models.errors import Problem
from models.guests import wakeup_attempts, wakeup_rows, wakeups
from models.guests.wakeup_rows import OrderedBy, RowOutcome, RowResult, WakeupRequest
from models.guests.wakeups import Confirmed, WakeupHow
from models.guests.wakeups_file import A_REPEAT, clock, read_wakeups, weekdays
from models.text.wording import column, say, word

ROWS = ("row", "room", "when", "outcome", "id", "remark")
_END_OF_DAY = time(23, 59, 59)
"""How a day without a time is read."""


def add(acting: Acting, when: str, wished: Sequence[str], floors: Sequence[str], repeat: str | None) -> bool:
    """Whether all of them are set. Raises NoMoment, NotDone, StoreUnavailable."""
    store = acting.this.open_store()
    store.write(enrolment.enrol, acting.this.site)
    at, on, days = _when(acting, when, repeat)
    numbers = store.read(wakeup_rows.room_numbers, wished, floors)
    if not numbers:
        raise NotDone(acting.words("没有指定已入住的房间", "no room that is let is named"))
    order = _ordered_by(acting, WakeupHow.FRONT_DESK)
    now = SystemClock().now()
    taken = [wakeup_rows.take(store, WakeupRequest(number, at, on, days), order, at=now) for number in numbers]
    return _print_rows(acting, [_row(acting, one) for one in taken])


def import_file(acting: Acting, file: Path) -> bool:
    """Whether every row is set now, or was before. Raises ConfigError, StoreUnavailable."""
    store = acting.this.open_store()
    store.write(enrolment.enrol, acting.this.site)
    read = read_wakeups(file)
    order, now = _ordered_by(acting, WakeupHow.IMPORT), SystemClock().now()
    rows = [
        _row(acting, wakeup_rows.take(store, wanted, order, at=now)) | {"row": line}
        for line, wanted in read.rows.items()
    ]
    rows += [
        {"row": line, "room": None, "time": None, "date": None, "weekdays": None, "id": None, "wait_s": 0}
        | {"outcome": RowOutcome.REFUSED.value, "remark": " ".join(_remedy(acting, one) for one in found)}
        for line, found in read.problems.items()
    ]
    return _print_rows(acting, sorted(rows, key=lambda row: row["row"]))


def change(acting: Acting, number: int, when: str, repeat: str | None) -> None:
    """Raises NoMoment, NotDone, WakeupRefused, StoreUnavailable."""
    at, on, days = _when(acting, when, repeat)
    order = _ordered_by(acting, WakeupHow.FRONT_DESK)
    new = acting.this.open_store().write(
        wakeups.change,
        number,
        time_of_day=at,
        on=on,
        weekdays=days,
        by=order.by,
        how=order.how,
        at=SystemClock().now(),
        rules=order.rules,
        zone=order.zone,
    )
    written = spelt(new.at, new.on_date, new.weekdays, acting.view.language)
    acting.print(
        f"叫醒 {number} 改为 {new.id}：{new.room}，{written}", f"{number} is now {new.id}: {new.room}, {written}"
    )


def cancel(acting: Acting, numbers: Sequence[int], wished: Sequence[str], on: str | None, *, yes: bool) -> None:
    """Cancels all of them or none, or with `on` only that day. Raises NoMoment, NotDone, WakeupRefused,
    StoreUnavailable."""
    store, zone = acting.this.open_store(), acting.this.site.time_zone
    day = day_of(acting, on) if on else None
    orders = [one for room in wished for one in store.read(wakeups.of_room, room)]
    of_rooms = [one.id for one in orders if day is None or day in wakeups.days_of(one, day, day)]
    wanted = list(dict.fromkeys([*numbers, *of_rooms]))
    if not wanted:
        raise NotDone(acting.words("没有可取消的叫醒", "there is no wake-up to cancel"))
    listed = " ".join(map(str, wanted)) + (acting.words(f"（仅 {day}）", f" (on {day} alone)") if day else "")
    acting.confirm(f"取消叫醒 {listed}?", f"cancel {listed}?", yes=yes)

    def write(session: Session) -> None:
        at = SystemClock().now()
        for number in wanted:
            if day:
                wakeups.cancel_day(session, number, day, by=acting.who, at=at, zone=zone)
            else:
                wakeups.cancel(session, number, by=acting.who, at=at)

    store.write(write)
    acting.print(f"已取消叫醒 {listed}", f"cancelled: {listed}")


def awake(acting: Acting, room: str, *, yes: bool) -> None:
    """Raises NotDone, also when nobody is being woken there; StoreUnavailable."""
    acting.confirm(f"确认 {room} 的住客已醒？", f"is the guest in {room} awake?", yes=yes)
    at = SystemClock().now()
    store = acting.this.open_store()
    done = store.write(wakeup_attempts.confirm, room, by=acting.who, how=Confirmed.COMMAND, at=at)
    if not done:
        raise NotDone(acting.words(f"房间 {room} 没有正在进行的叫醒", f"nobody is being woken in {room}"))
    late = max(one.late_minutes or 0 for one in done)
    acting.print(f"房间 {room} 住客已醒，晚 {late} 分钟", f"the guest in {room} is awake, {late} min late")


# -- how --------------------------------------------------------------------------------------------------------------


def _ordered_by(acting: Acting, how: WakeupHow) -> OrderedBy:
    this = acting.this
    return OrderedBy(acting.who, how, this.policy.wake_up, this.site.time_zone)


def _when(acting: Acting, text: str, repeat: str | None) -> tuple[time, date | None, str]:
    """Time, date, weekdays. A time alone is the next one. Raises NoMoment, NotDone."""
    zone, now = acting.this.site.time_zone, SystemClock().now()
    alone = clock(text)
    if repeat is not None:
        days = weekdays(repeat)
        if days is None or alone is None:
            right, _, right_zh = A_REPEAT.partition("|")
            zh = f"重复叫醒写时间和星期：06:30 --repeat 工作日（{right_zh}）"
            raise NotDone(acting.words(zh, f"a repeated wake-up is a time and days: 06:30 --repeat weekdays ({right})"))
        return alone, None, days
    if alone is not None:
        return alone, wakeups.next_date(alone, now, zone), ""
    found = parse(text, now, zone, acting.view.language)
    if found.time() == _END_OF_DAY:
        raise NoMoment(acting.words(f"{text} 没有写时间，如 “明天 06:30”", f'{text} has no time: "tomorrow 06:30"'))
    return found.time().replace(second=0, microsecond=0), found.date(), ""


def _row(acting: Acting, one: RowResult) -> dict[str, Any]:
    language = acting.view.language
    wanted = one.wanted
    return {
        "row": None,
        "room": wanted.room,
        "time": f"{wanted.at:%H:%M}",
        "date": wanted.on and str(wanted.on),
        "weekdays": wanted.weekdays or None,
        "outcome": one.outcome.value,
        "id": one.order.id if one.order else None,
        "wait_s": one.wait_s,
        "remark": say(one.why.zh, one.why.en, language) if one.why else _waits(acting, one.wait_s),
    }


def _waits(acting: Acting, seconds: int) -> str:
    if not seconds:
        return ""
    return acting.words(f"同一时刻房间较多，可能晚 {seconds} 秒", f"may ring {seconds} s later: many are due then")


def _print_rows(acting: Acting, rows: list[dict[str, Any]]) -> bool:
    counted = Counter(row["outcome"] for row in rows)
    refused = counted[RowOutcome.REFUSED]
    if acting.view.as_json:
        print_json(rows)
        return not refused
    texts = [
        {key: "" if row[key] is None else str(row[key]) for key in ("row", "room", "id", "remark")}
        | {"when": spelt(row["time"], row["date"], row["weekdays"], acting.view.language) if row["time"] else ""}
        | {"outcome": word(row["outcome"], acting.view.language)}
        for row in rows
    ]
    red = {place for place, row in enumerate(rows) if row["outcome"] == RowOutcome.REFUSED}
    print_table(texts, ROWS, acting.view.language, red=red)
    new, old = counted[RowOutcome.SET], counted[RowOutcome.ALREADY]
    acting.print(
        f"已登记 {new}，此前已登记 {old}，未登记 {refused}", f"{new} set, {old} there already, {refused} not taken"
    )
    return not refused


def _remedy(acting: Acting, problem: Problem) -> str:
    name = column(problem.key.partition(", ")[2], acting.view.language)
    return acting.words(
        f"{name}{problem.wrong_zh}，应为：{problem.right_zh}。", f"{name} {problem.wrong}; right: {problem.right}."
    )

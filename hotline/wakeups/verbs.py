"""Wake-ups ordered at the front desk: each row is told what became of it, and by whom it was ordered is written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hotline.rooms.verbs import FrontDesk
from hotline.terminal.dates import NoMoment, parse
from hotline.terminal.listing import print_json, print_table
from hotline.terminal.wording import column, moment, say, word
from hotline.tickets.verbs import NotDone, sure
from hotline.wakeups.evidence import show_evidence
from hotline.wakeups.sheet import day_of, show_sheet, who
from models import enrolment
from models.clock import SystemClock
from models.errors import Problem
from models.guests import wakeup_attempts, wakeup_rows, wakeups
from models.guests.wakeup_rows import OrderedBy, RowOutcome, RowResult, WakeupRequest
from models.guests.wakeups import Confirmed, WakeupHow, WakeupOrder
from models.guests.wakeups_file import A_REPEAT, clock, read_wakeups, weekdays

ROWS = ("row", "room", "when", "outcome", "id", "remark")
ORDERS = ("id", "room", "when", "left_out", "next_at", "set_by", "how", "set_at")
_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_WEEK, _WORKING_DAYS = "1234567", "12345"
_END_OF_DAY = time(23, 59, 59)
"""What a day without a time is read as."""


@dataclass(frozen=True)
class WakeupDesk:
    """What is done with wake-ups `at` a terminal of the front desk."""

    at: FrontDesk

    def add(self, when: str, wished: Sequence[str], floors: Sequence[str], repeat: str | None) -> bool:
        """Whether all of them were taken. Raises NoMoment, NotDone, StoreUnavailable."""
        store = self.at.this.open_store()
        store.write(enrolment.enrol, self.at.this.site)
        at, on, days = self._when(when, repeat)
        numbers = store.read(wakeup_rows.room_numbers, wished, floors)
        if not numbers:
            raise NotDone(self._say("没有指定已入住的房间", "no room that is let is named"))
        desk = self._desk(WakeupHow.FRONT_DESK)
        now = SystemClock().now()
        taken = [wakeup_rows.take(store, WakeupRequest(number, at, on, days), desk, at=now) for number in numbers]
        return self._told([self._row(one) for one in taken])

    def import_file(self, file: Path) -> bool:
        """Whether every row was taken, or had been before. Raises ConfigError, StoreUnavailable."""
        store = self.at.this.open_store()
        store.write(enrolment.enrol, self.at.this.site)
        read = read_wakeups(file)
        desk, now = self._desk(WakeupHow.IMPORT), SystemClock().now()
        rows = [
            self._row(wakeup_rows.take(store, wanted, desk, at=now)) | {"row": line}
            for line, wanted in read.rows.items()
        ]
        rows += [
            {"row": line, "room": None, "time": None, "date": None, "weekdays": None, "id": None, "wait_s": 0}
            | {"outcome": RowOutcome.REFUSED.value, "remark": " ".join(map(self._remedy, found))}
            for line, found in read.problems.items()
        ]
        return self._told(sorted(rows, key=lambda row: row["row"]))

    def show_orders(self, room: str | None) -> None:
        """Raises StoreUnavailable."""

        def read(session: Session) -> list[dict[str, Any]]:
            return [self._order(session, one) for one in wakeups.of_room(session, room)]

        rows = self.at.this.open_store().read(read)
        if self.at.view.as_json:
            return print_json(rows)
        zone, language = self.at.this.site.time_zone, self.at.view.language
        texts = [
            {"id": str(row["id"]), "room": row["room"], "when": self._spelt(row["time"], row["date"], row["weekdays"])}
            | {"left_out": " ".join(row["left_out"])}
            | {"next_at": moment(row["next_at"], zone), "set_by": who(row["set_by"], language)}
            | {"how": word(row["how"], language), "set_at": moment(row["set_at"], zone)}
            for row in rows
        ]
        print_table(texts, ORDERS, language)

    def change(self, number: int, when: str, repeat: str | None) -> None:
        """Raises NoMoment, NotDone, WakeupRefused, StoreUnavailable."""
        at, on, days = self._when(when, repeat)
        desk = self._desk(WakeupHow.FRONT_DESK)
        new = self.at.this.open_store().write(
            wakeups.change,
            number,
            time_of_day=at,
            on=on,
            weekdays=days,
            by=desk.by,
            how=desk.how,
            at=SystemClock().now(),
            rules=desk.rules,
            zone=desk.zone,
        )
        spelt = self._spelt(new.at, new.on_date, new.weekdays)
        self.at.say(f"叫醒 {number} 改为 {new.id}:{new.room},{spelt}", f"{number} is now {new.id}: {new.room}, {spelt}")

    def cancel(self, numbers: Sequence[int], wished: Sequence[str], on: str | None, *, yes: bool) -> None:
        """All of them, or none; `on` one day alone, or on all. Raises NoMoment, NotDone, WakeupRefused,
        StoreUnavailable."""
        store, zone = self.at.this.open_store(), self.at.this.site.time_zone
        day = day_of(self.at, on) if on else None
        orders = [one for room in wished for one in store.read(wakeups.of_room, room)]
        of_rooms = [one.id for one in orders if day is None or day in wakeups.days_of(one, day, day)]
        wanted = list(dict.fromkeys([*numbers, *of_rooms]))
        if not wanted:
            raise NotDone(self._say("没有可取消的叫醒", "there is no wake-up to cancel"))
        told = " ".join(map(str, wanted)) + (self._say(f"(仅 {day})", f" (on {day} alone)") if day else "")
        sure(f"取消叫醒 {told}?", f"cancel {told}?", self.at.view.language, yes=yes)

        def write(session: Session) -> None:
            at = SystemClock().now()
            for number in wanted:
                if day:
                    wakeups.cancel_day(session, number, day, by=self.at.who, at=at, zone=zone)
                else:
                    wakeups.cancel(session, number, by=self.at.who, at=at)

        store.write(write)
        self.at.say(f"已取消叫醒 {told}", f"cancelled: {told}")

    def awake(self, room: str, *, yes: bool) -> None:
        """Raises NotDone, also when nobody is being woken there; StoreUnavailable."""
        sure(f"确认 {room} 的住客已醒?", f"is the guest in {room} awake?", self.at.view.language, yes=yes)
        at = SystemClock().now()
        store = self.at.this.open_store()
        done = store.write(wakeup_attempts.confirm, room, by=self.at.who, how=Confirmed.COMMAND, at=at)
        if not done:
            raise NotDone(self._say(f"房间 {room} 没有正在进行的叫醒", f"nobody is being woken in {room}"))
        late = max(one.late_minutes or 0 for one in done)
        self.at.say(f"房间 {room} 住客已醒,晚 {late} 分钟", f"the guest in {room} is awake, {late} min late")

    def sheet(self, day: str | None, shift: str | None, html: Path | None) -> None:
        """Raises NoMoment, NotDone, StoreUnavailable."""
        show_sheet(self.at, day_of(self.at, day), shift, html)

    def evidence(self, number: int, day: str | None, html: Path | None) -> None:
        """Raises NoMoment, NotDone, StoreUnavailable."""
        show_evidence(self.at, number, day_of(self.at, day) if day else None, html)

    # -- how ----------------------------------------------------------------------------------------------------------

    def _desk(self, how: WakeupHow) -> OrderedBy:
        this = self.at.this
        return OrderedBy(self.at.who, how, this.policy.wake_up, this.site.time_zone)

    def _when(self, text: str, repeat: str | None) -> tuple[time, date | None, str]:
        """Time, date, weekdays. A time alone is the next one. Raises NoMoment, NotDone."""
        zone, now = self.at.this.site.time_zone, SystemClock().now()
        alone = clock(text)
        if repeat is not None:
            days = weekdays(repeat)
            if days is None or alone is None:
                right, _, right_zh = A_REPEAT.partition("|")
                zh = f"重复叫醒写时间和星期:06:30 --repeat 工作日({right_zh})"
                raise NotDone(self._say(zh, f"a repeated one is a time and days: 06:30 --repeat weekdays ({right})"))
            return alone, None, days
        if alone is not None:
            return alone, wakeups.next_date(alone, now, zone), ""
        found = parse(text, now, zone, self.at.view.language)
        if found.time() == _END_OF_DAY:
            raise NoMoment(self._say(f"{text} 没有写时间,如 “明天 06:30”", f'{text} has no time: "tomorrow 06:30"'))
        return found.time().replace(second=0, microsecond=0), found.date(), ""

    def _order(self, session: Session, order: WakeupOrder) -> dict[str, Any]:
        to_come = wakeups.open_ones(session, order.id)
        left_out = wakeups.left_out(session, order.id, day_of(self.at, None)) if order.weekdays else []
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

    def _row(self, one: RowResult) -> dict[str, Any]:
        language = self.at.view.language
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
            "remark": say(one.why.zh, one.why.en, language) if one.why else self._waits(one.wait_s),
        }

    def _waits(self, seconds: int) -> str:
        if not seconds:
            return ""
        return self._say(f"同一时刻房间较多,可能晚 {seconds} 秒", f"may ring {seconds} s later: many are due then")

    def _told(self, rows: list[dict[str, Any]]) -> bool:
        counted = Counter(row["outcome"] for row in rows)
        refused = counted[RowOutcome.REFUSED]
        if self.at.view.as_json:
            print_json(rows)
            return not refused
        texts = [
            {key: "" if row[key] is None else str(row[key]) for key in ("row", "room", "id", "remark")}
            | {"when": self._spelt(row["time"], row["date"], row["weekdays"]) if row["time"] else ""}
            | {"outcome": word(row["outcome"], self.at.view.language)}
            for row in rows
        ]
        red = {place for place, row in enumerate(rows) if row["outcome"] == RowOutcome.REFUSED}
        print_table(texts, ROWS, self.at.view.language, red=red)
        new, old = counted[RowOutcome.SET], counted[RowOutcome.ALREADY]
        self.at.say(
            f"已登记 {new},此前已登记 {old},未登记 {refused}", f"{new} set, {old} there already, {refused} not taken"
        )
        return not refused

    def _spelt(self, at: str, on: date | str | None, days: str | None) -> str:
        """On a date, or on weekdays, as a person writes it."""
        if on:
            return f"{on} {at}"
        names = _WEEKDAYS[self.at.view.language]
        if days == _WEEK:
            return self._say(f"每天 {at}", f"daily {at}")
        if days == _WORKING_DAYS:
            return self._say(f"周一至周五 {at}", f"Mon-Fri {at}")
        listed = [names[int(day) - 1] for day in days or ""]
        return self._say(f"周{''.join(listed)} {at}", f"{' '.join(listed)} {at}")

    def _remedy(self, problem: Problem) -> str:
        name = column(problem.key.partition(", ")[2], self.at.view.language)
        return self._say(
            f"{name}{problem.wrong_zh},应为:{problem.right_zh}。", f"{name} {problem.wrong}; right: {problem.right}."
        )

    def _say(self, zh: str, en: str) -> str:
        return say(zh, en, self.at.view.language)

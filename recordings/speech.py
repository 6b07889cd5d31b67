"""Speaks values: each function turns one value into the names of the prompts that say it, in order.

The names are the same in both languages, the order is not: pass the caller's language where a function takes one.
"""

import string
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from models.language import Language

_LAST_DIGITS = 4
_HUNDRED = 100
_THOUSAND = 1000
_NOON = 12
_HOUR = 60
_DAY = 24 * _HOUR
_WEEK = 7
_AS_HEARD = {"redirected": "unreachable", "refused": "unreachable"}
"""Outcomes that are spoken of as another one."""
_LEADS = {"supervisor": "agent"}


def digits(text: str) -> list[str]:
    """Digits and letters one by one (tickets, telephones, badges; 1 is 幺 in Chinese); other signs are not spoken."""
    names = []
    for sign in text.lower():
        if sign in string.digits:
            names.append(f"digit-{sign}")
        elif sign in string.ascii_lowercase:
            names.append(f"letter-{sign}")
    return names


def number(n: int, language: Language = "zh") -> list[str]:
    """A number as it is counted, 0 to 999; larger ones digit by digit.

    Raises ValueError for a negative number.
    """
    if n < 0:
        raise ValueError(f"cannot say {n}: numbers spoken to callers start at 0")
    if n < _HUNDRED:
        return [f"number-{n}"]
    if n >= _THOUSAND:
        return digits(str(n))
    names, rest = [f"hundred-{n // _HUNDRED}"], n % _HUNDRED
    if rest == 0:
        return names
    if language == "en" or rest < 10:
        return [*names, "hundred-and", f"number-{rest}"]
    if rest < 20:
        names.append("number-1")  # 一百一十五: after the hundreds ten is 一十, not 十
    return [*names, f"number-{rest}"]


def count(n: int, language: Language = "zh") -> list[str]:
    """A number before a measure word (位, 张, 分钟): two is 两 there."""
    return ["number-two"] if n == 2 else number(n, language)


def duration(minutes: int, language: Language = "zh") -> list[str]:
    """A length of time in whole minutes: 30 minutes, 4 hours, 1 hour 30 minutes, 2 days."""
    if minutes >= _DAY and minutes % _DAY == 0:
        amount = minutes // _DAY
        return [*count(amount, language), "days-one" if amount == 1 else "days"]
    names: list[str] = []
    hours, rest = divmod(minutes, _HOUR)
    if hours:
        names += [*count(hours, language), "hour" if hours == 1 else "hours"]
    if rest or not hours:
        names += [*count(rest, language), "minute" if rest == 1 else "minutes"]
    return names


def time_of_day(at: datetime, language: Language = "zh") -> list[str]:
    """The time on the clock, in the zone that `at` carries: 下午四点 三十分, four thirty p.m."""
    _refuse_utc(at)
    return clock(at.time(), language)


def day(at: datetime, now: datetime, language: Language = "zh") -> list[str]:
    """Yesterday, today, tomorrow or the day after; otherwise the date with its weekday."""
    _refuse_utc(at)
    today = now.astimezone(at.tzinfo).date()
    near = {-1: "yesterday", 0: "today", 1: "tomorrow", 2: "day-after-tomorrow"}
    name = near.get((at.date() - today) // timedelta(days=1))
    if name is not None:
        return [name]
    date, weekday = [f"month-{at.month}", f"day-{at.day}"], f"weekday-{at.isoweekday()}"
    return [weekday, *date] if language == "en" else [*date, weekday]


def moment(at: datetime, now: datetime, language: Language = "zh") -> list[str]:
    """A day and a time: 明天 下午四点, tomorrow at four p.m."""
    link = ["at"] if language == "en" else []
    return [*day(at, now, language), *link, *time_of_day(at, language)]


def room(building: str, unit: str, language: Language = "zh") -> list[str]:
    """A building and a room in it, as the directory writes them: ("3", "2-1201") is 3 栋 2 单元 1201 室.

    Either may be empty. The last word of 3栋 or 1201室 is dropped.
    """
    stairs, _, door = _plain(unit).rpartition("-")
    parts = [("building", _name(_plain(building))), ("unit", _name(stairs)), ("room", digits(door))]
    said = [(word, names) for word, names in parts if names]
    if language == "en":
        return [name for word, names in said for name in (word, *names)]
    return [name for word, names in said for name in (*names, word)]


def staff(number: str) -> list[str]:
    """工号 and the digits of a badge; follow it with `serves-you` for the whole of R11-1, or call `serves_you`."""
    return ["badge", *digits(number)]


def ending(number: str) -> list[str]:
    """尾号 8001: enough of a telephone number to know it again; none is read out in full to staff."""
    return ["whisper-ending", *digits(number[-_LAST_DIGITS:])]


def serves_you(number: str) -> list[str]:
    """工号 7001 为您服务 (R11-1: the caller hears who answers)."""
    return [*staff(number), "serves-you"]


def ticket_state(state: str) -> list[str]:
    """The state of a ticket, by its value in models (a StrEnum is a str)."""
    return [f"state-{state}"]


def kind(value: str) -> list[str]:
    """The kind of a ticket, by its value in models."""
    return [f"kind-{value}"]


def department(role: str) -> list[str]:
    """The department in which people of this role work, by its value in the site file; a supervisor's is theirs whom
    he or she leads."""
    return [f"department-{_LEADS.get(role, role)}"]


def not_transferred(why: str) -> list[str]:
    """Why a transfer has failed and the agent has the caller back, by its value in models."""
    return [f"not-transferred-{_AS_HEARD.get(why, why)}"]


def not_called_back(why: str) -> str:
    """Why the customer is not reached, by its value in models."""
    return f"call-back-{_AS_HEARD.get(why, why)}"


def ticket_number(number: str) -> list[str]:
    """您的工单号是 …, said twice: the caller may need to find a pen first."""
    return ["ticket-is", *digits(number), "ticket-again", *digits(number)]


def due(at: datetime, now: datetime, language: Language = "zh") -> list[str]:
    """The time by which we promise an answer (R11-2)."""
    return ["due-before", *moment(at, now, language), "due-after"]


def opening_hours(
    windows: Sequence[tuple[time, time]], weekdays: Sequence[int], language: Language = "zh"
) -> list[str]:
    """When a service is open: its days (1 is Monday, in order), then the times of each of them (R03-1)."""
    names = _days(weekdays)
    for opening, closing in windows:
        names += [*clock(opening, language), "until", *clock(closing, language)]
    return names


def repeated(at: time, weekdays: Sequence[int], language: Language = "zh") -> list[str]:
    """A time on each of these days (1 is Monday, in order): 每天 早上六点, Monday to Friday at six a.m."""
    days = ["every-day"] if len(weekdays) == _WEEK else _days(weekdays)
    return [*days, *(["at"] if language == "en" else []), *clock(at, language)]


def place(ahead: int, language: Language = "zh") -> list[str]:
    """The caller's place in the queue, as the number of callers ahead (R17-1)."""
    if ahead <= 0:
        return ["next-is-you"]
    return ["queue-ahead-before", *count(ahead, language), "queue-ahead-after"]


def call_back(minutes: int, language: Language = "zh") -> list[str]:
    """The promise to call back within this many minutes (R17-1)."""
    return ["call-back-before", *duration(minutes, language), "call-back-after"]


def handover(tickets: int, tasks: int, wakeups: int, escalations: int, language: Language = "zh") -> list[str]:
    """How much the last shift leaves open (R09-6); if any, the number of guests to be woken (R21-9) and of late
    tickets about which staff are being called."""
    names = ["handover-open", *count(tickets, language), "handover-tickets", *count(tasks, language), "handover-tasks"]
    names += [*count(wakeups, language), "handover-wakeups"] if wakeups else []
    return [*names, *count(escalations, language), "handover-escalations"] if escalations else names


def _days(weekdays: Sequence[int]) -> list[str]:
    names = [f"weekday-{day}" for day in weekdays]
    if len(weekdays) > 1 and all(after == before + 1 for before, after in pairwise(weekdays)):
        return [names[0], "until", names[-1]]
    return names


def clock(at: time, language: Language) -> list[str]:
    """A time of day that needs no zone: 早上六点 三十分, six thirty a.m."""
    names = [f"hour-{at.hour}"]
    if at.minute:
        names.append(f"minute-{at.minute}")
    if language == "en":
        names.append("am" if at.hour < _NOON else "pm")
    return names


def _name(text: str) -> list[str]:
    """A building's or staircase's name: a small number is counted (十二栋), anything else is spelt (A 栋)."""
    is_small_number = text.isascii() and text.isdigit() and int(text) < _HUNDRED
    return number(int(text)) if is_small_number else digits(text)


def _plain(text: str) -> str:
    for word in ("单元", "号楼", "栋", "幢", "楼", "室", "号"):
        text = text.replace(word, "-")
    return "-".join(_parts(text.split("-")))


def _parts(pieces: Iterable[str]) -> Iterable[str]:
    return (piece.strip() for piece in pieces if piece.strip())


def _refuse_utc(at: datetime) -> None:
    """The clock gives UTC and callers live in the site's zone: a UTC time would be spoken hours off."""
    if at.tzinfo is None or at.tzinfo is UTC:
        raise ValueError(f"{at} is not in the site's time zone: pass at.astimezone(site.time_zone)")

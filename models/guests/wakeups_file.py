"""Reads a front desk's or tour leader's list of wake-ups into rows, or problems by line (R21-9)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from models.errors import Problem
from models.guests.wakeup_rows import WakeupRequest
from models.text import csv_file
from models.text.csv_file import Layout
from models.time.days import YEARS

LAYOUT = Layout(
    columns={
        "room": ("room", "房号", "房间", "房间号"),
        "date": ("date", "day", "日期", "叫醒日期"),
        "time": ("time", "时间", "叫醒时间"),
        "repeat": ("repeat", "weekdays", "重复", "星期"),
    },
    header='first line "room,date,time" (and "repeat")|首行为 "房号,日期,时间"（可加 "重复"）',
    row="one line for each wake-up under the header|标题行之下每行一个叫醒",
    may_lack=frozenset({"date", "repeat"}),
)

A_ROOM = "a room number such as 1101|房号，如 1101"
A_TIME = "06:30 or 0630, by the 24-hour clock|24 小时制的 06:30 或 0630"
A_DATE = "a date such as 2026-11-25|日期，如 2026-11-25"
A_REPEAT = (
    "instead of a date: daily, weekdays, weekend, or the days as figures: 135 (1 is Monday)"
    "|不写日期，写 每天、工作日、周末，或数字 135（1 为星期一）"
)

_REPEATS = {
    "daily": "1234567",
    "每天": "1234567",
    "weekdays": "12345",
    "工作日": "12345",
    "周一至周五": "12345",
    "weekend": "67",
    "周末": "67",
}
_CLOCK = re.compile(r"(上午|下午|)\s*(?:(\d{1,2}):(\d{2})(?::00)?|(\d{2})(\d{2}))\s*(am|pm|)", re.ASCII)
_MORNING, _AFTERNOON = ("上午", "am"), ("下午", "pm")


@dataclass(frozen=True)
class WakeupsFile:
    """The good rows, and the problems of the others, each by its line in the file."""

    rows: dict[int, WakeupRequest]
    problems: dict[int, list[Problem]]


def read_wakeups(path: Path) -> WakeupsFile:
    """Reads the columns room, date, time, repeat, in any order. Raises ConfigError when the file can't be used."""
    rows: dict[int, WakeupRequest] = {}
    problems: dict[int, list[Problem]] = {}
    for line, values in csv_file.rows(path, LAYOUT):
        written = {"date": "", "repeat": ""} | values
        at, days = clock(written["time"]), weekdays(written["repeat"])
        on_date = day(written["date"])
        wrong = {
            "room": A_ROOM if not written["room"] else None,
            "date": A_DATE if on_date is None and (written["date"] or not written["repeat"]) else None,
            "time": A_TIME if at is None else None,
            "repeat": A_REPEAT if written["repeat"] and (days is None or written["date"]) else None,
        }
        found = [_problem(path, line, name, written[name], right) for name, right in wrong.items() if right]
        if found or at is None:
            problems[line] = found
        else:
            rows[line] = WakeupRequest(written["room"], at, on_date, days or "")
    return WakeupsFile(rows, problems)


def clock(text: str) -> time | None:
    """A time of day: 06:30, 0630, as Excel writes it (6:30:00, 6:30 PM), with 上午 or 下午. None for others."""
    found = _CLOCK.fullmatch(unicodedata.normalize("NFKC", text).strip().lower())
    if not found:
        return None
    hour, minute = int(found[2] or found[4]), int(found[3] or found[5])
    half = found[1] or found[6]
    if half and not (1 <= hour <= 12 and not (found[1] and found[6])):
        return None
    if half:
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def day(text: str) -> date | None:
    """2026-11-25 or 2026/11/25. None if it is not a date."""
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", unicodedata.normalize("NFKC", text).strip(), re.ASCII)
    try:
        on = date(int(found[1]), int(found[2]), int(found[3])) if found else None
        return on if on is not None and on.year in YEARS else None
    except ValueError:
        return None


def weekdays(text: str) -> str | None:
    """The days in order, "12345". None if the text names no days."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if plain in _REPEATS:
        return _REPEATS[plain]
    return "".join(sorted(set(plain))) if re.fullmatch(r"[1-7]+", plain) else None


def _problem(path: Path, line: int, column: str, found: str, right: str) -> Problem:
    right, _, right_zh = right.partition("|")
    wrong, wrong_zh = (f'is "{found[:30]}"', f"为 “{found[:30]}”") if found else ("is empty", "为空")
    return Problem(path, f"line {line}, {column}", wrong, right, wrong_zh, right_zh)

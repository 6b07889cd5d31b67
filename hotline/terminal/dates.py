"""A moment as a person writes it, by the site's clock: "明天 12:00", "today 18:00", "2026-11-30 12:00", "+2d"."""

import re
from datetime import date, datetime, time, timedelta, tzinfo

from hotline.terminal.refusals import CommandError
from models.language import Language
from models.text.wording import say
from models.time.days import YEARS

_DAYS = {"今天": 0, "明天": 1, "后天": 2, "昨天": -1, "today": 0, "tomorrow": 1, "yesterday": -1}
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_END_OF_DAY = time(23, 59, 59)


class NoMoment(CommandError):
    """The text names no moment."""


def parse(text: str, now: datetime, zone: tzinfo, language: Language, *, end_of_day: bool = True) -> datetime:
    """The moment, by the site's clock. A day without a time means its end, or without `end_of_day` its beginning.

    Raises NoMoment, with examples, when the text cannot be read.
    """
    words = text.strip().split()
    found = None
    if len(words) == 1:
        found = _from_now(words[0], now)
    if found is None and 1 <= len(words) <= 2:
        found = _of_day(words, now.astimezone(zone), end_of_day=end_of_day)
    if found is None:
        raise NoMoment(
            say(
                f"看不懂时间 {text!r}；可写 “今天 18:00”、“明天 12:00”、“2026-11-30 12:00”、“11-30 12:00”、“18:00”、"
                "“+2d”、“+4h”",
                f'{text!r} is no moment; write "today 18:00", "tomorrow 12:00", "2026-11-30 12:00", "11-30 12:00", '
                '"18:00", "+2d" or "+4h"',
                language,
            )
        )
    return found.astimezone(zone)


def _from_now(word: str, now: datetime) -> datetime | None:
    parts = re.fullmatch(r"([+-])(\d{1,4})([mhdw])", word)
    if not parts:
        return None
    span = timedelta(**{_UNITS[parts[3]]: int(parts[2])})
    return now + span if parts[1] == "+" else now - span


def _of_day(words: list[str], now: datetime, *, end_of_day: bool) -> datetime | None:
    clock = _clock(words[-1])
    day = now.date() if clock is not None and len(words) == 1 else _day(words[0], now.date())
    if day is None or (len(words) == 2 and clock is None):
        return None
    # The zone knows whether summer time applies on that day.
    return datetime.combine(day, clock or (_END_OF_DAY if end_of_day else time()), tzinfo=now.tzinfo)


def _clock(word: str) -> time | None:
    parts = re.fullmatch(r"(\d{1,2})[::](\d{2})", word)
    if not parts or int(parts[1]) > 23 or int(parts[2]) > 59:
        return None
    return time(int(parts[1]), int(parts[2]))


def _day(word: str, today: date) -> date | None:
    if (days := _DAYS.get(word.lower())) is not None:
        return today + timedelta(days=days)
    parts = re.fullmatch(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})", word)
    if not parts:
        return None
    try:
        found = date(int(parts[1] or today.year), int(parts[2]), int(parts[3]))
        return found if found.year in YEARS else None
    except ValueError:
        return None

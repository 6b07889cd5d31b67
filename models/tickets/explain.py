"""How a deadline is computed, in words: from when it counts, what each day adds, and when it ends."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from models.language import Language
from models.policy import Policy
from models.states.tickets import TimeUnit
from models.tables import TicketClock
from models.text.wording import word
from models.time.calendar import WALL, Calendar, Span, Step
from models.time.days import DayKind, Days

_WEEKDAYS = (
    ("周一", "Mon"),
    ("周二", "Tue"),
    ("周三", "Wed"),
    ("周四", "Thu"),
    ("周五", "Fri"),
    ("周六", "Sat"),
    ("周日", "Sun"),
)
_UNITS = {TimeUnit.MINUTES: ("分钟", "minute"), TimeUnit.HOURS: ("小时", "hour"), TimeUnit.DAYS: ("天", "day")}
_KINDS = {
    DayKind.ORDINARY: ("", ""),
    DayKind.HOLIDAY: ("法定节假日", "public holiday"),
    DayKind.MAKE_UP: ("调休上班", "make-up working day"),
    DayKind.CLOSED: ("本单位休息", "closed at this site"),
    DayKind.OPEN: ("本单位上班", "open at this site"),
}
_HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def clock(row: TicketClock, policy: Policy, days: Days, language: Language) -> list[str]:
    """How the deadline of this clock was computed, step by step, as far as today's calendar shows it."""
    of, begun, due = Span(row.figure, row.unit, row.calendar), row.begun_at, row.due_at
    lines = [_say(f"自 {moment(begun, days)} 起", f"from {moment(begun, days)}", language)]
    calendar = policy.calendars.get(row.calendar)
    if calendar is None:
        lines.append(
            _say(
                f"政策中已没有日历 {row.calendar}，无法逐步说明",
                f"the policy no longer has the calendar {row.calendar}: how it was counted can't be shown",
                language,
            )
        )
    else:
        lines += steps(calendar, begun, of, days, language)
    now = calendar.after(begun, of) if calendar else due
    if now != due:
        lines.append(
            _say(
                f"注意：按现在的日历为 {moment(now, days)}；工单的时限按当时的政策 {row.policy_version}，不变",
                f"note: by today's calendar it would be {moment(now, days)}; the deadline stays as the policy "
                f"{row.policy_version} gave it",
                language,
            )
        )
    return [*lines, _say(f"时限 {moment(due, days)}", f"due {moment(due, days)}", language)]


def fields(row: TicketClock, policy: Policy, days: Days, language: Language, at: datetime) -> dict[str, Any]:
    """The clock under stable field names, as it stands at this moment, with how its deadline was computed."""
    return {
        "kind": row.kind.value,
        "round": row.round,
        "rule": row.rule,
        "figure": row.figure,
        "unit": row.unit.value,
        "calendar": row.calendar,
        "policy_version": row.policy_version,
        "begun_at": row.begun_at,
        "due_at": row.due_at,
        "met_at": row.met_at,
        "late": (row.met_at or at) > row.due_at,
        "span": span(Span(row.figure, row.unit, row.calendar), language),
        "steps": clock(row, policy, days, language),
    }


def span(of: Span, language: Language) -> str:
    """ "3 working days (by office hours)", "4 hours, nights and holidays included"."""
    zh, en = _UNITS[of.unit]
    plural = "" if of.figure == 1 else "s"
    if of.calendar == WALL:
        return _say(
            f"{of.figure} {zh}（含夜间和节假日）", f"{of.figure} {en}{plural}, nights and holidays included", language
        )
    zh = "个工作日" if of.unit is TimeUnit.DAYS else f"工作{zh}"
    return _say(
        f"{of.figure} {zh}（按{word(of.calendar, 'zh')}）",
        f"{of.figure} working {en}{plural} (by {word(of.calendar, 'en')})",
        language,
    )


def steps(calendar: Calendar, at: datetime, of: Span, days: Days, language: Language) -> list[str]:
    """One line for each day, or run of similar days, from `at` to the deadline; none by the wall calendar."""
    if calendar.name == WALL:
        return []
    made = list(calendar.steps(at, of))
    lines = []
    if of.unit is TimeUnit.DAYS:
        first = _day(made.pop(0).date, language)
        lines.append(_say(f"{first}：受理当天不计", f"{first}: the day it began does not count", language))
    given = timedelta(0)
    for alike in _runs(made):
        if (begins := alike[0].begins) is not None and (ends := alike[0].ends) is not None:
            given += ends - begins
        lines.append(_line(alike, of, given, days, language))
    unknown = sorted({step.date.year for step in made if not days.knows(step.date.year)})
    for year in unknown:
        lines.append(
            _say(
                f"注意：尚无 {year} 年的节假日安排，该年只按星期计算",
                f"note: the public holidays of {year} were not known: week-ends only",
                language,
            )
        )
    return lines


def moment(at: datetime, days: Days) -> str:
    """A moment by the site's clock, with the year."""
    return f"{at.astimezone(days.zone):%Y-%m-%d %H:%M}"


def _runs(made: list[Step]) -> Iterator[list[Step]]:
    """Groups days that add nothing for the same reason."""
    for counts, alike in groupby(made, key=lambda step: step.date if step.ends else step.day):
        run = list(alike)
        yield from ([step] for step in run) if isinstance(counts, date) else [run]


def _line(run: list[Step], of: Span, given: timedelta, days: Days, language: Language) -> str:
    step = run[0]
    when = _day(step.date, language)
    if len(run) > 1:
        when += _say("至", " to ", language) + _day(run[-1].date, language)
    reason = _reason(step, language)
    if step.begins is None or step.ends is None:
        closed = _say("休息", "closed", language)
        return f"{when}：{closed}{reason}" if language == "zh" else f"{when}: {closed}{reason}"
    if of.unit is TimeUnit.DAYS:
        counted = _say(f"第 {step.number} 个工作日", f"working day {step.number}", language)
        if step.number == of.figure:
            counted += _say(f"，{_time(step.ends, days)} 下班", f", which closes at {_time(step.ends, days)}", language)
    else:
        length, so_far = _length(step.ends - step.begins, language), _length(given, language)
        window = f"{_time(step.begins, days)}-{_time(step.ends, days)}"
        counted = _say(f"{window} 计 {length}，累计 {so_far}", f"{window} gives {length}, {so_far} so far", language)
    return f"{when}：{counted}{reason}" if language == "zh" else f"{when}: {counted}{reason}"


def _reason(step: Step, language: Language) -> str:
    kind = _say(*_KINDS[step.day.kind], language)
    name = _HOLIDAYS.get(step.day.name, step.day.name) if language == "zh" else step.day.name
    if not kind:
        return ""
    return f"（{kind}：{name}）" if language == "zh" else f" ({kind}: {name})"


def _day(day: date, language: Language) -> str:
    weekday = _say(*_WEEKDAYS[day.weekday()], language)
    return f"{day:%m-%d}（{weekday}）" if language == "zh" else f"{weekday} {day:%m-%d}"


def _time(at: datetime, days: Days) -> str:
    return f"{at.astimezone(days.zone):%H:%M}"


def _length(of: timedelta, language: Language) -> str:
    hours, minutes = divmod(round(of / timedelta(minutes=1)), 60)
    zh = (f"{hours} 小时" if hours else "") + (f" {minutes} 分钟" if minutes or not hours else "")
    en = (f"{hours} h" if hours else "") + (f" {minutes} min" if minutes or not hours else "")
    return _say(zh.strip(), en.strip(), language)


def _say(zh: str, en: str, language: Language) -> str:
    return zh if language == "zh" else en

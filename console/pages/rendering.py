"""A page is a Jinja template in the reader's language; nothing in it comes from elsewhere, and nothing runs inline."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from lucide.jinja import lucide
from markupsafe import Markup
from starlette.responses import HTMLResponse

from console.pages.looks import look
from console.pages.navigation import menu
from console.pages.visitor import SAID, Visitor
from models.language import Language
from models.people.rights import Right
from models.policy import words as policy_words
from models.reports import wording as report_wording
from models.reports.figures import Figure, Number
from models.reports.period import Period
from models.reports.report import Counted, Report
from models.states.administration import SettingsFile
from models.tables import FIRST_NUMBER, SettingsChange
from models.text import access, choices, wording

_FOLDER = Path(__file__).parent


def page(visitor: Visitor, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The page for this visitor."""
    context |= {"menu": menu(visitor.rights)}
    response = HTMLResponse(fragment(visitor, template, **context), status)
    if visitor.said:
        response.delete_cookie(SAID)
    return response


class Reader(Protocol):
    """For whom something is rendered: a visitor, or all who watch the same board."""

    @property
    def language(self) -> Language: ...
    @property
    def rights(self) -> frozenset[Right]: ...
    @property
    def at(self) -> datetime: ...
    @property
    def zone(self) -> tzinfo: ...


def fragment(visitor: Reader, template: str, **context: Any) -> str:
    """A part of a page, or a whole one, as HTML."""
    return _ENVIRONMENT.get_template(template).render(visitor=visitor, **context)


@pass_context
def _t(context: Context, zh: str, en: str) -> str:
    return wording.say(zh, en, context["visitor"].language)


@pass_context
def _word(context: Context, value: str | None) -> str:
    """A state, kind or reason, as people call it."""
    return wording.word(value, context["visitor"].language)


@pass_context
def _access_what(context: Context, done: str) -> str:
    return access.what(done, context["visitor"].language)


@pass_context
def _access_subject(context: Context, written: str) -> str:
    return access.subject(written, context["visitor"].language)


@pass_context
def _words(context: Context, lines: str | None) -> str:
    """Several of them, one a line, as programs write them into a note."""
    return wording.words(lines, context["visitor"].language)


@pass_context
def _column(context: Context, key: str) -> str:
    return wording.column(key, context["visitor"].language)


@pass_context
def _when(context: Context, at: datetime | None) -> str:
    """A moment by the site's clock: today without its date, another year with it."""
    if at is None:
        return ""
    visitor: Reader = context["visitor"]
    local, now = (moment.astimezone(visitor.zone) for moment in (at, visitor.at))
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == now.year else f"{local:%Y-%m-%d %H:%M}"


@pass_context
def _clock(context: Context, at: datetime) -> str:
    """The time of day, by the site's clock."""
    return f"{at.astimezone(context['visitor'].zone):%H:%M}"


@pass_context
def _day(context: Context, at: datetime) -> str:
    """A moment as it is read to somebody: with its weekday."""
    visitor: Reader = context["visitor"]
    local = at.astimezone(visitor.zone)
    if visitor.language == "zh":
        return f"{local.month}月{local.day}日（周{'一二三四五六日'[local.weekday()]}）{local:%H:%M}"
    return f"{local:%A}, {local.day} {local:%B}, {local:%H:%M}"


@pass_context
def _weekdays(context: Context, digits: str) -> str:
    return choices.days_in_words(digits, context["visitor"].language)


@pass_context
def _in_words(context: Context, at: datetime) -> str:
    """How far a moment is from now: 5 min, 3 h, 2 d."""
    visitor: Reader = context["visitor"]
    minutes = round(abs((at - visitor.at).total_seconds()) / 60)
    for most, unit, zh, en in ((60, 1, "分钟", "min"), (48 * 60, 60, "小时", "h")):
        if minutes < most:
            return f"{minutes // unit} {wording.say(zh, en, visitor.language)}"
    return f"{minutes // (24 * 60)} {wording.say('天', 'd', visitor.language)}"


def _figure(value: Number, figure: Figure) -> str:
    return report_wording.number(value, figure.unit)


def _change(value: Number, figure: Figure) -> str:
    return report_wording.change(value, figure.unit)


@pass_context
def _subject(context: Context, subject: str, report: Report, counted: Counted) -> str:
    """Whom or what a row of a report is about."""
    return report_wording.subject(report, counted, subject, context["visitor"].language)


@pass_context
def _period(context: Context, period: Period) -> str:
    return report_wording.period_in_words(period, context["visitor"].language)


@pass_context
def _choices(context: Context, values: Iterable[str]) -> list[tuple[str, str]]:
    """For `forms.choose`: each value with its word."""
    return [(value, wording.word(value, context["visitor"].language)) for value in values]


@pass_context
def _staff(context: Context, number: str | None) -> str:
    """A staff number with its name; "caller" and the like as words."""
    visitor: Visitor = context["visitor"]
    name = next((one.name for one in visitor.instance.site.staff if one.number == number), None)
    return f"{number} {name}" if name else wording.word(number, visitor.language)


@pass_context
def _people(context: Context, without: str = "", first: str = "") -> list[tuple[str, str]]:
    """For `forms.choose`: everybody but one, with number and name; those of one group first."""
    staff = sorted(context["visitor"].instance.site.staff, key=lambda one: one.group != first)
    return [(one.number, f"{one.number} {one.name}") for one in staff if one.number != without]


@pass_context
def _group(context: Context, name: str | None) -> str:
    visitor: Visitor = context["visitor"]
    found = next((one for one in visitor.instance.site.groups if one.name == name), None)
    return wording.say(found.zh, found.en, visitor.language) if found else name or ""


@pass_context
def _hands(context: Context, text: str) -> str:
    """Who had a ticket and who has it, by name, as `dispatch` writes it: "agents 7001 -> engineering"."""
    hands, *said = text.splitlines()
    named = [_staff(context, part) if part.isdecimal() else _group(context, part) for part in hands.split()]
    return "\n".join([" ".join(named).replace("->", "→"), *said])


@pass_context
def _may(context: Context, right: str) -> bool:
    return Right(right) in context["visitor"].rights


@cache
def _icon(name: str, size: int = 20) -> str:
    """An icon beside words, which say the same: hidden from screen readers. To draw one takes longer than a row."""
    return lucide(name, size=size, **{"class": "icon", "aria-hidden": "true"})


def _attributes(values: Mapping[str, object]) -> Markup:
    """HTML attributes: those that are true or have a value."""
    given = ((name.replace("_", "-"), value) for name, value in values.items() if value)
    return Markup("").join(
        Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value) for name, value in given
    )


@pass_context
def _value(context: Context, value: object) -> str:
    """A value of a settings file, as it is typed in a form."""
    if isinstance(value, bool):
        return _t(context, "是", "yes") if value else _t(context, "否", "no")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@pass_context
def _setting(context: Context, row: SettingsChange) -> str:
    """What a change is about: a value of the policy, or an entry of the site file such as "group[agents]"."""
    language = context["visitor"].language
    if row.file is SettingsFile.POLICY:
        return wording.say(*policy_words.value_in_its_section(row.key), language)
    kind, _, name = row.key.removesuffix("]").partition("[")
    return f"{wording.word(f'site-{kind}', language)} {_group(context, name)}".strip()


@pass_context
def _field(context: Context, value: object, name: str) -> str:
    """A field of an entry of the site file, in words."""
    if name == "role":
        return wording.word(f"role-{value}", context["visitor"].language)
    if name == "flow":
        return wording.word(f"line-{value}", context["visitor"].language)
    if name in ("group", "neighbours"):
        return ", ".join(_group(context, str(one)) for one in (value if isinstance(value, list) else [value]))
    return _value(context, value)


@pass_context
def _policy_words(context: Context, value: object, key: str) -> str:
    """A value of the policy as people say it."""
    return policy_words.in_words(key, value, context["visitor"].language)


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals |= {"t": _t, "may": _may, "icon": _icon, "people": _people}
_ENVIRONMENT.filters |= {
    "access_what": _access_what,
    "access_subject": _access_subject,
    "word": _word,
    "column": _column,
    "when": _when,
    "figure": _figure,
    "change": _change,
    "subject": _subject,
    "clock": _clock,
    "period": _period,
    "in_words": _in_words,
    "day": _day,
    "weekdays": _weekdays,
    "ticket_number": lambda ticket_id: FIRST_NUMBER + ticket_id,
    "seconds": wording.seconds,
    "attributes": _attributes,
    "choices": _choices,
    "staff": _staff,
    "group": _group,
    "words": _words,
    "hands": _hands,
    "look": look,
    "policy_section": policy_words.section_in_words,
    "policy_value": policy_words.value_in_words,
    "policy_place": policy_words.value_in_its_section,
    "policy_words": _policy_words,
    "setting": _setting,
    "field": _field,
    "from_json": lambda text: None if text is None else json.loads(text),
    "value": _value,
}

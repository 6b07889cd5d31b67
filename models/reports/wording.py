"""The Chinese and English texts of a report: titles, subjects of rows, and formatted numbers."""

from collections.abc import Iterable, Mapping

from models.language import Language
from models.reports.figures import UNKNOWN, Figure, FigureUnit, Number, RowsAbout
from models.reports.period import Period
from models.reports.report import Counted, Report
from models.states.reports import PeriodKind
from models.states.surveys import SurveyPurpose
from models.states.tickets import ClockKind, Severity, TicketKind
from models.text.choices import CAUSES

KINDS: Mapping[str, tuple[str, str]] = {
    TicketKind.REPAIR: ("报修", "repair"),
    TicketKind.URGENT_REPAIR: ("急修", "urgent repair"),
    TicketKind.COMPLAINT: ("投诉", "complaint"),
    TicketKind.ENQUIRY: ("咨询", "enquiry"),
    TicketKind.SUGGESTION: ("建议", "suggestion"),
    TicketKind.MESSAGE: ("留言", "message"),
    TicketKind.GENERAL_MANAGER: ("总经理热线", "general manager"),
    TicketKind.FAULT: ("系统故障", "system fault"),
    "lift": ("电梯故障", "lift"),
    "power": ("供电故障", "power supply"),
    "water": ("供水故障", "water supply"),
    "public-lighting": ("公共照明", "public lighting"),
}
CLOCKS: Mapping[str, tuple[str, str]] = {
    ClockKind.RESPOND: ("响应", "respond"),
    "on-site": ("到场", "on site"),
    "feedback": ("反馈", "feedback"),
    "solution": ("解决", "solution"),
}
_DIMENSIONS = {
    "cause": ("原因", "cause"),
    "line": ("线路", "line"),
    "about": ("对象", "about"),
    "severity": ("程度", "severity"),
    "department": ("部门", "department"),
    "building": ("楼栋", "building"),
}
_VALUES = {
    **{f"cause {cause}": words for cause, words in CAUSES.items()},
    "about staff": ("员工本人", "one of the staff"),
    "about service": ("服务", "the service"),
    f"severity {Severity.ORDINARY}": ("一般", "ordinary"),
    f"severity {Severity.SERIOUS}": ("严重", "serious"),
}
_UNKNOWN = ("不明", "unknown")
SURVEYS = {
    "": ("全部", "all"),
    SurveyPurpose.TICKET: ("事项回访", "ticket follow-up"),
    SurveyPurpose.CAMPAIGN: ("全体调查", "all residents"),
    SurveyPurpose.AFTER_TALK: ("通话后评价", "after a talk"),
}
_ABOUT = {
    RowsAbout.ALL: ("指标", "figure"),
    RowsAbout.AGENT: ("工号", "staff"),
    RowsAbout.DEPARTMENT: ("部门", "department"),
    RowsAbout.CLASS: ("类别", "kind"),
    RowsAbout.CLOCK: ("类别和时限", "kind and deadline"),
    RowsAbout.SURVEY: ("询问", "asked"),
    RowsAbout.CAUSE: ("维度", "dimension"),
}
_UNITS = {
    FigureUnit.COUNT: ("次", "number"),
    FigureUnit.SECONDS: ("秒", "s"),
    FigureUnit.PERCENT: ("%", "%"),
    FigureUnit.SCORE: ("分", "of 5"),
    FigureUnit.POINTS: ("分（满分 100）", "of 100"),
}
_TITLES = {
    PeriodKind.DAY: ("日报", "daily report"),
    PeriodKind.WEEK: ("周报", "weekly report"),
    PeriodKind.MONTH: ("月报", "monthly report"),
    PeriodKind.QUARTER: ("季报", "quarterly report"),
}
NOTHING = "–"
"""An unknown number."""


def pick(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language == "zh" else pair[1]


def title(report: Report, site: tuple[str, str], language: Language) -> str:
    """Such as "阳光花园 月报 2026-11"."""
    return f"{pick(site, language)} {pick(_TITLES[report.period.kind], language)} {report.period.name}"


def period_in_words(period: Period, language: Language) -> str:
    """Such as 2026 年 11 月, "November 2026"."""
    first, week, quarter = period.first, period.first.isocalendar(), (period.first.month + 2) // 3
    match period.kind:
        case PeriodKind.DAY:
            return period.name
        case PeriodKind.WEEK:
            return pick((f"{week.year} 年第 {week.week} 周", f"week {week.week} of {week.year}"), language)
        case PeriodKind.MONTH:
            return pick((f"{first.year} 年 {first.month} 月", f"{first:%B %Y}"), language)
        case PeriodKind.QUARTER:
            return pick((f"{first.year} 年第 {quarter} 季度", f"quarter {quarter} of {first.year}"), language)


def made(report: Report, language: Language) -> str:
    """When it was made, what it is compared with, and the policy used."""
    at = f"{report.made_at.astimezone(report.period.zone):%Y-%m-%d %H:%M}"
    before, policy = report.period.before.name, report.policy_version
    zh = f"统计于 {at}；数字以期末为准；上期为 {before}；制度版本 {policy}"
    en = f"made {at}; numbers as they stood at the end of the period; before: {before}; policy {policy}"
    return pick((zh, en), language)


def section_title(counted: Counted, language: Language) -> str:
    return pick((counted.section.zh, counted.section.en), language)


def about(counted: Counted, language: Language) -> str:
    """The head of the first column."""
    return pick(_ABOUT[counted.section.about], language)


def label(figure: Figure, language: Language) -> str:
    return pick((figure.zh, figure.en), language)


def means(figure: Figure, language: Language) -> str:
    return pick((figure.means_zh, figure.means_en), language)


def unit(figure: Figure, language: Language) -> str:
    return pick(_UNITS[figure.unit], language)


def subject(report: Report, counted: Counted, subject: str, language: Language) -> str:
    """The subject of a row in words; empty in a section about everything."""
    if subject == UNKNOWN:
        return pick(_UNKNOWN, language)
    match counted.section.about:
        case RowsAbout.AGENT:
            return f"{subject} {report.names.staff.get(subject, '')}".strip()
        case RowsAbout.DEPARTMENT:
            return pick(report.names.groups.get(subject, (subject, subject)), language)
        case RowsAbout.CLASS | RowsAbout.CLOCK:
            parts = subject.split(" ")
            words = [pick({**KINDS, **CLOCKS}.get(part, (part, part)), language) for part in parts]
            return " ".join(words)
        case RowsAbout.CAUSE:
            dimension, _, value = subject.partition(" ")
            return f"{pick(_DIMENSIONS[dimension], language)} {_value(report, dimension, value, language)}"
        case RowsAbout.SURVEY:
            return pick(SURVEYS[subject], language)
        case RowsAbout.ALL:
            return ""


def _value(report: Report, dimension: str, value: str, language: Language) -> str:
    if value == UNKNOWN:
        return pick(_UNKNOWN, language)
    if dimension == "department":
        return pick(report.names.groups.get(value, (value, value)), language)
    return pick(_VALUES.get(f"{dimension} {value}", (value, value)), language)


def number(value: Number, of: FigureUnit) -> str:
    """12, 93.3 %, 0:42, or a dash."""
    if value is None:
        return NOTHING
    match of:
        case FigureUnit.COUNT:
            return f"{value:g}" if isinstance(value, float) else str(value)
        case FigureUnit.PERCENT:
            return f"{value * 100:.1f} %"
        case FigureUnit.SECONDS:
            return length(value)
        case FigureUnit.SCORE:
            return f"{value:.2f}"
        case FigureUnit.POINTS:
            return f"{value:.1f}"


def change(value: Number, of: FigureUnit) -> str:
    """With its sign, of shares in points. Empty when nothing changed or it is unknown."""
    if not value:
        return ""
    match of:
        case FigureUnit.COUNT:
            return f"{value:+g}"
        case FigureUnit.PERCENT:
            return f"{value * 100:+.1f}"
        case FigureUnit.SECONDS:
            return ("-" if value < 0 else "+") + length(abs(value))
        case FigureUnit.SCORE:
            return f"{value:+.2f}"
        case FigureUnit.POINTS:
            return f"{value:+.1f}"


def length(seconds: float) -> str:
    """0:07, 12:30, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def plain(value: Number, of: FigureUnit) -> int | float | None:
    """For programs and spreadsheets: counts; seconds, points and per cent to a tenth; scores to a hundredth."""
    if value is None or of is FigureUnit.COUNT:
        return value
    return round(value, 2) if of is FigureUnit.SCORE else round(value * 100 if of is FigureUnit.PERCENT else value, 1)


# A spreadsheet takes a text that begins like this for a formula (OWASP, CSV injection), also in full width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(text: str) -> str:
    """The text, changed if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def headline(report: Report, language: Language) -> Iterable[str]:
    """The main figures for a manager, one a line."""
    colon = "：" if language == "zh" else ": "
    for key, figures in (
        ("calls", ("calls", "connected", "within_rings_rate", "abandoned")),
        ("owed", ("in_time_rate",)),
        ("rates", ("matters", "resolution_rate", "complaint_rate")),
        ("satisfaction", ("score", "satisfied_rate")),
        ("line", ("availability",)),
    ):
        counted = report.section(key)
        for figure in counted.section.figures:
            if figure.key in figures:
                now, delta = counted.value("", figure), change(counted.change("", figure), figure.unit)
                yield f"{label(figure, language)}{colon}{number(now, figure.unit)}" + (f" ({delta})" if delta else "")

"""The management sheet: the figures of a period beside the one before it, the trends, what is behind a number."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.people import access_log
from models.people.rights import Right
from models.reports import files
from models.reports.figures import ALL, Figure, RowsAbout, Section
from models.reports.period import NoSuchPeriod, Period, PeriodKind
from models.reports.report import Counted, Report, make
from models.reports.sections import SECTIONS
from models.reports.trend import trends

router = APIRouter(prefix="/sheet")
_SHORT, _LONG = 8, 16
"""Periods in the trend of a tile, and on a page of its own."""
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class Headline(NamedTuple):
    """A figure that stands above all others; `better` says whether more of it is good (1) or bad (-1)."""

    section: str
    figure: str
    better: int


HEADLINES = (
    Headline("calls", "within_rings_rate", 1),
    Headline("calls", "connected_rate", 1),
    Headline("waiting", "wait_median", -1),
    Headline("owed", "in_time_rate", 1),
    Headline("rates", "resolution_rate", 1),
    Headline("rates", "complaints", -1),
    Headline("satisfaction", "score", 1),
)
Leader = Annotated[Visitor, may(Right.LEADER)]


@router.get("")
def sheet(visitor: Leader, kind: PeriodKind = PeriodKind.MONTH, period: str = "") -> Response:
    wanted = _period(visitor, kind, period)
    headlines = [(find(one.section, one.figure), one) for one in HEADLINES]

    def read(session: Session) -> dict[str, Any]:
        policy = visitor.instance.policy
        figures = [pair for pair, _ in headlines]
        return {
            "report": make(session, wanted, policy=policy, at=visitor.at),
            "trends": trends(session, wanted, figures, subject=ALL, count=_SHORT, policy=policy, at=visitor.at),
        }

    better = [headline.better for _, headline in headlines]
    kinds = [(one, Period.around(one, visitor.at.astimezone(visitor.zone).date(), visitor.zone)) for one in PeriodKind]
    shown = visitor.read(read) | {"behind": behind, "with_numbers": with_numbers}
    return page(visitor, "leader/sheet.html", period=wanted, kinds=kinds, better=better, **shown)


@router.get("/trend/{section}/{figure}")
def trend(
    visitor: Leader,
    section: str,
    figure: str,
    subject: str = ALL,
    kind: PeriodKind = PeriodKind.MONTH,
    period: str = "",
) -> Response:
    wanted = _period(visitor, kind, period)
    found = find(section, figure)

    def read(session: Session) -> dict[str, Any]:
        policy = visitor.instance.policy
        report = make(session, wanted, policy=policy, at=visitor.at)
        (one,) = trends(session, wanted, [found], subject=subject, count=_LONG, policy=policy, at=visitor.at)
        return {"trend": one, "report": report, "counted": report.section(section)}

    return page(visitor, "leader/trend.html", subject=subject, period=wanted, **visitor.read(read))


@router.get("/export")
def export(visitor: Leader, form: str, kind: PeriodKind = PeriodKind.MONTH, period: str = "") -> Response:
    """The same file as `hotline report --out`; who took it is logged."""
    if form not in _TYPES:
        raise MoveRefused("the forms are xlsx and csv", "格式只有 xlsx 和 csv")
    wanted = _period(visitor, kind, period)
    site = visitor.instance.site

    def read(session: Session) -> Report:
        return make(session, wanted, policy=visitor.instance.policy, at=visitor.at)

    content = files.content(visitor.read(read), form, (site.name_zh, site.name_en), visitor.language)
    visitor.write(access_log.log, who=visitor.who, what="exported", subject=f"report {wanted.name}", at=visitor.at)
    name = f"hotline-{wanted.name}.{form}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_TYPES[form], headers=headers)


def find(section: str, figure: str) -> tuple[Section, Figure]:
    """Raises MoveRefused when there is no such figure."""
    for one in SECTIONS:
        for candidate in one.figures:
            if (one.key, candidate.key) == (section, figure):
                return one, candidate
    raise MoveRefused("there is no such figure", "没有这个指标")


def with_numbers(counted: Counted) -> list[Figure]:
    """The figures that are not nought for everybody, in this period or the one before."""
    return [
        figure
        for figure in counted.section.figures
        if any(counted.value(one, figure) or counted.value_before(one, figure) for one in counted.subjects())
    ]


def behind(section: Section, subject: str, period: Period) -> str:
    """The address of the calls or tickets that a number of this section counts."""
    days = {"since": f"{period.first}", "until": f"{period.after - timedelta(days=1)}"}
    tickets: Mapping[RowsAbout, str] = {RowsAbout.CLASS: "kind", RowsAbout.DEPARTMENT: "department"}
    if section.key in ("calls", "waiting", "talks", "transfers"):
        return "/calls?" + urlencode(days | ({"staff": subject} if section.about is RowsAbout.AGENT else {}))
    if section.key == "agents":
        return "/calls?" + urlencode(days | {"staff": subject})
    if section.key in ("satisfaction", "line"):
        return ""
    wanted = {"state": "all"} | days
    if section.about in tickets:
        wanted[tickets[section.about]] = subject
    if section.about is RowsAbout.CLOCK:
        wanted["kind"] = subject.partition(" ")[0]
    if section.key == "causes":
        wanted["kind"] = "complaint"
    return "/tickets?" + urlencode(wanted)


def _period(visitor: Visitor, kind: PeriodKind, text: str) -> Period:
    """The one that is named, else the present one. Raises MoveRefused."""
    if not text:
        return Period.around(kind, visitor.at.astimezone(visitor.zone).date(), visitor.zone)
    try:
        return Period.parse(kind, text, visitor.zone)
    except NoSuchPeriod as error:
        raise MoveRefused(str(error), str(error)) from None

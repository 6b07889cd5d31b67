"""Who serves how well, who needs training, and which calls to listen to next (R04-1, R04-2)."""

from datetime import timedelta
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Form, Path, Response
from sqlalchemy.orm import Session

from console.pages.leader.sheet import find
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.calls import calls
from models.calls.calls import CallRecord
from models.errors import MoveRefused
from models.people.rights import Right
from models.quality import offered, scorings, training
from models.quality.scorings import VALUES, Scored
from models.quality.training import Standing
from models.reports import trend
from models.reports.period import NoSuchPeriod, Period, PeriodKind
from models.reports.trend import Trend
from models.tables import Call, Task

router = APIRouter(prefix="/quality")
Judge = Annotated[Visitor, may(Right.QUALITY)]
StaffNumber = Annotated[str, Path(max_length=20)]
_MONTHS = 6
_DRAFTS = 50


class Agent(NamedTuple):
    """`offered` are calls to listen to, of `unscored` ones in all; `due` is the open task about training."""

    number: str
    standing: Standing
    trend: Trend | None
    unscored: int
    offered: list[int]
    due: Task | None


class Criterion(NamedTuple):
    """How often a criterion of the form was met, by the share of its weight; None: never applicable."""

    zh: str
    en: str
    met: float | None


@router.get("")
def overview(visitor: Judge) -> Response:
    others = [one.number for one in visitor.instance.site.staff if one.number != visitor.who]

    def read(session: Session) -> dict[str, Any]:
        return {
            "agents": _agents(session, visitor, others),
            "departments": _trends(session, visitor, "quality_departments", "points"),
            "drafts": scorings.not_published(session, reader=visitor.who, limit=_DRAFTS),
            "scored": sum(one.points[-1].value or 0 for one in _trends(session, visitor, "quality", "calls").values()),
        }

    return page(visitor, "quality/overview.html", **visitor.read(read))


@router.get("/staff/{number}")
def of_one(visitor: Judge, number: StaffNumber, period: str = "") -> Response:
    """One of the staff: how the scores have gone, what is weak, and the scorings of a month."""
    if number == visitor.who or all(one.number != number for one in visitor.instance.site.staff):
        raise MoveRefused(
            "your own results are on your page; others by their number", "本人的结果在“坐席”页；他人按工号查看"
        )
    month = _month(visitor, period)

    def read(session: Session) -> dict[str, Any]:
        found = scorings.of_staff(session, number, month.begins, month.ends, reader=visitor.who)
        agent = next(iter(_agents(session, visitor, [number])), None)
        drafts = scorings.not_published(session, reader=visitor.who, limit=_DRAFTS)
        return {
            "agent": agent,
            "drafts": [one for one in drafts if one.scoring.staff_number == number],
            "scorings": found,
            "criteria": _by_criterion(found),
            "calls": _records(session, agent.offered if agent else []),
        }

    return page(visitor, "quality/staff.html", number=number, period=month, **visitor.read(read))


@router.post("/staff/{number}/training")
def trained(visitor: Judge, number: StaffNumber, note: Annotated[str, Form(max_length=1000)] = "") -> Response:
    visitor.write(training.given, number, note, who=visitor.who, at=visitor.at)
    return visitor.done(f"/quality/staff/{number}", "培训已登记", "The training is recorded")


def _agents(session: Session, visitor: Visitor, numbers: list[str]) -> list[Agent]:
    """Those with calls or scores: whom training is due for first, then by their mean, the lowest first."""
    policy, today = visitor.instance.policy, visitor.at.astimezone(visitor.zone).date()
    since = visitor.at - timedelta(days=policy.quality.offered_days)
    unscored = offered.unscored(session, numbers, since=since, scorer=visitor.who)
    due = training.open_for(session, numbers)
    trends = _trends(session, visitor, "quality", "points")
    found = []
    for number in numbers:
        if number in unscored or number in due or number in trends:
            open_ones = unscored.get(number, [])
            drawn = offered.at_random(open_ones, policy.quality.offered, staff_number=number, day=today)
            standing = training.standing(session, number, policy=policy)
            found.append(Agent(number, standing, trends.get(number), len(open_ones), drawn, due.get(number)))
    return sorted(found, key=lambda one: (one.due is None, one.standing.mean is None, one.standing.mean))


def _trends(session: Session, visitor: Visitor, section: str, figure: str) -> dict[str, Trend]:
    month, policy = _month(visitor, ""), visitor.instance.policy
    return trend.by_subject(session, month, *find(section, figure), count=_MONTHS, policy=policy, at=visitor.at)


def _by_criterion(found: list[Scored]) -> list[Criterion]:
    """The weakest first."""
    values: dict[str, list[float]] = {}
    words: dict[str, tuple[str, str]] = {}
    for one in reversed(found):
        for line in one.lines:
            words[line.key] = (line.zh, line.en)
            values.setdefault(line.key, []).extend([VALUES[line.mark]] if line.mark in VALUES else [])
    rows = [Criterion(*words[key], sum(met) / len(met) if met else None) for key, met in values.items()]
    return sorted(rows, key=lambda row: (row.met is None, row.met))


def _records(session: Session, ids: list[int]) -> list[CallRecord]:
    return calls.records_of(session, [session.get_one(Call, one) for one in ids])


def _month(visitor: Visitor, text: str) -> Period:
    """The one that is named, else the present one. Raises MoveRefused."""
    if not text:
        return Period.around(PeriodKind.MONTH, visitor.at.astimezone(visitor.zone).date(), visitor.zone)
    try:
        return Period.parse(PeriodKind.MONTH, text, visitor.zone)
    except NoSuchPeriod as error:
        raise MoveRefused(str(error), str(error)) from None

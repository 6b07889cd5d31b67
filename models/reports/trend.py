"""How a figure has gone: its value in each of the last periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.policy import Policy
from models.reports.figures import Figure, FigureUnit, Number, Rows, Section, zero
from models.reports.material import Material
from models.reports.period import Period


@dataclass(frozen=True)
class Point:
    """One period; `share` is its value as a share of the greatest of the trend, or of 100 points; None: unknown."""

    period: Period
    value: Number
    share: float | None


@dataclass(frozen=True)
class Trend:
    section: Section
    figure: Figure
    points: Sequence[Point]


def trends(
    session: Session,
    until: Period,
    wanted: Sequence[tuple[Section, Figure]],
    *,
    subject: str,
    count: int,
    policy: Policy,
    at: datetime,
) -> list[Trend]:
    """The figures of one subject in the last `count` periods, `until` the last one."""
    periods = _last(until, count)
    materials = [Material(session, one, policy, at) for one in periods]
    rows = {section.key: [section.count(one) for one in materials] for section, _ in wanted}
    return [_trend(section, figure, subject, periods, rows[section.key]) for section, figure in wanted]


def by_subject(
    session: Session, until: Period, section: Section, figure: Figure, *, count: int, policy: Policy, at: datetime
) -> dict[str, Trend]:
    """As `trends`, of one figure for each subject that has it in any of the periods."""
    periods = _last(until, count)
    rows = [section.count(Material(session, one, policy, at)) for one in periods]
    subjects = sorted({subject for one in rows for subject in one})
    return {subject: _trend(section, figure, subject, periods, rows) for subject in subjects}


def _last(until: Period, count: int) -> list[Period]:
    periods = [until]
    while len(periods) < count:
        periods.insert(0, periods[0].before)
    return periods


def _trend(section: Section, figure: Figure, subject: str, periods: Sequence[Period], rows: Sequence[Rows]) -> Trend:
    values = [one.get(subject, zero(section.figures)).get(figure.key) for one in rows]
    greatest = max((value for value in values if value is not None), default=0)
    whole = 100 if figure.unit is FigureUnit.POINTS else greatest
    points = [
        Point(period, value, None if value is None else value / whole if whole else 0.0)
        for period, value in zip(periods, values, strict=True)
    ]
    return Trend(section, figure, points)

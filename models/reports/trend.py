"""How a figure has gone: its value in each of the last periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.policy import Policy
from models.reports.figures import Figure, Number, Section, zero
from models.reports.material import Material
from models.reports.period import Period


@dataclass(frozen=True)
class Point:
    """One period; `share` is its value as a share of the greatest of the trend, None when it is unknown."""

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
    periods = [until]
    while len(periods) < count:
        periods.insert(0, periods[0].before)
    materials = [Material(session, one, policy, at) for one in periods]
    rows = {section.key: [section.count(one) for one in materials] for section, _ in wanted}
    found = []
    for section, figure in wanted:
        values = [one.get(subject, zero(section.figures)).get(figure.key) for one in rows[section.key]]
        greatest = max((value for value in values if value is not None), default=0)
        points = [
            Point(period, value, None if value is None else value / greatest if greatest else 0.0)
            for period, value in zip(periods, values, strict=True)
        ]
        found.append(Trend(section, figure, points))
    return found

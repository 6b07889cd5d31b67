"""A figure is a number with its name, unit, meaning and rule; a section counts some of them from one period's rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.reports.material import Material

Number = int | float | None
"""None: it cannot be computed, such as a rate of no calls."""
Row = dict[str, Number]
"""The figures of one subject by their keys."""
Rows = dict[str, Row]
"""By subject: a staff number, the name of a group, a kind of ticket; "" in a section about everything."""

ALL = ""
UNKNOWN = "?"
"""The subject of figures that belong to no known person or department."""


class FigureUnit(StrEnum):
    COUNT = "count"
    SECONDS = "seconds"
    PERCENT = "percent"
    """Kept as a share from 0 to 1."""
    POINTS = "points"
    """From 0, worst, to 100, best."""
    SCORE = "score"
    """From 1, worst, to 5, best."""


@dataclass(frozen=True)
class Figure:
    """`zh` and `en` are its name, `means_zh` and `means_en` say what is counted, `rules` why."""

    key: str
    unit: FigureUnit
    zh: str
    en: str
    means_zh: str
    means_en: str
    rules: str


class RowsAbout(StrEnum):
    """What the rows of a section are about."""

    ALL = "all"
    AGENT = "agent"
    DEPARTMENT = "department"
    CLASS = "class"
    CLOCK = "clock"
    """ "repair respond": a kind of ticket and one of its clocks."""
    SURVEY = "survey"
    """The reason for the survey; "" is all reasons together."""
    CAUSE = "cause"
    """ "line 8001", "building 3": a dimension and its value."""


@dataclass(frozen=True)
class Section:
    """`count` may omit a subject whose figures are all zero."""

    key: str
    zh: str
    en: str
    about: RowsAbout
    figures: Sequence[Figure]
    count: "Callable[[Material], Rows]"


def share(part: int | float, whole: int | float) -> float | None:
    """None of nothing."""
    return part / whole if whole else None


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def at_most(values: Sequence[float], part: float) -> float | None:
    """The value that this `part` of the values do not exceed (nearest rank): 0.5 gives the median."""
    if not values:
        return None
    # Rounded first: in binary, 0.9 * 10 can be a little more than 9.
    rank = -int(-round(part * len(values), 9) // 1)
    return sorted(values)[max(rank, 1) - 1]


def zero(figures: Sequence[Figure]) -> Row:
    """A row without events: counts are zero, other figures unknown."""
    return {figure.key: 0 if figure.unit is FigureUnit.COUNT else None for figure in figures}


def add(rows: Rows, subject: str, figures: Sequence[Figure], counted: Mapping[str, int | float]) -> None:
    """Adds counts to a subject's row, which begins with zeros."""
    row = rows.setdefault(subject, zero(figures))
    for key, number in counted.items():
        row[key] = (row[key] or 0) + number

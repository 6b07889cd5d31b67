"""Calls that were listened to and scored, for each agent and department (R04-1, R04-2)."""

from models.reports.figures import UNKNOWN, Figure, FigureUnit, Rows, RowsAbout, Section, add, share
from models.reports.material import Material


def count(material: Material) -> Rows:
    return _counted([(one.staff, one.total) for one in material.scorings])


def count_departments(material: Material) -> Rows:
    return _counted([(one.department, one.total) for one in material.scorings])


def _counted(scored: list[tuple[str, float]]) -> Rows:
    rows: Rows = {}
    for subject, points in scored:
        add(rows, subject or UNKNOWN, FIGURES, {"calls": 1, "points": points})
    for subject, row in rows.items():
        row["points"] = share(row["points"] or 0, row["calls"] or 0)
        row["lowest"] = min(points for one, points in scored if (one or UNKNOWN) == subject)
    return rows


FIGURES = (
    Figure(
        "calls",
        FigureUnit.COUNT,
        "评分通话",
        "scored calls",
        "期间内发布的评分",
        "scorings published in the period",
        "R04-1, R16-4",
    ),
    Figure(
        "points",
        FigureUnit.POINTS,
        "平均得分",
        "mean points",
        "这些评分的平均值（满分 100）",
        "mean of these scorings, of 100",
        "R04-2, R13-7",
    ),
    Figure(
        "lowest",
        FigureUnit.POINTS,
        "最低得分",
        "lowest points",
        "其中最低的",
        "the lowest of them",
        "R04-2",
    ),
)
QUALITY = Section("quality", "通话质检", "Quality of calls", RowsAbout.AGENT, FIGURES, count)
QUALITY_OF_DEPARTMENTS = Section(
    "quality_departments",
    "各部门通话质检",
    "Quality of calls by department",
    RowsAbout.DEPARTMENT,
    FIGURES,
    count_departments,
)

"""Complaints by dimension, to find their causes (R17-4); each counts once in every dimension."""

from models.reports.figures import UNKNOWN, Figure, FigureUnit, Rows, RowsAbout, Section, add, share
from models.reports.material import Material
from models.states.tickets import TicketKind


def count(material: Material) -> Rows:
    rows: Rows = {}
    complaints = [ticket for ticket in material.tickets if ticket.kind is TicketKind.COMPLAINT and not ticket.merged]
    for complaint in complaints:
        for dimension, value in (
            ("cause", complaint.cause),
            ("line", complaint.line),
            ("about", "staff" if complaint.about_staff else "service"),
            ("severity", complaint.severity),
            ("department", complaint.department),
            ("building", complaint.building),
        ):
            counted = {"complaints": 1, "settled": complaint.settled}
            add(rows, f"{dimension} {value or UNKNOWN}", CAUSES.figures, counted)
    for row in rows.values():
        row["part"] = share(row["complaints"] or 0, len(complaints))
    return rows


CAUSES = Section(
    "causes",
    "投诉原因",
    "Causes of complaints",
    RowsAbout.CAUSE,
    (
        Figure(
            "complaints",
            FigureUnit.COUNT,
            "投诉",
            "complaints",
            "期间内受理的投诉（不含已合并的）中属于这一项的；每件投诉在每个维度各计一次",
            "complaints opened in the period (without merged ones) that belong here; each counts once a dimension",
            "R17-4",
        ),
        Figure(
            "part", FigureUnit.PERCENT, "占比", "share", "÷ 期间内全部投诉", "÷ all complaints of the period", "R17-4"
        ),
        Figure(
            "settled",
            FigureUnit.COUNT,
            "办结",
            "settled",
            "期末已办结的",
            "settled at the end of the period",
            "R17-4, R01-2",
        ),
    ),
    count,
)

"""Whether promises to customers were kept (R15-2, R15-3); the endings add up to all promises."""

from collections import Counter

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, share
from models.reports.material import Material
from models.reports.ticket_facts import Kept
from models.states.tickets import PromiseEnding


def count(material: Material) -> Rows:
    endings = Counter(ending for ticket in material.tickets for ending in ticket.promises)
    judged = endings[Kept.IN_TIME] + endings[Kept.LATE] + endings[Kept.OVERDUE]
    return {
        ALL: {
            "promises": endings.total(),
            "in_time": endings[Kept.IN_TIME],
            "late": endings[Kept.LATE],
            "overdue": endings[Kept.OVERDUE],
            "running": endings[Kept.RUNNING],
            "postponed": endings[PromiseEnding.POSTPONED],
            "carried": endings[PromiseEnding.CARRIED],
            "in_time_rate": share(endings[Kept.IN_TIME], judged),
        }
    }


PROMISES = Section(
    "promises",
    "承诺",
    "Promises",
    RowsAbout.ALL,
    (
        Figure(
            "promises",
            FigureUnit.COUNT,
            "承诺数",
            "promises",
            "期间内受理的工单向客户承诺的日期；等于下面六项之和",
            "dates promised to customers for tickets opened in the period; the sum of the next six",
            "R15-2, R11-2",
        ),
        Figure(
            "in_time",
            FigureUnit.COUNT,
            "按时兑现",
            "kept",
            "期末前完成，且未超过承诺日期",
            "done by the end of the period and by the date",
            "R15-2",
        ),
        Figure(
            "late",
            FigureUnit.COUNT,
            "超时完成",
            "late",
            "期末前完成，但已超过承诺日期",
            "done by the end of the period, after the date",
            "R15-3",
        ),
        Figure(
            "overdue",
            FigureUnit.COUNT,
            "逾期",
            "overdue",
            "期末时日期已过仍未完成",
            "the date had passed at the end of the period, and it was not done",
            "R15-3",
        ),
        Figure(
            "running",
            FigureUnit.COUNT,
            "未到期",
            "not due yet",
            "期末尚未到期",
            "the date had not come at the end of the period",
            "R15-2",
        ),
        Figure(
            "postponed",
            FigureUnit.COUNT,
            "延期",
            "postponed",
            "到期前告知客户并延期一次的（新日期另计一项）",
            "postponed once, the customer informed before (the new date counts as another promise)",
            "R15-3",
        ),
        Figure(
            "carried",
            FigureUnit.COUNT,
            "并入",
            "carried over",
            "工单合并后由另一工单继续的",
            "continued by another ticket after a merge",
            "R15-2",
        ),
        Figure(
            "in_time_rate",
            FigureUnit.PERCENT,
            "按时兑现率",
            "kept, share",
            "按时兑现 ÷（按时兑现 + 超时完成 + 逾期）",
            "kept ÷ (kept + late + overdue)",
            "R15-2, R13-7",
        ),
    ),
    count,
)

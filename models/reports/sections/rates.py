"""How much was settled and how much was complained of, over all customers' matters of the period."""

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, share
from models.reports.material import Material
from models.states.tickets import TicketKind


def count(material: Material) -> Rows:
    matters = [matter for matter in material.matters if matter.is_customers and not matter.merged]
    complaints = sum(matter.kind is TicketKind.COMPLAINT for matter in matters)
    settled = sum(matter.settled for matter in matters)
    reopened = sum(matter.reopened for matter in matters)
    return {
        ALL: {
            "matters": len(matters),
            "resolution_rate": share(settled, len(matters)),
            "complaints": complaints,
            "complaint_rate": share(complaints, len(matters)),
            "reopened_rate": share(reopened, len(matters)),
        }
    }


RATES = Section(
    "rates",
    "办结率和投诉率",
    "Resolution and complaints",
    RowsAbout.ALL,
    (
        Figure(
            "matters",
            FigureUnit.COUNT,
            "客户事项",
            "matters",
            "期间内受理的客户工单,不含已合并的和系统自己发现的故障",
            "customers' tickets opened in the period, without merged ones and faults that the system found itself",
            "R01-3",
        ),
        Figure(
            "resolution_rate",
            FigureUnit.PERCENT,
            "办结率",
            "resolution rate",
            "期末已完成、已确认或已关闭的 ÷ 客户事项",
            "done, confirmed or closed at the end of the period ÷ matters",
            "R07-6, R01-1",
        ),
        Figure(
            "complaints",
            FigureUnit.COUNT,
            "投诉",
            "complaints",
            "客户事项中的投诉",
            "complaints among the matters",
            "R17-4, R01-2",
        ),
        Figure(
            "complaint_rate",
            FigureUnit.PERCENT,
            "投诉率",
            "complaint rate",
            "投诉 ÷ 客户事项",
            "complaints ÷ matters",
            "R07-6",
        ),
        Figure(
            "reopened_rate",
            FigureUnit.PERCENT,
            "重开率",
            "reopened, share",
            "期末前曾被重新打开的 ÷ 客户事项",
            "had been opened again by the end of the period ÷ matters",
            "R07-5",
        ),
    ),
    count,
)

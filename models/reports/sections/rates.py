"""The shares of settled tickets and of complaints among all customers' tickets of the period."""

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, share
from models.reports.material import Material
from models.states.tickets import TicketKind


def count(material: Material) -> Rows:
    tickets = [ticket for ticket in material.tickets if ticket.is_customers and not ticket.merged]
    complaints = sum(ticket.kind is TicketKind.COMPLAINT for ticket in tickets)
    settled = sum(ticket.settled for ticket in tickets)
    reopened = sum(ticket.reopened for ticket in tickets)
    return {
        ALL: {
            "matters": len(tickets),
            "resolution_rate": share(settled, len(tickets)),
            "complaints": complaints,
            "complaint_rate": share(complaints, len(tickets)),
            "reopened_rate": share(reopened, len(tickets)),
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
            "customers' tickets",
            "期间内受理的客户工单，不含已合并的和系统自己发现的故障",
            "customers' tickets opened in the period, without merged ones and faults that the system found",
            "R01-3",
        ),
        Figure(
            "resolution_rate",
            FigureUnit.PERCENT,
            "办结率",
            "resolution rate",
            "期末已完成、已确认或已关闭的 ÷ 客户事项",
            "done, confirmed or closed at the end of the period ÷ customers' tickets",
            "R07-6, R01-1",
        ),
        Figure(
            "complaints",
            FigureUnit.COUNT,
            "投诉",
            "complaints",
            "客户事项中的投诉",
            "complaints among the customers' tickets",
            "R17-4, R01-2",
        ),
        Figure(
            "complaint_rate",
            FigureUnit.PERCENT,
            "投诉率",
            "complaint rate",
            "投诉 ÷ 客户事项",
            "complaints ÷ customers' tickets",
            "R07-6",
        ),
        Figure(
            "reopened_rate",
            FigureUnit.PERCENT,
            "重开率",
            "reopened, share",
            "期末前曾被重新打开的 ÷ 客户事项",
            "had been reopened by the end of the period ÷ customers' tickets",
            "R07-5",
        ),
    ),
    count,
)

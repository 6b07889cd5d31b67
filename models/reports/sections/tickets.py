"""The tickets of the period by kind, and how the deadlines of each kind were kept."""

from models.reports.figures import Figure, FigureUnit, Rows, RowsAbout, Section, add, share
from models.reports.material import Material
from models.reports.ticket_facts import Kept
from models.states.tickets import TicketState

_COLUMN = {Kept.IN_TIME: "in_time", Kept.LATE: "late", Kept.OVERDUE: "overdue", Kept.RUNNING: "running"}


def count(material: Material) -> Rows:
    rows: Rows = {}
    for ticket in material.tickets:
        add(
            rows,
            ticket.kind,
            TICKETS.figures,
            {
                "opened": 1,
                "settled": ticket.settled,
                "open": not ticket.settled and not ticket.merged,
                "merged": ticket.merged,
                "reopened": ticket.reopened,
                "postponed": ticket.postponed,
                "referred": ticket.state is TicketState.REFERRED,
            },
        )
    return rows


def count_clocks(material: Material) -> Rows:
    rows: Rows = {}
    for ticket in material.tickets:
        for kind, kept in ticket.clocks:
            add(rows, f"{ticket.kind} {kind}", CLOCKS.figures, {"clocks": 1, _COLUMN[kept]: 1})
    for row in rows.values():
        row["in_time_rate"] = share(row["in_time"] or 0, (row["clocks"] or 0) - (row["running"] or 0))
    return rows


TICKETS = Section(
    "tickets",
    "工单",
    "Tickets",
    RowsAbout.CLASS,
    (
        Figure(
            "opened",
            FigureUnit.COUNT,
            "受理",
            "opened",
            "期间内受理的工单；等于办结、未结、合并之和",
            "opened in the period; the sum of settled, open and merged",
            "R17-2, R06-4",
        ),
        Figure(
            "settled",
            FigureUnit.COUNT,
            "办结",
            "settled",
            "期末状态为已完成、已确认或已关闭",
            "done, confirmed or closed at the end of the period",
            "R07-6, R15-4",
        ),
        Figure(
            "open", FigureUnit.COUNT, "未结", "open", "期末仍未办结", "not settled at the end of the period", "R10-4"
        ),
        Figure(
            "merged",
            FigureUnit.COUNT,
            "合并",
            "merged",
            "期末已并入另一张工单",
            "merged into another ticket by the end of the period",
            "R01-3",
        ),
        Figure(
            "reopened",
            FigureUnit.COUNT,
            "重开",
            "reopened",
            "期末前曾被重新打开",
            "had been reopened by the end of the period",
            "R15-1, R07-5",
        ),
        Figure(
            "postponed",
            FigureUnit.COUNT,
            "延期",
            "postponed",
            "期末前承诺曾延期一次的（同一事项不得第二次）",
            "the promise had been postponed by the end of the period (never twice)",
            "R15-3",
        ),
        Figure(
            "referred",
            FigureUnit.COUNT,
            "转外部",
            "referred",
            "未结中由公用事业单位处理的",
            "of the open ones, being handled by a public utility",
            "R15-8",
        ),
    ),
    count,
)

CLOCKS = Section(
    "clocks",
    "时限",
    "Deadlines",
    RowsAbout.CLOCK,
    (
        Figure(
            "clocks",
            FigureUnit.COUNT,
            "时限数",
            "deadlines",
            "期间内受理的工单的时限；等于下面四项之和",
            "deadlines of tickets opened in the period; the sum of the next four",
            "R08-1, R08-2, R08-3",
        ),
        Figure(
            "in_time",
            FigureUnit.COUNT,
            "按时",
            "in time",
            "期末前完成，且未超过时限",
            "met by the end of the period and within the limit",
            "R08-1, R13-7",
        ),
        Figure(
            "late",
            FigureUnit.COUNT,
            "超时完成",
            "late",
            "期末前完成，但已超时限",
            "met by the end of the period, after the limit",
            "R13-7",
        ),
        Figure(
            "overdue",
            FigureUnit.COUNT,
            "逾期未完成",
            "overdue",
            "期末时限已过仍未完成",
            "the limit had passed at the end of the period, and it was not met",
            "R13-7",
        ),
        Figure(
            "running",
            FigureUnit.COUNT,
            "未到时限",
            "not due yet",
            "期末尚未到时限",
            "the limit had not come at the end of the period",
            "R13-7",
        ),
        Figure(
            "in_time_rate",
            FigureUnit.PERCENT,
            "按时率",
            "in time, share",
            "按时 ÷（时限数 - 未到时限）",
            "in time ÷ (deadlines - not due yet)",
            "R13-7, R16-4",
        ),
    ),
    count_clocks,
)

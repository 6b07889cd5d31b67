"""What each department did on the telephone and with its tickets (R01-1, R04-2)."""

from sqlalchemy import select

from models.reports.figures import UNKNOWN, Figure, FigureUnit, Rows, RowsAbout, Section, add, share
from models.reports.material import Material
from models.reports.ticket_facts import Kept, TicketFacts
from models.states.calls import Ring
from models.states.tickets import TicketKind
from models.tables import Staff


def count(material: Material) -> Rows:
    rows: Rows = {}
    group = {number: name or UNKNOWN for number, name in material.session.execute(select(Staff.number, Staff.group))}
    limit = material.policy.answer.rings
    for call in material.customers_calls:
        for ring in call.rung:
            answered = ring.outcome is Ring.CONNECTED
            within, let = answered and ring.rings <= limit, not answered and ring.rings >= limit
            counted = {"rung": 1, "within_rings": within, "let_ring": let}
            add(rows, group.get(ring.staff, UNKNOWN), DEPARTMENTS.figures, counted)
        if call.talks:
            add(rows, group.get(call.talks[0].staff, UNKNOWN), DEPARTMENTS.figures, {"answered": 1})
        for talk in call.talks:
            add(rows, group.get(talk.staff, UNKNOWN), DEPARTMENTS.figures, {"talk_s": talk.seconds})
    for ticket in material.tickets:
        if ticket.department and not ticket.merged:
            _add_ticket(rows, ticket)
    for row in rows.values():
        row["within_rings_rate"] = share(row["within_rings"] or 0, row["rung"] or 0)
        row["resolution_rate"] = share(row["settled"] or 0, row["matters"] or 0)
        row["in_time_rate"] = share(row["in_time"] or 0, row["due"] or 0)
    return rows


def _add_ticket(rows: Rows, ticket: TicketFacts) -> None:
    kept = [kept for _, kept in ticket.clocks if kept is not Kept.RUNNING]
    counted = {
        "matters": 1,
        "settled": ticket.settled,
        "complaints": ticket.kind is TicketKind.COMPLAINT,
        "due": len(kept),
        "in_time": kept.count(Kept.IN_TIME),
    }
    add(rows, ticket.department or UNKNOWN, DEPARTMENTS.figures, counted)


DEPARTMENTS = Section(
    "departments",
    "部门",
    "Departments",
    RowsAbout.DEPARTMENT,
    (
        Figure(
            "answered",
            FigureUnit.COUNT,
            "接听",
            "answered",
            "由本部门员工最先接通的来电；各部门之和等于“接通”",
            "calls first connected to its staff; the sum over all departments is the connected calls",
            "R01-1",
        ),
        Figure(
            "talk_s",
            FigureUnit.SECONDS,
            "通话时长",
            "talk time",
            "本部门员工在来电中的通话总时长",
            "total talk time of its staff in customers' calls",
            "R05-3",
        ),
        Figure(
            "rung",
            FigureUnit.COUNT,
            "响铃",
            "rung",
            "本部门话机为来电响起的次数",
            "times a telephone of its staff rang for a customer",
            "R05-2",
        ),
        Figure(
            "within_rings",
            FigureUnit.COUNT,
            "三声内接",
            "within three rings",
            "在该话机的三声内接起的",
            "answered within three rings of that telephone",
            "R05-2",
        ),
        Figure(
            "within_rings_rate",
            FigureUnit.PERCENT,
            "三声内接率",
            "within three rings, share",
            "三声内接 ÷ 响铃",
            "within three rings ÷ rung",
            "R05-2, R04-2",
        ),
        Figure(
            "let_ring",
            FigureUnit.COUNT,
            "响满未接",
            "rang out",
            "响满三声而没接的",
            "three rings or more, not answered",
            "R05-2, R20-4",
        ),
        Figure(
            "matters",
            FigureUnit.COUNT,
            "经办",
            "tickets",
            "期间内受理、由本部门负责的工单（不含已合并的）",
            "tickets opened in the period that this department has (without merged ones)",
            "R17-2, R10-1",
        ),
        Figure(
            "settled",
            FigureUnit.COUNT,
            "办结",
            "settled",
            "其中期末已办结的",
            "of these, settled at the end of the period",
            "R10-4",
        ),
        Figure(
            "resolution_rate",
            FigureUnit.PERCENT,
            "办结率",
            "resolution rate",
            "办结 ÷ 经办",
            "settled ÷ tickets",
            "R07-6, R04-2",
        ),
        Figure(
            "due",
            FigureUnit.COUNT,
            "到期时限",
            "deadlines reached",
            "其时限中期末已完成或已到期的",
            "deadlines of these tickets that were met or had passed at the end of the period",
            "R13-7",
        ),
        Figure("in_time", FigureUnit.COUNT, "按时", "in time", "其中按时完成的", "of these, met in time", "R13-7"),
        Figure(
            "in_time_rate",
            FigureUnit.PERCENT,
            "按时率",
            "in time, share",
            "按时 ÷ 到期时限",
            "in time ÷ deadlines reached",
            "R13-7, R16-4",
        ),
        Figure(
            "complaints",
            FigureUnit.COUNT,
            "投诉",
            "complaints",
            "经办工单中的投诉",
            "complaints among these tickets",
            "R17-4",
        ),
    ),
    count,
)

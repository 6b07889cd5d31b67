"""What each member of staff did on the telephone and with tickets as first receiver (R01-1, R07-6)."""

from models.reports.figures import UNKNOWN, Figure, FigureUnit, Row, Rows, RowsAbout, Section, add, share
from models.reports.material import CallFact, Material
from models.reports.sections.talks import flagged_by_staff
from models.states.calls import Ring
from models.states.tickets import TicketKind


def count(material: Material) -> Rows:
    rows: Rows = {}
    long_s = material.policy.call.warn_minutes * 60
    for call in material.calls:
        _talks(rows, call, long_s)
        _transfers(rows, call)
    for call in material.customers_calls:
        _rings(rows, call, material.policy.answer.rings)
    for ticket in material.tickets:
        if ticket.is_customers and not ticket.merged and ticket.first_receiver:
            _add(rows, ticket.first_receiver, received=1, settled=ticket.settled)
        if ticket.assignee and not ticket.merged:
            _add(rows, ticket.assignee, assigned=1, assigned_settled=ticket.settled)
        if ticket.kind is TicketKind.COMPLAINT and ticket.about_staff and not ticket.merged:
            _add(rows, ticket.about_staff, complained_of=1)
    for answer in material.answers:
        if answer.score is not None:
            satisfied = answer.score >= material.policy.follow_up.satisfied_from
            _add(rows, answer.staff, scored=1, satisfied=satisfied, score=answer.score)
    for staff, flagged in flagged_by_staff(material).items():
        _add(rows, staff, flagged=flagged)
    for row in rows.values():
        _rates(row)
    return rows


def _add(rows: Rows, staff: str, **counted: int | float) -> None:
    add(rows, staff or UNKNOWN, AGENTS.figures, counted)


def _talks(rows: Rows, call: CallFact, long_s: float) -> None:
    if not call.talks:
        return
    first = call.talks[0].staff
    _add(rows, first, answered=call.incoming, called=not call.incoming)
    for staff in {talk.staff for talk in call.talks} - {first}:
        _add(rows, staff, taken_over=1)
    for talk in call.talks:
        _add(rows, talk.staff, talk_s=talk.seconds, talks=1, long_talks=talk.seconds >= long_s)


def _transfers(rows: Rows, call: CallFact) -> None:
    for staff in call.transferred_by:
        _add(rows, staff, transfers=1)


def _rings(rows: Rows, call: CallFact, limit: int) -> None:
    for ring in call.rung:
        answered = ring.outcome is Ring.CONNECTED
        _add(
            rows,
            ring.staff,
            rung=1,
            within_rings=answered and ring.rings <= limit,
            let_ring=not answered and ring.rings >= limit,
            declined=ring.outcome is Ring.DECLINED,
        )


def _rates(row: Row) -> None:
    row["talk_mean"] = share(row["talk_s"] or 0, row["talks"] or 0)
    row["resolution_rate"] = share(row["settled"] or 0, row["received"] or 0)
    row["score"] = share(row["score"] or 0, row["scored"] or 0)
    row["satisfied_rate"] = share(row["satisfied"] or 0, row["scored"] or 0)
    row["complaint_rate"] = share(row["complained_of"] or 0, (row["answered"] or 0) + (row["taken_over"] or 0))


AGENTS = Section(
    "agents",
    "坐席和员工",
    "Agents and staff",
    RowsAbout.AGENT,
    (
        Figure(
            "answered",
            FigureUnit.COUNT,
            "接听",
            "answered",
            "由他最先接通的来电；各人之和等于“接通”",
            "calls first connected to this person; the sum over all staff is the connected calls",
            "R07-6, R01-1, R17-6",
        ),
        Figure(
            "taken_over",
            FigureUnit.COUNT,
            "接转",
            "taken over",
            "同事转来、由他接着通话的",
            "calls in which this person talked after a colleague",
            "R07-2",
        ),
        Figure(
            "called",
            FigureUnit.COUNT,
            "打出",
            "called",
            "由他打出并接通的回电等",
            "connected calls back and other calls made by this person",
            "R17-1",
        ),
        Figure("talks", FigureUnit.COUNT, "通话次数", "talks", "他参与的每段通话", "all talks of this person", "R07-6"),
        Figure(
            "talk_s",
            FigureUnit.SECONDS,
            "通话时长",
            "talk time",
            "全部通话的总时长",
            "total length of these talks",
            "R07-6, R05-3",
        ),
        Figure(
            "talk_mean",
            FigureUnit.SECONDS,
            "平均通话",
            "mean talk",
            "通话时长 ÷ 通话次数",
            "talk time ÷ talks",
            "R05-3",
        ),
        Figure(
            "long_talks",
            FigureUnit.COUNT,
            "过长通话",
            "long talks",
            "达到通话提醒时长的",
            "long enough for the reminder of long talks",
            "R05-3",
        ),
        Figure(
            "rung",
            FigureUnit.COUNT,
            "响铃",
            "rung",
            "他的话机为来电响起（或代接）的次数",
            "times the telephone rang for a customer (or this person picked up another)",
            "R05-2",
        ),
        Figure(
            "within_rings",
            FigureUnit.COUNT,
            "三声内接",
            "within three rings",
            "他在自己话机的三声内接起的",
            "answered within three rings of their own telephone",
            "R05-2",
        ),
        Figure(
            "let_ring",
            FigureUnit.COUNT,
            "响满未接",
            "rang out",
            "响满三声而他没接的",
            "three rings or more, not answered",
            "R05-2, R20-4",
        ),
        Figure("declined", FigureUnit.COUNT, "拒接", "declined", "他拒接的", "declined by this person", "R05-2"),
        Figure(
            "transfers",
            FigureUnit.COUNT,
            "转出",
            "transfers",
            "他提出的转接",
            "transfers started by this person",
            "R07-4",
        ),
        Figure(
            "received",
            FigureUnit.COUNT,
            "首问",
            "first asked",
            "期间内受理、由他首问的客户事项（不含已合并的）",
            "customers' tickets opened in the period with this first receiver (without merged ones)",
            "R15-1",
        ),
        Figure(
            "settled",
            FigureUnit.COUNT,
            "首问办结",
            "first asked, settled",
            "其中期末已办结的",
            "of these, settled at the end of the period",
            "R15-1",
        ),
        Figure(
            "resolution_rate",
            FigureUnit.PERCENT,
            "办结率",
            "resolution rate",
            "首问办结 ÷ 首问",
            "first asked, settled ÷ first asked",
            "R07-6",
        ),
        Figure(
            "assigned",
            FigureUnit.COUNT,
            "派给",
            "assigned",
            "期间内受理、派给他的工单（不含已合并的）",
            "tickets opened in the period and assigned to this person (without merged ones)",
            "R03-4, R17-2",
        ),
        Figure(
            "assigned_settled",
            FigureUnit.COUNT,
            "派给办结",
            "assigned, settled",
            "其中期末已办结的",
            "of these, settled at the end of the period",
            "R10-4",
        ),
        Figure(
            "complained_of",
            FigureUnit.COUNT,
            "被投诉",
            "complained of",
            "期间内受理的、以他为对象的投诉（不含已合并的）",
            "complaints about this person opened in the period (without merged ones)",
            "R07-6, R15-6",
        ),
        Figure(
            "complaint_rate",
            FigureUnit.PERCENT,
            "被投诉率",
            "complaint rate",
            "被投诉 ÷（接听 + 接转）",
            "complained of ÷ (answered + taken over)",
            "R07-6",
        ),
        Figure(
            "scored",
            FigureUnit.COUNT,
            "评分",
            "scored",
            "期间内客户给他的评分次数（回访、调查、通话后）",
            "scores that customers gave this person in the period (follow-up, survey, after a talk)",
            "R07-6, R07-5",
        ),
        Figure(
            "score",
            FigureUnit.SCORE,
            "平均分",
            "mean score",
            "评分的平均值（1 最差，5 最好）",
            "mean of the scores (1 worst, 5 best)",
            "R13-7, R17-6",
        ),
        Figure(
            "satisfied",
            FigureUnit.COUNT,
            "满意",
            "satisfied",
            "不低于制度规定的满意分数",
            "at least the score that counts as satisfied",
            "R13-7",
        ),
        Figure(
            "satisfied_rate",
            FigureUnit.PERCENT,
            "满意率",
            "satisfied, share",
            "满意 ÷ 评分",
            "satisfied ÷ scored",
            "R13-7, R01-1, R11-4",
        ),
        Figure(
            "flagged",
            FigureUnit.COUNT,
            "可疑拨打",
            "flagged calls",
            "由他打的、按制度不予拨出的（声讯、境外等）",
            "calls by this person that the policy refused, such as premium numbers",
            "R05-8, R20-5",
        ),
    ),
    count,
)

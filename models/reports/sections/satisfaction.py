"""Whether customers are satisfied: their scores from 1 to 5, and who answered (R07-5, R08-6)."""

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, add, share, zero
from models.reports.material import Material
from models.states.surveys import SurveyState


def count(material: Material) -> Rows:
    rows: Rows = {ALL: zero(SATISFACTION.figures)}
    satisfied_from = material.policy.follow_up.satisfied_from
    for answer in material.answers:
        said = answer.state is SurveyState.ANSWERED
        counted = {
            "asked": 1,
            "answered": said,
            "not_answered": answer.state is SurveyState.UNANSWERED,
            "not_reached": answer.state is SurveyState.NOT_REACHED,
            "opted_out": answer.state is SurveyState.OPTED_OUT,
            "scored": answer.score is not None,
            "satisfied": answer.score is not None and answer.score >= satisfied_from,
            "not_settled": said and answer.settled is False,
        }
        for subject in (ALL, answer.purpose):
            add(rows, subject, SATISFACTION.figures, counted)
            row = rows[subject]
            row["score"] = (row["score"] or 0) + (answer.score or 0)
    for row in rows.values():
        row["score"] = share(row["score"] or 0, row["scored"] or 0)
        row["satisfied_rate"] = share(row["satisfied"] or 0, row["scored"] or 0)
        row["answered_rate"] = share(row["answered"] or 0, row["asked"] or 0)
    return rows


SATISFACTION = Section(
    "satisfaction",
    "满意度",
    "Satisfaction",
    RowsAbout.SURVEY,
    (
        Figure(
            "asked",
            FigureUnit.COUNT,
            "询问",
            "asked",
            "期间内问完的回访和调查；等于下面四项之和（不再需要问的不计）",
            "follow-ups and surveys that ended in the period, without those no longer needed; the sum of the next four",
            "R07-5, R08-6, R17-3",
        ),
        Figure(
            "answered",
            FigureUnit.COUNT,
            "答复",
            "answered",
            "按键评分，或说没有解决",
            "keyed a score, or that it is not settled",
            "R07-5",
        ),
        Figure(
            "not_answered",
            FigureUnit.COUNT,
            "未按键",
            "no key",
            "通话后询问而未按键",
            "asked after a talk, no key pressed",
            "R07-6",
        ),
        Figure(
            "not_reached",
            FigureUnit.COUNT,
            "未接到",
            "not reached",
            "几次都没接到本人",
            "no attempt reached a person",
            "R17-3",
        ),
        Figure(
            "opted_out",
            FigureUnit.COUNT,
            "拒绝回访",
            "opted out",
            "不愿再接这类电话",
            "does not want such calls",
            "R08-9",
        ),
        Figure("scored", FigureUnit.COUNT, "评分", "scored", "给出 1 至 5 分的", "gave a score from 1 to 5", "R07-5"),
        Figure(
            "score",
            FigureUnit.SCORE,
            "平均分",
            "mean score",
            "评分的平均值（1 最差，5 最好）",
            "mean of the scores (1 worst, 5 best)",
            "R06-4, R13-7",
        ),
        Figure(
            "satisfied",
            FigureUnit.COUNT,
            "满意",
            "satisfied",
            "不低于制度规定的满意分数",
            "at least the score that counts as satisfied",
            "R07-5, R13-7",
        ),
        Figure(
            "satisfied_rate",
            FigureUnit.PERCENT,
            "满意率",
            "satisfied, share",
            "满意 ÷ 评分",
            "satisfied ÷ scored",
            "R13-7, R01-6",
        ),
        Figure(
            "not_settled",
            FigureUnit.COUNT,
            "未解决",
            "not settled",
            "客户说事情没有解决",
            "said that it is not settled",
            "R15-1, R03-6",
        ),
        Figure(
            "answered_rate", FigureUnit.PERCENT, "答复率", "answered, share", "答复 ÷ 询问", "answered ÷ asked", "R01-6"
        ),
    ),
    count,
)

"""Whether lines are kept free: long talks, and calls that the gate refused."""

from collections import Counter

from sqlalchemy import select

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, mean
from models.reports.material import Material
from models.tables import Attempt, CallToMake


def count(material: Material) -> Rows:
    long_s = material.policy.call.warn_minutes * 60
    talks = [talk.seconds for call in material.calls for talk in call.talks]
    customers = [call.talk_s for call in material.customers_calls if call.talks]
    return {
        ALL: {
            "talks": len(talks),
            "talk_s": sum(talks),
            "customer_talk_mean": mean(customers),
            "longest": max(talks, default=None),
            "long_talks": sum(seconds >= long_s for seconds in talks),
            "flagged": sum(flagged_by_staff(material).values()),
        }
    }


def flagged_by_staff(material: Material) -> Counter[str]:
    """Requested calls that the gate refused, by staff: the person of the last attempt, or else of the request."""
    asked = (
        CallToMake.asked_at >= material.period.begins,
        CallToMake.asked_at < material.period.ends,
        CallToMake.flag.is_not(None),
    )
    made_by = {
        row.id: row.extension or ""
        for row in material.session.execute(select(CallToMake.id, CallToMake.extension).where(*asked))
    }
    said = (
        select(CallToMake.id, Attempt.staff_number)
        .join(Attempt, Attempt.call_to_make_id == CallToMake.id)
        .where(*asked, Attempt.staff_number.is_not(None))
        .order_by(Attempt.call_to_make_id, Attempt.number)
    )
    for call_id, staff_number in material.session.execute(said):
        made_by[call_id] = staff_number
    return Counter(made_by.values())


TALKS = Section(
    "talks",
    "通话时长",
    "Length of talks",
    RowsAbout.ALL,
    (
        Figure(
            "talks",
            FigureUnit.COUNT,
            "通话次数",
            "talks",
            "期间内开始的电话（含我方打出的）中，每位员工与客户的每段通话",
            "each talk of a member of staff in calls, in or out, that began in the period",
            "R05-5",
        ),
        Figure(
            "talk_s",
            FigureUnit.SECONDS,
            "总时长",
            "total length",
            "各段通话之和；三方通话时每位员工各计",
            "sum of all talks; in a three-way talk each member of staff counts",
            "R05-3",
        ),
        Figure(
            "customer_talk_mean",
            FigureUnit.SECONDS,
            "来电平均通话",
            "mean of a call",
            "接通的来电中客户平均通话时间",
            "mean time that the customer talked in a connected call",
            "R05-3",
        ),
        Figure("longest", FigureUnit.SECONDS, "最长", "longest", "最长的一段通话", "the longest talk", "R05-3"),
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
            "flagged",
            FigureUnit.COUNT,
            "可疑拨打",
            "flagged calls",
            "想打、但按制度不予拨出的（声讯、境外等）",
            "calls requested and refused by the policy, such as premium numbers",
            "R05-8, R20-5",
        ),
    ),
    count,
)

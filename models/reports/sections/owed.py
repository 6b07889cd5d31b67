"""Messages, and the calls back owed to callers who reached nobody: whether they were made in time."""

from collections import Counter

from sqlalchemy import func, select

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, share
from models.reports.material import UNHEARD, Material
from models.reports.ticket_facts import Kept, kept
from models.states.calls import Purpose, RecordingKind, ToMake
from models.states.tickets import TaskKind
from models.tables import Call, CallToMake, Recording, Task


def count(material: Material) -> Rows:
    began, ends = material.period.begins, material.period.ends
    messages = material.session.scalar(
        select(func.count())
        .select_from(Recording)
        .join(Call, Call.id == Recording.call_id)
        .where(
            Call.started_at >= began,
            Call.started_at < ends,
            Recording.kind.in_((RecordingKind.MESSAGE, RecordingKind.SPOOL)),
            Recording.level.is_not(None) | Recording.state.in_(UNHEARD),
        )
    )
    # Filtered by kind in Python: a condition on it might lead the planner away from the index by date.
    owed = material.session.execute(
        select(Task.kind, Task.due_at, Task.closed_at).where(Task.opened_at >= began, Task.opened_at < ends)
    )
    states = Counter(
        kept(task.due_at, task.closed_at, material.until) for task in owed if task.kind is TaskKind.CALL_BACK
    )
    asked = material.session.execute(
        select(CallToMake.kind, CallToMake.state).where(CallToMake.asked_at >= began, CallToMake.asked_at < ends)
    )
    tried = Counter(call.state for call in asked if call.kind is Purpose.CALL_BACK)
    total = states.total()
    return {
        ALL: {
            "messages": messages,
            "call_backs": total,
            "in_time": states[Kept.IN_TIME],
            "late": states[Kept.LATE],
            "overdue": states[Kept.OVERDUE],
            "running": states[Kept.RUNNING],
            "in_time_rate": share(states[Kept.IN_TIME], total - states[Kept.RUNNING]),
            "tried": tried.total(),
            "reached": tried[ToMake.CONNECTED],
        }
    }


OWED = Section(
    "owed",
    "留言和回电",
    "Messages and calls back",
    RowsAbout.ALL,
    (
        Figure(
            "messages",
            FigureUnit.COUNT,
            "留言数",
            "messages",
            "期间内来电留下的有话音的留言，包括接通后再留的和应急留言",
            "messages with speech left in calls of the period, also after a talk, also to the fallback",
            "R17-1, R03-2",
        ),
        Figure(
            "call_backs",
            FigureUnit.COUNT,
            "应回电",
            "calls back owed",
            "期间内产生的回电任务，同一号码合并为一个；等于下面四项之和",
            "call-back tasks opened in the period, one for each number; the sum of the next four",
            "R17-1",
        ),
        Figure(
            "in_time",
            FigureUnit.COUNT,
            "按时回电",
            "in time",
            "期末前办结，且未超过时限",
            "done by the end of the period and within the limit",
            "R17-1",
        ),
        Figure(
            "late",
            FigureUnit.COUNT,
            "超时回电",
            "late",
            "期末前办结，但已超时限",
            "done by the end of the period, after the limit",
            "R17-1",
        ),
        Figure(
            "overdue",
            FigureUnit.COUNT,
            "逾期未回",
            "overdue",
            "期末时限已过仍未回",
            "the limit had passed at the end of the period, and it was not done",
            "R17-1",
        ),
        Figure(
            "running",
            FigureUnit.COUNT,
            "未到时限",
            "not due yet",
            "期末尚未到时限",
            "the limit had not come at the end of the period",
            "R17-1",
        ),
        Figure(
            "in_time_rate",
            FigureUnit.PERCENT,
            "按时回电率",
            "in time, share",
            "按时回电 ÷（应回电 - 未到时限）",
            "in time ÷ (owed - not due yet)",
            "R17-1, R13-7",
        ),
        Figure(
            "tried",
            FigureUnit.COUNT,
            "系统回拨",
            "made by the system",
            "期间内由系统呼叫的回电，到点自动的和员工要求的",
            "calls back that the system made in the period, by itself or because somebody asked",
            "R17-1",
        ),
        Figure(
            "reached",
            FigureUnit.COUNT,
            "回拨接通",
            "made by the system, connected",
            "其中客户接听的",
            "of these, answered by the customer",
            "R17-1",
        ),
    ),
    count,
)

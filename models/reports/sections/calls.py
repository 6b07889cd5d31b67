"""How the customers' calls ended, which adds up to all calls, and how many were answered within three rings."""

from collections import Counter

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, share
from models.reports.material import CallResult, Material


def count(material: Material) -> Rows:
    calls = material.customers_calls
    outcomes = Counter(call.outcome for call in calls)
    limit = material.policy.answer.rings
    rung = sum(bool(call.rung) for call in calls)
    within = sum(call.rings is not None and call.rings <= limit for call in calls)
    return {
        ALL: {
            "calls": len(calls),
            "connected": outcomes[CallResult.CONNECTED],
            "left_message": outcomes[CallResult.MESSAGE],
            "served": outcomes[CallResult.SERVED],
            "abandoned": outcomes[CallResult.ABANDONED],
            "undecided": outcomes[CallResult.UNDECIDED],
            "broken_off": outcomes[CallResult.BROKEN_OFF],
            "going_on": outcomes[CallResult.GOING_ON],
            "connected_rate": share(outcomes[CallResult.CONNECTED], len(calls)),
            "abandoned_rate": share(outcomes[CallResult.ABANDONED], len(calls)),
            "rung": rung,
            "within_rings": within,
            "within_rings_rate": share(within, rung),
        }
    }


CALLS = Section(
    "calls",
    "来电",
    "Calls",
    RowsAbout.ALL,
    (
        Figure(
            "calls",
            FigureUnit.COUNT,
            "来电数",
            "calls",
            "期间内开始的全部来电，不含自动拨测和我方打出的电话；等于下面七项之和",
            "calls that began in the period, without test calls and calls that we made; the sum of the next seven",
            "R01-3, R06-4",
        ),
        Figure(
            "connected",
            FigureUnit.COUNT,
            "接通",
            "connected",
            "与至少一位员工通过话",
            "talked with at least one member of staff",
            "R07-6, R13-1",
        ),
        Figure(
            "left_message",
            FigureUnit.COUNT,
            "留言",
            "left a message",
            "未接通，但留下了有话音的留言",
            "not connected, but left a message with speech in it",
            "R17-1",
        ),
        Figure(
            "served",
            FigureUnit.COUNT,
            "自助完成",
            "served without a person",
            "未接通，由系统服务到结束：查进度、听时段、登记回电等",
            "not connected, but served to the end by the system: progress, hours, a call back promised",
            "R07-1, R02-1",
        ),
        Figure(
            "abandoned",
            FigureUnit.COUNT,
            "放弃",
            "abandoned",
            "未接通、未留言，说明来意后或振铃时自己挂机（挂机时正在登记回电的也算）",
            "neither connected nor a message: hung up after choosing from the menu, or while a telephone rang "
            "(also while a call back was being promised)",
            "R17-1, R13-1",
        ),
        Figure(
            "undecided",
            FigureUnit.COUNT,
            "未作选择",
            "nothing chosen",
            "在菜单中还没有选择就挂机",
            "hung up in the menu before choosing anything",
            "R07-1",
        ),
        Figure(
            "broken_off",
            FigureUnit.COUNT,
            "中断",
            "broken off",
            "因网络、停机或程序错误中断，不是谁挂机",
            "ended by the network, an outage or a program error; nobody hung up",
            "R17-5",
        ),
        Figure(
            "going_on",
            FigureUnit.COUNT,
            "进行中",
            "still going on",
            "统计时尚未结束",
            "had not ended when this was counted",
            "R01-3",
        ),
        Figure(
            "connected_rate",
            FigureUnit.PERCENT,
            "接通率",
            "connected, share",
            "接通 ÷ 来电数",
            "connected ÷ calls",
            "R07-6",
        ),
        Figure(
            "abandoned_rate",
            FigureUnit.PERCENT,
            "放弃率",
            "abandoned, share",
            "放弃 ÷ 来电数",
            "abandoned ÷ calls",
            "R17-1",
        ),
        Figure(
            "rung",
            FigureUnit.COUNT,
            "响铃来电",
            "calls that rang a telephone",
            "至少有一部话机为它响过铃的来电",
            "calls for which at least one telephone rang",
            "R05-2",
        ),
        Figure(
            "within_rings",
            FigureUnit.COUNT,
            "三声内接听",
            "within three rings",
            "从第一部话机的第一声起，三声内有人接起",
            "answered within three rings, counted from the first ring of the first telephone",
            "R05-2",
        ),
        Figure(
            "within_rings_rate",
            FigureUnit.PERCENT,
            "三声内接听率",
            "within three rings, share",
            "三声内接听 ÷ 响铃来电",
            "within three rings ÷ calls that rang a telephone",
            "R05-2",
        ),
    ),
    count,
)

"""Transfers and whether consent was asked and given (R05-4); the endings add up to all."""

from collections import Counter

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, share
from models.reports.material import Material
from models.states.calls import TransferState as T


def count(material: Material) -> Rows:
    states = Counter(state for call in material.calls for state in call.transfers)
    asked = sum(call.consents_asked for call in material.calls)

    def of(*some: T) -> int:
        return sum(states[state] for state in some)

    return {
        ALL: {
            "transfers": sum(states.values()),
            "consented": of(T.CONSENTED),
            "declined": of(T.DECLINED),
            "no_consent": of(T.NO_CONSENT),
            "not_reached": of(T.NO_ANSWER, T.BUSY, T.UNREACHABLE, T.REDIRECTED),
            "not_allowed": of(T.REFUSED),
            "taken_back": of(T.CANCELLED, T.AGENT_GONE),
            "broken_off": of(T.CALLER_GONE, T.INTERRUPTED),
            "going_on": of(T.KEYING, T.RINGING, T.ASKED),
            "asked": asked,
            "consent_rate": share(of(T.CONSENTED), asked),
        }
    }


TRANSFERS = Section(
    "transfers",
    "转接",
    "Transfers",
    RowsAbout.ALL,
    (
        Figure(
            "transfers",
            FigureUnit.COUNT,
            "转接",
            "transfers",
            "期间内开始的电话中的转接；等于下面八项之和",
            "in calls that began in the period; the sum of the next eight",
            "R07-4, R05-4",
        ),
        Figure(
            "consented",
            FigureUnit.COUNT,
            "同意",
            "consent given",
            "同事按键同意并接通",
            "the colleague consented by key and was connected",
            "R05-4",
        ),
        Figure("declined", FigureUnit.COUNT, "谢绝", "declined", "同事谢绝", "the colleague declined", "R05-4"),
        Figure(
            "no_consent",
            FigureUnit.COUNT,
            "未按键",
            "no key",
            "接起但没有按键，不算同意",
            "answered, but no key was pressed: that is no consent",
            "R05-4",
        ),
        Figure(
            "not_reached",
            FigureUnit.COUNT,
            "未接到",
            "not reached",
            "无人接、占线或未登录",
            "no answer, busy, or not registered",
            "R05-1",
        ),
        Figure(
            "not_allowed",
            FigureUnit.COUNT,
            "不允许",
            "not allowed",
            "按规定不能转：岗位不允许、不在岗、被投诉人、无事由等",
            "against the procedure: role, off duty, person complained of, no reason given, and the like",
            "R07-4, R15-6",
        ),
        Figure(
            "taken_back",
            FigureUnit.COUNT,
            "收回",
            "taken back",
            "坐席收回或挂机",
            "the agent took the caller back, or hung up",
            "R07-4",
        ),
        Figure(
            "broken_off",
            FigureUnit.COUNT,
            "中断",
            "broken off",
            "来电人挂机或系统中断",
            "the caller hung up, or the system failed",
            "R07-2",
        ),
        Figure(
            "going_on",
            FigureUnit.COUNT,
            "进行中",
            "still going on",
            "统计时尚未结束",
            "had not ended when this was counted",
            "R07-4",
        ),
        Figure(
            "asked",
            FigureUnit.COUNT,
            "征询",
            "consent asked",
            "已向同事征询是否愿意接听的",
            "the colleague was asked to take the call",
            "R05-4",
        ),
        Figure(
            "consent_rate",
            FigureUnit.PERCENT,
            "同意率",
            "consent, share",
            "同意 ÷ 征询",
            "consent given ÷ consent asked",
            "R05-4, R07-2",
        ),
    ),
    count,
)

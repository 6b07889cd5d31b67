"""The availability of the line, from the test calls of the period (R17-5, R05-7)."""

from sqlalchemy import select

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, mean, share
from models.reports.material import Material
from models.tables import Canary


def count(material: Material) -> Rows:
    flown = material.session.execute(
        select(Canary.ok, Canary.ms, Canary.ticket_id).where(
            Canary.at >= material.period.begins, Canary.at < material.period.ends
        )
    ).all()
    home = [canary for canary in flown if canary.ok]
    lasted = mean([canary.ms for canary in home if canary.ms is not None])
    return {
        ALL: {
            "canaries": len(flown),
            "came_home": len(home),
            "failed": len(flown) - len(home),
            "availability": share(len(home), len(flown)),
            "outages": sum(canary.ticket_id is not None for canary in flown),
            "canary_s": None if lasted is None else lasted / 1000,
        }
    }


LINE = Section(
    "line",
    "线路可用性",
    "The line",
    RowsAbout.ALL,
    (
        Figure(
            "canaries",
            FigureUnit.COUNT,
            "自动拨测",
            "test calls",
            "期间内的自动拨测；等于下面两项之和",
            "test calls of the period; the sum of the next two",
            "R17-5, R05-7",
        ),
        Figure(
            "came_home",
            FigureUnit.COUNT,
            "正常",
            "passed",
            "接通、播放提示音并收到按键",
            "answered, first prompt played, key received",
            "R17-5",
        ),
        Figure(
            "failed",
            FigureUnit.COUNT,
            "失败",
            "failed",
            "失败或没有按时进行",
            "failed, or was not made in time",
            "R17-5",
        ),
        Figure(
            "availability",
            FigureUnit.PERCENT,
            "可用率",
            "availability",
            "正常 ÷ 自动拨测",
            "passed ÷ test calls",
            "R17-5, R13-1",
        ),
        Figure(
            "outages",
            FigureUnit.COUNT,
            "故障",
            "outages",
            "连续失败而开了工单的次数",
            "times that repeated failures opened a ticket",
            "R17-5",
        ),
        Figure(
            "canary_s",
            FigureUnit.SECONDS,
            "拨测用时",
            "length of a test call",
            "正常拨测的平均用时",
            "mean length of the calls that passed",
            "R05-7",
        ),
    ),
    count,
)

"""How long customers waited from the beginning of the call to the first talk."""

from models.reports.figures import ALL, Figure, FigureUnit, Rows, RowsAbout, Section, at_most, mean
from models.reports.material import CallResult, Material


def count(material: Material) -> Rows:
    waited = [call.waited_s for call in material.customers_calls if call.outcome is CallResult.CONNECTED]
    given_up = [call.waited_s for call in material.customers_calls if call.outcome is CallResult.ABANDONED]
    return {
        ALL: {
            "wait_mean": mean(waited),
            "wait_median": at_most(waited, 0.5),
            "wait_90": at_most(waited, 0.9),
            "wait_longest": max(waited, default=None),
            "given_up_mean": mean(given_up),
        }
    }


WAITING = Section(
    "waiting",
    "等待时间",
    "Waiting",
    RowsAbout.ALL,
    (
        Figure(
            "wait_mean",
            FigureUnit.SECONDS,
            "平均等待",
            "mean",
            "接通的来电，从进线（含菜单）到开始通话的平均时间",
            "of connected calls, from the beginning (menu included) to the first talk",
            "R17-1, R04-2",
        ),
        Figure(
            "wait_median",
            FigureUnit.SECONDS,
            "中位等待",
            "median",
            "一半的接通来电等待不超过这么久",
            "half of the connected calls waited no longer",
            "R17-1",
        ),
        Figure(
            "wait_90",
            FigureUnit.SECONDS,
            "九成等待",
            "90 %",
            "九成的接通来电等待不超过这么久",
            "nine of ten connected calls waited no longer",
            "R17-1",
        ),
        Figure(
            "wait_longest",
            FigureUnit.SECONDS,
            "最长等待",
            "longest",
            "接通的来电中等待最久的一次",
            "the longest wait of a connected call",
            "R17-1",
        ),
        Figure(
            "given_up_mean",
            FigureUnit.SECONDS,
            "放弃前等待",
            "before giving up",
            "放弃的来电从进线到挂机的平均时间",
            "of abandoned calls, from the beginning to the hang-up",
            "R17-1",
        ),
    ),
    count,
)

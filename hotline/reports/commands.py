"""`hotline report`: the numbers of a day, week, month or quarter, as a table or a file (R01-1, R03-5, R06-5)."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.terminal.options import opened
from models.text.wording import say

if TYPE_CHECKING:
    from hotline.terminal.opening import Opened
    from models.reports.period import Period


class ReportForm(StrEnum):
    TABLE = "table"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


def report(
    context: typer.Context,
    month: Annotated[str | None, typer.Option("--month", help="Such as 2026-11. 月报。")] = None,
    quarter: Annotated[str | None, typer.Option("--quarter", help="Such as 2026Q4. 季报。")] = None,
    week: Annotated[str | None, typer.Option("--week", help="Such as 2026W48. 周报。")] = None,
    day: Annotated[str | None, typer.Option("--day", help="Such as 2026-11-24. 日报。")] = None,
    form: Annotated[
        ReportForm | None, typer.Option("--format", help="Default: what --out ends in, or a table. 格式。")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to this file. 写入文件。", dir_okay=False)] = None,
    sent: Annotated[bool, typer.Option("--sent", help="Reports sent automatically. 自动报告的发送情况。")] = False,
) -> None:
    """Calls, tickets, agents, departments of a period; default: the last whole month. 统计报告，默认上一个月。"""
    this = opened(context)
    if sent:
        from hotline.reports.lists import list_sent

        return list_sent(this)
    form = form or _form_of(out)
    if form is ReportForm.XLSX and out is None:
        raise typer.BadParameter(
            say("xlsx 需要 --out 文件名.xlsx", "xlsx needs --out FILE.xlsx", this.language), param_hint="--format"
        )
    from hotline.reports.lists import show

    show(this, _period(this, day=day, week=week, month=month, quarter=quarter), form.value, out)


def _form_of(out: Path | None) -> ReportForm:
    ending = out.suffix.lower().removeprefix(".") if out else ""
    return ReportForm(ending) if ending in tuple(ReportForm) else ReportForm.TABLE


def _period(this: "Opened", **asked: str | None) -> "Period":
    from models.clock import SystemClock
    from models.reports.period import NoSuchPeriod, Period, PeriodKind

    given = {PeriodKind(kind): text for kind, text in asked.items() if text is not None}
    zone = this.site.time_zone
    if len(given) > 1:
        raise typer.BadParameter(
            say(
                "--day、--week、--month、--quarter 只能选一个",
                "only one of --day, --week, --month and --quarter",
                this.language,
            )
        )
    now = SystemClock().now()
    if not given:
        return Period.last_complete(PeriodKind.MONTH, now, zone)
    ((kind, text),) = given.items()
    try:
        period = Period.parse(kind, text, zone)
    except NoSuchPeriod as error:
        raise typer.BadParameter(str(error), param_hint=f"--{kind}") from error
    if period.begins > now:
        raise typer.BadParameter(
            say(f"{period.name} 还没有开始", f"{period.name} has not begun yet", this.language), param_hint=f"--{kind}"
        )
    return period

"""`hotline roster`: who is on duty, the week as a picture, the import, what is missing, swaps and absences."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.terminal.listing import ListView
    from hotline.terminal.opening import Opened

roster_app = typer.Typer(invoke_without_command=True, help="The duty roster: who, when; import, check. 值班表。")

handover_app = typer.Typer(no_args_is_help=True, help="Handover between shifts: show, give, take. 交接班。")

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
WHEN = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]
DAY = ["%Y-%m-%d"]
Reason = Annotated[str, typer.Option("--reason", help="Why. 原因。")]
Request = Annotated[int, typer.Argument(metavar="N", help="The request's number. 申请编号。")]
By = Annotated[str, typer.Option("--by", help="The manager's staff number, such as 7050. 审批人工号。")]
A_TIME = "a day, or a day and a time, by the site's clock"


@roster_app.callback()
def roster(
    context: typer.Context,
    at: Annotated[
        datetime | None, typer.Option("--at", formats=WHEN, help=f"Who is on duty then: {A_TIME}. 查询时间。")
    ] = None,
    as_json: Json = False,
) -> None:
    """Who is on duty now, or at a time, and the week around it. 谁在值班,以及本周一览。"""
    if context.invoked_subcommand:
        return
    from hotline.roster.lists import show_roster

    show_roster(_opened(context), _view(context, as_json), at)


@roster_app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Default: roster.toml in the home. 默认为主目录的 roster.toml。")
    ] = None,
) -> None:
    """Take the roster in; if a line is wrong, it is named and nothing changes. 导入值班表,有错则不改动。"""
    from hotline.roster.lists import import_roster

    import_roster(_opened(context), file)


@roster_app.command()
def check(
    context: typer.Context,
    days: Annotated[int | None, typer.Option("--days", min=1, max=366, help="So many days ahead. 天数。")] = None,
    as_json: Json = False,
) -> None:
    """What the roster leaves out, has twice, or too few of; exit code 1 if anybody is missing. 检查空档和重叠。"""
    from hotline.roster.check import check_roster

    raise typer.Exit(0 if check_roster(_opened(context), _view(context, as_json), days) else 1)


@roster_app.command()
def swap(
    context: typer.Context,
    staff: Annotated[str, typer.Argument(help="Whose shift it is, such as 7001. 原值班人工号。")],
    with_staff: Annotated[str, typer.Argument(metavar="WITH", help="Who is to have it. 接班人工号。")],
    day: Annotated[datetime, typer.Argument(formats=DAY, help="The day on which it begins. 日期。")],
    back: Annotated[
        datetime | None,
        typer.Option("--back", formats=DAY, help="The other's shift of this day in return. 换回的日期。"),
    ] = None,
    shift: Annotated[str | None, typer.Option("--shift", help="Which one, if there are several. 班次名。")] = None,
    reason: Reason = "",
) -> None:
    """Ask for a swap of shifts; it holds once a manager has approved it. 申请换班,经理批准后生效。"""
    from hotline.roster.requests import ask_swap

    ask_swap(_opened(context), staff, with_staff, day.date(), back.date() if back else None, shift, reason)


@roster_app.command()
def absent(
    context: typer.Context,
    staff: Annotated[str, typer.Argument(help="Who is absent, such as 7001. 工号。")],
    start: Annotated[datetime, typer.Argument(metavar="FROM", formats=WHEN, help=f"{A_TIME}. 开始。")],
    end: Annotated[datetime, typer.Argument(metavar="UNTIL", formats=WHEN, help="A day counts as a whole. 结束。")],
    by: Annotated[str | None, typer.Option("--cover", help="Who stands in. 顶班人工号。")] = None,
    reason: Reason = "",
) -> None:
    """Ask for leave; it holds once a manager has approved it. 请假,经理批准后生效。"""
    from hotline.roster.requests import ask_absence

    ask_absence(_opened(context), staff, start, end, by, reason)


@roster_app.command()
def requests(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many. 最多条数。")] = 20,
    as_json: Json = False,
) -> None:
    """Swaps and absences: what waits first, then what was decided. 换班和请假申请。"""
    from hotline.roster.requests import list_requests

    list_requests(_opened(context), _view(context, as_json), limit)


@roster_app.command()
def approve(context: typer.Context, number: Request, by: By) -> None:
    """A manager consents, who is not concerned himself. 批准(不得为当事人)。"""
    from hotline.roster.requests import approve

    approve(_opened(context), number, by)


@roster_app.command()
def refuse(
    context: typer.Context,
    number: Request,
    by: By,
    why: Annotated[str, typer.Option("--why", help="Why; whoever has asked reads it. 原因。")],
) -> None:
    """A manager does not consent, and says why. 不批准,须说明原因。"""
    from hotline.roster.requests import refuse

    refuse(_opened(context), number, by, why)


@handover_app.callback()
def handover(context: typer.Context) -> None:
    """Hand over between shifts: `*30` at the telephone does it, too. 交接班,话机上也可拨 *30。"""


@handover_app.command("show")
def show_handovers(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="N", help="One of them, with what is open. 编号。")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many. 最多条数。")] = 20,
    as_json: Json = False,
) -> None:
    """The handovers, those that nobody has taken first; or what one of them holds. 交接班列表或内容。"""
    from hotline.roster.handovers import list_handovers, show_handover

    this, view = _opened(context), _view(context, as_json)
    list_handovers(this, view, limit) if number is None else show_handover(this, view, number)


@handover_app.command()
def give(
    context: typer.Context,
    by: Annotated[str, typer.Argument(metavar="STAFF", help="Who leaves, such as 7001. 交班人工号。")],
    note: Annotated[str, typer.Option("--note", help="What the next shift must know. 交班说明。")] = "",
) -> None:
    """Who leaves says what the next shift must know. 交班。"""
    from hotline.roster.handovers import give

    give(_opened(context), by, note)


@handover_app.command()
def take(
    context: typer.Context,
    by: Annotated[str, typer.Argument(metavar="STAFF", help="Who takes over, such as 7003. 接班人工号。")],
    number: Annotated[int | None, typer.Argument(metavar="N", help="Default: all that are his to take. 编号。")] = None,
) -> None:
    """Take over what the last shift left open: it is first asked of you from now on. 接班。"""
    from hotline.roster.handovers import take

    take(_opened(context), by, number)


def _opened(context: typer.Context) -> "Opened":
    from hotline.terminal.opening import Invocation, opened

    asked = context.obj
    assert isinstance(asked, Invocation)
    return opened(asked)


def _view(context: typer.Context, as_json: bool) -> "ListView":
    from hotline.terminal.listing import ListView

    return ListView(as_json, False, context.obj.language)

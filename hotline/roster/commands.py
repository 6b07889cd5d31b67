"""`hotline roster`: who is on duty, the week as a picture, the import, what is missing, swaps and absences."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hotline.terminal.options import (
    AsStaff,
    Json,
    Limit,
    RequestNumber,
    a_day,
    a_number,
    as_account,
    as_staff,
    end,
    opened,
    view,
)

roster_app = typer.Typer(invoke_without_command=True, help="The duty roster: who, when; import, check. 值班表。")

handover_app = typer.Typer(no_args_is_help=True, help="Handover between shifts: show, give, take. 交接班。")

WHEN = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]
DAY = ["%Y-%m-%d"]
Reason = Annotated[str, typer.Option("--reason", help="Why. 原因。")]
By = Annotated[str, typer.Option("--by", help="The manager's staff number, such as 7050. 审批人工号。")]
A_TIME = "a day, or a day and a time, by the site's clock"


@roster_app.callback()
def roster(
    context: typer.Context,
    at: Annotated[
        datetime | None,
        typer.Option("--at", formats=WHEN, callback=a_day, help=f"Who is on duty then: {A_TIME}. 查询时间。"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Who is on duty now, or at a time, and the week around it. 谁在值班，以及本周一览。"""
    if context.invoked_subcommand:
        return
    from hotline.roster.week import show_roster

    show_roster(opened(context), view(context, as_json), at)


@roster_app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Default: roster.toml in the home. 默认为主目录的 roster.toml。")
    ] = None,
) -> None:
    """Import the roster; if a line is wrong, it is named and nothing changes. 导入值班表，有错则不改动。"""
    from hotline.roster import verbs

    verbs.import_roster(as_account(context), file)


@roster_app.command()
def check(
    context: typer.Context,
    days: Annotated[int | None, typer.Option("--days", min=1, max=366, help="Days ahead. 天数。")] = None,
    as_json: Json = False,
) -> None:
    """Find gaps, overlaps and short shifts; exit code 1 if anybody is missing. 检查空档和重叠。"""
    from hotline.roster.check import check_roster

    end(check_roster(opened(context), view(context, as_json), days))


@roster_app.command()
def swap(
    context: typer.Context,
    staff: Annotated[str, typer.Argument(help="Whose shift it is, such as 7001. 原值班人工号。")],
    with_staff: Annotated[str, typer.Argument(metavar="WITH", help="Who takes it. 接班人工号。")],
    day: Annotated[datetime, typer.Argument(formats=DAY, callback=a_day, help="The day on which it begins. 日期。")],
    back: Annotated[
        datetime | None,
        typer.Option(
            "--back", formats=DAY, callback=a_day, help="The other's shift of this day in return. 换回的日期。"
        ),
    ] = None,
    shift: Annotated[str | None, typer.Option("--shift", help="The shift, if there are several. 班次名。")] = None,
    reason: Reason = "",
) -> None:
    """Request a swap of shifts; it takes effect once a manager approves it. 申请换班，经理批准后生效。"""
    from hotline.roster import verbs

    verbs.ask_swap(as_account(context), staff, with_staff, day.date(), back.date() if back else None, shift, reason)


@roster_app.command()
def absent(
    context: typer.Context,
    staff: Annotated[str, typer.Argument(help="Who is absent, such as 7001. 工号。")],
    start: Annotated[datetime, typer.Argument(metavar="FROM", formats=WHEN, callback=a_day, help=f"{A_TIME}. 开始。")],
    end: Annotated[
        datetime, typer.Argument(metavar="UNTIL", formats=WHEN, callback=a_day, help="A day counts as a whole. 结束。")
    ],
    by: Annotated[str | None, typer.Option("--cover", help="Who covers. 顶班人工号。")] = None,
    reason: Reason = "",
) -> None:
    """Request leave; it takes effect once a manager approves it. 请假，经理批准后生效。"""
    from hotline.roster import verbs

    verbs.ask_absence(as_account(context), staff, start, end, by, reason)


@roster_app.command()
def requests(
    context: typer.Context,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Swaps and absences: open requests first, then decided ones. 换班和请假申请。"""
    from hotline.roster.lists import list_requests

    list_requests(opened(context), view(context, as_json), limit)


@roster_app.command()
def approve(context: typer.Context, number: RequestNumber, by: By) -> None:
    """A manager approves, who is not one of the two. 批准(不得为当事人)。"""
    from hotline.roster import verbs

    verbs.approve(as_staff(context, by), number)


@roster_app.command()
def refuse(
    context: typer.Context,
    number: RequestNumber,
    by: By,
    why: Annotated[str, typer.Option("--why", help="Why; the requester reads it. 原因。")],
) -> None:
    """A manager refuses, and gives the reason. 不批准，须说明原因。"""
    from hotline.roster import verbs

    verbs.refuse(as_staff(context, by), number, why)


@handover_app.callback()
def handover(context: typer.Context) -> None:
    """Hand over between shifts: `*30` at the telephone does it, too. 交接班，话机上也可拨 *30。"""


@handover_app.command("show")
def show_handovers(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(metavar="N", help="One handover, with what is open. 编号。", callback=a_number)
    ] = None,
    limit: Limit = 20,
    as_json: Json = False,
    who: AsStaff = None,
) -> None:
    """The handovers, open ones first; or the contents of one. 交接班列表或内容。"""
    from hotline.roster.lists import list_handovers, show_handover
    from hotline.terminal import acting

    this, shown = opened(context), view(context, as_json)
    if number is None:
        list_handovers(this, shown, limit)
    else:
        show_handover(this, shown, number, reader=acting.reader(this, who))


@handover_app.command()
def give(
    context: typer.Context,
    by: Annotated[str, typer.Argument(metavar="STAFF", help="Who leaves, such as 7001. 交班人工号。")],
    note: Annotated[str, typer.Option("--note", help="What the next shift must know. 交班说明。")] = "",
) -> None:
    """Hand over, with a note for the next shift. 交班。"""
    from hotline.roster import verbs

    verbs.give(as_staff(context, by), note)


@handover_app.command()
def take(
    context: typer.Context,
    by: Annotated[str, typer.Argument(metavar="STAFF", help="Who takes over, such as 7003. 接班人工号。")],
    number: Annotated[
        int | None, typer.Argument(metavar="N", help="Default: all that STAFF may take. 编号。", callback=a_number)
    ] = None,
) -> None:
    """Take over what the last shift left open, as its first receiver from now on. 接班。"""
    from hotline.roster import verbs

    verbs.take(as_staff(context, by), number)

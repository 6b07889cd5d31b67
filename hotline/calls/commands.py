"""`hotline calls`, `call-back`, `block` and `recordings`: calls, who is called back, who is not let in, recordings."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.terminal.options import (
    AsStaff,
    Json,
    Limit,
    RecordingNumber,
    Reveal,
    TaskNumber,
    Yes,
    as_account,
    as_anyone,
    end,
    opened,
    view,
)

recordings_app = typer.Typer(invoke_without_command=True, help="Recordings: list, hold, play. 录音：列表、保留、收听。")

block_app = typer.Typer(help="Nuisance callers, not let in until a date. 屏蔽骚扰来电。", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The caller's number. 来电号码。", metavar="NUMBER")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is logged. 原因（留痕）。")]


def list_calls(
    context: typer.Context, as_json: Json = False, limit: Limit = 20, reveal: Reveal = False, who: AsStaff = None
) -> None:
    """The calls, newest first. 通话记录。"""
    from hotline.calls.lists import list_calls
    from hotline.terminal import acting

    this = opened(context)
    list_calls(this, view(context, as_json, reveal), limit, reader=acting.reader(this, who))


def call_back(
    context: typer.Context,
    task: TaskNumber,
    staff: Annotated[str | None, typer.Option("--staff", help="Who makes the call, such as 7001. 由谁回电。")] = None,
) -> None:
    """Rings a colleague, then the customer, and connects them. 回电：先呼坐席，再呼客户。"""
    from hotline.calls import verbs

    end(verbs.call_back(as_account(context), task, staff))


@recordings_app.callback()
def recordings(
    context: typer.Context,
    as_json: Json = False,
    limit: Limit = 20,
    mismatches: Annotated[
        bool, typer.Option("--mismatches", help="Where files, rows and talks do not agree. 不一致的项目。")
    ] = False,
    who: AsStaff = None,
) -> None:
    if context.invoked_subcommand:
        return
    from hotline.calls.lists import list_mismatches, list_recordings
    from hotline.terminal import acting

    this, shown = opened(context), view(context, as_json)
    if mismatches:
        list_mismatches(this, shown, limit)
    else:
        list_recordings(this, shown, limit, reader=acting.reader(this, who))


@recordings_app.command()
def hold(context: typer.Context, number: RecordingNumber, reason: Reason, who: AsStaff = None) -> None:
    """Keep one beyond its date, until it is released. 保留录音，不予删除。"""
    from hotline.calls import verbs

    verbs.hold(as_anyone(context, who), number, reason)


@recordings_app.command("let-go")
def let_go(context: typer.Context, number: RecordingNumber, reason: Reason, who: AsStaff = None) -> None:
    """End a hold: the date counts again. 取消保留。"""
    from hotline.calls import verbs

    verbs.let_go(as_anyone(context, who), number, reason)


@recordings_app.command()
def play(context: typer.Context, number: RecordingNumber, who: AsStaff = None) -> None:
    """Listen to one (logged): plays it, or prints its path. 收听(留痕)。"""
    from hotline.calls import verbs

    verbs.play(as_anyone(context, who), number)


@recordings_app.command()
def export(
    context: typer.Context,
    number: RecordingNumber,
    to: Annotated[Path, typer.Argument(help="A new file, or a folder. 目标文件或目录。")],
    who: AsStaff = None,
) -> None:
    """Copy one to a file (logged). 导出(留痕)。"""
    from hotline.calls import verbs

    verbs.export(as_anyone(context, who), number, to)


@block_app.command("list")
def list_blocked(context: typer.Context, as_json: Json = False, limit: Limit = 100, reveal: Reveal = False) -> None:
    """Blocked numbers, also those whose time is over. 屏蔽名单。"""
    from hotline.calls.lists import list_blocked

    list_blocked(opened(context), view(context, as_json, reveal), limit)


@block_app.command("add")
def add_blocked(
    context: typer.Context,
    number: Number,
    until: Annotated[str, typer.Option("--until", help='Such as 2026-12-31 or "+7d". 屏蔽到何时。')],
    why: Annotated[str, typer.Option("--why", help="What the caller did; it is shown in the list. 原因。")],
) -> None:
    """Do not let a nuisance caller in until this date. 屏蔽来电。"""
    from hotline.calls.verbs import block

    block(as_account(context), number, until, why)


@block_app.command()
def lift(context: typer.Context, number: Number, yes: Yes = False) -> None:
    """Let the caller in again. 解除屏蔽。"""
    from hotline.calls.verbs import lift

    lift(as_account(context), number, yes=yes)

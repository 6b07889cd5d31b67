"""`hotline wakeup text`: the weather or another text that wake-up calls say on certain days."""

from typing import Annotated

import typer

from hotline.terminal.options import AsStaff, Day, Json, as_anyone

app = typer.Typer(no_args_is_help=True, help="Weather or a text of the day in wake-up calls. 叫醒时播报的天气或文字。")

Until = Annotated[str | None, typer.Option("--until", help="The last day; default: that day only. 截止日期。")]


@app.command()
def show(
    context: typer.Context,
    date: Day = None,
    every: Annotated[bool, typer.Option("--all", help="All texts ever entered or cleared. 全部登记记录。")] = False,
    as_json: Json = False,
) -> None:
    """The text of a day, who entered it, and its sound files. 当日播报的文字。"""
    from hotline.wakeups import texts

    acting = as_anyone(context, as_json=as_json)
    if every:
        texts.history(acting)
    else:
        texts.show(acting, date)


@app.command("set")
def enter(
    context: typer.Context,
    zh: Annotated[str | None, typer.Option("--zh", help="In Chinese. 中文文字。")] = None,
    en: Annotated[str | None, typer.Option("--en", help="In English. 英文文字。")] = None,
    date: Day = None,
    until: Until = None,
    staff: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Enter a text: wake-up calls of these days say it after the time. 登记播报文字。"""
    from hotline.wakeups import texts

    texts.enter(as_anyone(context, staff, as_json), zh, en, date, until)


@app.command()
def clear(
    context: typer.Context,
    date: Day = None,
    until: Annotated[
        str | None,
        typer.Option("--until", help="The last day; default: only --date, else all days to come. 截止日期。"),
    ] = None,
    staff: AsStaff = None,
) -> None:
    """Stop saying the text; it stays on file. 取消播报。"""
    from hotline.wakeups import texts

    texts.clear(as_anyone(context, staff), date, until)

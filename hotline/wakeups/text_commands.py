"""`hotline wakeup text`: the weather, or whatever guests are to hear when they are woken, entered for some days."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.wakeups.texts import TextDesk

app = typer.Typer(no_args_is_help=True, help="Weather or a text of the day in wake-up calls. 叫醒时播报的天气或文字。")

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
As = Annotated[str | None, typer.Option("--as", help="Who does it, such as 7001; or set HOTLINE_STAFF. 办理人工号。")]
Day = Annotated[str | None, typer.Option("--date", help="Such as 2026-11-25 or tomorrow; default: today. 日期。")]
Until = Annotated[str | None, typer.Option("--until", help="The last day; default: that day alone. 截止日期。")]


@app.command()
def show(
    context: typer.Context,
    date: Day = None,
    every: Annotated[bool, typer.Option("--all", help="All that was entered and cleared. 全部登记记录。")] = False,
    as_json: Json = False,
) -> None:
    """What is said on that day, who entered it, and the files to listen to. 当日播报的文字。"""
    desk = _desk(context, None, as_json)
    if every:
        desk.history()
    else:
        desk.show(date)


@app.command("set")
def enter(
    context: typer.Context,
    zh: Annotated[str | None, typer.Option("--zh", help="In Chinese. 中文文字。")] = None,
    en: Annotated[str | None, typer.Option("--en", help="In English. 英文文字。")] = None,
    date: Day = None,
    until: Until = None,
    staff: As = None,
    as_json: Json = False,
) -> None:
    """Spoken now, said after the time in every wake-up call of these days. 登记播报文字。"""
    _desk(context, staff, as_json).enter(zh, en, date, until)


@app.command()
def clear(
    context: typer.Context,
    date: Day = None,
    until: Annotated[
        str | None, typer.Option("--until", help="The last day; default: --date alone, else all to come. 截止日期。")
    ] = None,
    staff: As = None,
) -> None:
    """Nothing is said any more; what was entered stays on file. 取消播报。"""
    _desk(context, staff, False).clear(date, until)


def _desk(context: typer.Context, staff: str | None, as_json: bool) -> "TextDesk":
    from hotline.rooms.verbs import FrontDesk
    from hotline.terminal.listing import ListView
    from hotline.terminal.opening import opened
    from hotline.wakeups.texts import TextDesk

    return TextDesk(FrontDesk.of(opened(context.obj), ListView(as_json, False, context.obj.language), staff))

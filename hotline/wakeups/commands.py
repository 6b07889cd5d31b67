"""`hotline wakeup`: wake-ups ordered at the front desk, one by one or as a list; the wake-up sheet and its evidence."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.wakeups import text_commands

if TYPE_CHECKING:
    from hotline.wakeups.verbs import WakeupDesk

app = typer.Typer(no_args_is_help=True, help="Wake-up calls and the wake-up sheet. 叫醒服务与住客叫醒登记表。")
app.add_typer(text_commands.app, name="text")

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Whole names (logged). 显示完整姓名(留痕)。")]
As = Annotated[str | None, typer.Option("--as", help="Who does it, such as 7001; or set HOTLINE_STAFF. 办理人工号。")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask. 不再询问。")]
Number = Annotated[int, typer.Argument(help="The wake-up's number (hotline wakeup list). 叫醒编号。", metavar="N")]
When = Annotated[
    str, typer.Argument(help='"06:30" (the next one), "tomorrow 06:30", "2026-11-25 06:30". 时间。', metavar="WHEN")
]
Repeat = Annotated[
    str | None, typer.Option("--repeat", help="daily, weekdays, weekend, or days as figures: 135. 每天、工作日、周末。")
]
Rooms = Annotated[list[str] | None, typer.Argument(help="1101 1102, or 1101-1120. 房号。", metavar="ROOM...")]
Day = Annotated[str | None, typer.Option("--date", help="Such as 2026-11-25 or tomorrow; default: today. 日期。")]
Html = Annotated[Path | None, typer.Option("--html", help="A page to be printed. 写成可打印的网页。", dir_okay=False)]


@app.command()
def add(
    context: typer.Context,
    when: When,
    rooms: Rooms = None,
    floor: Annotated[list[str] | None, typer.Option("--floor", help="All let rooms of a floor. 整层。")] = None,
    repeat: Repeat = None,
    staff: As = None,
    as_json: Json = False,
) -> None:
    """Order a wake-up for a room, several, or a floor. 登记叫醒。"""
    _end(_desk(context, staff, as_json).add(when, rooms or [], floor or [], repeat))


@app.command("list")
def list_all(
    context: typer.Context,
    room: Annotated[str | None, typer.Option("--room", help="Only this room. 仅此房间。")] = None,
    as_json: Json = False,
) -> None:
    """What is ordered and still to come. 待执行的叫醒。"""
    _desk(context, None, as_json).show_orders(room)


@app.command()
def change(context: typer.Context, number: Number, when: When, repeat: Repeat = None, staff: As = None) -> None:
    """Another time, another day, other weekdays. 更改叫醒。"""
    _desk(context, staff).change(number, when, repeat)


@app.command()
def cancel(
    context: typer.Context,
    numbers: Annotated[list[int] | None, typer.Argument(help="Their numbers. 叫醒编号。", metavar="N...")] = None,
    room: Annotated[list[str] | None, typer.Option("--room", help="All of a room's. 该房间的全部。")] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="That day alone: tomorrow, 2026-11-26. 仅取消这一天。", metavar="DATE")
    ] = None,
    yes: Yes = False,
    staff: As = None,
) -> None:
    """Nobody is woken for these, or on one day. 取消叫醒,或只取消某一天。"""
    _desk(context, staff).cancel(numbers or [], room or [], on, yes=yes)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: room, date, time (repeat). 房号、日期、时间(重复)。")],
    staff: As = None,
    as_json: Json = False,
) -> None:
    """A list: good rows are taken, the others named with what would be right; again, nothing twice. 导入叫醒名单。"""
    _end(_desk(context, staff, as_json).import_file(file))


@app.command()
def awake(
    context: typer.Context,
    room: Annotated[str, typer.Argument(help="The room, such as 1101. 房号。", metavar="ROOM")],
    yes: Yes = False,
    staff: As = None,
) -> None:
    """The guest is awake: somebody of ours has seen or heard him. 确认住客已醒。"""
    _desk(context, staff).awake(room, yes=yes)


@app.command()
def sheet(
    context: typer.Context,
    date: Day = None,
    shift: Annotated[
        str | None, typer.Option("--shift", help="A shift of the roster, or 22:00-08:00. 班次或时段。")
    ] = None,
    html: Html = None,
    as_json: Json = False,
    reveal: Reveal = False,
) -> None:
    """The wake-up sheet of a day or a shift. 住客叫醒登记表。"""
    _desk(context, None, as_json, reveal).sheet(date, shift, html)


@app.command()
def show(
    context: typer.Context,
    number: Number,
    date: Day = None,
    html: Html = None,
    as_json: Json = False,
    reveal: Reveal = False,
) -> None:
    """Every ring, key and knock of one wake-up, as evidence (R21-13). 叫醒经过(凭证)。"""
    _desk(context, None, as_json, reveal).evidence(number, date, html)


def _desk(context: typer.Context, staff: str | None, as_json: bool = False, reveal: bool = False) -> "WakeupDesk":
    from hotline.rooms.verbs import FrontDesk
    from hotline.terminal.listing import ListView
    from hotline.terminal.opening import opened
    from hotline.wakeups.verbs import WakeupDesk

    view = ListView(as_json, reveal, context.obj.language)
    return WakeupDesk(FrontDesk.of(opened(context.obj), view, staff))


def _end(ok: bool) -> None:
    raise typer.Exit(0 if ok else 1)

"""`hotline wakeup`: wake-ups ordered at the front desk, one by one or as a list; the wake-up sheet and its evidence."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.terminal.options import (
    AsStaff,
    Day,
    Html,
    Json,
    Reveal,
    RoomNumber,
    WakeupNumber,
    Yes,
    as_anyone,
    end,
)
from hotline.wakeups import text_commands

app = typer.Typer(no_args_is_help=True, help="Wake-up calls and the wake-up sheet. 叫醒服务与住客叫醒登记表。")
app.add_typer(text_commands.app, name="text")

When = Annotated[
    str, typer.Argument(help='"06:30" (the next one), "tomorrow 06:30", "2026-11-25 06:30". 时间。', metavar="WHEN")
]
Repeat = Annotated[
    str | None, typer.Option("--repeat", help="daily, weekdays, weekend, or days as figures: 135. 每天、工作日、周末。")
]
Rooms = Annotated[list[str] | None, typer.Argument(help="1101 1102, or 1101-1120. 房号。", metavar="ROOM...")]


@app.command()
def add(
    context: typer.Context,
    when: When,
    rooms: Rooms = None,
    floor: Annotated[list[str] | None, typer.Option("--floor", help="All occupied rooms of a floor. 整层。")] = None,
    repeat: Repeat = None,
    staff: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Order a wake-up for a room, several, or a floor. 登记叫醒。"""
    from hotline.wakeups import verbs

    end(verbs.add(as_anyone(context, staff, as_json), when, rooms or [], floor or [], repeat))


@app.command("list")
def list_all(
    context: typer.Context,
    room: Annotated[str | None, typer.Option("--room", help="Only this room. 仅此房间。")] = None,
    as_json: Json = False,
) -> None:
    """Wake-ups that are ordered and still to come. 待执行的叫醒。"""
    from hotline.wakeups.lists import list_orders

    list_orders(as_anyone(context, as_json=as_json), room)


@app.command()
def change(
    context: typer.Context, number: WakeupNumber, when: When, repeat: Repeat = None, staff: AsStaff = None
) -> None:
    """Change time, day or weekdays. 更改叫醒。"""
    from hotline.wakeups import verbs

    verbs.change(as_anyone(context, staff), number, when, repeat)


@app.command()
def cancel(
    context: typer.Context,
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers of wake-ups. 叫醒编号。", metavar="N...")] = None,
    room: Annotated[list[str] | None, typer.Option("--room", help="All wake-ups of a room. 该房间的全部。")] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="Only on this day: tomorrow, 2026-11-26. 仅取消这一天。", metavar="DATE")
    ] = None,
    yes: Yes = False,
    staff: AsStaff = None,
) -> None:
    """Cancel wake-ups, or one day of them. 取消叫醒，或只取消某一天。"""
    from hotline.wakeups import verbs

    verbs.cancel(as_anyone(context, staff), numbers or [], room or [], on, yes=yes)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: room, date, time (repeat). 房号、日期、时间（重复）。")],
    staff: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Import a list: wrong rows are named with what would be right; rows imported before are skipped. 导入叫醒名单。"""
    from hotline.wakeups import verbs

    end(verbs.import_file(as_anyone(context, staff, as_json), file))


@app.command()
def awake(
    context: typer.Context,
    room: RoomNumber,
    yes: Yes = False,
    staff: AsStaff = None,
) -> None:
    """Confirm that staff saw or heard the guest awake. 确认住客已醒。"""
    from hotline.wakeups import verbs

    verbs.awake(as_anyone(context, staff), room, yes=yes)


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
    from hotline.wakeups.sheet import show_sheet

    show_sheet(as_anyone(context, as_json=as_json, reveal=reveal), date, shift, html)


@app.command()
def show(
    context: typer.Context,
    number: WakeupNumber,
    date: Day = None,
    html: Html = None,
    as_json: Json = False,
    reveal: Reveal = False,
) -> None:
    """Every ring, key and knock of one wake-up, as evidence (R21-13). 叫醒经过(凭证)。"""
    from hotline.wakeups.evidence import show_evidence

    show_evidence(as_anyone(context, as_json=as_json, reveal=reveal), number, date, html)

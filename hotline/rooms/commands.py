"""`hotline room`: which rooms are let, check-in and check-out, language, do not disturb."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.rooms.verbs import FrontDesk

app = typer.Typer(no_args_is_help=True, help="Rooms and their guests. 客房与住客。")

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Whole names (logged). 显示完整姓名(留痕)。")]
Room = Annotated[str, typer.Argument(help="The room, such as 1101. 房号。", metavar="ROOM")]
As = Annotated[str | None, typer.Option("--as", help="Who does it, such as 7001; or set HOTLINE_STAFF. 办理人工号。")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask. 不再询问。")]


class RoomLanguage(StrEnum):
    ZH = "zh"
    EN = "en"


class OnOff(StrEnum):
    ON = "on"
    OFF = "off"


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False, reveal: Reveal = False) -> None:
    """All rooms: let or free, language, do not disturb, who stays there. 客房列表。"""
    _desk(context, None, as_json, reveal).show()


@app.command("check-in")
def check_in(
    context: typer.Context,
    room: Room,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Everybody who stays there. 住客姓名。")],
    language: Annotated[RoomLanguage | None, typer.Option("--language", help="What they hear first. 语言。")] = None,
    staff: As = None,
) -> None:
    """Guests have arrived. 入住。"""
    _desk(context, staff).check_in(room, names, language.value if language else None)


@app.command("check-out")
def check_out(
    context: typer.Context,
    rooms: Annotated[list[str], typer.Argument(metavar="ROOM...", help="The rooms. 房号。")],
    guest: Annotated[str | None, typer.Option("--guest", help="Only this one of several. 仅此住客。")] = None,
    yes: Yes = False,
    staff: As = None,
) -> None:
    """Guests have left; what was set for the room is cancelled. 退房。"""
    _desk(context, staff).check_out(rooms, guest, yes=yes)


@app.command()
def language(context: typer.Context, room: Room, language: RoomLanguage, staff: As = None) -> None:
    """What the room hears first. 客房语言。"""
    _desk(context, staff).language(room, language.value)


@app.command()
def dnd(context: typer.Context, room: Room, switch: OnOff, staff: As = None) -> None:
    """Do not disturb, on or off. 请勿打扰。"""
    _desk(context, staff).do_not_disturb(room, switch is OnOff.ON)


def _desk(context: typer.Context, staff: str | None, as_json: bool = False, reveal: bool = False) -> "FrontDesk":
    from hotline.rooms.verbs import FrontDesk
    from hotline.terminal.listing import ListView
    from hotline.terminal.opening import opened

    return FrontDesk.of(opened(context.obj), ListView(as_json, reveal, context.obj.language), staff)

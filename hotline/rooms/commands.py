"""`hotline room`: which rooms are let, check-in and check-out, language, do not disturb."""

from enum import StrEnum
from typing import Annotated

import typer

from hotline.terminal.options import AsStaff, Json, Reveal, RoomNumber, Yes, as_anyone, opened, view

app = typer.Typer(no_args_is_help=True, help="Rooms and their guests. 客房与住客。")


class RoomLanguage(StrEnum):
    ZH = "zh"
    EN = "en"


class OnOff(StrEnum):
    ON = "on"
    OFF = "off"


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False, reveal: Reveal = False) -> None:
    """All rooms: let or free, language, do not disturb, who stays there. 客房列表。"""
    from hotline.rooms.lists import list_rooms

    list_rooms(opened(context), view(context, as_json, reveal))


@app.command("check-in")
def check_in(
    context: typer.Context,
    room: RoomNumber,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="All guests of the room. 住客姓名。")],
    language: Annotated[
        RoomLanguage | None, typer.Option("--language", help="The language spoken first. 语言。")
    ] = None,
    staff: AsStaff = None,
) -> None:
    """Guests have arrived. 入住。"""
    from hotline.rooms import verbs

    verbs.check_in(as_anyone(context, staff), room, names, language.value if language else None)


@app.command("check-out")
def check_out(
    context: typer.Context,
    rooms: Annotated[list[str], typer.Argument(metavar="ROOM...", help="The rooms. 房号。")],
    guest: Annotated[str | None, typer.Option("--guest", help="Only this guest of several. 仅此住客。")] = None,
    yes: Yes = False,
    staff: AsStaff = None,
) -> None:
    """Guests have left; the room's wake-ups are cancelled. 退房。"""
    from hotline.rooms import verbs

    verbs.check_out(as_anyone(context, staff), rooms, guest, yes=yes)


@app.command()
def language(context: typer.Context, room: RoomNumber, language: RoomLanguage, staff: AsStaff = None) -> None:
    """The language spoken first to the room. 客房语言。"""
    from hotline.rooms import verbs

    verbs.set_language(as_anyone(context, staff), room, language.value)


@app.command()
def dnd(context: typer.Context, room: RoomNumber, switch: OnOff, staff: AsStaff = None) -> None:
    """Do not disturb, on or off. 请勿打扰。"""
    from hotline.rooms import verbs

    verbs.set_do_not_disturb(as_anyone(context, staff), room, switch is OnOff.ON)

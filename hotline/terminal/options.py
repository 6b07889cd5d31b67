"""Options and arguments that several commands take, and what a command makes of them.

What a command needs is loaded when it is called, so that `hotline --help` stays quick.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hotline.terminal.acting import Acting
    from hotline.terminal.listing import ListView
    from hotline.terminal.opening import Invocation, Opened

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most this many. 最多条数。")]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Whole names and numbers (logged). 显示完整姓名和号码（留痕）。")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation. 不再询问。")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a page to print. 写成可打印的网页。", dir_okay=False)]
Day = Annotated[str | None, typer.Option("--date", help="Such as 2026-11-25 or tomorrow; default: today. 日期。")]

AsStaff = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="STAFF", help="For whom root acts; others: `.venv/bin/hotline login`. root 代办的工号。"
    ),
]

LARGEST_NUMBER = 2**31 - 1
"""What every database takes as a number of a row."""


def a_number(number: int | None) -> int | None:
    """Of a row: beyond the largest there is none. Raises NoSuchRow."""
    from hotline.terminal.refusals import NoSuchRow

    if number is not None and abs(number) > LARGEST_NUMBER:
        raise NoSuchRow(f"没有编号 {number}  there is nothing with the number {number}")
    return number


def a_day(moment: datetime | None) -> datetime | None:
    """Of a year that every calendar and database reaches. Raises NoMoment."""
    from hotline.terminal.dates import NoMoment
    from models.time.days import YEARS

    if moment is not None and moment.year not in YEARS:
        raise NoMoment(f"{moment:%Y-%m-%d}: the year is out of range  年份超出范围")
    return moment


def _number(help: str) -> Any:
    return typer.Argument(help=help, metavar="N", callback=a_number)


TicketNumber = Annotated[int, _number("The ticket's number. 工单号。")]
TaskNumber = Annotated[int, _number("The task's number (.venv/bin/hotline tasks). 任务编号。")]
RecordingNumber = Annotated[int, _number("The recording's number. 录音编号。")]
CampaignNumber = Annotated[int, _number("The campaign's number. 调查编号。")]
WebhookNumber = Annotated[int, _number("The webhook's number. 编号。")]
WakeupNumber = Annotated[int, _number("The wake-up's number (.venv/bin/hotline wakeup list). 叫醒编号。")]
RequestNumber = Annotated[int, _number("The request's number. 申请编号。")]
RoomNumber = Annotated[str, typer.Argument(help="The room, such as 1101. 房号。", metavar="ROOM")]


def invocation(context: typer.Context) -> "Invocation":
    given: Any = context.obj
    return given  # type: ignore[no-any-return]


def opened(context: typer.Context) -> "Opened":
    """The home that the command is about. Raises ConfigError."""
    from hotline.terminal import opening

    return opening.opened(invocation(context))


def view(context: typer.Context, as_json: bool = False, reveal: bool = False) -> "ListView":
    from hotline.terminal.listing import ListView

    return ListView(as_json, reveal, invocation(context).language)


def as_staff(context: typer.Context, number: str | None, as_json: bool = False, *, reveal: bool = False) -> "Acting":
    """A member of staff. Raises NotDone when nobody knows who it is."""
    from hotline.terminal.acting import Acting

    return Acting.as_staff(opened(context), view(context, as_json, reveal), number, _command(context))


def as_anyone(
    context: typer.Context, number: str | None = None, as_json: bool = False, *, reveal: bool = False
) -> "Acting":
    """A member of staff where one is named, else the account that logged in. Raises NotDone."""
    from hotline.terminal.acting import Acting

    return Acting.as_anyone(opened(context), view(context, as_json, reveal), number, _command(context))


def _command(context: typer.Context) -> str:
    """What is typed, without its texts: `ticket note 1001`."""
    number = context.params.get("number")
    path = context.command_path.partition(" ")[2]
    return f"{path} {number}" if isinstance(number, int) else path


def as_account(context: typer.Context) -> "Acting":
    """Who is signed in, else the account that logged in to the computer."""
    from hotline.terminal.acting import Acting

    return Acting.as_account(opened(context), view(context))


def end(done: bool) -> None:
    """The exit code says whether all of it was done."""
    raise typer.Exit(0 if done else 1)

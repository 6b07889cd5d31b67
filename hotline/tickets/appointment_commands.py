"""`hotline ticket appointment`: a day and a time agreed with the customer, moved, cancelled (R10-2, R10-3)."""

from typing import Annotated

import typer

from hotline.terminal.options import AsStaff, Json, TicketNumber, Yes, as_staff

app = typer.Typer(no_args_is_help=True, help="When somebody is to be on site, as agreed with the customer. 预约上门。")

Reason = Annotated[str, typer.Option("--reason", help="Why. 原因。")]
Time = Annotated[str, typer.Argument(help='"明天 14:00", "2026-11-30 14:00", "+2h". 时间。')]


@app.command()
def make(context: typer.Context, number: TicketNumber, when: Time, who: AsStaff = None, as_json: Json = False) -> None:
    """Record the day and the time agreed with the customer (R10-2). 登记预约。"""
    from hotline.tickets import appointments

    appointments.make(as_staff(context, who, as_json), number, when)


@app.command()
def move(
    context: typer.Context,
    number: TicketNumber,
    when: Time,
    reason: Reason = "",
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Another time, agreed with the customer. 改约。"""
    from hotline.tickets import appointments

    appointments.move(as_staff(context, who, as_json), number, when, reason)


@app.command()
def cancel(
    context: typer.Context,
    number: TicketNumber,
    reason: Reason = "",
    yes: Yes = False,
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Nobody is to come any more. 取消预约。"""
    from hotline.tickets import appointments

    appointments.cancel(as_staff(context, who, as_json), number, reason, yes=yes)

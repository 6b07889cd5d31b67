"""`hotline webhook`: which programs are told what happens to tickets, and whether they take it."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.terminal.listing import ListView
    from hotline.terminal.opening import Opened

app = typer.Typer(no_args_is_help=True, help="Telling other programs of tickets. 工单事件推送。")

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
Number = Annotated[int, typer.Argument(help="The webhook's number. 编号。", metavar="N")]


@app.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="https://HOST/PATH. 地址。")],
    events: Annotated[
        str, typer.Option("--events", help='Such as "opened,moved"; default: all. 事件,默认全部。')
    ] = "*",
) -> None:
    """Tell this address from now on; the secret that signs is shown once. 新增推送地址,签名密钥只显示一次。"""
    from hotline.programs.webhooks import add_webhook

    add_webhook(_opened(context), url, [one.strip() for one in events.split(",") if one.strip()])


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Who is told what, and when it was taken last. 列表。"""
    from hotline.programs.webhooks import list_webhooks

    list_webhooks(_opened(context), _view(context, as_json))


@app.command()
def test(context: typer.Context, number: Number) -> None:
    """Send a message about nothing, and tell what comes of it. 发送测试消息。"""
    from hotline.programs.webhooks import test_webhook

    raise typer.Exit(0 if test_webhook(_opened(context), number) else 1)


@app.command()
def pause(context: typer.Context, number: Number) -> None:
    """Nothing is sent until it is resumed; nothing is lost. 暂停,期间的消息保留。"""
    _move(context, number, "paused")


@app.command()
def resume(context: typer.Context, number: Number) -> None:
    """Goes on with what has happened meanwhile. 继续。"""
    _move(context, number, "active")


@app.command()
def remove(context: typer.Context, number: Number) -> None:
    """For good; what was not sent is not sent any more. 移除。"""
    _move(context, number, "removed")


@app.command()
def deliveries(
    context: typer.Context,
    number: Number,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many. 最多条数。")] = 20,
    as_json: Json = False,
) -> None:
    """What was sent last, and what was answered. 发送记录。"""
    from hotline.programs.webhooks import list_deliveries

    list_deliveries(_opened(context), _view(context, as_json), number, limit)


def _move(context: typer.Context, number: int, state: str) -> None:
    from hotline.programs.webhooks import move_webhook
    from models.states.events import WebhookState

    move_webhook(_opened(context), number, WebhookState(state))


def _opened(context: typer.Context) -> "Opened":
    from hotline.terminal.opening import opened

    return opened(context.obj)


def _view(context: typer.Context, as_json: bool) -> "ListView":
    from hotline.terminal.listing import ListView

    return ListView(as_json, False, context.obj.language)

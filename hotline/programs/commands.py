"""`hotline token` and `webhook`: which programs may use the REST API, and which are notified about tickets."""

from typing import Annotated

import typer

from hotline.terminal.options import Json, Limit, WebhookNumber, as_account, end, opened, view

token_app = typer.Typer(no_args_is_help=True, help="Tokens of other programs, for the REST API. 接口令牌。")
webhook_app = typer.Typer(no_args_is_help=True, help="Notify other programs about tickets. 工单事件推送。")

Name = Annotated[str, typer.Argument(help="The program's name, such as web-form. 名称。", metavar="NAME")]


# -- tokens -----------------------------------------------------------------------------------------------------------


@token_app.command("add")
def add_token(
    context: typer.Context,
    name: Name,
    may: Annotated[str, typer.Option("--may", help="Of open,follow,read,note,handle,block,personal. 权限。")] = "",
    staff: Annotated[
        str | None, typer.Option("--staff", help="In whose name, such as 7001. 以谁的名义（工号）。")
    ] = None,
) -> None:
    """A new token; its secret is shown once. 新建令牌，密钥只显示一次。"""
    from hotline.programs import verbs

    verbs.add_token(as_account(context), name, _parts(may), staff)


@token_app.command("list")
def list_tokens(context: typer.Context, as_json: Json = False) -> None:
    """All tokens, also revoked ones; secrets are not kept. 令牌列表。"""
    from hotline.programs import lists

    lists.list_tokens(opened(context), view(context, as_json))


@token_app.command("revoke")
def revoke_token(context: typer.Context, name: Name) -> None:
    """Refuse it from the next request on. 吊销。"""
    from hotline.programs import verbs

    verbs.revoke_token(as_account(context), name)


# -- webhooks ---------------------------------------------------------------------------------------------------------


@webhook_app.command("add")
def add_webhook(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="https://HOST/PATH. 地址。")],
    events: Annotated[
        str, typer.Option("--events", help='Such as "opened,moved"; default: all. 事件，默认全部。')
    ] = "*",
) -> None:
    """Notify this address from now on; the signing secret is shown once. 新增推送地址，签名密钥只显示一次。"""
    from hotline.programs import verbs

    verbs.add_webhook(as_account(context), url, _parts(events))


@webhook_app.command("list")
def list_webhooks(context: typer.Context, as_json: Json = False) -> None:
    """All webhooks, their events, and the last delivery. 列表。"""
    from hotline.programs import lists

    lists.list_webhooks(opened(context), view(context, as_json))


@webhook_app.command("test")
def test_webhook(context: typer.Context, number: WebhookNumber) -> None:
    """Send a test message, and print the answer. 发送测试消息。"""
    from hotline.programs import verbs

    end(verbs.test_webhook(as_account(context), number))


@webhook_app.command()
def pause(context: typer.Context, number: WebhookNumber) -> None:
    """Send nothing until it is resumed; messages are kept. 暂停，期间的消息保留。"""
    _move(context, number, "paused")


@webhook_app.command()
def resume(context: typer.Context, number: WebhookNumber) -> None:
    """Send what has happened meanwhile, and go on. 继续。"""
    _move(context, number, "active")


@webhook_app.command()
def remove(context: typer.Context, number: WebhookNumber) -> None:
    """Remove it for good; messages that are still waiting are dropped. 移除。"""
    _move(context, number, "removed")


@webhook_app.command()
def deliveries(context: typer.Context, number: WebhookNumber, limit: Limit = 20, as_json: Json = False) -> None:
    """The last messages, and their answers. 发送记录。"""
    from hotline.programs import lists

    lists.list_deliveries(opened(context), view(context, as_json), number, limit)


def _move(context: typer.Context, number: int, state: str) -> None:
    from hotline.programs import verbs
    from models.states.events import WebhookState

    verbs.move_webhook(as_account(context), number, WebhookState(state))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]

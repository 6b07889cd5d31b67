"""`hotline token`: which programs may use the REST API, and for what."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.terminal.opening import Opened

app = typer.Typer(no_args_is_help=True, help="Tokens of other programs, for the REST API. 接口令牌。")

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
Name = Annotated[str, typer.Argument(help="The program's name, such as web-form. 名称。", metavar="NAME")]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    may: Annotated[str, typer.Option("--may", help="Of open,follow,read,note,handle,personal. 权限。")] = "",
    staff: Annotated[
        str | None, typer.Option("--staff", help="In whose name, such as 7001. 以谁的名义(工号)。")
    ] = None,
) -> None:
    """A new token; its secret is shown once. 新建令牌,密钥只显示一次。"""
    from hotline.programs.tokens import add_token

    add_token(_opened(context), name, [one.strip() for one in may.split(",") if one.strip()], staff)


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """All there ever were; secrets are not kept. 令牌列表。"""
    from hotline.programs.tokens import list_tokens
    from hotline.terminal.listing import ListView

    list_tokens(_opened(context), ListView(as_json, False, context.obj.language))


@app.command()
def revoke(context: typer.Context, name: Name) -> None:
    """It is refused from the next request on. 吊销。"""
    from hotline.programs.tokens import revoke_token

    revoke_token(_opened(context), name)


def _opened(context: typer.Context) -> "Opened":
    from hotline.terminal.opening import opened

    return opened(context.obj)

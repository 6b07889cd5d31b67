"""`hotline staff`, `login`, `accounts`, `access`, `bans` and `import owners`: who works here, signs in, saw personal
data, is kept out."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.terminal.options import Json, Limit, Reveal, as_account, end, opened, view

accounts_app = typer.Typer(help="Passwords of the telephones; links by which staff choose theirs. 话机和员工的密码。")
import_app = typer.Typer(no_args_is_help=True, help="Import lists kept elsewhere. 导入。")
bans_app = typer.Typer(help="Addresses that guessed passwords of telephones. 因猜话机密码被封禁的地址。")


def staff(context: typer.Context, as_json: Json = False, reveal: Reveal = False) -> None:
    """The staff: who is on duty, and whose telephone is reachable. 员工在岗与话机状态。"""
    from hotline.people.lists import list_staff

    list_staff(opened(context), view(context, as_json, reveal))


def login(
    context: typer.Context, number: Annotated[str, typer.Argument(help="Such as 7001. 工号。", metavar="STAFF")]
) -> None:
    """Sign in with your password: what you do in this terminal is then done in your name. 登录。"""
    from hotline.people.verbs import login

    login(as_account(context), number)


def logout(context: typer.Context) -> None:
    """Sign out in this terminal. 退出登录。"""
    from hotline.people.verbs import logout

    logout(as_account(context))


@accounts_app.callback(invoke_without_command=True)
def accounts(context: typer.Context, as_json: Json = False) -> None:
    """The accounts of the telephones, without passwords. 话机账号(不含密码)。"""
    if context.invoked_subcommand is None:
        from hotline.people.accounts import list_accounts

        list_accounts(opened(context), view(context, as_json))


@accounts_app.command("show")
def show_account(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The telephone's number. 话机号码。", metavar="NUMBER")],
    to: Annotated[Path | None, typer.Option("--to", help="Write it to this file. 写入文件。", dir_okay=False)] = None,
) -> None:
    """The password of one, and the PIN for *90 (logged). 显示密码(留痕)。"""
    from hotline.people.accounts import show_account

    show_account(as_account(context), number, to)


@accounts_app.command("link")
def make_link(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Such as 7050. 工号。", metavar="STAFF")],
    administrator: Annotated[
        bool, typer.Option("--administrator", help="With the right to administer. 同时授予管理员权限。")
    ] = False,
) -> None:
    """A link by which this person chooses a password for the console, once. 设置密码的一次性链接。"""
    from hotline.people.verbs import make_link

    make_link(as_account(context), number, administrator)


def access(
    context: typer.Context,
    as_json: Json = False,
    limit: Limit = 20,
    verify: Annotated[
        bool, typer.Option("--verify", help="Whether an entry was changed, removed or added. 检查是否被改动。")
    ] = False,
) -> None:
    """Who listened to talks and recordings, or saw personal data. 监听、收听和查看留痕。"""
    from hotline.people.lists import list_access, verify_access

    if verify:
        end(verify_access(opened(context), view(context, as_json)))
    list_access(opened(context), view(context, as_json), limit)


@import_app.command()
def owners(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: name, building, unit, phones. 姓名、楼栋、房号、电话。")],
) -> None:
    """The owners' directory, from a CSV file; if one row is wrong, nothing is imported. 导入业主名册。"""
    from hotline.people.verbs import import_owners

    import_owners(as_account(context), file)


@bans_app.callback(invoke_without_command=True)
def bans(context: typer.Context, as_json: Json = False) -> None:
    """The addresses that are banned now, and until when. 目前被封禁的地址。"""
    from hotline.people.lists import list_bans

    if context.invoked_subcommand is None:
        list_bans(opened(context), view(context, as_json))


@bans_app.command()
def lift(context: typer.Context, address: Annotated[str, typer.Argument(help="Such as 192.168.1.50. 地址。")]) -> None:
    """End a ban at once; it is logged. 解除封禁，留痕。"""
    from hotline.people.verbs import lift_ban

    lift_ban(as_account(context), address)

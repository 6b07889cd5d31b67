"""`hotline staff`, `access` and `import owners`: the staff, who saw personal data, and the owners' directory."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.terminal.options import Json, Limit, Reveal, as_account, opened, view

import_app = typer.Typer(no_args_is_help=True, help="Import lists kept elsewhere. 导入。")


def staff(context: typer.Context, as_json: Json = False, reveal: Reveal = False) -> None:
    """The staff: who is on duty, and whose telephone is reachable. 员工在岗与话机状态。"""
    from hotline.people.lists import list_staff

    list_staff(opened(context), view(context, as_json, reveal))


def access(context: typer.Context, as_json: Json = False, limit: Limit = 20) -> None:
    """Who listened to talks and recordings, or saw personal data. 监听、收听和查看留痕。"""
    from hotline.people.lists import list_access

    list_access(opened(context), view(context, as_json), limit)


@import_app.command()
def owners(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: name, building, unit, phones. 姓名、楼栋、房号、电话。")],
) -> None:
    """The owners' directory, from a CSV file; if one row is wrong, nothing is imported. 导入业主名册。"""
    from hotline.people.verbs import import_owners

    import_owners(as_account(context), file)

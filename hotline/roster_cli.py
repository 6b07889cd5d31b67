"""`hotline roster`: who is on duty, the week as a picture, the import, what is missing, swaps and absences."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.listing import View
    from hotline.opening import Opened

roster_app = typer.Typer(invoke_without_command=True, help="The duty roster: who, when; import, check. 值班表。")

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
WHEN = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]
A_TIME = "a day, or a day and a time, by the site's clock"


@roster_app.callback()
def roster(
    context: typer.Context,
    at: Annotated[
        datetime | None, typer.Option("--at", formats=WHEN, help=f"Who is on duty then: {A_TIME}. 查询时间。")
    ] = None,
    as_json: Json = False,
) -> None:
    """Who is on duty now, or at a time, and the week around it. 谁在值班,以及本周一览。"""
    if context.invoked_subcommand:
        return
    from hotline.roster_list import show_roster

    show_roster(_opened(context), _view(context, as_json), at)


@roster_app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Default: roster.toml in the home. 默认为主目录的 roster.toml。")
    ] = None,
) -> None:
    """Take the roster in; if a line is wrong, it is named and nothing changes. 导入值班表,有错则不改动。"""
    from hotline.roster_list import import_roster

    import_roster(_opened(context), file)


def _opened(context: typer.Context) -> "Opened":
    from hotline.opening import Asked, opened

    asked = context.obj
    assert isinstance(asked, Asked)
    return opened(asked)


def _view(context: typer.Context, as_json: bool) -> "View":
    from hotline.listing import View

    return View(as_json, False, context.obj.language)

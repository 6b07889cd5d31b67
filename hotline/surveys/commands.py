"""`hotline survey`: who was asked whether he is satisfied, campaigns over the directory, who wants no calls."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.terminal.listing import ListView
    from hotline.terminal.opening import Opened

app = typer.Typer(invoke_without_command=True, help="Follow-up calls and satisfaction. 回访与满意度。")
campaign_app = typer.Typer(no_args_is_help=True, help="Asking all residents (R08-6). 住户满意度调查。")
app.add_typer(campaign_app, name="campaign")

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many. 最多条数。")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Whole names and numbers (logged). 显示完整姓名和号码(留痕)。")]
Number = Annotated[int, typer.Argument(help="The campaign's number. 调查编号。", metavar="N")]


@app.callback()
def survey(context: typer.Context, as_json: Json = False, limit: Limit = 20, reveal: Reveal = False) -> None:
    if context.invoked_subcommand:
        return
    from hotline.surveys.verbs import list_surveys

    list_surveys(_opened(context), _view(context, as_json, reveal), limit)


@app.command("opt-outs")
def opt_outs(context: typer.Context, as_json: Json = False, limit: Limit = 100, reveal: Reveal = False) -> None:
    """Who does not want such calls; kept for ever. 不再回访的号码。"""
    from hotline.surveys.verbs import list_opt_outs

    list_opt_outs(_opened(context), _view(context, as_json, reveal), limit)


@app.command("opt-out")
def opt_out(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The customer's number. 客户号码。")],
) -> None:
    """A customer has told one of us that he wants no such calls: never again. 登记不再回访。"""
    from hotline.surveys.verbs import add_opt_out

    add_opt_out(_opened(context), number)


@campaign_app.command()
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help='What it is called, such as "2026 I". 名称。')],
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=50, help="So many calls at a time. 同时呼叫数。")] = 2,
) -> None:
    """Everybody in the directory is called once, at the hours of the policy. 新建调查。"""
    from hotline.surveys.verbs import new_campaign

    new_campaign(_opened(context), name, at_once)


@campaign_app.command("list")
def list_all(context: typer.Context, as_json: Json = False, limit: Limit = 20) -> None:
    """All of them, the newest first. 调查列表。"""
    from hotline.surveys.verbs import list_campaigns

    list_campaigns(_opened(context), _view(context, as_json, False), limit)


@campaign_app.command()
def show(context: typer.Context, number: Number, as_json: Json = False) -> None:
    """How far it has come, and what people say. 进度与评分。"""
    from hotline.surveys.verbs import show_campaign

    show_campaign(_opened(context), _view(context, as_json, False), number)


@campaign_app.command()
def pause(context: typer.Context, number: Number) -> None:
    """Calls nobody any more until it is resumed; who is being asked is asked to the end. 暂停。"""
    from hotline.surveys.verbs import move_campaign
    from models.states.surveys import CampaignState

    move_campaign(_opened(context), number, CampaignState.PAUSED)


@campaign_app.command()
def resume(context: typer.Context, number: Number) -> None:
    """Goes on where it was paused. 继续。"""
    from hotline.surveys.verbs import move_campaign
    from models.states.surveys import CampaignState

    move_campaign(_opened(context), number, CampaignState.RUNNING)


@campaign_app.command()
def cancel(context: typer.Context, number: Number) -> None:
    """Ends it for good; what people have said stays. 终止。"""
    from hotline.surveys.verbs import move_campaign
    from models.states.surveys import CampaignState

    move_campaign(_opened(context), number, CampaignState.CANCELLED)


def _opened(context: typer.Context) -> "Opened":
    from hotline.terminal.opening import opened

    return opened(context.obj)


def _view(context: typer.Context, as_json: bool, reveal: bool) -> "ListView":
    from hotline.terminal.listing import ListView

    return ListView(as_json, reveal, context.obj.language)

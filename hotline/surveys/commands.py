"""`hotline survey`: follow-up calls and their answers, campaigns over the directory, opt-outs."""

from typing import Annotated

import typer

from hotline.terminal.options import AsStaff, CampaignNumber, Json, Limit, Reveal, as_account, opened, view

app = typer.Typer(invoke_without_command=True, help="Follow-up calls and satisfaction. 回访与满意度。")
campaign_app = typer.Typer(no_args_is_help=True, help="Surveys of all residents (R08-6). 住户满意度调查。")
app.add_typer(campaign_app, name="campaign")


@app.callback()
def survey(
    context: typer.Context, as_json: Json = False, limit: Limit = 20, reveal: Reveal = False, who: AsStaff = None
) -> None:
    if context.invoked_subcommand:
        return
    from hotline.surveys.lists import list_surveys
    from hotline.terminal import acting

    this = opened(context)
    list_surveys(this, view(context, as_json, reveal), limit, reader=acting.reader(this, who))


@app.command("opt-outs")
def opt_outs(context: typer.Context, as_json: Json = False, limit: Limit = 100, reveal: Reveal = False) -> None:
    """Numbers that want no such calls; kept for ever. 不再回访的号码。"""
    from hotline.surveys.lists import list_opt_outs

    list_opt_outs(opened(context), view(context, as_json, reveal), limit)


@app.command("opt-out")
def opt_out(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The customer's number. 客户号码。")],
) -> None:
    """Never make such calls to this customer again. 登记不再回访。"""
    from hotline.surveys.verbs import add_opt_out

    add_opt_out(as_account(context), number)


@campaign_app.command()
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help='Its name, such as "2026 I". 名称。')],
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=50, help="Calls at a time. 同时呼叫数。")] = 2,
) -> None:
    """Call everybody in the directory once, at the hours of the policy. 新建调查。"""
    from hotline.surveys.verbs import new_campaign

    new_campaign(as_account(context), name, at_once)


@campaign_app.command("list")
def list_all(context: typer.Context, as_json: Json = False, limit: Limit = 20) -> None:
    """All campaigns, newest first. 调查列表。"""
    from hotline.surveys.lists import list_campaigns

    list_campaigns(opened(context), view(context, as_json), limit)


@campaign_app.command()
def show(context: typer.Context, number: CampaignNumber, as_json: Json = False) -> None:
    """Progress and scores. 进度与评分。"""
    from hotline.surveys.lists import show_campaign

    show_campaign(opened(context), view(context, as_json), number)


@campaign_app.command()
def pause(context: typer.Context, number: CampaignNumber) -> None:
    """Call nobody until it is resumed; current calls go on to their end. 暂停。"""
    from hotline.surveys.verbs import move_campaign
    from models.states.surveys import CampaignState

    move_campaign(as_account(context), number, CampaignState.PAUSED)


@campaign_app.command()
def resume(context: typer.Context, number: CampaignNumber) -> None:
    """Go on where it was paused. 继续。"""
    from hotline.surveys.verbs import move_campaign
    from models.states.surveys import CampaignState

    move_campaign(as_account(context), number, CampaignState.RUNNING)


@campaign_app.command()
def cancel(context: typer.Context, number: CampaignNumber) -> None:
    """End it for good; answers are kept. 终止。"""
    from hotline.surveys.verbs import move_campaign
    from models.states.surveys import CampaignState

    move_campaign(as_account(context), number, CampaignState.CANCELLED)

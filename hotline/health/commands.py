"""`hotline status`, `trunks`, `backup`, `check-config`, `voice install`: whether the service is well; its upkeep."""

from typing import Annotated

import typer

from hotline.terminal.options import Json, as_account, end, invocation, opened

voice_app = typer.Typer(no_args_is_help=True, help="The voice that speaks the prompts. 语音合成。")


def status(context: typer.Context, as_json: Json = False) -> None:
    """Which parts run, and what is open. 运行状态。"""
    import hotline.health.status

    end(hotline.health.status.show(opened(context), as_json=as_json))


def trunks(context: typer.Context, as_json: Json = False) -> None:
    """Each trunk: whether it is there, its calls, its last failure; exit code 1 when one is down. 中继状态。"""
    import hotline.health.trunks

    end(hotline.health.trunks.show(opened(context), as_json=as_json))


def backup(context: typer.Context) -> None:
    """Copy the database now, beside the daily copies. 立即备份数据库。"""
    from hotline.health import verbs

    verbs.back_up(opened(context))


def reload(context: typer.Context) -> None:
    """Take changed settings into use; talks go on. 让改动的设置生效，通话不中断。"""
    from hotline.health import verbs

    verbs.take_into_use(as_account(context))


def check_config(
    context: typer.Context,
    complete: Annotated[
        bool, typer.Option("--complete", help="Write what policy.toml lacks after an update. 补全 policy.toml。")
    ] = False,
) -> None:
    """Check site, policy and passwords; existing values stay as they are. 检查配置。"""
    from hotline.health.configuration import check_config, complete_policy

    if complete:
        complete_policy(invocation(context))
    check_config(opened(context))


@voice_app.command()
def install(context: typer.Context) -> None:
    """Install the voice, for sentences that are not in the prompt pack. 安装语音引擎。"""
    from recordings.voice.install import install as install_voice

    install_voice(invocation(context).home.path / "voice")

"""The command `hotline`: what each word does is said by its help; what a command needs is loaded when it's called."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotline.programs.token_commands import app as token_app
from hotline.programs.webhook_commands import app as webhook_app
from hotline.reports.commands import report_app
from hotline.rooms.commands import app as room_app
from hotline.roster.commands import handover_app, roster_app
from hotline.surveys.commands import app as survey_app
from hotline.terminal.wording import language_of_terminal
from hotline.tickets.commands import ticket_app, tickets_app
from hotline.wakeups.commands import app as wakeup_app

if TYPE_CHECKING:
    from hotline.terminal.listing import ListView
    from hotline.terminal.opening import Invocation, Opened

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Telephone service of a property company on Asterisk. 物业电话服务系统。",
)
tasks_app = typer.Typer(invoke_without_command=True, help="What is owed, such as call-backs. 待办,如回电。")
recordings_app = typer.Typer(invoke_without_command=True, help="Recordings: list, hold, play. 录音:列表、保留、收听。")
import_app = typer.Typer(no_args_is_help=True, help="Take in lists kept elsewhere. 导入。")
voice_app = typer.Typer(no_args_is_help=True, help="The voice that speaks the prompts. 语音合成。")
app.add_typer(tickets_app, name="tickets")
app.add_typer(ticket_app, name="ticket")
app.add_typer(tasks_app, name="tasks")
app.add_typer(recordings_app, name="recordings")
app.add_typer(import_app, name="import")
app.add_typer(voice_app, name="voice")
app.add_typer(roster_app, name="roster")
app.add_typer(report_app)
app.add_typer(handover_app, name="handover")
app.add_typer(survey_app, name="survey")
app.add_typer(room_app, name="room")
app.add_typer(token_app, name="token")
app.add_typer(webhook_app, name="webhook")
app.add_typer(wakeup_app, name="wakeup")

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many. 最多条数。")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Whole names and numbers (logged). 显示完整姓名和号码(留痕)。")]

Recorded = Annotated[int, typer.Argument(help="The recording's number. 录音编号。", metavar="N")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is logged. 原因(留痕)。")]


@app.callback()
def before(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option("--home", help="The instance's folder; default: HOTLINE_HOME, or var here.")
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en; default: the terminal's. 语言。")] = None,
) -> None:
    from hotline.terminal.opening import Invocation
    from models.instance.home import Home

    if lang not in (None, "zh", "en"):
        raise typer.BadParameter("zh or en", param_hint="--lang")
    context.obj = Invocation(Home.choose(home), "zh" if lang == "zh" else "en" if lang else language_of_terminal())


@app.command()
def serve(context: typer.Context) -> None:
    """Start everything here and stay: Asterisk, the hotline, the scheduler (Ctrl-C ends it). 启动全部服务。"""
    this = _opened(context)
    import hotline.supervisor.serve

    raise typer.Exit(hotline.supervisor.serve.run(this.home, language=this.language))


@app.command()
def ivr(context: typer.Context) -> None:
    """Only the conversations: the ARI application. 仅运行通话应用。"""
    this = _opened(context)
    import ivr.app

    ivr.app.run(this.home)


@app.command()
def scheduler(context: typer.Context) -> None:
    """Only the scans: recordings, spooled messages, deadlines. 仅运行定时任务。"""
    this = _opened(context)
    import scheduler.app

    scheduler.app.run(this.home)


@app.command()
def fallback(context: typer.Context) -> None:
    """Only the fallback: callers whom the conversations cannot take. 仅运行应急应答。"""
    this = _opened(context)
    import dialplan.fallback.server

    dialplan.fallback.server.run(this.home)


@app.command()
def console(context: typer.Context) -> None:
    """Only the REST API for other programs (docs/api.md). 仅运行接口服务。"""
    # The calls that go on come first, also while this one starts.
    from models.instance import priority

    priority.behind()
    this = _opened(context)
    import console.app

    console.app.run(this.home)


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """What runs, and what waits. 运行状态。"""
    import hotline.health.status

    raise typer.Exit(0 if hotline.health.status.show(_opened(context), as_json=as_json) else 1)


@app.command()
def calls(context: typer.Context, as_json: Json = False, limit: Limit = 20, reveal: Reveal = False) -> None:
    """The calls, newest first. 通话记录。"""
    from hotline.calls.lists import list_calls

    list_calls(_opened(context), _view(context, as_json, reveal), limit)


@app.command()
def access(context: typer.Context, as_json: Json = False, limit: Limit = 20) -> None:
    """Who has listened to talks and recordings, or seen personal data. 监听、收听和查看留痕。"""
    from hotline.people.access import list_access

    list_access(_opened(context), _view(context, as_json, False), limit)


@app.command()
def escalations(context: typer.Context, as_json: Json = False, limit: Limit = 100) -> None:
    """Late matters that are being told by telephone; accepted by nobody, first. 电话催办。"""
    from hotline.tickets.escalations import list_escalations

    list_escalations(_opened(context), _view(context, as_json, reveal=False), limit)


@tasks_app.callback()
def tasks(context: typer.Context, as_json: Json = False, limit: Limit = 20, reveal: Reveal = False) -> None:
    if context.invoked_subcommand:
        return
    from hotline.tickets.lists import list_tasks

    list_tasks(_opened(context), _view(context, as_json, reveal), limit)


@tasks_app.command()
def done(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The task's number. 任务编号。", metavar="N")],
    text: Annotated[str, typer.Option("--text", help="What was done. 说明。")] = "",
) -> None:
    """A task has been done. 任务完成。"""
    from hotline.tickets.lists import close_task

    if not close_task(_opened(context), _view(context, False, False), number, text):
        raise typer.Exit(1)


@app.command()
def staff(context: typer.Context, as_json: Json = False, reveal: Reveal = False) -> None:
    """The staff: who is on duty, and whose telephone can be rung. 员工在岗与话机状态。"""
    from hotline.people.staff import list_staff

    list_staff(_opened(context), _view(context, as_json, reveal))


@app.command("call-back")
def call_back(
    context: typer.Context,
    task: Annotated[int, typer.Argument(help="The task's number (hotline tasks). 任务编号。", metavar="TASK")],
    staff: Annotated[str | None, typer.Option("--staff", help="Who makes the call, such as 7001. 由谁回电。")] = None,
) -> None:
    """Rings a colleague, then the customer, and connects them. 回电:先呼坐席,再呼客户。"""
    import hotline.calls.call_back

    raise typer.Exit(0 if hotline.calls.call_back.call_back(_opened(context), task, staff) else 1)


@recordings_app.callback()
def recordings(
    context: typer.Context,
    as_json: Json = False,
    limit: Limit = 20,
    mismatches: Annotated[
        bool, typer.Option("--mismatches", help="What of files, rows and talks does not agree. 不一致的项目。")
    ] = False,
) -> None:
    if context.invoked_subcommand:
        return
    from hotline.calls.recordings import list_mismatches, list_recordings

    show = list_mismatches if mismatches else list_recordings
    show(_opened(context), _view(context, as_json, False), limit)


@recordings_app.command()
def hold(context: typer.Context, number: Recorded, reason: Reason) -> None:
    """Keep one whatever its date, until it is let go. 保留录音,不予删除。"""
    from hotline.calls.recordings import hold

    hold(_opened(context), number, reason)


@recordings_app.command("let-go")
def let_go(context: typer.Context, number: Recorded, reason: Reason) -> None:
    """End a hold: the date counts again. 取消保留。"""
    from hotline.calls.recordings import let_go

    let_go(_opened(context), number, reason)


@recordings_app.command()
def play(context: typer.Context, number: Recorded) -> None:
    """Listen to one (logged): plays it, or tells where it is. 收听(留痕)。"""
    from hotline.calls.recordings import play

    play(_opened(context), number)


@recordings_app.command()
def export(
    context: typer.Context,
    number: Recorded,
    to: Annotated[Path, typer.Argument(help="A file that is not there yet, or a folder. 目标文件或目录。")],
) -> None:
    """Copy one to a file (logged). 导出(留痕)。"""
    from hotline.calls.recordings import export

    export(_opened(context), number, to)


@app.command()
def backup(context: typer.Context) -> None:
    """Copy the database now, beside the daily copies. 立即备份数据库。"""
    import hotline.health.backup

    hotline.health.backup.now(_opened(context))


@app.command("check-config")
def check_config(
    context: typer.Context,
    complete: Annotated[
        bool, typer.Option("--complete", help="Write what policy.toml lacks after an update. 补全 policy.toml。")
    ] = False,
) -> None:
    """Whether site, policy and passwords are right; changes nothing that is there. 检查配置。"""
    from hotline.health.configuration import check_config, complete_policy

    if complete:
        complete_policy(_asked(context))
    check_config(_opened(context))


@import_app.command()
def owners(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: name, building, unit, phones. 姓名、楼栋、房号、电话。")],
) -> None:
    """The owners' directory, from a CSV file; all of it or, if a row is wrong, nothing. 导入业主名册。"""
    from hotline.people.owners import import_owners

    import_owners(_opened(context), file)


@voice_app.command()
def install(context: typer.Context) -> None:
    """Install the voice, for sentences that are not in the prompt pack. 安装语音引擎。"""
    from recordings.voice.install import install as install_voice

    install_voice(_asked(context).home.path / "voice")


def main() -> None:
    """Runs the command; what a person can put right is told in a few lines, without a traceback."""
    from models.errors import ConfigError

    try:
        app(args=_options_first(sys.argv[1:]), prog_name="hotline")
    except ConfigError as error:
        from hotline.health.configuration import remedy

        print("\n".join(filter(None, (str(error), remedy(error)))), file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if not _is_told(error):
            raise
        print(error, file=sys.stderr)
        sys.exit(1)


def _is_told(error: Exception) -> bool:
    """Whether its text was written for the person at the terminal."""
    from hotline.calls.recordings import NoSuchRecording
    from hotline.health.policy_complete import CannotComplete
    from hotline.reports.lists import CannotWrite
    from hotline.supervisor.engine import EngineError
    from hotline.terminal.dates import NoMoment
    from hotline.tickets.lists import NoSuchTicket
    from hotline.tickets.verbs import NotDone
    from models.calls.outgoing import CannotCall
    from models.database.store import StoreUnavailable
    from models.instance.lock import AlreadyRunning
    from models.tickets.tickets import MoveRefused
    from recordings.voice.install import InstallFailed
    from scheduler.scans.backup import BackupFailed

    refusals = (NoSuchTicket, NotDone, NoMoment, NoSuchRecording, CannotCall, CannotWrite, BackupFailed, CannotComplete)
    return isinstance(error, (StoreUnavailable, MoveRefused, EngineError, InstallFailed, AlreadyRunning, *refusals))


def _options_first(arguments: list[str]) -> list[str]:
    """`hotline calls --home DIR` means `hotline --home DIR calls`: people write it where they think of it."""
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument in ("--home", "--lang"):
            first += [argument, *([value] if (value := next(waiting, None)) is not None else [])]
        elif argument.startswith(("--home=", "--lang=")):
            first.append(argument)
        else:
            rest.append(argument)
    return first + rest


def _asked(context: typer.Context) -> "Invocation":
    asked: Any = context.obj
    return asked  # type: ignore[no-any-return]


def _opened(context: typer.Context) -> "Opened":
    from hotline.terminal.opening import opened

    return opened(_asked(context))


def _view(context: typer.Context, as_json: bool, reveal: bool) -> "ListView":
    from hotline.terminal.listing import ListView

    return ListView(as_json, reveal, _asked(context).language)

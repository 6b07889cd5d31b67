"""The command `hotline`: its global options, the programs it starts, and the commands of each domain."""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.calls import commands as calls
from hotline.health import commands as health
from hotline.people import commands as people
from hotline.programs import commands as programs
from hotline.reports import commands as reports
from hotline.rooms import commands as rooms
from hotline.roster import commands as roster
from hotline.surveys import commands as surveys
from hotline.terminal.options import opened
from hotline.tickets import commands as tickets
from hotline.wakeups import commands as wakeups
from models.language import language_of_terminal

if TYPE_CHECKING:
    from hotline.terminal.opening import Opened

KEEPS_ROOT = ("serve", "ivr", "scheduler", "fallback", "console", "check-config", "voice")
"""Programs take the account themselves; settings and the voice are root's. Else root acts as the home's owner."""

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Telephone service of a property company on Asterisk. 物业电话服务系统。",
)


@app.callback()
def before(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option("--home", help="The instance's folder; default: HOTLINE_HOME, or var here.")
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en; default: the terminal's. 语言。")] = None,
) -> None:
    from hotline.terminal.opening import Invocation, act_as_owner
    from models.instance.home import Home

    if lang not in (None, "zh", "en"):
        raise typer.BadParameter("zh or en", param_hint="--lang")
    this = Invocation(Home.choose(home), "zh" if lang == "zh" else "en" if lang else language_of_terminal())
    context.obj = this
    if context.invoked_subcommand not in KEEPS_ROOT:
        act_as_owner(this.home)


# -- programs ---------------------------------------------------------------------------------------------------------


@app.command()
def serve(context: typer.Context) -> None:
    """Start everything here and stay: Asterisk, the hotline, the scheduler (Ctrl-C ends it). 启动全部服务。"""
    this = opened(context)
    import hotline.supervisor.serve

    raise typer.Exit(hotline.supervisor.serve.run(this.home, language=this.language))


@app.command()
def ivr(context: typer.Context) -> None:
    """Only the conversations: the ARI application. 仅运行通话应用。"""
    this = _under_the_account(context, "ivr")
    import ivr.app

    ivr.app.run(this.home)


@app.command()
def scheduler(context: typer.Context) -> None:
    """Only the scans: recordings, spooled messages, deadlines. 仅运行定时任务。"""
    this = _under_the_account(context, "scheduler")
    import scheduler.app

    scheduler.app.run(this.home)


@app.command()
def fallback(context: typer.Context) -> None:
    """Only the fallback: it answers when the ARI application cannot. 仅运行应急应答。"""
    this = _under_the_account(context, "fallback")
    import dialplan.fallback.server

    dialplan.fallback.server.run(this.home)


@app.command()
def console(context: typer.Context) -> None:
    """Only the console: pages for staff, and the REST API. 仅运行控制台和接口。"""
    # Calls have priority, also while this program starts.
    from models.instance import priority

    priority.behind()
    this = _under_the_account(context, "console")
    import console.app

    console.app.run(this.home)


def _under_the_account(context: typer.Context, name: str) -> "Opened":
    """What the program opens, under the service's account when root starts it alone."""
    this = opened(context)
    import hotline.supervisor.launch

    hotline.supervisor.launch.become(this, [name])
    return this


# -- domains: single commands, then groups ----------------------------------------------------------------------------

app.command()(health.status)
app.command()(health.trunks)
app.command("calls")(calls.list_calls)
app.command()(people.access)
app.command()(tickets.escalations)
app.command()(people.staff)
app.command()(people.login)
app.command()(people.logout)
app.command()(calls.call_back)
app.command()(health.backup)
app.command()(health.reload)
app.command()(health.check_config)
app.command()(reports.report)
app.add_typer(tickets.tickets_app, name="tickets")
app.add_typer(tickets.ticket_app, name="ticket")
app.add_typer(tickets.tasks_app, name="tasks")
app.add_typer(calls.recordings_app, name="recordings")
app.add_typer(calls.block_app, name="block")
app.add_typer(people.accounts_app, name="accounts")
app.add_typer(people.import_app, name="import")
app.add_typer(people.bans_app, name="bans")
app.add_typer(health.voice_app, name="voice")
app.add_typer(roster.roster_app, name="roster")
app.add_typer(roster.handover_app, name="handover")
app.add_typer(surveys.app, name="survey")
app.add_typer(rooms.app, name="room")
app.add_typer(programs.token_app, name="token")
app.add_typer(programs.webhook_app, name="webhook")
app.add_typer(wakeups.app, name="wakeup")


def main() -> None:
    """Runs the command; an error that the reader can put right takes a few lines, without a traceback."""
    from hotline.terminal.harmless import harmless_output

    with harmless_output():
        _run()


@cache
def _commands() -> Callable[..., None]:
    return typer.main.get_command(app)


def _run() -> None:
    from models.errors import ConfigError, MoveRefused
    from models.text import signs

    try:
        for argument in sys.argv[1:]:
            signs.checked(argument)
        _commands()(args=_options_first(sys.argv[1:]), prog_name="hotline")
    except ConfigError as error:
        from hotline.health.configuration import remedy

        print("\n".join(filter(None, (str(error), remedy(error)))), file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if not _is_for_the_reader(error):
            raise
        print(f"{error.zh}\n{error.en}" if isinstance(error, MoveRefused) else error, file=sys.stderr)
        sys.exit(1)


def _is_for_the_reader(error: Exception) -> bool:
    """Whether its text was written for the person at the terminal."""
    from hotline.supervisor.account import AccountError
    from hotline.supervisor.engine import EngineError
    from hotline.terminal.refusals import CommandError
    from models.calls.outgoing import CannotCall
    from models.database.store import StoreUnavailable
    from models.errors import MoveRefused
    from models.instance.lock import AlreadyRunning
    from models.instance.tls import NoCertificate
    from recordings.voice.install import InstallFailed
    from scheduler.scans.backup import BackupFailed

    of_models = (StoreUnavailable, MoveRefused, AlreadyRunning, CannotCall, NoCertificate)
    of_programs = (EngineError, AccountError, InstallFailed, BackupFailed)
    return isinstance(error, (CommandError, *of_models, *of_programs))


def _options_first(arguments: list[str]) -> list[str]:
    """`hotline calls --home DIR` means `hotline --home DIR calls`: the global options may stand anywhere."""
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

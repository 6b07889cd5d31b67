"""`make demo`: runs the play, prints its timeline and its results, and leaves no process behind."""

import argparse
import shutil
import signal
import sys
from datetime import timedelta
from types import FrameType

from rich.console import Console

from models.clock import SystemClock
from models.database.store import StoreUnavailable
from models.errors import ConfigError
from models.instance.home import Home
from models.instance.instance import RunningInstance
from models.language import Language, language_of_terminal
from models.people import accounts
from models.states.tickets import TicketState
from models.tickets import tickets
from phones.baresip import PhoneFault
from phones.demo import card, life
from phones.demo.play import OWNER, PlayResult, play
from phones.demo.stage import CannotPlay, DemoStage, opened
from phones.demo.timeline import Timeline
from phones.demo.wording import say
from phones.phone import NothingHappened


def main() -> int:
    """Returns the exit code: 0 for a complete play, 1 for one that could not be given, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--home", help="the hotline's folder; default: HOTLINE_HOME, or var here")
    parser.add_argument("--lang", choices=("zh", "en"), default=language_of_terminal(), help="default: the terminal's")
    parser.add_argument("--look", action="store_true", help="then the console with two weeks of life, until Ctrl-C")
    asked = parser.parse_args()
    home, language = Home.choose(asked.home), asked.lang
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end_once)
    try:
        demonstrate(home, language, Console(highlight=False), look=asked.look)
    except KeyboardInterrupt:
        print(say("演示已中止。", "stopped.", language), file=sys.stderr)
        return 130
    except NothingHappened as fault:
        print(say("演示中断：", "the play has stopped: ", language) + str(fault), file=sys.stderr)
        return 1
    except PermissionError as fault:
        zh = f"无权读取 {fault.filename}：请用运行热线的账户演示"
        print(
            say(zh, f"{fault.filename} may not be read: use the account that runs the hotline", language),
            file=sys.stderr,
        )
        return 1
    except (CannotPlay, PhoneFault, ConfigError, StoreUnavailable, RuntimeError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def demonstrate(home: Home, language: Language, console: Console, *, look: bool = False) -> None:
    """The whole play, from the stage to the card; to `look` at the console it has a hotline of its own. Raises what
    `main` reports."""
    if shutil.which("baresip") is None:
        zh = "未安装 SIP 话机 baresip：请运行 make demo（或 bin/setup --test）安装"
        raise CannotPlay(say(zh, "baresip, the SIP phone, is missing: `bin/setup --test` installs it", language))
    with opened(home, language, console, private=look) as stage:
        with Timeline(stage.hotline, OWNER, language, console):
            outcome = play(stage)
            stage.hotline.close_phones()
        card.show(stage, outcome, language, console)
        if not stage.private:
            close_ticket(stage, outcome, language, console)
        if look:
            show_console(stage, language, console)


def close_ticket(stage: DemoStage, outcome: PlayResult, language: Language, console: Console) -> None:
    """Closes the play's ticket, so that nobody on a real hotline looks for a fault that was only played."""
    ticket, now = outcome.ticket.ticket, SystemClock().now()
    for state in (TicketState.DONE, TicketState.CLOSED):
        stage.hotline.store.write(
            tickets.move, ticket.id, to=state, who="system", at=now, text=say("演示", "demonstration", language)
        )
    zh = f"工单 {ticket.number} 是演示，已关闭。"
    console.print(
        say(zh, f"ticket {ticket.number} belonged to a demonstration and is closed.", language), soft_wrap=True
    )


def show_console(stage: DemoStage, language: Language, console: Console) -> None:
    """Fills the private hotline with two weeks of life, says where to sign in, and waits for Ctrl-C."""
    hotline, clock = stage.hotline, SystemClock()
    instance = RunningInstance(hotline.home, hotline.site, hotline.policy, hotline.store, clock)
    life.fill(instance)
    for role, administrator in (("manager", True), ("agent", False)):
        person = next(one for one in hotline.site.staff if one.role == role)
        secret = hotline.store.write(
            accounts.make_link,
            person.number,
            administrator=administrator,
            by="demo",
            at=clock.now(),
            good_for=timedelta(hours=hotline.policy.console.link_hours),
        )
        link = hotline.site.console_url + accounts.LINK_PATH + secret
        zh = f"控制台，{person.number} {person.name}（链接只能用一次）：{link}"
        en = f"the console as {person.number} {person.name} (the link is good once): {link}"
        console.print(say(zh, en, language), style="bold", soft_wrap=True)
    console.print(say("看完按 Ctrl-C 结束。", "Ctrl-C ends it.", language))
    signal.pause()


def _end_once(_number: int, _frame: FrameType | None) -> None:
    """The first signal ends the play; a second one must not interrupt the clean-up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

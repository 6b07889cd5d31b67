"""The card at the end of a start: the number to dial, accounts, folders, and how to stop."""

import io
import ipaddress
import sys

from rich.box import ROUNDED
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hotline.terminal.wording import say
from models.instance.home import Home
from models.instance.secrets import Secrets
from models.language import Language
from models.site import Site

_UNFOLDED = 400  # columns: in a file a path must stay in one piece


def card(home: Home, site: Site, secrets: Secrets, language: Language, took_s: float) -> str:
    """New passwords are on it, this once."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    hotline = next((line for line in site.lines if line.flow == "hotline"), site.lines[0])
    others = ", ".join(line.number for line in site.lines if line is not hotline)
    for zh, en, text in (
        ("请拨", "dial", f"{hotline.number}" + (f"   ({others})" if others else "")),
        ("SIP 服务器", "SIP server", _server(site, language)),
        ("账号", "accounts", _accounts(home, site, secrets, language)),
        ("接口", "REST API", f"http://{site.console.address}:{site.console.port}/api/v1/openapi.json"),
        ("日志", "logs", str(home.logs)),
        ("录音", "recordings", str(home.recordings)),
        ("设置", "settings", f"{home.site_file}  {home.policy_file}"),
        ("停止", "stop", say("Ctrl-C", "Ctrl-C", language)),
    ):
        facts.add_row(say(zh, en, language), Text(text))
    name = say(site.name_zh, site.name_en, language)
    title = say(f"{name} 服务热线已启动({took_s:.1f} 秒)", f"{name}: the hotline is open ({took_s:.1f} s)", language)
    parts: list[Table] = [facts]
    if secrets.created or secrets.pins_created:
        parts.append(_passwords(site, secrets, language))
    terminal = Console(file=sys.stdout)
    width = terminal.width if terminal.is_terminal else _UNFOLDED
    page = Console(file=io.StringIO(), width=width, force_terminal=terminal.is_terminal, highlight=False)
    with page.capture() as printed:
        page.print(Panel(Group(*parts), title=title, box=ROUNDED, expand=False))
    return printed.get().rstrip("\n")


def _server(site: Site, language: Language) -> str:
    server = f"{site.sip.address}:{site.sip.port}  (UDP, TCP)"
    if not ipaddress.ip_address(site.sip.address).is_loopback:
        return server
    return f"{server}  " + say(
        "仅限本机话机;其他话机请改 site.toml 的 sip.address",
        "phones on this machine only; for others change sip.address in site.toml",
        language,
    )


def _accounts(home: Home, site: Site, secrets: Secrets, language: Language) -> str:
    numbers = f"{len(site.staff)} + {len(site.rooms.phones)}"
    if secrets.created or secrets.pins_created:
        return say(
            f"{numbers} 个,新密码见下(仅显示这一次,保存在 {home.secrets_file})",
            f"{numbers}; new passwords below, shown once (kept in {home.secrets_file})",
            language,
        )
    return say(f"{numbers} 个,密码见 {home.secrets_file}", f"{numbers}; passwords in {home.secrets_file}", language)


def _passwords(site: Site, secrets: Secrets, language: Language) -> Table:
    """New passwords, and new PINs of staff who may listen to talks (*90)."""
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    heads = [("号码(用户名)", "number (user)"), ("姓名", "name"), ("密码", "password")]
    if secrets.pins_created:
        heads.append(("监听密码(*90)", "PIN for *90"))
    for zh, en in heads:
        table.add_column(say(zh, en, language), no_wrap=True)
    names = {person.number: person.name for person in site.staff}
    for number in dict.fromkeys((*secrets.created, *secrets.pins_created)):
        other = say("网关", "gateway", language) if number in site.gateways else say("客房", "room", language)
        name = names.get(number) or other
        password = secrets.sip[number] if number in secrets.created else ""
        pin = secrets.pins[number] if number in secrets.pins_created else ""
        table.add_row(number, Text(name), Text(password), *([Text(pin)] if secrets.pins_created else []))
    return table

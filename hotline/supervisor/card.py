"""The card at the end of a start: the number to dial, accounts, folders, and how to stop."""

import io
import ipaddress
import sys
from dataclasses import dataclass

from rich.box import ROUNDED
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from models.instance import tls
from models.instance.home import PROJECT_ROOT, Home
from models.instance.secrets import Secrets
from models.language import Language
from models.people.accounts import LINK_PATH
from models.site import Site
from models.text.wording import say

_UNFOLDED = 400  # columns: in a file a path must stay in one piece


@dataclass(frozen=True)
class FirstLink:
    """The link by which the first administrator chooses a password."""

    name: str
    number: str
    secret: str


def card(home: Home, site: Site, secrets: Secrets, first: FirstLink | None, language: Language, took_s: float) -> str:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    hotline = next((line for line in site.lines if line.flow == "hotline"), site.lines[0])
    others = ", ".join(line.number for line in site.lines if line is not hotline)
    for zh, en, text in (
        ("请拨", "dial", f"{hotline.number}" + (f"   ({others})" if others else "")),
        ("SIP 服务器", "SIP server", _server(site, language)),
        *([("加密", "encryption", _encryption(home, site, language))] if site.sip.tls != "off" else []),
        ("账号", "accounts", _accounts(home, site, secrets, language)),
        ("控制台", "console", _console(home, site, language)),
        *([("首次登录", "first sign-in", _first_sign_in(first, language))] if first else []),
        ("接口", "REST API", f"{site.console_url}/api/v1/openapi.json"),
        ("日志", "logs", str(home.logs)),
        ("录音", "recordings", str(home.recordings)),
        ("设置", "settings", f"{home.site_file}  {home.policy_file}"),
        ("停止", "stop", say("Ctrl-C", "Ctrl-C", language)),
    ):
        facts.add_row(say(zh, en, language), Text(text))
    name = say(site.name_zh, site.name_en, language)
    title = say(f"{name} 服务热线已启动（{took_s:.1f} 秒）", f"{name}: the hotline is open ({took_s:.1f} s)", language)
    terminal = Console(file=sys.stdout)
    width = terminal.width if terminal.is_terminal else _UNFOLDED
    page = Console(file=io.StringIO(), width=width, force_terminal=terminal.is_terminal, highlight=False)
    with page.capture() as printed:
        page.print(Panel(facts, title=title, box=ROUNDED, expand=False))
    shown = printed.get().rstrip("\n")
    # In one piece at the start of a line: what is folded within the card cannot be copied out of it.
    return f"{shown}\n{site.console_url}{LINK_PATH}{first.secret}" if first else shown


def _server(site: Site, language: Language) -> str:
    server = f"{site.sip.address}:{site.sip.port}  (UDP, TCP)"
    if not ipaddress.ip_address(site.sip.address).is_loopback:
        return server
    return f"{server}  " + say(
        "仅限本机话机；其他话机请改 site.toml 的 sip.address",
        "phones on this machine only; for others change sip.address in site.toml",
        language,
    )


def _encryption(home: Home, site: Site, language: Language) -> str:
    where = f"{site.sip.address}:{site.sip.tls_port}  (TLS, SRTP)"
    if site.sip.certificate:
        return f"{where}  {site.sip.certificate}"
    file = tls.authority(home)
    return f"{where}  " + say(f"请把 {file} 导入话机", f"give the phones {file}", language)


def _console(home: Home, site: Site, language: Language) -> str:
    """Where it is; and the fingerprint that people compare before they trust the authority made here."""
    if not site.console.over_tls:
        return f"{site.console_url}  " + say(
            "仅限本机；其他电脑请改 site.toml 的 console.address",
            "this machine only; for others change console.address in site.toml",
            language,
        )
    if site.sip.certificate:
        return site.console_url
    return f"{site.console_url}  {site.console_url}/trust  SHA-256 {tls.fingerprint(tls.authority(home))}"


def _first_sign_in(first: FirstLink, language: Language) -> str:
    return say(
        f"{first.number} {first.name} 为管理员：打开下面的链接设置密码，只能用一次",
        f"{first.number} {first.name} administers: the link below is good once, to choose a password",
        language,
    )


def _accounts(home: Home, site: Site, secrets: Secrets, language: Language) -> str:
    """How many, and the command that shows a password: the card may end up in a log."""
    numbers = f"{len(site.staff)} + {len(site.rooms.phones)}"
    new = len({*secrets.created, *secrets.pins_created})
    if new:
        numbers += say(f"（{new} 个新密码）", f" ({new} new)", language)
    place = "" if home.path == PROJECT_ROOT / "var" else f" --home {home.path}"
    command = f".venv/bin/hotline accounts show {site.staff[0].number}{place}"
    return say(f"{numbers}，查看密码：{command}", f"{numbers}; a password: {command}", language)

"""The command that becomes one of our programs: under the service's account when root starts it.

A folder above the project or the home may be closed to that account (a clone below /root, or in a folder made by
mktemp). The program then sees, in mounts of its own, an empty folder in its place, with nothing in it but our folders.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from importlib.metadata import distribution
from pathlib import Path

from hotline.supervisor import ownership
from hotline.supervisor.account import ASTERISK, OURS, Account, AccountError, made
from hotline.terminal.opening import Opened
from models.calls import monitoring
from models.clock import SystemClock
from models.instance import rights, tls
from models.instance.home import PROJECT_ROOT, Home
from models.instance.secrets import Secrets
from models.language import Language
from models.policy import Policy
from models.site import Site
from models.text.wording import say

_STAGES = ("/mnt", "/media", "/srv")
"""Folders of every system; one of them is covered while the mounts are made, and seen again afterwards."""
_READABLE = 'for path; do [ -r "$path" ] || { echo "$path"; exit 1; }; done'


def command(home: Home, account: Account | None, arguments: list[str]) -> list[str]:
    """`hotline ARGUMENTS`; without an account, as the user who runs it. Each step replaces itself by the next."""
    python = [sys.executable, "-m", "hotline", "--home", str(home.path), *arguments]
    return python if account is None else under(home, account, python)


def under(home: Home, account: Account, command: list[str]) -> list[str]:
    """The command, run by root, under this account."""
    less = ["sh", "-c", 'umask 0077; exec "$@"', "less", *account.less(), *command]
    closed = list(_closed(account, _needed(home)))
    if not closed:
        return less
    return ["unshare", "--mount", "sh", "-c", _covered(closed, _needed(home)), "cover", *less]


def environment() -> dict[str, str]:
    """Of a program. Root's own folder is not the account's: libraries would stop at settings they may not read."""
    home = {"HOME": "/nonexistent"} if rights.started_by_root() else {}
    return os.environ | home | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(PROJECT_ROOT)}


def enter(home: Home, language: Language) -> Account:
    """The account of the programs, to which the home belongs from now on, and as which this process of root's acts.
    Raises AccountError."""
    made(ASTERISK)
    ours = made(OURS)

    def moved(folder: Path, files: int) -> None:
        zh, en = f"  ..  {folder} 改归账户 {OURS}（{files}）", f"  ..  {folder} now belongs to {OURS} ({files})"
        print(say(zh, en, language), file=sys.stderr, flush=True)

    try:
        ownership.take_over(home, ours, moved, crossed=bool(os.environ.get("HOTLINE_CONTAINER")))
    except OSError as error:
        raise AccountError(
            f"无法把 {home.path} 交给账户 {OURS}（程序以该账户运行）：{error.strerror}。请用 --home 指定本机的目录。\n"
            f"  {home.path} can't be given to the account {OURS}, under which the programs run: {error}\n"
            "  Take a folder of this machine's own with --home DIR."
        ) from error
    check(home, ours)
    rights.act_as(ours.uid, ours.gid)
    return ours


def secrets_of(home: Home, site: Site, policy: Policy) -> Secrets:
    """All secrets; the programs' part is handed on to them where they run under an account. Raises ConfigError."""
    secrets = Secrets.load_or_create(home, site, pins_for=monitoring.listeners(site, policy))
    if rights.started_by_root():
        secrets.hand_on(home)
    return secrets


def certificate_for_console(home: Home, site: Site, policy: Policy) -> None:
    """Raises ConfigError and NoCertificate where the console is to serve other machines and has no certificate."""
    tls.hand_to_console(home, site, renew=timedelta(days=policy.certificate.warn_days), at=SystemClock().now())


def become(this: Opened, arguments: list[str]) -> None:
    """Replaces this process, if root runs it, by `hotline ARGUMENTS` under the account. Raises AccountError and
    ConfigError."""
    if not rights.started_by_root():
        certificate_for_console(this.home, this.site, this.policy)
        return
    ours = enter(this.home, this.language)
    secrets_of(this.home, this.site, this.policy)
    certificate_for_console(this.home, this.site, this.policy)
    chain = command(this.home, ours, ["--lang", this.language, *arguments])
    with rights.as_root():
        os.chdir("/")
        os.execvpe(chain[0], chain, environment())


def check(home: Home, account: Account) -> None:
    """Raises AccountError when the account cannot reach or read the programs, before anything is started."""
    library = Path(str(distribution("sqlalchemy").locate_file("sqlalchemy/__init__.py")))
    needed = [PROJECT_ROOT / "hotline" / "cli.py", PROJECT_ROOT / "policy.toml", Path(sys.executable), library]
    look = under(home, account, ["sh", "-c", _READABLE, "look", *map(str, needed), str(home.site_file)])
    done = subprocess.run(look, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    if done.stdout.strip():
        path = done.stdout.strip()
        raise AccountError(
            f"程序以账户 {account.name} 运行，但该账户无权读取 {path}。请执行下面的命令。\n"
            f"  The programs run under the account {account.name}, which may not read {path}.\n"
            f"  Allow it:  chmod -R go+rX {PROJECT_ROOT}"
        )
    closed = ", ".join(map(str, _closed(account, _needed(home))))
    raise AccountError(
        f"程序以账户 {account.name} 运行，但该账户无权进入 {closed}。\n"
        "  请把程序移到 /opt/hotline 等目录，或执行最后一行的命令。\n"
        f"  The programs run under the account {account.name}, which may not enter {closed}, and this machine does\n"
        f"  not let root make mounts that go round it ({done.stderr.strip()}).\n"
        f"  Move hotline to a folder that everybody may enter, such as /opt/hotline, or:  chmod o+x {closed}"
    )


def _needed(home: Home) -> list[Path]:
    """The folders that a program uses, none below another."""
    wanted = sorted({PROJECT_ROOT, home.path, Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()})
    return [path for path in wanted if not any(other in path.parents for other in wanted)]


def _closed(account: Account, needed: Iterable[Path]) -> Iterator[Path]:
    """The topmost folders above what is needed that the account may not enter."""
    found = set()
    for path in needed:
        for folder in reversed(path.parents):
            if not _may_enter(folder, account):
                found.add(folder)
                break
    yield from sorted(found)


def _may_enter(folder: Path, account: Account) -> bool:
    seen = folder.stat()
    bit = 0o100 if seen.st_uid == account.uid else 0o010 if seen.st_gid == account.gid else 0o001
    return bool(seen.st_mode & bit)


def _covered(closed: list[Path], needed: list[Path]) -> str:
    """Commands that put an empty folder over each closed one, and what is needed back into it."""
    inside = [path for path in needed if any(folder in path.parents for folder in closed)]
    stage = next(name for name in _STAGES if not any(Path(name) in (path, *path.parents) for path in inside))
    empty = "mount -t tmpfs -o mode=0755 hotline"
    lines = ["set -eu", f"{empty} {stage}"]
    lines += [
        f"mkdir {stage}/{at}; mount --rbind {shlex.quote(str(path))} {stage}/{at}" for at, path in enumerate(inside)
    ]
    lines += [f"{empty} {shlex.quote(str(folder))}" for folder in closed]
    for at, path in enumerate(inside):
        quoted = shlex.quote(str(path))
        lines.append(f"(umask 0022; mkdir -p {quoted}); mount --rbind {stage}/{at} {quoted}")
    lines += [f"umount --lazy {stage}", 'cd /; exec "$@"']
    return "\n".join(lines)

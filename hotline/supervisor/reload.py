"""Changed files are taken into use while talks go on: they are checked first, and a wrong file changes nothing."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from dialplan.render import render
from hotline.supervisor import engine
from hotline.supervisor.engine import Engine
from models.errors import ConfigError, MoveRefused
from models.instance import asterisk_console, in_use, secrets
from models.instance.asterisk_console import NoConsole
from models.instance.home import Home
from models.instance.instance import Instance
from models.instance.rights import as_root
from models.instance.secrets import Secrets
from models.instance.tls import Certificate
from models.policy import Policy
from models.site import Site

_RELOADED = re.compile(r"pjsip\.conf|extensions[a-z-]*\.conf")
_SCRATCH_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.2
_REPLACED_WITHIN = timedelta(seconds=20)


class ReloadRefused(MoveRefused):
    """Nothing has changed; the text says why."""


def load(home: Home, running: in_use.Marks) -> Instance:
    """What the files say now. Raises ReloadRefused when they are wrong, or differ in what needs a restart."""
    try:
        found = Instance.load(home)
        secrets.check(home, found.site)
    except ConfigError as error:
        en = "; ".join(f"{one.key} {one.wrong}; right: {one.right}" for one in error.problems)
        zh = "；".join(
            f"{one.key} {one.wrong_zh or one.wrong}，应为 {one.right_zh or one.right}" for one in error.problems
        )
        raise ReloadRefused(en, zh) from error
    if changed := in_use.between(running, in_use.marks(found.site, found.policy)).restart:
        names = ", ".join(changed)
        raise ReloadRefused(
            f"site.toml has changed in {names}: that needs a restart of `hotline serve`",
            f"site.toml 的 {names} 有改动：须重新启动 hotline serve",
        )
    return found


def take(
    home: Home,
    running: Engine,
    now: Instance,
    before: tuple[Site, Policy, Secrets],
    given: Secrets,
    shown: Certificate | None,
) -> None:
    """Asterisk takes the new telephones and the new dialplan into use; talks go on. Raises ReloadRefused, and all is
    as it was."""
    _check_what_changes(home, running, now, given, shown)
    _try_in_a_scratch_asterisk(home, running, now, given, shown)
    _render(home, running, now.site, now.policy, given, shown)
    try:
        _reload(home)
        _check_endpoints(home, now.site)
    except ReloadRefused:
        _render(home, running, *before, shown)
        _reload(home)
        raise


def let_callers_wait(home: Home, at: datetime) -> None:
    """Who calls in while the conversations are replaced hears ringing until the new ones take the call, for 20 s at
    most (dialplan/application.jinja)."""
    until = int((at + _REPLACED_WITHIN).timestamp())
    with suppress(NoConsole):
        asterisk_console.asked(home, f"dialplan set global REPLACED_UNTIL {until}")


def _render(
    home: Home, running: Engine, site: Site, policy: Policy, given: Secrets, shown: Certificate | None
) -> list[Path]:
    """As at the start: the configuration is root's, and Asterisk may read it."""
    with as_root():
        changed = render(home, site, policy, given, running.view, shown)
    engine.prepare(home)
    return changed


def _reload(home: Home) -> None:
    """Registrations, channels and global variables stay."""
    for command in ("module reload res_pjsip.so", "dialplan reload"):
        _ask(home, command)


def _check_what_changes(home: Home, running: Engine, now: Instance, given: Secrets, shown: Certificate | None) -> None:
    with _scratch(home) as scratch:
        _render(scratch, running, now.site, now.policy, given, shown)
        with as_root():
            old, new = (_files(one.asterisk / "etc") for one in (home, scratch))
    needs = sorted(
        name for name in old.keys() | new.keys() if old.get(name) != new.get(name) and not _RELOADED.fullmatch(name)
    )
    if needs:
        names = ", ".join(needs)
        raise ReloadRefused(
            f"the change touches {names} of Asterisk: that needs a restart of `hotline serve`",
            f"改动涉及 Asterisk 的 {names}：须重新启动 hotline serve",
        )


def _try_in_a_scratch_asterisk(
    home: Home, running: Engine, now: Instance, given: Secrets, shown: Certificate | None
) -> None:
    """On ports of its own and without trunks, at which it would register in the place of the real one."""
    site = now.site.model_copy(
        update={
            "sip": now.site.sip.model_copy(update={"port": _free_port(), "tls_port": _free_port()}),
            "http": now.site.http.model_copy(update={"port": _free_port()}),
            "carrier": None,
            "written_trunks": [],
        }
    )
    with _scratch(home) as scratch:
        _render(scratch, running, site, now.policy, given, shown)
        with as_root():
            asterisk = subprocess.Popen(
                running.command(scratch, ["-f", "-C", f"{running.view.base}/etc/asterisk.conf"]),
                env=running.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            _wait_started(scratch, asterisk)
            _check_endpoints(scratch, site)
            _check_dialplan(scratch)
        finally:
            with as_root():
                asterisk.terminate()
                try:
                    asterisk.wait(5)
                except subprocess.TimeoutExpired:
                    asterisk.kill()
                    asterisk.wait()


def _wait_started(scratch: Home, asterisk: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + _SCRATCH_WITHIN_S
    while asterisk.poll() is None and time.monotonic() < ends:
        try:
            if "fully booted" in asterisk_console.asked(scratch, "core waitfullybooted"):
                return
        except NoConsole:
            time.sleep(_LOOK_EVERY_S)
    raise ReloadRefused("Asterisk does not start with these files", "Asterisk 无法用这些文件启动")


def _check_endpoints(home: Home, site: Site) -> None:
    said = _ask(home, "pjsip show endpoints")
    there = set(re.findall(r"(?m)^\s*Endpoint:\s+([^/\s]+)", said))
    if missing := sorted({*site.phones, *site.gateways} - there):
        names = ", ".join(missing)
        raise ReloadRefused(f"Asterisk does not take these telephones: {names}", f"Asterisk 不接受这些话机：{names}")


def _check_dialplan(scratch: Home) -> None:
    with as_root():
        wanted = {
            name
            for file, text in _files(scratch.asterisk / "etc").items()
            if file.startswith("extensions")
            for name in re.findall(rb"(?m)^\[([\w-]+)\]", text)
        } - {b"general", b"globals"}
    said = _ask(scratch, "dialplan show").encode()
    if missing := sorted(name.decode() for name in wanted if b"Context '" + name + b"'" not in said):
        names = ", ".join(missing)
        raise ReloadRefused(f"Asterisk does not take the dialplan: {names}", f"Asterisk 不接受拨号方案：{names}")


def _ask(home: Home, command: str) -> str:
    try:
        return asterisk_console.asked(home, command)
    except NoConsole as error:
        raise ReloadRefused(f"Asterisk does not answer: {error}", f"Asterisk 没有应答：{error}") from error


def _files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@contextmanager
def _scratch(home: Home) -> Iterator[Home]:
    """A home beside the real one, for a moment."""
    scratch = Home(home.run / "scratch")
    shutil.rmtree(scratch.path, ignore_errors=True)
    for folder in ("etc", "lib", "run", "log", "sounds", "spool/recording", "spool/message-drop"):
        (scratch.asterisk / folder).mkdir(parents=True)
    try:
        yield scratch
    finally:
        with as_root():
            shutil.rmtree(scratch.path, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])

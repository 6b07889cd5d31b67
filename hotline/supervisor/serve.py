"""`hotline serve` keeps the whole service running in the foreground, and leaves nothing behind when it ends."""

import asyncio
import base64
import contextlib
import http.client
import json
import os
import signal
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from dialplan.fallback import server as fallback
from dialplan.render import render
from hotline.supervisor import engine, errands, firewall, launch, ports, reload, stray_sockets
from hotline.supervisor.account import Account
from hotline.supervisor.card import FirstLink, card
from hotline.supervisor.children import Child, Program, end_leftovers, trim
from models import enrolment
from models.clock import Clock, SystemClock
from models.database.store import Store, StoreUnavailable
from models.errors import ConfigError
from models.instance import in_use, rights, secrets, tls
from models.instance.home import Home
from models.instance.lock import held
from models.instance.rights import started_by_root
from models.language import Language, language_of_terminal
from models.people import accounts, bans
from models.policy import Policy
from models.site import Site
from models.text.wording import say
from recordings import prices, prompts
from scheduler.audit import audit
from scheduler.scope import Scope

# They run beside Asterisk, each as `hotline NAME`; they start in this order and end in reverse.
OWN_PROGRAMS = ("ivr", "scheduler", "fallback")
CONSOLE = "console"
"""Starts beside them; calls can be taken before it answers."""
_SLOW_START_S = 30.0
_LOG_CHECK_S = 30.0
_AUDIT_AFTER = timedelta(minutes=2)
_ERRANDS_EVERY_S = 1.0
_CONSOLE_LATER_S = 2.0


def run(home: Home, *, language: Language | None = None) -> int:
    """Runs the service until SIGTERM, Ctrl-C or SIGHUP; returns the exit code.

    Raises ConfigError (wrong files, ports taken), EngineError (no Asterisk), AccountError and AlreadyRunning.
    """
    language = language or language_of_terminal()
    home.create_missing()
    account = launch.enter(home, language) if started_by_root() else None
    with held(home.run / "serve.lock", _already(home)):
        try:
            asyncio.run(_Service(home, language, SystemClock(), account).serve())
        finally:
            (home.run / "status.json").unlink(missing_ok=True)
    return 0


class _Service:
    scope: Scope

    def __init__(self, home: Home, language: Language, clock: Clock, ours: Account | None) -> None:
        self.home, self.language, self.clock, self.ours = home, language, clock, ours
        self.site = Site.load(home.site_file)
        self.policy = Policy.load(home.policy_file, self.site)
        self.secrets = launch.secrets_of(home, self.site, self.policy)
        secrets.check(home, self.site)
        self.children: list[Child] = []
        self.ready = False
        self.began = clock.now()
        self.stop = asyncio.Event()
        self.kept_out: frozenset[str] | None = None
        self.tidied: int | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.later: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        self.loop = loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop.set)
        started = time.monotonic()
        running_errands = asyncio.create_task(self._run_errands())
        try:
            await self._prepare()
            await self._start()
            if not self.stop.is_set():
                link = await asyncio.to_thread(self._first_link)
                took_s = time.monotonic() - started
                self._say(card(self.home, self.site, self.secrets, link, self.language, took_s))
                self.ready = True
                self._write_status()
                self._say("ready")
            while not self.stop.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), _LOG_CHECK_S)
                for child in self.children:
                    trim(child.log)
                await self._close_stray_sockets()
                await asyncio.to_thread(self._audit)
                await asyncio.to_thread(self._keep_out)
        finally:
            self.stop.set()
            await running_errands
            await self._end()

    async def _run_errands(self) -> None:
        while not self.stop.is_set():
            if self.ready:
                try:
                    await asyncio.to_thread(errands.work, self.scope, self._reload)
                except Exception as error:
                    # The service goes on; other parts report an unreachable store, too.
                    self.scope.report("errands", f"{type(error).__name__}: {error}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), _ERRANDS_EVERY_S)

    def _reload(self) -> None:
        """Takes the changed files into use while talks go on. Raises ReloadRefused, and nothing has changed."""
        assert self.loop is not None
        now = reload.load(self.home, in_use.marks(self.site, self.policy))
        given = launch.secrets_of(self.home, now.site, now.policy)
        renew = timedelta(days=now.policy.certificate.warn_days)
        with rights.as_root():
            shown = tls.load_or_make(self.home, now.site, renew=renew, at=self.clock.now())
        before = (self.site, self.policy, self.secrets)
        reload.take(self.home, self.engine, now, before, given, shown)
        self.site, self.policy, self.secrets = now.site, now.policy, given
        self._write_status()
        self.scope = Scope(self.home, now.site, now.policy, self.scope.store, self.clock)
        self.scope.store.write(enrolment.enrol, now.site)
        prompts.install(self.home, now.site)
        reload.let_callers_wait(self.home, self.clock.now())
        asyncio.run_coroutine_threadsafe(self._replace(OWN_PROGRAMS), self.loop).result()
        # Its page learns first that it is done.
        self.loop.call_soon_threadsafe(self._replace_the_console)
        self._say(say("设置已生效", "the files have been taken into use", self.language))

    def _replace_the_console(self) -> None:
        async def later() -> None:
            await asyncio.sleep(_CONSOLE_LATER_S)
            await self._replace((CONSOLE,))

        self.later = asyncio.create_task(later())

    async def _replace(self, names: Iterable[str]) -> None:
        for name in names:
            await next(child for child in self.children if child.program.name == name).replace()

    def _first_link(self) -> FirstLink | None:
        """None when somebody administers already, or the store is out of reach: calls are taken all the same."""

        def write(session: Session) -> FirstLink | None:
            enrolment.enrol(session, self.site)
            good_for = timedelta(hours=self.policy.console.link_hours)
            link = accounts.first_link(session, self.site, at=self.clock.now(), good_for=good_for)
            return FirstLink(self.site.person(link[0]).name, *link) if link else None

        with contextlib.suppress(StoreUnavailable):
            return self.scope.store.write(write)
        return None

    def _audit(self) -> None:
        """A scheduler that stands still cannot report it itself."""
        if self.clock.now() - self.began < _AUDIT_AFTER:
            return
        try:
            audit(self.scope)
        except Exception as error:
            # The service goes on; other parts report an unreachable store, too.
            self.scope.report("audit", f"{type(error).__name__}: {error}")

    def _keep_out(self) -> None:
        """The firewall has the bans that there are; it is only touched when they have changed."""
        if not self.policy.guessing.firewall or not firewall.usable():
            return
        try:
            banned = {ban.address for ban in self.scope.store.read(bans.active, at=self.clock.now())}
        except StoreUnavailable:
            return
        wanted = frozenset(banned - set(self.site.trunk_addresses))
        if wanted != self.kept_out:
            ports = {self.site.sip.port, self.site.sip.tls_port}
            if refused := firewall.keep_out(self._table, wanted, ports):
                self.scope.report("firewall", refused)
            self.kept_out = wanted

    @property
    def _table(self) -> str:
        return f"hotline-{self.site.sip.port}"

    async def _prepare(self) -> None:
        await end_leftovers(self.home, self._say)
        if problems := ports.taken(self.home, self.site):
            raise ConfigError(problems)
        self.engine = engine.find(self.home)
        # What needs root's rights comes first: threads, which begin below, would have them as well.
        with self._step("Asterisk 配置", "configuration of Asterisk"):
            with rights.as_root():
                renew = timedelta(days=self.policy.certificate.warn_days)
                shown = tls.load_or_make(self.home, self.site, renew=renew, at=self.began)
                render(self.home, self.site, self.policy, self.secrets, self.engine.view, shown)
            launch.certificate_for_console(self.home, self.site, self.policy)
            engine.prepare(self.home)
            engine.check(self.home, self.engine)
        with self._step("数据库", "database"):
            store = Store(self.home.database_url(self.site), area_code=self.site.area_code)
            await asyncio.to_thread(store.migrate)
            self.scope = Scope(self.home, self.site, self.policy, store, self.clock)
        with self._step("提示音", "prompts"):
            await asyncio.to_thread(prompts.install, self.home, self.site)
        # This may take minutes: neither callers nor a stop wait for it.
        threading.Thread(target=prices.speak, args=(self.home, self.site), daemon=True).start()

    async def _start(self) -> None:
        """Asterisk first; the others when it answers. Returns when all are at work, or a stop is requested."""
        await self._launch([self._asterisk()], f"Asterisk {self.engine.version}")
        await self._close_stray_sockets()
        if not self.stop.is_set():
            self._begin([self._own(CONSOLE)])
            await self._launch([self._own(name) for name in OWN_PROGRAMS], ", ".join(OWN_PROGRAMS))

    async def _close_stray_sockets(self) -> None:
        """Once for each Asterisk: later on one of them is that over which it tells `ivr` of refused calls."""
        pid = self.children[0].snapshot()["pid"]
        if pid is not None and pid != self.tidied:
            await asyncio.to_thread(stray_sockets.close, pid)
            self.tidied = pid

    async def _launch(self, programs: list[Program], what: str) -> None:
        with self._step(what, what):
            new = self._begin(programs)
            everything = asyncio.gather(*(child.up.wait() for child in new))
            ended = asyncio.create_task(self.stop.wait())
            waited: set[asyncio.Future[Any]] = {everything, ended}
            while not everything.done() and not ended.done():
                await asyncio.wait(waited, timeout=_SLOW_START_S, return_when=asyncio.FIRST_COMPLETED)
                if not everything.done() and not ended.done():
                    slow = ", ".join(child.program.name for child in new if not child.up.is_set())
                    zh = f"  ..  {slow} 尚未就绪，日志见 {self.home.logs}"
                    self._say(say(zh, f"  ..  {slow}: not at work yet; logs are in {self.home.logs}", self.language))
            ended.cancel()
            everything.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await everything

    def _begin(self, programs: list[Program]) -> list[Child]:
        new = [Child(program, self.home, self.clock, self._child_says, self._write_status) for program in programs]
        self.children += new
        for child in new:
            child.start()
        return new

    async def _end(self) -> None:
        self.ready = False
        if self.children:
            self._say(say("正在停止……", "stopping ...", self.language))
        for child in reversed(self.children):
            await child.stop()
        # Asterisk, stopped before it is up, leaves it.
        (self.home.asterisk / "run" / "asterisk.pid").unlink(missing_ok=True)
        if self.kept_out:
            firewall.let_in(self._table)
        if self.children:
            self._say(say("已停止。", "stopped.", self.language))

    def _asterisk(self) -> Program:
        arguments = ["-f", "-C", f"{self.engine.view.base}/etc/asterisk.conf"]
        return Program(
            "asterisk",
            self.engine.command(self.home, arguments),
            self.engine.environment(),
            answers=lambda: self._ari("/ari/asterisk/ping"),
        )

    def _own(self, name: str) -> Program:
        command = launch.command(self.home, self.ours, ["--lang", self.language, name])
        environment = launch.environment()
        if name == "ivr":
            return Program(name, command, environment, lambda: self._ari(f"/ari/applications/{self.site.node}"))
        if name == "fallback":
            return Program(
                name, command, environment, lambda: fallback.answers(self.site.agi.port, self.secrets.agi_password)
            )
        if name == CONSOLE:
            return Program(name, command, environment, self._console)
        return Program(name, command, environment, settle_s=1.5)

    def _ari(self, path: str) -> bool:
        """Whether Asterisk answers 200; never waits long."""
        token = base64.b64encode(f"hotline:{self.secrets.ari_password}".encode()).decode()
        return _answers("127.0.0.1", self.site.http.port, path, {"Authorization": f"Basic {token}"})

    def _console(self) -> bool:
        where = self.site.console
        return _answers(where.address, where.port, "/api/v1/health", over_tls=where.over_tls)

    @contextlib.contextmanager
    def _step(self, zh: str, en: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        if not self.stop.is_set():
            self._say(f"  ok  {say(zh, en, self.language)} ({time.monotonic() - began:.1f} s)")

    def _child_says(self, child: Child, text: str) -> None:
        at = self.clock.now().astimezone(self.site.time_zone)
        self._say(f"{at:%H:%M:%S}  {child.program.name}: {text}")

    def _say(self, text: str) -> None:
        print(text, flush=True)

    def _write_status(self) -> None:
        state = {
            "pid": os.getpid(),
            "since": self.began.isoformat(),
            "ready": self.ready,
            "asterisk": self.engine.version,
            "settings": in_use.marks(self.site, self.policy),
            "children": {child.program.name: child.snapshot() for child in self.children},
        }
        part = self.home.run / "status.part"
        part.write_text(json.dumps(state, indent=1), encoding="utf-8")
        part.replace(self.home.run / "status.json")


def _answers(
    address: str, port: int, path: str, headers: dict[str, str] | None = None, *, over_tls: bool = False
) -> bool:
    connection = http.client.HTTPConnection(address, port, timeout=2)
    if over_tls:
        # Whether it works, not who it is: it is on this machine.
        unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(address, port, timeout=2, context=unchecked)
    try:
        connection.request("GET", path, headers=headers or {})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _already(home: Home) -> str:
    """The message, with a placeholder for the process id."""
    return (
        f"hotline 已在运行（进程 {{pid}}，目录 {home.path}）。用 kill {{pid}} 停止，或用 --home 指定另一目录和端口。\n"
        f"  hotline is already running here, as process {{pid}} (home {home.path}).\n"
        f"  Stop it with  kill {{pid}}  , or run a second instance with --home DIR and other ports."
    )

"""A child is one process in a session of its own, restarted with back-off when it dies, and ended by its id alone."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from models.clock import Clock
from models.instance import heartbeat
from models.instance.home import Home
from models.instance.rights import started_by_root

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10.0
_PROVEN_S = 30.0  # a child that lived this long is well: its next pause is short again
_LOG_BYTES = 5_000_000
_OLD_LOGS = 3
_POLL_S = 0.1
_LOOK_S = 1.0
_STILL_S = 8.0
_LOOKS = 3  # after the machine has slept, every child looks late once


@dataclass(frozen=True)
class Program:
    """What to run, and how to see that it is at work (`answers` is polled until it returns True)."""

    name: str
    command: list[str]
    environment: dict[str, str]
    answers: Callable[[], bool] = lambda: True
    settle_s: float = 0.0  # a program that cannot be asked counts as at work after this time
    stop_s: float = 10.0


@dataclass
class Child:
    """One program kept running. `keep` is the task that does it; `up` is set while the program is at work."""

    program: Program
    home: Home
    clock: Clock
    report: Callable[["Child", str], None]
    changed: Callable[[], None]
    state: str = "waiting"
    since: datetime | None = None
    restarts: int = 0
    last_end: str = ""
    up: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _process: asyncio.subprocess.Process | None = None
    _task: asyncio.Task[None] | None = None
    _replaced: bool = False

    @property
    def log(self) -> Path:
        return self.home.logs / f"{self.program.name}.log"

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name=self.program.name)

    async def replace(self) -> None:
        """TERM, and a new process at once, which does not count as a restart; returns when it is at work."""
        before = self._process
        if before is None:
            return
        self._replaced = True
        with contextlib.suppress(ProcessLookupError):
            before.terminate()
        ends = time.monotonic() + self.program.stop_s
        while self._process is before:
            if time.monotonic() > ends:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(before.pid, signal.SIGKILL)
            await asyncio.sleep(_POLL_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.up.wait(), _PROVEN_S)

    async def stop(self) -> None:
        """TERM, after `stop_s` KILL to its whole session; returns when it is gone."""
        self._stopping.set()
        if self._task is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if self._process:
                self._process.terminate()
        done, _ = await asyncio.wait({self._task}, timeout=self.program.stop_s)
        if not done and self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self.report(self, f"did not end within {self.program.stop_s:g} s: killed")
        await self._task

    def snapshot(self) -> dict[str, Any]:
        """For `hotline status`."""
        return {
            "state": self.state,
            "since": self.since.isoformat() if self.since else None,
            "pid": self._process.pid if self._process else None,
            "restarts": self.restarts,
            "last_end": self.last_end,
        }

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            began = time.monotonic()
            why = await self._once()
            if self._stopping.is_set():
                return
            if self._replaced:
                self._replaced = False
                continue
            pause = _FIRST_PAUSE_S if time.monotonic() - began > _PROVEN_S else pause
            self.restarts += 1
            self.last_end = why.partition("\n")[0]
            self._become("down")
            self.report(self, f"{why}; starts again in {pause:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _once(self) -> str:
        """Runs the program until it ends; returns why it did."""
        trim(self.log)
        heartbeat.forget_ticks(self.home, self.program.name)
        root = 0 if started_by_root() else None
        with self._opened_log() as log:
            begin = log.tell()
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *self.program.command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=self.program.environment,
                    cwd="/",
                    start_new_session=True,
                    # Its command gives root's rights up itself, after the mounts that need them.
                    user=root,
                    group=root,
                )
            except OSError as error:
                return f"could not be started: {error}"
        mark = remember(self.home, self.program.name, self._process.pid)
        self._become("starting")
        watch = asyncio.create_task(self._watch(self._process.pid))
        try:
            code = await self._process.wait()
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
            self.up.clear()
            self._process = None
            mark.unlink(missing_ok=True)
            heartbeat.forget(self.home, self.program.name)
        return self._reason(code, begin)

    def _opened_log(self) -> BinaryIO:
        """For its owner alone, as older ones are from now on: Asterisk's names callers."""
        self.log.touch(mode=0o600)
        for log in self.log.parent.glob(f"{self.log.name}*"):
            log.chmod(0o600)
        return self.log.open("ab")

    async def _until_it_answers(self) -> None:
        await asyncio.sleep(self.program.settle_s)
        while not await asyncio.to_thread(self.program.answers):  # noqa: ASYNC110 - another process sends no event
            await asyncio.sleep(_POLL_S)
        self._become("up")
        self.up.set()

    async def _watch(self, pid: int) -> None:
        """A program whose ticks stop (halted, or in an endless loop) leaves its callers in silence: it is killed, and
        its successor takes over the calls."""
        await self._until_it_answers()
        late = 0
        while late < _LOOKS:
            await asyncio.sleep(_LOOK_S)
            still = heartbeat.still_for(self.home, self.program.name, self.clock.now())
            late = late + 1 if still > _STILL_S else 0
        self.report(self, f"has done nothing for {_STILL_S + _LOOKS * _LOOK_S:g} s: killed")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    def _become(self, state: str) -> None:
        self.state, self.since = state, self.clock.now()
        self.changed()

    def _reason(self, code: int, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begin)
            lines = [line for line in log.read()[-4000:].decode("utf-8", "replace").splitlines() if line.strip()]
        ended = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code: {code}"
        return "\n".join([ended, *(f"    {line}" for line in lines[-3:])]) if code != 0 else ended


def remember(home: Home, name: str, pid: int) -> Path:
    """Writes the note by which the next supervisor recognises this process if we are killed; returns its path."""
    note = home.run / f"{name}.pid"
    part = note.with_suffix(".part")
    part.write_text(json.dumps({"pid": pid, "identity": _identity(pid)}), encoding="utf-8")
    part.replace(note)
    return note


async def end_leftovers(home: Home, report: Callable[[str], None]) -> None:
    """Ends what a killed supervisor left running: only processes that are provably the ones noted (TERM, then KILL)."""
    for note in sorted(home.run.glob("*.pid")):
        try:
            left = json.loads(note.read_text(encoding="utf-8"))
            pid, identity = int(left["pid"]), str(left["identity"])
        except (ValueError, KeyError, TypeError):
            note.unlink()
            continue
        for number, limit_s in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
            if _identity(pid) != identity:
                break
            report(f"{note.stem}: process {pid} is left from a start that was killed: {number.name}")
            os.kill(pid, number)
            end = time.monotonic() + limit_s
            while _identity(pid) == identity and time.monotonic() < end:  # noqa: ASYNC110 - it is not our child
                await asyncio.sleep(_POLL_S)
        note.unlink()
    for half in home.run.glob("*.part"):
        half.unlink()


def trim(log: Path) -> None:
    """Keeps a log below 5 MB, with three older ones. The file itself stays, since a child has it open."""
    if not log.exists() or log.stat().st_size < _LOG_BYTES:
        return
    for number in range(_OLD_LOGS - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    shutil.copy(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)


def _identity(pid: int) -> str:
    """Process ids are reused; with the boot id and the start time one names a single process for ever."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"

"""Two schedulers at work on one store, each killed at random moments and started again, until all is handled."""

import math
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import scheduler.app
from models import enrolment
from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import Home
from models.people import access_log
from models.policy import Policy
from models.site import Site
from models.states.tickets import Source, TicketKind
from models.tickets import tickets
from phones.instance import changed
from tests.store.processes import ready
from tests.storm.due import ONE_MESSAGE_IN, Results, fall_due, leave_messages, results

LIVES_S = (0.15, 1.5)
"""The processor time that a scheduler lives, at least and at most; it needs about 0.1 s before its first scan."""
STANDS_STILL_S = 60.0
"""After this long without a new result, whatever is missing is lost."""
SETTLES_S = 1.0
"""After everything is handled both live on for this long, as a second handling may come late."""


@dataclass(frozen=True)
class StormResult:
    rows: int
    """The number of due rows."""
    lost: Results
    doubled: Results
    killed: int
    took_s: float
    writes: int
    """Writes of another program, repeated during the run."""
    slowest_write_s: float
    emergency_s: float
    """The seconds until a call was ordered about an emergency that was opened when half was handled."""

    @property
    def sound(self) -> bool:
        return not self.lost and not self.doubled

    @staticmethod
    def rows_of(some: Results) -> set[str]:
        return {row for row, _ in some}


class StormWorld:
    """A home with a store of its own, in which rows fall due."""

    def __init__(self, folder: Path, url: str, seed: int) -> None:
        self.home = Home(folder)
        self.home.create_missing()
        for file, key, value in (
            (self.home.site_file, "database.url", url),
            # Escalations shall go on at whatever hour this runs.
            (self.home.policy_file, "escalation.hours", "00:00-00:00"),
            (self.home.policy_file, "notify.kinds", []),
        ):
            file.write_text(changed(file.read_text(encoding="utf-8"), key, value), encoding="utf-8")
        site = Site.load(self.home.site_file)
        self.store = Store(self.home.database_url(site))
        self.store.migrate()
        self.store.write(enrolment.enrol, site)
        self._policy = Policy.load(self.home.policy_file, site)
        self._seed = seed

    def storm(self, rows: int, *, kills: bool, within: timedelta, report: Callable[[str], None]) -> StormResult:
        """`rows` fall due within that time. Ends when all is handled, or no new result appears."""
        now = SystemClock().now()
        wanted = fall_due(self.store, rows, within=within, at=now)
        wanted += leave_messages(self.home, rows // ONE_MESSAGE_IN, at=now)
        dice = [random.Random(f"{self._seed}-{name}") for name in ("one", "two")]
        began = time.monotonic()
        killed, writes, slowest, next_report = 0, 0, 0.0, began
        moved, missing, emergency, emergency_s = began, -1, None, math.nan
        lives = [self._start() for _ in dice]
        ends = [one.uniform(*LIVES_S) for one in dice]
        try:
            while (now_s := time.monotonic()) - moved < STANDS_STILL_S:
                writes, slowest = writes + 1, max(slowest, self._write())
                still, missing = missing, (wanted - (there := self.store.read(results))).total()
                moved = now_s if missing != still else moved
                if now_s >= next_report or not missing:
                    report(f"{now_s - began:5.0f} s  {wanted.total() - missing} of {wanted.total()}, {killed} killed")
                    next_report = now_s + 5
                if not missing:
                    break
                if emergency is None and missing < wanted.total() / 2:
                    emergency, came_up = self._emergency(), now_s
                if emergency is not None and math.isnan(emergency_s) and there[str(emergency), "call"]:
                    emergency_s = now_s - came_up
                for place, one in enumerate(dice):
                    if kills and used_s(lives[place]) >= ends[place]:
                        lives[place].kill()
                        lives[place].join()
                        killed += 1
                        lives[place], ends[place] = self._start(), one.uniform(*LIVES_S)
                time.sleep(0.05)
            took = time.monotonic() - began
            time.sleep(SETTLES_S)
        finally:
            for life in lives:
                life.terminate()
            for life in lives:
                life.join(30)
        there = self.store.read(results)
        known = {row for row, _ in wanted}
        mine = Results({key: times for key, times in there.items() if key[0] in known})
        return StormResult(
            rows + rows // ONE_MESSAGE_IN, wanted - mine, mine - wanted, killed, took, writes, slowest, emergency_s
        )

    def close(self) -> None:
        self.store.close()

    def _start(self) -> BaseProcess:
        process = ready().Process(target=run, args=(self.home.path,))
        process.start()
        return process

    def _emergency(self) -> int:
        """An urgent repair that nobody has accepted in time (R08-2)."""
        at = SystemClock().now() - timedelta(minutes=31)
        repair = {"kind": TicketKind.URGENT_REPAIR, "source": Source.VISIT, "language": "zh", "who": "7001"}
        return self.store.write(tickets.open_told, **repair, at=at, policy=self._policy).id

    def _write(self) -> float:
        """How long another program waits to write a row while the schedulers are working."""
        began = time.monotonic()
        self.store.write(access_log.log, who="storm", what="look", subject="all", at=SystemClock().now())
        return time.monotonic() - began


def used_s(process: BaseProcess) -> float:
    """The processor time it has used, so that a busy machine does not shorten a life."""
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(home: Path) -> None:
    """A scheduler, as `hotline scheduler` runs it; its log is in the home."""
    with (home / "logs" / "scheduler.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    scheduler.app.run(Home(home))

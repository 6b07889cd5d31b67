"""`make bench-certainty`: `python -m tests.certainty [--wakeups N] [--kills K] [--database sqlite|postgresql] ...`.

Exits with 3 when a guest was lost or rung without need: see docs/wake-up.md, "How certain".
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import uvloop

from models.instance.home import PROJECT_ROOT
from tests.certainty import burst as bursting
from tests.certainty import crash_points, promises
from tests.certainty.broken import BUILDS
from tests.certainty.ears import prompts
from tests.certainty.judge import Judge, Verdict
from tests.certainty.killer import CertaintyKiller, Kill
from tests.certainty.log import Log
from tests.certainty.people import People
from tests.certainty.promises import WakeupPromise
from tests.certainty.report import Run, judgement, printed, write
from tests.certainty.telephones import Telephones
from tests.certainty.world import PROMPTS, CertaintyWorld
from tests.chaos.broken import build

RED = 3
"""The exit code; a bench that fails itself has another."""
_ROOMS = 200
_SPACING_S = 110.0
"""Between two wake-ups of one room: closer ones could not be told apart by their rings."""
_A_KILL_S = 15.0
_A_WAKE_UP_S = 0.6
_BOOKING_S = 0.06
_REGISTERING_S = 25.0
_SETTLED_WITHIN_S, _SILENT_S = 240.0, 90.0
"""After the last is due: at most this long, and only while telephones still ring now and then."""
_QUIET_S = 20.0
"""The telephones are watched this long at the end, for late rings."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.certainty", description=__doc__)
    parser.add_argument("--wakeups", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--burst", type=int, metavar="N", help="instead: N wake-ups in one second, without kills")
    parser.add_argument("--broken", choices=sorted(BUILDS), help="run it against a build that is broken on purpose")
    parser.add_argument(
        "--crash-at", choices=crash_points.NAMES, help="in a copy that dies there once for each wake-up"
    )
    parser.add_argument("--keep", type=Path, help="a folder for the evidence: the telephones' log and the home")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    wanted = parser.parse_args()
    if wanted.keep and wanted.keep.exists():
        parser.error(f"{wanted.keep} is there already: it may hold the evidence of another run")
    if wanted.broken or (wanted.crash_at and crash_points.AT not in os.environ):
        same = ["--wakeups", wanted.wakeups, "--kills", wanted.kills, "--seed", wanted.seed]
        same += ["--database", wanted.database, *(["--keep", wanted.keep.resolve()] if wanted.keep else [])]
        if wanted.broken:
            return against_broken(wanted.broken, map(str, same))
        return dying(wanted.crash_at, map(str, same))
    began = time.monotonic()
    (PROJECT_ROOT / "var").mkdir(exist_ok=True)
    # not in /tmp, which may be memory: rows must be written to a disk
    with tempfile.TemporaryDirectory(prefix="certainty-", dir=PROJECT_ROOT / "var") as made:
        folder = wanted.keep or Path(made)
        if wanted.keep:
            wanted.keep.mkdir(parents=True)
        log = Log(folder / "telephones.jsonl")
        rooms = wanted.burst or min(wanted.wakeups, _ROOMS)
        with CertaintyWorld.running(folder.resolve() / "home", rooms, wanted.database, wanted.seed) as world:
            if wanted.burst:
                return burst(world, log, wanted.seed)
            if wanted.crash_at:
                verdict, kills = crashes(world, log, wanted.crash_at, wanted.seed)
            else:
                verdict, kills = certainty(world, log, wanted.wakeups, wanted.kills, wanted.seed)
    killed = f"--crash-at {wanted.crash_at}" if wanted.crash_at else f"--kills {wanted.kills}"
    asked = f"--wakeups {wanted.wakeups} {killed} --seed {wanted.seed}"
    run = Run(asked, wanted.database, time.monotonic() - began)
    for line in printed(run, verdict, kills):
        print(line)
    if wanted.write:
        write(run, verdict, kills)
    return RED if verdict.red else 0


def certainty(world: CertaintyWorld, log: Log, wakeups: int, kills: int, seed: int) -> tuple[Verdict, list[Kill]]:
    """Wake-ups fall due one after the other while programs are killed."""
    span_s = max(wakeups * _A_WAKE_UP_S, kills * _A_KILL_S, wakeups / len(world.rooms) * _SPACING_S - _SPACING_S)
    first = time.time() + _REGISTERING_S + wakeups * _BOOKING_S
    table = promises.table(seed, wakeups, world.rooms, first, span_s)
    killer = CertaintyKiller(world.hotline, world.cluster, seed, kills, first - 3, span_s)
    killer.start()
    try:
        verdict = wake(world, log, table, lambda: killer.kills, seed)
    finally:
        killer.end()
    (log.file.parent / "promises.json").write_text(
        json.dumps([[asdict(row) for row in rows] for rows in (table, killer.kills)])
    )
    return verdict, killer.kills


def crashes(world: CertaintyWorld, log: Log, name: str, seed: int) -> tuple[Verdict, list[Kill]]:
    """Wake-ups one after the other; each kills the application at this place."""
    table = crash_points.table(name, world.rooms, time.time() + _REGISTERING_S)
    verdict = wake(world, log, table, crash_points.kills, seed)
    return verdict, crash_points.kills()


def burst(world: CertaintyWorld, log: Log, seed: int) -> int:
    """All wake-ups in one second, while others call us."""
    soon = time.time() + _REGISTERING_S + len(world.rooms) * _BOOKING_S
    table = bursting.table(world.rooms, soon // 60 * 60 + 60)
    callers = bursting.Callers(world, table[0].due)
    callers.start()
    verdict = wake(world, log, table, list, seed)
    callers.join()
    print(f"python -m tests.certainty --burst {len(table)} --seed {seed}")
    for line in (*bursting.printed(verdict, callers), *judgement(verdict)):
        print(line)
    return RED if verdict.red or callers.meanwhile.failures else 0


def wake(
    world: CertaintyWorld, log: Log, table: list[WakeupPromise], kills: Callable[[], list[Kill]], seed: int
) -> Verdict:
    """Orders the wake-ups, lets them happen, and judges them."""
    world.promise(table)
    wait_s = table[0].due - time.time()
    print(f"  {len(table)} wake-ups are ordered, the first due in {wait_s:.0f} s", flush=True)
    people, own = People(table, seed), world.hotline.ports.spare[0]
    sip, rules = (world.hotline.site.sip.address, world.hotline.ports.sip), world.hotline.policy.wake_up
    waits = {"again_s": rules.again_seconds, "snooze_s": rules.snooze_minutes * 60}
    phones = Telephones(sip, (sip[0], own), world.passwords, prompts(*PROMPTS), log, people.calls)

    async def until_all_are_awake() -> None:
        unplugging = asyncio.create_task(people.unplugs(phones))
        await asyncio.sleep(table[-1].due - time.time())
        until = time.time() + _SETTLED_WITHIN_S
        while (left := Judge(table, log.events, [], **waits).open()) and time.time() < until:
            if time.time() - max(log.last_rung, table[-1].due) > _SILENT_S:
                break
            print(f"  {left} still to be woken", flush=True)
            await asyncio.sleep(10)
        await asyncio.sleep(_QUIET_S)
        unplugging.cancel()

    try:
        uvloop.run(phones.run(until_all_are_awake()))
    finally:
        log.close()
    return Judge(table, log.events, kills(), **waits).verdict()


def against_broken(name: str, arguments: Iterable[str]) -> int:
    """0 when the bench turns red on the broken build, as it must."""
    with tempfile.TemporaryDirectory(prefix="broken-") as folder:
        build(BUILDS[name], Path(folder))
        command = [sys.executable, "-m", "tests.certainty", *arguments]
        red = subprocess.run(command, cwd=folder, check=False).returncode == RED
    print(f"{name}: {'red, as it must be' if red else 'NOT red: this bench proves nothing'}")
    return 0 if red else 1


def dying(name: str, arguments: Iterable[str]) -> int:
    """The bench in a copy that dies at this place."""
    with tempfile.TemporaryDirectory(prefix="dying-") as folder:
        copy = build(crash_points.changes(name), Path(folder))
        crash_points.prepare(copy)
        command = [sys.executable, "-m", "tests.certainty", "--crash-at", name, *arguments]
        return subprocess.run(command, cwd=folder, env=os.environ | {crash_points.AT: name}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

"""`make storm`: `python -m tests.storm [--rows N] [--seed N] [--store NAME] [--no-kills] [--broken BUILD]`.

Exits with 1 when a row is lost or handled twice, or when another program waited too long for a write.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tests.chaos.broken import Change, build
from tests.store.cluster import Cluster
from tests.storm.world import StormResult, StormWorld

STORES = ("sqlite", "postgresql")
MINUTE = timedelta(minutes=1)
LONGEST_WRITE_S = 2.0
LONGEST_EMERGENCY_S = 15.0
"""Applies where the schedulers are not killed: they look every five seconds."""
BUILDS: dict[str, tuple[Change, ...]] = {
    # The program that holds a row does not check whether another has handled it meanwhile.
    "no-compare-and-set": (
        (
            "models/tickets/escalations.py",
            "if ladder_row is None or ladder_row.next_at is None or ladder_row.next_at > at:",
            "if ladder_row is None:",
        ),
    ),
    # The due row is crossed off before the task that follows from it is written.
    "two-transactions": (
        (
            "models/tickets/first_receiver.py",
            "        return False\n    if over:\n",
            "        return False\n    session.commit()\n    if over:\n",
        ),
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.storm", description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=STORES, help="one of them only")
    parser.add_argument("--no-kills", action="store_true", help="let both schedulers live")
    parser.add_argument("--broken", choices=sorted(BUILDS), help="run it against a build that is broken on purpose")
    wanted = parser.parse_args()
    if wanted.broken:
        return against_broken(wanted.broken, sys.argv[1:])
    outcomes = [
        storm(store, wanted.rows, wanted.seed, kills=not wanted.no_kills)
        for store in ([wanted.store] if wanted.store else STORES)
    ]
    return 0 if all(map(_well, outcomes)) else 1


def _well(outcome: StormResult) -> bool:
    """No row is lost or handled twice; and without kills, no write and no emergency waited for long."""
    waits = outcome.slowest_write_s <= LONGEST_WRITE_S and outcome.emergency_s <= LONGEST_EMERGENCY_S
    return outcome.sound and (waits or outcome.killed > 0)


def storm(store: str, rows: int, seed: int, *, kills: bool) -> StormResult:
    with url_of(store) as url, tempfile.TemporaryDirectory(prefix="storm-") as folder:
        world = StormWorld(Path(folder), url, seed)
        try:
            outcome = world.storm(rows, kills=kills, within=MINUTE, report=lambda line: print(f"  {line}", flush=True))
        finally:
            world.close()
    print(
        f"{store}: of {outcome.rows} rows due within a minute {len(outcome.rows_of(outcome.lost))} lost, "
        f"{len(outcome.rows_of(outcome.doubled))} handled twice; {outcome.killed} kills of a scheduler; "
        f"{outcome.took_s:.0f} s; the slowest of {outcome.writes} other writes: {outcome.slowest_write_s:.2f} s; "
        f"the call about an emergency opened half-way was ordered after {outcome.emergency_s:.1f} s"
    )
    for what, which in (("LOST", outcome.lost), ("TWICE", outcome.doubled)):
        for (row, come), times in list(which.items())[:5]:
            print(f"  {what} {row}: {come} ({times})")
    return outcome


@contextmanager
def url_of(store: str) -> Iterator[str]:
    """An empty database; with SQLite it is the home's own."""
    if store == "sqlite":
        yield ""
        return
    cluster = Cluster()
    try:
        cluster.execute("CREATE DATABASE storm")
        yield cluster.url("storm")
    finally:
        cluster.stop()


def against_broken(name: str, arguments: list[str]) -> int:
    """0 when the storm turns red on the broken build, as it must."""
    with tempfile.TemporaryDirectory(prefix="broken-") as folder:
        build(BUILDS[name], Path(folder))
        place = arguments.index("--broken")
        command = [sys.executable, "-m", "tests.storm", *arguments[:place], *arguments[place + 2 :]]
        red = subprocess.run(command, cwd=folder, check=False).returncode == 1
    print(f"{name}: {'red, as it must be' if red else 'NOT red: this storm proves nothing'}")
    return 0 if red else 1


if __name__ == "__main__":
    sys.exit(main())

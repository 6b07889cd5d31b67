"""`make bench-store`: `python -m tests.bench.store [--past N] [--store NAME]`; writes into docs/performance.md.

The same ten thousand open tickets are in a store without history and in one with a million closed tickets.
Exits with 1 when something costs much more with history, or a statement reads a history table from end to end.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import PROJECT_ROOT, Home
from models.policy import Policy
from models.site import Site
from scheduler.scope import Scope
from tests.bench.store import looks, report
from tests.bench.store.filling import fill_store
from tests.bench.store.looks import Look
from tests.bench.store.report import Cost, Measured
from tests.store.cluster import Cluster
from tests.store.what_it_reads import Statements, indexes, plans, read_whole

STORES = ("sqlite", "postgresql")
DUE = ", with rows that are due"
_TURNS = 5
_PAGE_TURNS = 100
_LONGEST_S = 20.0


@dataclass
class StoreSide:
    """One store, as the scheduler of a home sees it."""

    scope: Scope
    looks: dict[str, Look] = field(default_factory=dict)
    pages: dict[str, Look] = field(default_factory=dict)

    def __post_init__(self) -> None:
        newest = self.scope.store.read(looks.newest_ticket)
        scans = looks.scans(self.scope)
        due = {f"{name}{DUE}": scans[name] for name in looks.HAVE_WORK}
        self.looks = due | scans | looks.lists(self.scope, newest)
        self.pages = looks.pages(self.scope, newest)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.bench.store", description=__doc__)
    parser.add_argument("--past", type=int, default=1_000_000, help="how many closed tickets")
    parser.add_argument("--store", choices=STORES, help="one of them only; then nothing is written")
    wanted = parser.parse_args()
    measured = [measure(name, wanted.past) for name in ([wanted.store] if wanted.store else STORES)]
    for one in measured:
        print("\n".join(report.lines(one)))
    if not wanted.store:
        report.write(measured)
    return 0 if all(not list(one.trouble) for one in measured) else 1


def measure(name: str, history: int) -> Measured:
    (PROJECT_ROOT / "var").mkdir(exist_ok=True)
    # not in /tmp, which may be memory
    with tempfile.TemporaryDirectory(prefix="bench-", dir=PROJECT_ROOT / "var") as folder, _urls(name) as urls:
        began = time.monotonic()
        sides = [
            _side(Path(folder) / which, url, closed)
            for which, url, closed in zip(("without", "with"), urls, (0, history), strict=True)
        ]
        filled_s = time.monotonic() - began
        print(f"{name}: filled in {filled_s:.0f} s", flush=True)
        costs = {what: _cost(what, sides) for what in sides[0].looks}
        pages = {address: _p95(sides[1].pages[address]) for address in sides[1].pages}
        for side in sides:
            side.scope.store.close()
        return Measured(name, history, costs, pages)


def _cost(what: str, sides: list[StoreSide]) -> Cost:
    """Both sides in turns, the best of several; due rows are handled once."""
    if what.endswith(DUE):
        without, with_history = (_seconds(side.looks[what]) for side in sides)
        return Cost(without, with_history)
    best = [min(_turns(side.looks[what])) for side in sides]
    store = sides[1].scope.store
    with Statements(store) as asked:
        sides[1].looks[what]()
    used, whole = set(), set()
    for statement, plan in plans(store, asked):
        used |= set(indexes(store, plan))
        whole |= set(read_whole(store, statement, plan, report.GROWING))
    cost = Cost(*best, len(asked.statements), sorted(used), sorted(whole))
    print(f"  {what}: {cost.without * 1000:.1f} ms, {cost.with_history * 1000:.1f} ms {cost.whole or ''}", flush=True)
    return cost


def _p95(look: Look) -> float:
    """The time that 95 of 100 turns keep within, in seconds; the first one reads what is not in memory yet."""
    turns = sorted(_seconds(look) for _ in range(_PAGE_TURNS))
    return turns[round(_PAGE_TURNS * 0.95) - 1]


def _turns(look: Look) -> Iterator[float]:
    began = time.monotonic()
    for _ in range(_TURNS):
        yield _seconds(look)
        if time.monotonic() - began > _LONGEST_S:
            return


def _seconds(look: Look) -> float:
    began = time.perf_counter()
    look()
    return time.perf_counter() - began


def _side(folder: Path, url: str, history: int) -> StoreSide:
    home = Home(folder)
    home.create_missing()
    site = Site.load(home.site_file)
    store = Store(url or home.database_url(site))
    store.migrate()
    clock = SystemClock()
    fill_store(store, site, history, now=clock.now())
    return StoreSide(Scope(home, site, Policy.load(home.policy_file, site), store, clock))


@contextmanager
def _urls(name: str) -> Iterator[tuple[str, str]]:
    """Two empty databases; with SQLite they are the homes' own."""
    if name == "sqlite":
        yield "", ""
        return
    cluster = Cluster()
    try:
        for database in ("without", "past"):
            cluster.execute(f"CREATE DATABASE {database}_")
        yield cluster.url("without_"), cluster.url("past_")
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main())

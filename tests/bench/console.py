"""`make bench`: what fifty open pages cost callers, and what a wall of two hundred calls costs the console.

Writes into docs/performance.md.
"""

import math
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy.orm import Session

from models import enrolment
from models.calls import calls
from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import PROJECT_ROOT, Home
from models.people import sign_ins
from models.site import Site
from models.states.calls import EndedBy
from models.states.people import SignInPlace
from models.tables import Account
from phones.instance import as_staff, changed
from phones.ports import claimed
from tests.bench.document import put
from tests.bench.numbers import Ceiling, percentile
from tests.bench.usage import cpu_s
from tests.bench.world import HOTLINE, BenchWorld, Trial

CONSOLES = 50
RATE_AIM = 0.95
ROWS, CHANGES_A_S, WALL_S = 200, 5, 30.0
_TRIAL_S, _FIRST_RATE, _GAP = 6.0, 60.0, 1.02
_AGENTS = tuple(str(number) for number in range(7201, 7201 + CONSOLES))
_START_S = 60.0
_BOARD = b"event: board"


@dataclass(frozen=True)
class Pages:
    """The same page, open in a browser of each of these people."""

    name: str
    people: tuple[str, ...]
    boards: str


WALLS = Pages("walls", ("7030",) * CONSOLES, "wall")
"""One audience."""
AGENT_PAGES = Pages("agent pages", _AGENTS, "my-state,my-call,my-wrap-up,my-hands,my-colleagues")
"""Each agent is an audience of his or her own."""
SIDES = (None, WALLS, AGENT_PAGES)


@dataclass
class Consoles:
    """Browsers with these pages. `sent` and `boards` count bytes and events of all of them; `text` is what the last one
    was sent, `arrived` when it had become how long."""

    port: int
    store: Store
    pages: Pages
    sent: int = 0
    boards: int = 0
    ended: int = 0
    text: bytearray = field(default_factory=bytearray)
    arrived: list[tuple[int, float]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = False
        self._selector = selectors.DefaultSelector()
        for who in self.pages.people:
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
            cookie = self.store.write(_sign_in, who)
            path = f"/live?watch={self.pages.boards}&who={who}-zh"
            connection.sendall(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: hotline={cookie}\r\n\r\n".encode())
            self._selector.register(connection, selectors.EVENT_READ, bytearray())
        self._last = connection
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        if self.ended:
            raise RuntimeError(f"{self.ended} streams have ended")

    def seen_at(self, line: str) -> float:
        """The moment at which a call of this line had arrived whole. Raises ValueError when it never did."""
        return self.arrived[bisect_right(self.arrived, (self.text.index(f">{line}<".encode()), math.inf))][1]

    def _read(self) -> None:
        while not self._over:
            for key, _ in self._selector.select(0.2):
                connection, tail = key.fileobj, key.data
                assert isinstance(connection, socket.socket)
                more = connection.recv(1 << 20)
                if not more:
                    self.ended += 1
                    self._selector.unregister(connection)
                    continue
                self.sent += len(more)
                tail += more
                if connection is self._last:
                    self.text += more
                    self.arrived.append((len(self.text), time.monotonic()))
                self.boards += tail.count(_BOARD)
                del tail[: -len(_BOARD) + 1]


def _wait_for(port: int) -> None:
    """Until the console takes connections. Raises RuntimeError when it does not."""
    until = time.monotonic() + _START_S
    while True:
        with socket.socket() as tried:
            if not tried.connect_ex(("127.0.0.1", port)):
                return
        if time.monotonic() > until:
            raise RuntimeError("the console does not start")
        time.sleep(0.1)


def _sign_in(session: Session, who: str) -> str:
    if session.get(Account, who) is None:
        session.add(Account(staff_number=who))
    return sign_ins.begin(session, who, place=SignInPlace.BROWSER, address="127.0.0.1", at=SystemClock().now())


# -- callers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Callers:
    """For each of `SIDES` its ceiling, and a trial at the same rate."""

    ceilings: tuple[Ceiling, ...]
    same: tuple[Trial, ...]
    boards: int

    @property
    def ratios(self) -> list[float]:
        without, *others = self.ceilings
        return [one.carried / without.carried for one in others]


def callers(world: BenchWorld, *, gap: float = _GAP) -> Callers:
    """All sides in turns."""
    hotline = world.hotline
    boards = 0
    _wait_for(hotline.ports.console)

    def trial(pages: Pages | None, rate: float) -> Trial:
        nonlocal boards
        if pages is None:
            done = world.trial(HOTLINE, rate, _TRIAL_S)
        else:
            with Consoles(hotline.ports.console, hotline.store, pages) as open_ones:
                done = world.trial(HOTLINE, rate, _TRIAL_S)
            boards += open_ones.boards
        print(f"  {pages.name if pages else 'none':11} {done}", flush=True)
        return done

    for pages in SIDES:
        trial(pages, 10.0)
    searches = tuple(Ceiling(_FIRST_RATE, gap=gap) for _ in SIDES)
    while any(search.rate for search in searches):
        for pages, search in zip(SIDES, searches, strict=True):
            if search.rate is not None:
                search.note(trial(pages, round(search.rate, 1)).carried)
    rate = round(searches[0].carried / 2, 1)
    return Callers(searches, tuple(trial(pages, rate) for pages in SIDES), boards)


# -- the wall ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wall:
    """`cpu`: shares of one processor that the console used, for each of `SIDES`. The rest is about the walls; delays
    are from commit to the last browser, in ms."""

    cpu: list[float]
    kilobytes: float
    boards_a_s: float
    delays: list[float]


def wall(folder: Path) -> Wall:
    """ROWS calls, CHANGES_A_S a second, without a page, with CONSOLES walls, with as many agents' pages."""
    with _console_alone(folder) as (store, port, process):
        for number in range(ROWS):
            store.write(_begin, f"row{number}")
        cpu = [_changes(store, process, first=0)[0]]
        with Consoles(port, store, WALLS) as open_ones:
            time.sleep(2)
            sent, boards = open_ones.sent, open_ones.boards
            used, committed = _changes(store, process, first=10_000)
            sent, boards = open_ones.sent - sent, open_ones.boards - boards
            time.sleep(5)
        cpu.append(used)
        delays = [1000 * (open_ones.seen_at(word) - at) for word, at in committed.items()]
        with Consoles(port, store, AGENT_PAGES):
            time.sleep(5)
            cpu.append(_changes(store, process, first=20_000)[0])
    return Wall(cpu, sent / boards / 1000, boards / CONSOLES / WALL_S, delays)


def _changes(store: Store, process: int, *, first: int) -> tuple[float, dict[str, float]]:
    """The share of a processor that the process used meanwhile, and when each new line was committed."""
    committed: dict[str, float] = {}
    before, began = cpu_s(process), time.monotonic()
    number = 0
    while (now := time.monotonic()) < began + WALL_S:
        if now >= began + number / CHANGES_A_S:
            word = f"w{first + number}"
            store.write(_one_changes, word)
            committed[word] = time.monotonic()
            number += 1
        time.sleep(0.005)
    return (cpu_s(process) - before) / (time.monotonic() - began), committed


def _begin(session: Session, line: str) -> None:
    given = {"caller_number": "13800138000", "language": "zh", "at": SystemClock().now()}
    calls.begin(session, channel_id=f"bench-{line}", line=line, **given)


def _one_changes(session: Session, line: str) -> None:
    oldest = calls.active(session)[0].call.id
    calls.end(session, oldest, by=EndedBy.CALLER, reason="completed", at=SystemClock().now())
    _begin(session, line)


@contextmanager
def _console_alone(folder: Path) -> Iterator[tuple[Store, int, int]]:
    home = Home(folder)
    home.create_missing()
    with claimed() as ports:
        site = home.site_file.read_text(encoding="utf-8")
        home.site_file.write_text(changed(site, "console.port", ports.console) + as_staff(_AGENTS), encoding="utf-8")
        loaded = Site.load(home.site_file)
        store = Store(home.database_url(loaded))
        store.migrate()
        store.write(enrolment.enrol, loaded)
        command = [sys.executable, "-m", "hotline", "--home", str(home.path), "console"]
        process = subprocess.Popen(command, cwd=PROJECT_ROOT, stdin=subprocess.DEVNULL)
        try:
            _wait_for(ports.console)
            yield store, ports.console, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            store.close()


# -- the results -------------------------------------------------------------------------------------------------------


def lines(callers: Callers, wall: Wall) -> Iterator[str]:
    names = ["no page", *(f"{CONSOLES} {pages.name}" for pages in SIDES if pages)]
    yield f"| | {' | '.join(names)} | aim |"
    yield f"|---|{'--:|' * len(names)}:--|"
    met = "met" if min(callers.ratios) >= RATE_AIM else "MISSED"
    ceilings = [f"{one.carried:.1f} (not {one.refused:.1f})" for one in callers.ceilings]
    yield f"| call-rate ceiling, calls/s | {' | '.join(ceilings)} | |"
    ratios = ["1", *(f"{one:.2f}" for one in callers.ratios)]
    yield f"| ratio to no page | {' | '.join(ratios)} | ≥ {RATE_AIM}: {met} |"
    rate = callers.same[0].calls.rate
    cpu = [f"{100 * trial.usage.seconds.get('console', 0.0) / _TRIAL_S:.1f}" for trial in callers.same]
    yield f"| CPU of the console at {rate:g} calls/s, % of a processor | {' | '.join(cpu)} | |"
    answered = [f"{percentile(trial.calls.answer_ms, 99):.1f}" for trial in callers.same]
    yield f"| INVITE to 200 at {rate:g} calls/s, p99, ms | {' | '.join(answered)} | |"
    what = f"CPU of the console, {ROWS} calls, {CHANGES_A_S} changes/s, % of a processor"
    yield f"| {what} | {' | '.join(f'{100 * one:.1f}' for one in wall.cpu)} | |"
    yield ""
    yield (
        f"- That wall is sent {wall.boards_a_s:.1f} times a second, {wall.kilobytes:.0f} kB each; from a commit to the"
        f" last browser {percentile(wall.delays, 50):.0f} ms (p50), {percentile(wall.delays, 99):.0f} ms (p99)."
    )
    load = f"{os.cpu_count()} processors, load average at the end " + " ".join(f"{one:.2f}" for one in os.getloadavg())
    yield f"- {callers.boards} boards were sent while callers were counted; {load}."


def main() -> int:
    if os.geteuid() != 0:
        print("make bench must run as root: SIPp sends captured keys through raw sockets.")
        return 2
    (PROJECT_ROOT / "var").mkdir(exist_ok=True)
    # not in /tmp, which may be memory: rows must be written to a disk
    with tempfile.TemporaryDirectory(prefix="bench-", dir=PROJECT_ROOT / "var") as folder:
        # The programs' account enters it.
        Path(folder).chmod(0o755)
        shown = wall(Path(folder) / "wall")
        with BenchWorld.running(Path(folder), agents=_AGENTS) as world:
            counted = callers(world)
    text = list(lines(counted, shown))
    print("\n".join(text))
    put("make bench, consoles,", text)
    return 0 if min(counted.ratios) >= RATE_AIM else 1


def _end(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # a bench that is terminated must stop what it has started
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())

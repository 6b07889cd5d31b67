"""`make bench`: measures both sides in turns, prints the ratios, and writes them into docs/performance.md."""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from models.instance.home import PROJECT_ROOT
from tests.bench import report
from tests.bench.document import DOCUMENT
from tests.bench.numbers import Ceiling
from tests.bench.report import Result
from tests.bench.usage import stolen_s
from tests.bench.world import DIALPLAN, HOTLINE, SIDES, BenchWorld, Trial

_WARM_RATE, _WARM_S = 8.0, 4.0
_TRIAL_S = 6.0
_FIRST_RATE = 20.0
_SIDE_BY_SIDE_S = 12.0
_SIDE_BY_SIDE_SHARE = 0.5
_TURNS = 2
_HELD_S = 25.0


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 112)
    if os.geteuid() != 0:
        console.print("make bench must run as root: SIPp sends captured keys through raw sockets.")
        return 2
    load_before = os.getloadavg()
    began, stolen = time.monotonic(), stolen_s()
    (PROJECT_ROOT / "var").mkdir(exist_ok=True)
    # not in /tmp, which may be memory: rows must be written to a disk
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=PROJECT_ROOT / "var") as folder,
        BenchWorld.running(Path(folder)) as world,
    ):
        result = measure(world, console)
        result.asterisk = world.hotline.state()["asterisk"]
    result.load_before, result.took_s = load_before, time.monotonic() - began
    result.stolen = (stolen_s() - stolen) / (result.took_s * (os.cpu_count() or 1))
    console.print(report.table(result))
    for line in report.remarks(result):
        console.print(line, highlight=False)
    report.write(result)
    console.print(f"written to {DOCUMENT.relative_to(PROJECT_ROOT)}")
    return 0 if result.sound else 1


def measure(world: BenchWorld, console: Console) -> Result:
    """Runs every part; each goes back and forth between the two sides."""

    def trial(side_index: int, rate: float, seconds: float) -> Trial:
        done = world.trial(SIDES[side_index], rate, seconds)
        console.print(f"  {done}", highlight=False)
        return done

    console.print("warming up")
    for place in range(len(SIDES)):
        trial(place, _WARM_RATE, _WARM_S)

    console.print("ceilings")
    searches = [Ceiling(_FIRST_RATE) for _ in SIDES]
    while any(search.rate for search in searches):
        for place, search in enumerate(searches):
            if (rate := search.rate) is not None:
                search.note(trial(place, round(rate, 1), _TRIAL_S).carried)

    rate = round(searches[1].carried * _SIDE_BY_SIDE_SHARE, 1)
    console.print(f"side by side at {rate}/s")
    same = [trial(place, rate, _SIDE_BY_SIDE_S) for _ in range(_TURNS) for place in range(len(SIDES))]

    console.print("callers held in the menu")
    held = []
    for side in SIDES:
        held.append(world.held(side, _HELD_S))
        console.print(f"  {held[-1].trial}; {held[-1].heard.calls} probes", highlight=False)
        for failure in held[-1].heard.failures:
            console.print(f"    {failure}", highlight=False)
    return Result(
        ceilings={side.name: (search.carried, search.refused) for side, search in zip(SIDES, searches, strict=True)},
        rate=rate,
        same={side.name: [trial for trial in same if trial.side is side] for side in (DIALPLAN, HOTLINE)},
        held={one.side.name: one for one in held},
    )


def _end(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # a bench that is terminated must stop the instance it has started
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())

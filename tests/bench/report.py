"""The measurements as one table: the same on the screen and in docs/performance.md."""

import math
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from rich.table import Table

from tests.bench.document import put
from tests.bench.numbers import percentile
from tests.bench.usage import ASTERISK
from tests.bench.world import HELD, SIDES, HeldCalls, Trial

CEILING_AIM = 0.60
CPU_AIM_MS = 5.0
KEY_AIM_MS = 60.0
_PRESENT_SHARE = 0.9


@dataclass
class Result:
    """`same`: trials at one `rate` on both sides; `held`: among this many callers in the menu."""

    ceilings: dict[str, tuple[float, float]]
    """The highest rate that was carried and the lowest that was not, by side."""
    rate: float
    same: dict[str, list[Trial]]
    held: dict[str, HeldCalls]
    asterisk: str = ""
    load_before: tuple[float, float, float] = (0.0, 0.0, 0.0)
    took_s: float = 0.0
    stolen: float = 0.0
    """The share of processor time that this machine's host gave to others meanwhile."""
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for trials in self.same.values():
            self.trouble += [f"side by side: {trial}" for trial in trials if not trial.whole]
        for held in self.held.values():
            if not held.trial.whole:
                self.trouble.append(f"held: {held.trial}")
            if held.present < HELD * _PRESENT_SHARE:
                self.trouble.append(f"held: only {held.present} callers were there on the {held.side.name} side")
            if held.heard.failures or not held.heard.calls:
                failed, calls = len(held.heard.failures), held.heard.calls
                self.trouble.append(f"held: {failed} probes failed on the {held.side.name} side, {calls} did not")
        self.trouble += [
            f"no rate was carried on the {name} side" for name, (rate, _) in self.ceilings.items() if not rate
        ]

    @property
    def sound(self) -> bool:
        """Whether all calls went through where they had to; missed aims are shown, and are no failure."""
        return not self.trouble


@dataclass(frozen=True)
class ReportLine:
    what: str
    dialplan: str
    hotline: str
    ratio: str
    aim: str


def lines(result: Result) -> Iterator[ReportLine]:
    (plain, plain_refused), (ours, ours_refused) = (result.ceilings[side.name] for side in SIDES)
    share = ours / plain if plain else math.nan
    yield ReportLine(
        "call-rate ceiling, calls/s",
        f"{plain:.1f} (not {plain_refused:.1f})",
        f"{ours:.1f} (not {ours_refused:.1f})",
        f"{share:.2f}",
        _aim(share >= CEILING_AIM, f"≥ {CEILING_AIM:.2f}"),
    )
    at = f"at {result.rate:g}/s"
    alone, driven = _cpu(result, [ASTERISK])
    yield _compared(f"Asterisk's CPU a call {at}, ms", alone, driven)
    own = sorted({name for trials in result.same.values() for t in trials for name in t.usage.seconds} - {ASTERISK})
    for name in own:
        yield _beside(f"CPU a call of {name}, ms (ratio: to Asterisk alone)", *_cpu(result, [name]), alone)
    plain, ours = _cpu(result, own)
    aim = _aim(ours <= CPU_AIM_MS, f"≤ {CPU_AIM_MS:g} ms")
    yield _beside("CPU a call of all our processes, ms (likewise)", plain, ours, alone, aim)
    for percent in (50, 99):
        plain, ours = _both(lambda name: [ms for t in result.same[name] for ms in t.calls.answer_ms], percent)
        yield _compared(f"INVITE to 200 {at}, p{percent}, ms", plain, ours)
    heard = {name: held.heard for name, held in result.held.items()}
    among = f"among {HELD} callers"
    for percent in (50, 99):
        plain, ours = _both(lambda name: heard[name].answer_ms, percent)
        yield _compared(f"INVITE to 200 {among}, p{percent}, ms", plain, ours)
    for percent in (50, 99):
        plain, ours = _both(lambda name: heard[name].all_keys_ms, percent)
        aim = _aim(ours <= KEY_AIM_MS, f"≤ {KEY_AIM_MS:g} ms") if percent == 99 else ""
        yield _compared(f"key to next prompt {among}, p{percent}, ms", plain, ours, aim)
    for key, step in (("1", "nothing is written"), ("2", "a ticket is written")):
        for percent in (50, 99):
            plain, ours = (percentile(heard[side.name].key_ms[key], percent) for side in SIDES)
            yield _compared(f"key {key} to next prompt ({step}), p{percent}, ms", plain, ours)


def table(result: Result) -> Table:
    drawn = Table(title="hotline beside pure dialplan, on the same Asterisk")
    for heading in ("", "pure dialplan", "hotline", "ratio", "aim"):
        drawn.add_column(heading, justify="left" if not heading else "right")
    for line in lines(result):
        drawn.add_row(line.what, line.dialplan, line.hotline, line.ratio, line.aim)
    return drawn


def remarks(result: Result) -> Iterator[str]:
    """The conditions of this run, and everything that went wrong in it."""
    before, now = (" ".join(f"{load:.2f}" for load in loads) for loads in (result.load_before, os.getloadavg()))
    yield f"Load average before the run {before}, at its end {now}; it took {result.took_s:.0f} s."
    yield f"{os.cpu_count()} processors ({_processor()}), which SIPp and the probers share."
    yield f"The host gave {result.stolen:.1%} of their time to others."
    yield f"Asterisk {result.asterisk}, {_sipp()}."
    probes = ", ".join(f"{held.heard.calls} on the {name} side" for name, held in result.held.items())
    present = ", ".join(f"{held.present} ({name})" for name, held in result.held.items())
    yield f"Probe calls: {probes}; channels while they were made, at least: {present}."
    yield from result.trouble or ["No call failed or went unsaved, side by side or among the held callers."]


def write(result: Result) -> None:
    """Puts the results into docs/performance.md."""
    rows = (
        " | ".join((line.what.strip(), line.dialplan, line.hotline, line.ratio, line.aim)) for line in lines(result)
    )
    put(
        "make bench",
        [
            "| | pure dialplan | hotline | ratio | aim |",
            "|---|--:|--:|--:|:--|",
            *(f"| {row} |" for row in rows),
            "",
            *(f"- {remark}" for remark in remarks(result)),
        ],
    )


def _aim(met: bool, wanted: str) -> str:
    return f"{wanted}: {'met' if met else 'MISSED'}"


def _compared(what: str, plain: float, ours: float, aim: str = "") -> ReportLine:
    return _beside(what, plain, ours, plain, aim)


def _beside(what: str, plain: float, ours: float, measure: float, aim: str = "") -> ReportLine:
    """`measure` is the figure with which ours is compared."""
    return ReportLine(what, f"{plain:.2f}", f"{ours:.2f}", f"{ours / measure:.2f}" if measure else "-", aim)


def _both(of: Callable[[str], list[float]], percent: float) -> tuple[float, float]:
    """A percentile of the values of each side."""
    plain, ours = (percentile(of(side.name), percent) for side in SIDES)
    return plain, ours


def _cpu(result: Result, processes: Iterable[str]) -> tuple[float, float]:
    """Of these processes together, on each side, the mean over the turns."""
    names = list(processes)
    plain, ours = (mean(sum(map(trial.cpu_ms, names)) for trial in result.same[side.name]) for side in SIDES)
    return plain, ours


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _sipp() -> str:
    said = subprocess.run(["sipp", "-v"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"SIPp v[\d.]+", said)
    return found[0] if found else "SIPp"

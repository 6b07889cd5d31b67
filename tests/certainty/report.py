"""The figures with their denominators: the same on the screen and in docs/performance.md."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from models.clock import SystemClock
from models.instance.home import PROJECT_ROOT
from tests.certainty.judge import EXTRA_SHARE, LATE_S, LATE_SHARE, Verdict
from tests.certainty.killer import Kill

DOCUMENT = PROJECT_ROOT / "docs" / "performance.md"
_SHOWN = 12


@dataclass(frozen=True)
class Run:
    arguments: str
    database: str
    took_s: float

    @property
    def command(self) -> str:
        return f"python -m tests.certainty {self.arguments} --database {self.database}"


def figures(verdict: Verdict, kills: list[Kill]) -> Iterator[tuple[str, str, str]]:
    """What, how much of how much, and the aim."""
    all_of_them = verdict.promises
    killed = ", ".join(f"{name} {times}" for name, times in sorted(Counter(kill.victim for kill in kills).items()))
    yield "killed with SIGKILL", f"{len(kills)} ({killed})", ""
    yield "lost", f"{len(verdict.lost)} of {all_of_them}", "0"
    yield "awake by the guest's key 1", f"{verdict.kept_by_guest} of {all_of_them}", ""
    yield "awake by the staff's key 2, after hearing the room", f"{verdict.kept_by_staff} of {all_of_them}", ""
    yield "rung when no wake-up was due", f"{len(verdict.after)} of {verdict.rings} rings", "0"
    yield "extra rings", f"{len(verdict.extra)} for {all_of_them}", f"≤ {EXTRA_SHARE:.0%}"
    yield "of them unexplained", f"{len(verdict.unexplained)} of {len(verdict.extra)}", "0"
    yield "cut off by a kill and rung again, as needed", f"{verdict.again} of {verdict.rings} rings", ""
    yield "of them after a key 1 lost to the kill", f"{verdict.in_vain} of {verdict.again}", ""
    yield f"first ring later than {LATE_S:g} s", f"{verdict.late} of {all_of_them}", f"≤ {LATE_SHARE:.0%}"
    yield (
        "lateness of the first ring, p50, p99, most, s",
        f"{verdict.percentile(50):.1f}, {verdict.percentile(99):.1f}, {max(verdict.lateness, default=0):.1f}"
        f" ({len(verdict.lateness)} rung)",
        "",
    )


def printed(run: Run, verdict: Verdict, kills: list[Kill]) -> Iterator[str]:
    yield f"{run.command}  ({run.took_s:.0f} s)"
    for what, much, aim in figures(verdict, kills):
        yield f"  {what}: {much}{f'   (aim: {aim})' if aim else ''}"
    yield from judgement(verdict)


def judgement(verdict: Verdict) -> Iterator[str]:
    """The first faults of each kind, and whether all is as it must be."""
    for kind in ("lost", "after", "unexplained", "extra"):
        lines: list[str] = getattr(verdict, kind)
        yield from (f"  {kind.upper()} {line}" for line in lines[:_SHOWN])
    yield f"RED: {'; '.join(verdict.red)}" if verdict.red else "green"


def write(run: Run, verdict: Verdict, kills: list[Kill]) -> None:
    """Writes between the marks of this database, and leaves the text around them as it is."""
    begin, end = (f"<!-- make bench-certainty writes {run.database} {which} here -->" for which in ("from", "to"))
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    written = [
        f"{run.database}, `{run.command}`, {SystemClock().now():%Y-%m-%d %H:%M} UTC, {run.took_s:.0f} s:",
        "",
        "| | measured | aim |",
        "|---|--:|--:|",
        *(f"| {' | '.join(line)} |" for line in figures(verdict, kills)),
    ]
    DOCUMENT.write_text(before + "\n".join([begin, "", *written, "", end]) + after, encoding="utf-8")

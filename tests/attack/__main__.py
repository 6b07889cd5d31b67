"""`make attack`: `python -m tests.attack [--small] [--only KIND] [--seed N] [--broken BUILD | --project FOLDER]`.

Everything stays on loopback. Exits with 1 when anything got in or out, or an emergency call was lost.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from models.instance.home import PROJECT_ROOT
from tests.attack.broken import BUILDS
from tests.attack.kinds import KINDS
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import world
from tests.bench import document
from tests.chaos.broken import build

SECURITY = PROJECT_ROOT / "docs" / "security.md"
_SHOWN = 5
_LINE = 200
_ALL = "all"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.attack", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few tries of each kind")
    parser.add_argument("--only", choices=KINDS, action="append", help="this kind; may be given several times")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broken", choices=[*BUILDS, _ALL], help="attack a build with a door left open on purpose")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/security.md")
    parser.add_argument("--project", type=Path, default=PROJECT_ROOT, help="attack the build in this folder")
    wanted = parser.parse_args()
    if wanted.broken:
        builds = BUILDS if wanted.broken == _ALL else [wanted.broken]
        return max(against_broken(name, wanted.seed) for name in builds)
    kinds = [KINDS[name] for name in wanted.only or KINDS]
    foreign = wanted.project != PROJECT_ROOT
    if foreign:
        kinds = [kind for kind in kinds if not kind.this_build]
    outcomes = attack(kinds, wanted.seed, large=not wanted.small, project=wanted.project.resolve(), foreign=foreign)
    if wanted.write:
        document.put("make attack", table(outcomes), SECURITY)
    return 0 if all(outcome.well for outcome in outcomes.values()) else 1


def attack(
    kinds: Sequence[Kind], seed: int, *, large: bool, project: Path, foreign: bool = False
) -> dict[str, Outcome]:
    """Tries each kind and prints what got through; the outcomes by kind."""
    outcomes: dict[str, Outcome] = {}
    with world(seed, large=large, project=project, foreign=foreign) as attacked:
        for kind in kinds:
            began = time.monotonic()
            outcomes[kind.name] = outcome = kind.against(attacked)
            report(kind, outcome, time.monotonic() - began)
    print(in_all(outcomes))
    return outcomes


def in_all(outcomes: dict[str, Outcome]) -> str:
    """The last line."""
    every = outcomes.values()
    got_in, got_out = sum(len(o.got_in) for o in every), sum(len(o.got_out) for o in every)
    lost, tries = sum(len(o.lost) for o in every), sum(o.tries for o in every)
    return f"{got_in} got in, {got_out} got out of {tries}{f'; {lost} had to get through and did not' if lost else ''}"


def table(outcomes: dict[str, Outcome]) -> list[str]:
    """For the document."""
    lines = ["| kind | tries to | tries | got in | got out |", "|---|---|---|---|---|"]
    for name, outcome in outcomes.items():
        figures = (outcome.tries, len(outcome.got_in), len(outcome.got_out))
        lines.append(f"| `{name}` | {KINDS[name].tries_to} | {' | '.join(map(str, figures))} |")
    return [*lines, "", f"Together: {in_all(outcomes)}."]


def report(kind: Kind, outcome: Outcome, took_s: float) -> None:
    through = f"{len(outcome.got_in)} got in, {len(outcome.got_out)} got out"
    print(f"  {kind.name:18} {outcome.tries:5} tries to {kind.tries_to}: {through} ({took_s:.0f} s)", flush=True)
    for word, what in (("IN", outcome.got_in), ("OUT", outcome.got_out), ("LOST", outcome.lost)):
        for line in what[:_SHOWN]:
            print(f"    {word} {line[:_LINE]}")
        if len(what) > _SHOWN:
            print(f"    {word} ... and {len(what) - _SHOWN} more", flush=True)


def against_broken(name: str, seed: int) -> int:
    """0 when the kinds that this build opens the door to turn red, as they must."""
    kinds, changes = BUILDS[name]
    with tempfile.TemporaryDirectory(prefix="broken-") as folder:
        build(changes, Path(folder))
        outcomes = attack([KINDS[kind] for kind in kinds], seed, large=False, project=Path(folder))
    red = all(outcome.red for outcome in outcomes.values())
    print(f"{name}: {'red, as it must be' if red else 'NOT red: this attack proves nothing'}")
    return 0 if red else 1


if __name__ == "__main__":
    sys.exit(main())

"""`make chaos`: `python -m tests.chaos [--calls N] [--seed N] [--broken BUILD]`; exits with 1 when a caller is lost."""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from phones.instance import LiveHotline
from phones.written import wait_nothing_left
from tests.chaos.broken import BUILDS, build
from tests.chaos.judge import verdict
from tests.chaos.killer import ChaosKiller
from tests.chaos.people import Agent, Crowd, Fate, caller

_POLICY = {"answer.ring_tone_s": 0.3, "answer.ring_pause_s": 1.2, "message.silence_s": 2}
_AGENTS = ("7001", "7002", "7020")
_AT_ONCE = 12
_SETTLED_WITHIN_S = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broken", choices=sorted(BUILDS), help="run it against a build that is broken on purpose")
    wanted = parser.parse_args()
    if wanted.broken:
        return against_broken(wanted.broken, wanted.calls, wanted.seed)
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        LiveHotline.running(Path(folder) / "home", policy=_POLICY) as hotline,
    ):
        fates, killed = chaos(hotline, wanted.calls, wanted.seed)
        lost = judge(hotline, fates)
    print(f"killed: {', '.join(f'{name} {times}' for name, times in sorted(killed.items()))}")
    print(f"{lost} lost of {wanted.calls}")
    return 1 if lost else 0


def chaos(hotline: LiveHotline, calls: int, seed: int) -> tuple[list[Fate], Counter[str]]:
    """All callers call while programs are killed; returns when every call has ended and is settled."""
    agents = [Agent(hotline, number, seed) for number in _AGENTS]
    crowd, killer = Crowd(hotline), ChaosKiller(hotline, seed)
    for thread in (*agents, killer):
        thread.start()

    def done(fate: Fate) -> None:
        line = f"{fate.caller.number} wanted {fate.caller.wants}: {fate.ended}"
        print(f"  {len(crowd.fates):4}/{calls}  {line}", flush=True)

    try:
        crowd.calls([caller(seed, place) for place in range(calls)], _AT_ONCE, done)
    finally:
        killer.stop()
        for agent in agents:
            agent.stop()
    wait_nothing_left(hotline, _SETTLED_WITHIN_S)
    hotline.until(lambda: not any(hotline.home.message_spool.iterdir()), "filing of all messages", _SETTLED_WITHIN_S)
    return crowd.fates, killer.killed


def judge(hotline: LiveHotline, fates: list[Fate]) -> int:
    """Prints the result of each kind of call; returns the number of lost callers."""
    ends: Counter[str] = Counter()
    lost = 0
    for fate in fates:
        end, why = hotline.store.read(verdict, fate)
        ends[end] += bool(end)
        if why:
            lost += 1
            print(f"LOST {fate.caller.number} wanted {fate.caller.wants}: {why}\n{fate.story}")
    for end, times in ends.most_common():
        print(f"  {times:4} {end}" * bool(times and end))
    return lost


def against_broken(name: str, calls: int, seed: int) -> int:
    """0 when the chaos turns red on the broken build, as it must."""
    with tempfile.TemporaryDirectory(prefix="broken-") as folder:
        build(BUILDS[name], Path(folder))
        command = [sys.executable, "-m", "tests.chaos", "--calls", str(calls), "--seed", str(seed)]
        red = subprocess.run(command, cwd=folder, check=False).returncode == 1
    print(f"{name}: {'red, as it must be' if red else 'NOT red: this chaos proves nothing'}")
    return 0 if red else 1


if __name__ == "__main__":
    sys.exit(main())

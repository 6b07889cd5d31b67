"""`make reloads`: `python -m tests.chaos.reloads [--reloads N] [--talks N]`; exits with 1 when a talk is dropped."""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models.clock import SystemClock
from models.instance import edits, errands
from models.instance.edits import Edit
from models.instance.errands import ErrandKind
from models.states.administration import SettingsFile
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import Tone, tones
from phones.phone import Phone
from phones.written import wait_nothing_left

# The talks outlast the run; a ring is short, so that the talks begin soon.
_POLICY = {
    "answer.ring_tone_s": 0.3,
    "answer.ring_pause_s": 1.2,
    "follow_up.after_talk": False,
    "call.ask_agent": False,
    "canary.every_minutes": 1440,
    "call.longest_minutes": 600,
}
_FIRST_AGENT = 7101
_RELOAD_WITHIN_S = 180.0

CALLER, AGENT = tones(2)
Pair = tuple[Phone, Phone]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.chaos.reloads", description=__doc__)
    parser.add_argument("--reloads", type=int, default=50)
    parser.add_argument("--talks", type=int, default=20)
    wanted = parser.parse_args()
    numbers = [str(_FIRST_AGENT + place) for place in range(wanted.talks)]
    with (
        tempfile.TemporaryDirectory(prefix="reloads-") as folder,
        LiveHotline.running(Path(folder) / "home", policy=_POLICY, agents=numbers) as hotline,
    ):
        pairs = talks(hotline, numbers)
        dropped: set[str] = set()
        for reload in range(wanted.reloads):
            keep_speaking(pairs)
            took_s = reloaded(hotline, rings=3 + reload % 2 + 1)
            dropped |= silent(pairs)
            print(f"  {reload + 1:3}/{wanted.reloads}  {took_s:.1f} s, dropped {len(dropped)}", flush=True)
        for _, agent in pairs:
            agent.hang_up()
        wait_nothing_left(hotline, 60)
    print(f"{wanted.reloads} reloads, {len(pairs)} talks: {len(dropped)} dropped")
    return 1 if dropped else 0


def talks(hotline: LiveHotline, numbers: list[str]) -> list[Pair]:
    """Each agent in a talk with a caller of his or her own."""
    agents = [hotline.phone(number, AGENT) for number in numbers]
    pairs: list[Pair] = []
    for place in range(len(agents)):
        caller = hotline.caller(f"139001{place:05}", CALLER)
        caller.reach("8000")
        choosing.person(caller)
        busy = {agent for _, agent in pairs}
        rung = hotline.until(lambda busy=busy: [one for one in agents if one not in busy and one.calls], "ringing", 20)
        agent: Phone = rung[0]
        agent.answer()
        agent.wait_heard("whisper-person")
        agent.press("1")
        caller.wait_tone(AGENT.hertz, 15, seconds=1)
        pairs.append((caller, agent))
        keep_speaking(pairs)
        print(f"  talk {place + 1}/{len(agents)}", flush=True)
    return pairs


def reloaded(hotline: LiveHotline, rings: int) -> float:
    """Changes a figure of the policy and takes it into use; returns the seconds that took."""
    began = time.monotonic()
    edits.write(hotline.home, Edit(SettingsFile.POLICY, "answer.rings", rings))
    at = SystemClock().now()
    asked = hotline.store.write(lambda session: errands.ask(session, ErrandKind.RELOAD, by="chaos", at=at).id)
    hotline.until(lambda: hotline.store.read(errands.find, asked).ended_at, "end of the reload", _RELOAD_WITHIN_S)
    if refusal := hotline.store.read(errands.find, asked).refusal:
        raise RuntimeError(refusal)
    return time.monotonic() - began


def keep_speaking(pairs: list[Pair]) -> None:
    """A microphone has five minutes; at its end the telephone hangs up."""
    for phone in (one for pair in pairs for one in pair):
        phone.say(phone.mic)


def silent(pairs: list[Pair]) -> set[str]:
    """The agents of the talks in which one does not hear the other; all are listened to at the same time."""
    with ThreadPoolExecutor(2 * len(pairs)) as ears:
        heard = [
            (agent.number, ears.submit(hears, caller, AGENT), ears.submit(hears, agent, CALLER))
            for caller, agent in pairs
        ]
        return {number for number, one, other in heard if not (one.result() and other.result())}


def hears(phone: Phone, of: Tone) -> bool:
    return phone.hears_now([of.hertz], seconds=0.5) == {of.hertz}


if __name__ == "__main__":
    sys.exit(main())

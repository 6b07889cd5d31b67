"""A hotline, a carrier and telephones that count every call: what rang, what left, and what was written."""

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.clock import SystemClock
from models.instance.home import PROJECT_ROOT
from models.instance.secrets import Secrets
from phones.instance import CARRIER, LiveHotline, changed
from phones.raw import RawPhone
from phones.sip import Message, Reply
from phones.written import channels
from tests.attack.outcome import Outcome

SECOND = "127.0.0.8"
"""The address of a second trunk."""
STRANGER = "127.0.0.3"
BYSTANDER = "1103"
"""A room telephone that no flow rings: redirections aim at it."""
NOBODY_HOME = (Reply("180 Ringing"), Reply("480 Temporarily Unavailable"))
MOST_CALLS = 12
"""How many calls may come in at a time; an emergency call is not one of them."""
_SETTLES_WITHIN_S = 30.0
_RESTS_WITHIN_S = 90.0
_DUE = (
    "SELECT 1 FROM tasks WHERE state = 'open' AND call_at <= datetime('now', '+5 seconds')",
    "SELECT 1 FROM calls_to_make WHERE task_id IS NOT NULL AND ended_at IS NULL",
    "SELECT 1 FROM tickets WHERE notify_at <= datetime('now', '+5 seconds')",
    "SELECT 1 FROM escalations WHERE cause = 'new' AND ended_at IS NULL",
)
"""What the hotline will soon do by itself: call backs and notices."""
_QUIET_S = 0.5
_POLICY = {
    "answer.ring_tone_s": 0.3,
    "answer.ring_pause_s": 1.2,
    "menu.tries": 1,
    "menu.key_wait_s": 1,
    "urgent.rings": 1,
    "limits.calls_in": MOST_CALLS,
    "canary.every_minutes": 1440,
    # As delivered, the hotline calls back and notifies by itself: here at once, and only once.
    "call_back.by_itself": True,
    "call_back.first_after_minutes": 0,
    "call_back.again_minutes": [1440],
    "call_back.no_agent_minutes": 240,
    "call_back.at_once": 4,
    "call_back.wrap_up_s": 0,
    "notify.kinds": ["dispatch", "complaint", "message", "suggestion"],
    "notify.tries": 1,
    "notify.pause_minutes": 0,
    "escalation.emergency.before_minutes": 30,
    "escalation.emergency.after_minutes": [0, 0, 0, 0],
    "escalation.emergency.tries": 1,
    "escalation.emergency.pause_minutes": 0,
    "follow_up.windows": ["08:00-21:00"],
    "follow_up.delay_minutes": 0,
    "follow_up.after_talk": False,
    "call.ask_agent": False,
    "wake_up.again_seconds": 3,
    "wake_up.knock.attendant_minutes": 0.05,
    "wake_up.knock.again_seconds": 3,
}


@dataclass
class World:
    """One running hotline and everybody who watches it. `large`: all tries, not only the few of `make test`;
    `foreign`: another build, of which nothing but its files is known."""

    hotline: LiveHotline
    seed: int
    large: bool
    foreign: bool
    carriers: tuple[RawPhone, RawPhone]
    phones: dict[str, RawPhone]

    @property
    def carrier(self) -> RawPhone:
        """The first trunk's other side; the second one's is there for emergency calls."""
        return self.carriers[0]

    @property
    def server(self) -> tuple[str, int]:
        return self.hotline.site.sip.address, self.hotline.ports.sip

    @property
    def host(self) -> str:
        return f"{self.server[0]}:{self.server[1]}"

    def password(self, number: str) -> str:
        return Secrets.load_or_create(self.hotline.home, self.hotline.site).sip[number]

    def some(self, large: int, small: int) -> int:
        """How many tries: of the whole attack, and of the small form."""
        return large if self.large else small

    @contextmanager
    def outside(self, address: str = CARRIER, number: str = "13900139018") -> Iterator[RawPhone]:
        """A telephone that calls in from this address: over the trunk, or as a stranger."""
        with RawPhone(number, self.server, address) as phone:
            yield phone

    def answer_with(self, replies: Mapping[str, Sequence[Reply]]) -> None:
        """From now on these telephones answer so; all others ring and are not answered."""
        for number, phone in self.phones.items():
            phone.when_rung = replies.get(number, NOBODY_HOME)

    def register(self) -> None:
        """Registers all telephones anew."""
        for number, phone in self.phones.items():
            status = phone.register(self.password(number))
            if status != 200:
                raise RuntimeError(f"telephone {number} could not register: {status}")

    def command(self, *words: str, within_s: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """`hotline WORDS` of the build that runs."""
        own = self.hotline.project / ".venv" / "bin" / "python"
        python = str(own) if own.exists() else sys.executable
        return subprocess.run(
            [python, "-m", "hotline", "--home", str(self.hotline.home.path), "--lang", "en", *words],
            cwd=self.hotline.project, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within_s,
            check=False,
        )  # fmt: skip

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Reads the hotline's database without its code, so that any build can be asked."""
        file = f"file:{self.hotline.home.path / 'hotline.db'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=10)) as store:
            return store.execute(query, values).fetchall()

    @contextmanager
    def watched(
        self,
        outcome: Outcome,
        what: str,
        *,
        may_ring: Sequence[str] = (),
        may_leave: Sequence[str] = (),
        calls: int = 0,
        killed: Sequence[str] = (),
        settles: bool = True,
    ) -> Iterator["Watch"]:
        """Judges what the block has caused, when all calls have ended. `may_ring`: telephones that the hotline itself
        chooses; `may_leave`: numbers that may be dialled at the carrier, as often as they are named; `calls`: how many
        conversations may be written; `killed`: the programs that the block itself kills."""
        watch = Watch(self)
        yield watch
        if settles and not self.at_rest():
            outcome.gets_in(f"{what}: {len(channels(self.hotline))} channels are left")
        for number in sorted(set(watch.rang()) - set(may_ring)):
            outcome.gets_in(f"{what}: {number} rang")
        for number, times in sorted((Counter(watch.left()) - Counter(may_leave)).items()):
            outcome.gets_out(f"{what}: {number} was dialled at the carrier, {times} times")
        if (written := watch.calls()) > calls:
            outcome.gets_in(f"{what}: {written} conversations are written, not {calls}")
        if died := sorted(set(watch.died()) - set(killed)):
            outcome.gets_in(f"{what}: {', '.join(died)} died")

    def at_rest(self, within_s: float = _RESTS_WITHIN_S) -> bool:
        """Whether within this time all calls have ended, and the hotline has done what it does by itself about them."""
        until = time.monotonic() + within_s
        while (left := until - time.monotonic()) > 0:
            if self.settled(min(left, _SETTLES_WITHIN_S)) and not self._has_something_due():
                return True
            time.sleep(0.2)
        return False

    def _has_something_due(self) -> bool:
        return not self.foreign and any(self.rows(question) for question in _DUE)

    def settled(self, within_s: float = _SETTLES_WITHIN_S) -> bool:
        """Whether all calls have ended within this time, and stay so for a moment."""
        until, quiet_since = time.monotonic() + within_s, None
        while time.monotonic() < until:
            try:
                empty = not channels(self.hotline)
            except OSError:
                empty = False
            now = time.monotonic()
            quiet_since = (quiet_since or now) if empty else None
            if quiet_since is not None and now - quiet_since >= _QUIET_S:
                return True
            time.sleep(0.1)
        return False


class Watch:
    """Counts from the moment it is made."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rung = {number: len(phone.rung) for number, phone in world.phones.items()}
        self._left = [len(carrier.rung) for carrier in world.carriers]
        self._calls = self._written()
        self._restarts = self._lives()

    def rang(self) -> list[str]:
        """The telephones that have been rung, each as often as it was."""
        phones = self._world.phones.items()
        return [number for number, phone in phones for _ in phone.rung[self._rung[number] :]]

    def left(self) -> list[str]:
        """The numbers that have been dialled at the carrier."""
        carriers = zip(self._world.carriers, self._left, strict=True)
        return [dialled(message) for carrier, before in carriers for message in carrier.rung[before:]]

    def calls(self) -> int:
        """How many conversations have been written."""
        return self._written() - self._calls

    def died(self) -> list[str]:
        """The programs that had to be started again."""
        return sorted(name for name, lives in self._lives().items() if lives > self._restarts.get(name, lives))

    def _written(self) -> int:
        ((count,),) = self._world.rows("SELECT count(*) FROM calls")
        return int(count)

    def _lives(self) -> dict[str, int]:
        children = self._world.hotline.state().get("children", {})
        return {name: int(child["restarts"]) for name, child in children.items()}


def dialled(message: Message) -> str:
    """The user of a request-URI."""
    return message.first.split()[1].partition(":")[2].partition("@")[0]


@contextmanager
def world(seed: int, *, large: bool, project: Path = PROJECT_ROOT, foreign: bool = False) -> Iterator[World]:
    """Starts the hotline of this project with all its telephones registered, at noon of its site."""
    noon = where_it_is_noon(SystemClock().now())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="attack-")))
        running = LiveHotline.running(
            folder / "home",
            site=known(project / "site.example.toml", {"site.time_zone": noon, "carrier.addresses": [CARRIER, SECOND]}),
            policy=known(project / "policy.toml", _POLICY),
            project=project,
        )
        hotline = stack.enter_context(running)
        server = hotline.site.sip.address, hotline.ports.sip
        first, second = (
            stack.enter_context(RawPhone("carrier", server, address, NOBODY_HOME, hotline.ports.carrier))
            for address in (CARRIER, SECOND)
        )
        phones = {
            number: stack.enter_context(RawPhone(number, server, when_rung=NOBODY_HOME))
            for number in hotline.site.phones
        }
        made = World(hotline, seed, large, foreign, (first, second), phones)
        made.register()
        yield made


def known(file: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that this build has; a build of the past lacks some."""
    text, found = file.read_text(encoding="utf-8"), {}
    for key, value in settings.items():
        try:
            changed(text, key, value)
        except KeyError:
            if file.parent == PROJECT_ROOT:
                raise
            continue
        found[key] = value
    return found


def where_it_is_noon(now: datetime) -> str:
    """Customers are called by day only, at whatever hour this runs."""
    return f"Etc/GMT{now.hour - 13:+}"

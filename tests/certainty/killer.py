"""Kills programs at moments that the seed decides: the application most, then Asterisk, the scheduler, PostgreSQL."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from phones.instance import LiveHotline
from tests.store.cluster import Cluster

DATABASE = "database"
_WEIGHTS = {"ivr": 8, "asterisk": 5, "scheduler": 4, DATABASE: 3}
_BACK_WITHIN_S = 90.0
_DATABASE_DOWN_S = (0.2, 4.0)


@dataclass(frozen=True)
class Kill:
    """Seconds since the epoch: when it was killed, and when it worked again."""

    victim: str
    at: float
    back: float


class CertaintyKiller(threading.Thread):
    """Ends by itself after all kills; `end()` stops it earlier."""

    def __init__(
        self, hotline: LiveHotline, cluster: Cluster | None, seed: int, kills: int, begin: float, span_s: float
    ) -> None:
        super().__init__(name="killer", daemon=True)
        self.kills: list[Kill] = []
        self._hotline, self._cluster = hotline, cluster
        self._dice = random.Random(f"{seed}-killer")
        victims = [name for name in _WEIGHTS if cluster or name != DATABASE]
        chosen = self._dice.choices(victims, [_WEIGHTS[name] for name in victims], k=kills)
        # Somewhere in each slice of the time, so that one is usually back at work before the next is killed.
        moments = [begin + (place + self._dice.random()) * span_s / kills for place in range(kills)]
        self._plan = list(zip(moments, chosen, strict=True))
        self._over = threading.Event()

    def end(self) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        for at, victim in self._plan:
            if self._over.wait(max(0.0, at - time.time())):
                return
            self._kill(victim)

    def _kill(self, victim: str) -> None:
        doing = self._database if victim == DATABASE else lambda note: self._child(victim, note)
        killed_at: list[float] = []
        doing(killed_at.append)
        self.kills.append(Kill(victim, killed_at[0], time.time()))
        print(f"  {killed_at[0]:.1f} {victim} killed, back after {time.time() - killed_at[0]:.1f} s", flush=True)

    def _child(self, victim: str, note: Callable[[float], None]) -> None:
        hotline = self._hotline
        hotline.until(lambda: hotline.child(victim)["state"] == "up", f"living {victim}", _BACK_WITHIN_S)
        note(time.time())
        restarts = hotline.kill(victim)
        hotline.wait_restarted(victim, restarts, _BACK_WITHIN_S)

    def _database(self, note: Callable[[float], None]) -> None:
        assert self._cluster is not None
        note(time.time())
        self._cluster.kill()
        self._over.wait(self._dice.uniform(*_DATABASE_DOWN_S))
        self._cluster.start()

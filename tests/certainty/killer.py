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
    """`done`, when all are killed; `end()` lets none be killed any more."""

    def __init__(
        self, hotline: LiveHotline, cluster: Cluster | None, seed: int, kills: int, begin: float, span_s: float
    ) -> None:
        super().__init__(name="killer", daemon=True)
        self.kills: list[Kill] = []
        self._hotline, self._cluster = hotline, cluster
        self._dice = random.Random(f"{seed}-killer")
        victims = [name for name in _WEIGHTS if cluster or name != DATABASE]
        chosen = self._dice.choices(victims, [_WEIGHTS[name] for name in victims], k=kills)
        # Somewhere in each slice of the time, so that one is back at work, more or less, before the next is killed.
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
        doing = self._database if victim == DATABASE else lambda told: self._child(victim, told)
        told: list[float] = []
        doing(told.append)
        self.kills.append(Kill(victim, told[0], time.time()))
        print(f"  {told[0]:.1f} {victim} killed, back after {time.time() - told[0]:.1f} s", flush=True)

    def _child(self, victim: str, told: Callable[[float], None]) -> None:
        hotline = self._hotline
        hotline.until(lambda: hotline.child(victim)["state"] == "up", f"living {victim}", _BACK_WITHIN_S)
        told(time.time())
        restarts = hotline.kill(victim)
        hotline.wait_restarted(victim, restarts, _BACK_WITHIN_S)

    def _database(self, told: Callable[[float], None]) -> None:
        assert self._cluster is not None
        told(time.time())
        self._cluster.kill()
        self._over.wait(self._dice.uniform(*_DATABASE_DOWN_S))
        self._cluster.start()

"""Kills programs at random moments, as seeded: the application and the fallback often, Asterisk now and then."""

import random
import threading
import time
from collections import Counter

from phones.instance import LiveHotline

_EVERY_S = (6.0, 20.0)
_WEIGHTS = {"ivr": 6, "fallback": 2, "scheduler": 1, "asterisk": 2}


class ChaosKiller(threading.Thread):
    """Runs from `start()` to `stop()`; `killed` counts."""

    def __init__(self, hotline: LiveHotline, seed: int) -> None:
        super().__init__(name="killer", daemon=True)
        self.killed: Counter[str] = Counter()
        self._hotline = hotline
        self._dice = random.Random(f"{seed}-killer")
        self._over = threading.Event()
        self._began = time.monotonic()

    def stop(self) -> None:
        """Returns when the last program killed runs again."""
        self._over.set()
        self.join()

    def run(self) -> None:
        living = [name for name in _WEIGHTS if name in self._hotline.state()["children"]]
        weights = [_WEIGHTS[name] for name in living]
        while not self._over.wait(self._dice.uniform(*_EVERY_S)):
            (victim,) = self._dice.choices(living, weights)
            if self._hotline.child(victim)["state"] != "up":
                continue
            restarts = self._hotline.kill(victim)
            self.killed[victim] += 1
            print(f"  {time.monotonic() - self._began:5.0f} s  {victim} killed", flush=True)
            self._hotline.wait_restarted(victim, restarts, 60)

"""Time that passes only when nothing else is left to do: a story of ten minutes takes some milliseconds."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

_BEGIN_S = 1000.0


class Stuck(AssertionError):
    """Every task waits, and no timer will ever wake one: on a real machine this would hang for ever."""


class _Impatient(selectors.DefaultSelector):
    """Waits for no file: advances the loop's clock by the time it would have waited."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise Stuck("everybody waits for somebody else, and no timer is running")
        self.loop.pass_(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own. Nothing in it may use threads: the clock would run ahead of them."""

    def __init__(self) -> None:
        selector = _Impatient()
        selector.loop = self
        self._seconds = _BEGIN_S
        super().__init__(selector)

    def time(self) -> float:
        return self._seconds

    def pass_(self, seconds: float) -> None:
        self._seconds += max(0.0, seconds)


class VirtualClock:
    """Calendar time that follows a virtual loop, from `start` on."""

    def __init__(self, loop: VirtualLoop, start: datetime) -> None:
        self._loop = loop
        self._start = start

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time() - _BEGIN_S)


def run(loop: VirtualLoop, story: Coroutine[Any, Any, T]) -> T:
    """Runs the story to its end, and cancels whatever it leaves running."""
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(story)

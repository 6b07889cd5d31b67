"""Several telephones answer their rings with one list of answers, each ring with the next one."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from phones.sip import Message, Reply


@dataclass
class Rotation:
    """Each ring gets the next answer; `used` counts them."""

    answers: Sequence[Sequence[Reply]]

    def __post_init__(self) -> None:
        self.used = 0
        self._next = itertools.cycle(self.answers)
        self._changed = threading.Condition()

    def __call__(self, _: Message) -> Iterator[Reply]:
        with self._changed:
            self.used += 1
            answer = next(self._next)
            self._changed.notify_all()
        yield from answer

    def wait_used(self, times: int, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.used >= times, seconds)

"""One program of a kind for each home: its lock goes with the process, however that ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process has the lock; its text is for the person at the terminal. `pid` is "?" where it is not known."""

    def __init__(self, pid: str, told: str) -> None:
        self.pid = pid
        super().__init__(told)


@contextlib.contextmanager
def held(path: Path, told: str) -> Iterator[None]:
    """`told` says to people that "{pid}" has it. Raises Taken."""
    with path.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = path.read_text(encoding="ascii").strip() or "?"
            raise AlreadyRunning(pid, told.format(pid=pid)) from None
        # What is written in it is for people.
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)

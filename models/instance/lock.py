"""One process of each program for each home; its lock ends with the process."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process has the lock; the text is for the person at the terminal. `pid` is "?" when it is not known."""

    def __init__(self, pid: str, message: str) -> None:
        self.pid = pid
        super().__init__(message)


@contextlib.contextmanager
def held(path: Path, message: str) -> Iterator[None]:
    """Holds the lock. `message` says that "{pid}" has it. Raises AlreadyRunning."""
    with path.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = path.read_text(encoding="ascii").strip() or "?"
            raise AlreadyRunning(pid, message.format(pid=pid)) from None
        # The process id in the file is for people.
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Locks the folder, after waiting for its holder: what is made in it is made by one process at a time."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

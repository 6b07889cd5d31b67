"""What can go wrong with a running hotline, for as long as a block lasts."""

import contextlib
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator

from phones.instance import Instance


@contextlib.contextmanager
def kept_dead(hotline: Instance, name: str) -> Iterator[None]:
    """However often the supervisor starts it again, the child dies at once: a program broken by a bad update."""
    over = threading.Event()

    def strike() -> None:
        while not over.wait(0.02):
            pid = hotline.state().get("children", {}).get(name, {}).get("pid")
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    restarts = hotline.child(name)["restarts"]
    striker = threading.Thread(target=strike, name=f"{name} dies")
    striker.start()
    try:
        hotline.until(lambda: hotline.child(name)["restarts"] > restarts, f"death of {name}")
        yield
    finally:
        over.set()
        striker.join()
        hotline.until(lambda: hotline.child(name)["state"] == "up", f"recovery of {name}", 30)


@contextlib.contextmanager
def standing_still(hotline: Instance, name: str) -> Iterator[None]:
    """The child is there and does nothing: its port takes connections, and nobody answers them."""
    pid = hotline.child(name)["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def store_locked(hotline: Instance) -> Iterator[None]:
    """Somebody holds the database and lets nobody else write."""
    holder = sqlite3.connect(hotline.home.path / "hotline.db", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
    finally:
        holder.close()


@contextlib.contextmanager
def store_gone(hotline: Instance) -> Iterator[None]:
    """The database's file has another name."""
    file = hotline.home.path / "hotline.db"
    away = file.with_name("moved.db")
    file.rename(away)
    try:
        yield
    finally:
        away.replace(file)

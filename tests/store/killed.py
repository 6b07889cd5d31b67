"""Runs a scan in a process of its own that is killed at its n-th step, as by a power failure."""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from models.database.store import Store
from models.instance.home import PROJECT_ROOT, Home
from models.policy import Policy
from models.site import Site
from models.site.network import OwnPrograms
from scheduler.scans import SCANS
from scheduler.scope import Scope

LOOKS = {scan.name: scan.look for scan in SCANS}


class Stopped:
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def scan_until_killed(url: str, home: Path, moment: datetime, scan: str, step: int) -> None:
    """Kills itself at step number `step`: each file made, moved or removed, each program started, and each write to
    the store, once before and once after it."""
    steps = 0

    def another(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def seen(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "subprocess.Popen") or writes:
            another()

    class Killed(Store):
        def write(self, *work: Any, **how: Any) -> Any:
            another()
            done = super().write(*work, **how)
            another()
            return done

    store = Killed(url)
    store.read(lambda session: None)
    example = Site.load(PROJECT_ROOT / "site.example.toml")
    site = example.model_copy(update={"webhooks": OwnPrograms(inside=["127.0.0.0/8"])})
    policy = Policy.load(PROJECT_ROOT / "policy.toml", site)
    sys.addaudithook(seen)
    LOOKS[scan](Scope(Home(home), site, policy, store, Stopped(moment)))
    os._exit(0)

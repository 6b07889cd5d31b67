"""What `hotline serve` says of itself and its children."""

import fcntl
import json
from typing import Any

from models.instance.home import Home


def running(home: Home) -> dict[str, Any] | None:
    """The state that `hotline serve` writes in this home (run/status.json), or None when it isn't running."""
    try:
        with (home.run / "serve.lock").open("r+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return None
    except FileNotFoundError:
        return None
    except BlockingIOError:
        pass
    try:
        state: dict[str, Any] = json.loads((home.run / "status.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {"ready": False, "children": {}}
    return state

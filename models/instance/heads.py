"""The heads of the access log are noted in a file of the home, outside the database, so that its end cannot be cut off.

A line for each: when, place, SHA-256. Who can write both the database and this file can forge both; keep a copy of its
last line elsewhere.
"""

import os
from datetime import datetime

from models.instance.home import Home
from models.people.access_log import Head


def noted(home: Home) -> list[Head]:
    """Every head noted so far, oldest first; a line that is torn by a crash is left out."""
    file = home.access_heads
    lines = file.read_text(encoding="ascii", errors="replace").splitlines() if file.exists() else []
    parts = [line.split() for line in lines]
    return [Head(int(one[1]), one[2]) for one in parts if len(one) == 3 and one[1].isdecimal() and len(one[2]) == 64]


def note(home: Home, head: Head, *, at: datetime) -> bool:
    """Adds the head, on the disk when this returns; False when it is the last one already. Raises OSError."""
    before = noted(home)
    if before and before[-1] == head:
        return False
    descriptor = os.open(home.access_heads, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(f"{at:%Y-%m-%dT%H:%M:%SZ} {head.place} {head.sha256}\n")
        file.flush()
        os.fsync(file.fileno())
    return True

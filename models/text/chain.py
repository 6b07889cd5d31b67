"""Each entry of a log carries the SHA-256 of itself and of the entry before it: nothing in between can be changed."""

import hashlib
import json
from datetime import UTC, datetime

BEGINNING = "0" * 64
"""What stands before the first entry."""


def link(before: str, place: int, at: datetime, who: str, what: str, subject: str) -> str:
    """In hexadecimal. `before` is the hash of the entry at the place before this one. Never changed: old entries are
    compared by it."""
    entry = [before, place, at.astimezone(UTC).isoformat(timespec="microseconds"), who, what, subject]
    return hashlib.sha256(json.dumps(entry, ensure_ascii=True).encode()).hexdigest()

"""Who has signed in at this terminal (`hotline login`): it holds for the terminal's session, in a file of its own.

The file is named after the session and its start, so that a later session with the same number finds nothing.
"""

import contextlib
import os
from datetime import datetime
from pathlib import Path

from models.database.store import Store
from models.instance.home import Home
from models.instance.instance import Instance
from models.people import sign_ins
from models.people.rights import Person
from models.states.people import SignInPlace

_PASSES_ON = ("sudo", "su", "runuser", "setpriv", "doas")
"""Some of them begin a session for every command: that of the terminal is the one they were started in."""


def sign_in(instance: Instance, store: Store, number: str, password: str, *, operator: str, at: datetime) -> None:
    """Raises SignInRefused."""
    address, rules = f"terminal of {operator}"[:80], instance.sign_in_rules
    place = SignInPlace.TERMINAL
    secret = sign_ins.sign_in(store, number, password, place=place, address=address, rules=rules, at=at)
    file = _file(instance.home)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    for one in file.parent.iterdir():
        if not _goes_on(one.name):
            one.unlink(missing_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as kept:
        kept.write(secret)


def sign_out(home: Home, store: Store, *, at: datetime) -> bool:
    """False when nobody was signed in here."""
    secret = _secret(home)
    if secret is None:
        return False
    store.write(sign_ins.sign_out, secret, at=at)
    _file(home).unlink(missing_ok=True)
    return True


def person(instance: Instance, *, at: datetime) -> Person | None:
    """Who is signed in at this terminal, if anybody is; it counts as used. Raises StoreUnavailable."""
    secret = _secret(instance.home)
    if secret is None:
        return None
    store = instance.open_store()
    found = store.read(sign_ins.person_of, secret, site=instance.site, rules=instance.sign_in_rules, at=at)
    if found is not None and not found.seen_lately(at):
        store.write(sign_ins.seen, found.sign_in, at=at)
    return found


def _secret(home: Home) -> str | None:
    with contextlib.suppress(OSError):
        return _file(home).read_text(encoding="ascii")
    return None


def _file(home: Home) -> Path:
    return home.run / "terminals" / _session_of(os.getsid(0))


def _session_of(leader: int) -> str:
    """Number and start of the terminal's session, above those that sudo and the like have begun."""
    name, parent, _, start = _stat(leader)
    if name in _PASSES_ON and parent > 1:
        return _session_of(_stat(parent)[2])
    return f"{leader}-{start}"


def _goes_on(session: str) -> bool:
    leader, _, start = session.partition("-")
    return leader.isdecimal() and str(_stat(int(leader))[3]) == start


def _stat(pid: int) -> tuple[str, int, int, int]:
    """Name, parent, session and start of a process (proc(5)); nothing but zeros when it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "", 0, 0, 0
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return name, int(fields[1]), int(fields[3]), int(fields[19])

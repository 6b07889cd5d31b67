"""The wrong passwords in Asterisk's log."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

# What a stranger has chosen stands before the address (the name) and after it (the call's id, which holds no blank):
# the last " failed for " is Asterisk's own. The delivered filter of fail2ban has the same form.
WRONG_PASSWORD = re.compile(
    r"^\[(?P<at>[0-9-]{10} [0-9:.]{12} [+-][0-9]{4})\] NOTICE\[[0-9]+\](\[C-[0-9a-f]+\])?: \S+ log_failed_request: "
    r"Request '[A-Za-z]{1,20}' from '(?P<who>.*)' failed for '(?P<address>[0-9.]{7,15}):[0-9]{1,5}' "
    r"\(callid: \S*\) - Failed to authenticate$"
)
_NAME = re.compile(r"<?sips?:(?P<name>[0-9A-Za-z*-]{1,20})@")
_AT_MOST = 5_000_000
"""Octets that are read at a time; a flood of more loses its beginning."""


class WrongPassword(NamedTuple):
    at: datetime
    address: str
    name: str
    """Whom the sender says to be; empty if it is no name of a telephone."""


def wrong_passwords(log: Path, begin: int) -> tuple[list[WrongPassword], int]:
    """Those after octet `begin` of Asterisk's log, and where to begin next time; the log is cut now and then."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            begin = begin if begin <= size else 0
            begin = max(begin, size - _AT_MOST)
            file.seek(begin)
            whole, _, rest = file.read(size - begin).rpartition(b"\n")
            return list(_found(whole.decode("utf-8", "replace"))), size - len(rest)
    except FileNotFoundError:
        return [], 0


def _found(text: str) -> Iterator[WrongPassword]:
    for line in text.split("\n"):
        if found := WRONG_PASSWORD.match(line):
            at = datetime.strptime(found["at"], "%Y-%m-%d %H:%M:%S.%f %z")
            name = _NAME.search(found["who"])
            yield WrongPassword(at, found["address"], name["name"] if name else "")

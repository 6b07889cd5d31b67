"""SIP messages, and what a telephone of a test knows of its call."""

import itertools
import re
import secrets
from dataclasses import dataclass

_ids = itertools.count(1)


def new_token() -> str:
    return f"{secrets.token_hex(6)}{next(_ids)}"


@dataclass(frozen=True)
class Message:
    """One SIP message; header names are in lower case."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @classmethod
    def parsed(cls, data: bytes) -> "Message":
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return cls(first, tuple((name.strip().lower(), value.strip()) for name, _, value in pairs), body)

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    @property
    def status(self) -> int:
        """0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        return self.get("cseq").split()[-1]

    @property
    def target(self) -> str:
        """The address in Contact."""
        found = re.search(r"<([^>]+)>", self.get("contact"))
        return found[1] if found else ""


@dataclass(frozen=True)
class Reply:
    """What the telephone answers to an INVITE: `SIP/2.0` status, then more header lines."""

    status: str
    headers: tuple[str, ...] = ()


@dataclass
class Dialog:
    """The call that the telephone has, seen from its side."""

    call_id: str
    local: str
    remote: str
    target: str
    cseq: int = 1
    ended: bool = False


def moved_to(where: str) -> tuple[Reply, ...]:
    """All calls are forwarded to this SIP address."""
    return (Reply("302 Moved Temporarily", (f"Contact: <{where}>",)),)


RINGS_AND_ANSWERS = (Reply("180 Ringing"), Reply("200 OK"))

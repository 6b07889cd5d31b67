"""Abuse of the REST API: half requests, wrong tokens, climbing paths, huge bodies, NUL, questions about hidden data."""

import http.client
import socket
import time
from contextlib import ExitStack
from urllib.parse import quote

from tests.attack.api import ROOT, Answer, ask, token
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import World

_PATHS = (
    "/../secrets.toml",
    f"{ROOT}/../../secrets.toml",
    f"{ROOT}/%2e%2e/%2e%2e/secrets.toml",
    f"{ROOT}/tickets/..%2f..%2f..%2fsecrets.toml",
    f"{ROOT}/recordings/..%2f..%2fsecrets.toml",
    f"{ROOT}//tickets",
    f"{ROOT}/tickets/1001%00",
    f"{ROOT}/tickets/99999999999999999999",
    f"{ROOT}/tickets/-1",
    f"{ROOT}/tickets?cursor=99999999999999999999",
    f"{ROOT}/tickets?text=%00",
    f"{ROOT}/tickets?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
    "/docs",
    "/.git/config",
)
_SERVED_WITHIN_S = 2.0
_HIDDEN = {"phone": ("13912349876", "13912349875"), "name": ("陈秘密", "陈公开")}
"""A field that is masked without the right `personal`: what it is, and what it is not."""


def attack(world: World, outcome: Outcome) -> None:
    with world.watched(outcome, "a request"):
        reads = token(world, "attack-reads", "read")
        opens = token(world, "attack-opens", "open")
        follows = token(world, "attack-follows", "follow")
        paths(world, outcome, reads)
        tokens(world, outcome, opens)
        bodies(world, outcome, opens)
        hidden(world, outcome, opens, reads)
        following(world, outcome, opens, follows)
        half_open(world, outcome)


def judge(outcome: Outcome, what: str, answer: Answer, *, refused: bool = True) -> None:
    """A refusal has a status of the 4xx; secrets are in no answer."""
    outcome.tried()
    if answer.status >= 500 or (refused and 200 <= answer.status < 300):
        outcome.gets_in(f"{what}: {answer.status} {answer.text[:80]}")
    if "ari_password" in answer.text or "[sip]" in answer.text:
        outcome.gets_in(f"{what}: the answer holds secrets")


def paths(world: World, outcome: Outcome, reads: str) -> None:
    for path in _PATHS:
        judge(outcome, path, ask(world, "GET", path, reads), refused=False)


def tokens(world: World, outcome: Outcome, opens: str) -> None:
    for number in range(world.some(200, 20)):
        guessed = f"htl_{number:043}"
        judge(outcome, "a guessed token", ask(world, "GET", f"{ROOT}/tickets", guessed, source="127.0.0.6"))
    judge(outcome, "no token", ask(world, "GET", f"{ROOT}/tickets"))
    judge(outcome, "a token without the right", ask(world, "GET", f"{ROOT}/tickets", opens))
    moved = ask(world, "POST", f"{ROOT}/tickets/1001/moves", opens, {"to": "done"})
    judge(outcome, "a move without the right", moved)


def bodies(world: World, outcome: Outcome, opens: str) -> None:
    huge = b'{"kind": "' + b"x" * 5_000_000 + b'"}'
    for what, raw in (
        ("a huge body", huge),
        ("a deep body", b"[" * 60_000),
        ("no JSON", b"\xff\xfe\x00"),
        ("a number without end", b"9" * 60_000),
    ):
        headers = {"Idempotency-Key": "attack-bodies"}
        judge(outcome, what, ask(world, "POST", f"{ROOT}/tickets", opens, raw=raw, headers=headers))
    for field in ("contact_name", "problem", "need", "building", "room", "contact_number"):
        answer = open_ticket(world, opens, f"attack-nul-{field}", **{field: "a\x00b"})
        judge(outcome, f"NUL in {field}", answer)


def open_ticket(world: World, opens: str, key: str, **fields: str) -> Answer:
    ticket = {"kind": "enquiry", "source": "web", "contact_number": "13912340004", "contact_name": "王"}
    ticket |= {"problem": "x", "need": "x"} | fields
    return ask(world, "POST", f"{ROOT}/tickets", opens, ticket, headers={"Idempotency-Key": key})


def hidden(world: World, outcome: Outcome, opens: str, reads: str) -> None:
    """The right value and a wrong one get the same answer for a reader who sees neither."""
    right = {"contact_number": _HIDDEN["phone"][0], "contact_name": _HIDDEN["name"][0]}
    opened = open_ticket(world, opens, "attack-hidden", **right)
    if opened.status != 201:
        outcome.loses(f"a customer's ticket: {opened.status} {opened.text[:200]}")
    for field, values in _HIDDEN.items():
        outcome.tried(2)
        answers = [search(world, reads, field, value) for value in values]
        if len({(answer.status, len(answer.body.get("tickets", []))) for answer in answers}) > 1:
            outcome.gets_in(f"{field}: the right value is told from a wrong one, though it is masked")


def search(world: World, reads: str, field: str, value: str) -> Answer:
    return ask(world, "GET", f"{ROOT}/tickets?{field}={quote(value)}", reads)


def following(world: World, outcome: Outcome, opens: str, follows: str) -> None:
    """Guesses at the end of a customer's number find nothing, and do not keep the customer out."""
    opened = open_ticket(world, opens, "attack-follow", contact_number="13912348642")
    number = opened.body.get("number", 1001)
    for guess in range(world.some(40, 8)):
        form = {"number": number, "digits": f"{guess:04}"}
        judge(outcome, "a guess at /follow", ask(world, "POST", f"{ROOT}/follow", follows, form))


def half_open(world: World, outcome: Outcome) -> None:
    """Connections that send half a header; a real client is served within a moment."""
    with ExitStack() as stack:
        for _ in range(world.some(250, 60)):
            outcome.tried()
            try:
                line = stack.enter_context(socket.create_connection(("127.0.0.1", world.hotline.ports.console), 2))
                line.sendall(f"GET {ROOT}/health HTTP/1.1\r\nHost: x\r\nX-Slow: ".encode())
            except OSError:
                continue
        began = time.monotonic()
        answer = ask(world, "GET", f"{ROOT}/health", within_s=_SERVED_WITHIN_S * 3, source="127.0.0.7")
        if answer.status != http.client.OK or time.monotonic() - began > _SERVED_WITHIN_S:
            took = time.monotonic() - began
            outcome.loses(f"a client beside half-open connections: {answer.status} after {took:.1f} s")


KIND = Kind("interface", "abuse the REST API", attack)

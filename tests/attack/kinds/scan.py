"""A scan over ranges of numbers: nothing is served, and no answer tells which telephones exist."""

import re
from collections.abc import Iterator

from phones.sip import Message
from tests.attack.outcome import Kind, Outcome
from tests.attack.volley import Volley
from tests.attack.world import World

SCANNER = "127.0.0.4"
_METHODS = ("OPTIONS", "REGISTER", "INVITE", "SUBSCRIBE")


def attack(world: World, outcome: Outcome) -> None:
    """Each method for numbers in a row, the telephones that exist among them."""
    telephones = list(world.phones)[:: world.some(1, 4)]
    missing = [str(number) for number in range(7100, 7100 + len(telephones))]
    scanned = [*missing, *telephones, *map(str, range(1000, 1000 + world.some(100, 10)))]
    volley = Volley(world.server, SCANNER)
    try:
        with world.watched(outcome, "a scan"):
            for method in _METHODS:
                answers = volley.fire(requests(world, method, scanned, volley.port))
                outcome.tried(len(scanned))
                for answer in answers:
                    if 100 < answer.status < 400:
                        outcome.gets_in(f"{method} to {answer.get('to')}: {answer.first}")
                known, unknown = shapes(answers, telephones), shapes(answers, missing)
                if known != unknown:
                    outcome.gets_in(f"{method}: a telephone that exists answers {known}, another one {unknown}")
    finally:
        volley.close()


def requests(world: World, method: str, numbers: list[str], port: int) -> Iterator[bytes]:
    for number in numbers:
        name = f"scan-{method}-{number}"
        lines = (
            f"{method} sip:{number}@{world.host} SIP/2.0",
            f"Via: SIP/2.0/UDP {SCANNER}:{port};rport;branch=z9hG4bK{name}",
            f"From: <sip:{number}@{world.host}>;tag={name}",
            f"To: <sip:{number}@{world.host}>",
            f"Call-ID: {name}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:{number}@{SCANNER}:{port}>",
            "Max-Forwards: 70",
            *(["Event: presence"] if method == "SUBSCRIBE" else []),
            "Content-Length: 0",
        )
        yield ("\r\n".join(lines) + "\r\n\r\n").encode()


def shapes(answers: list[Message], numbers: list[str]) -> set[str]:
    """What can be told from the answers about these numbers: all but the number itself and random characters."""
    mine = [answer for answer in answers if answer.get("call-id").rpartition("-")[2] in numbers]
    return {shape(answer, answer.get("call-id").rpartition("-")[2]) for answer in mine}


def shape(answer: Message, number: str) -> str:
    text = "\n".join([answer.first, *(f"{name}: {value}" for name, value in answer.headers), answer.body])
    text = re.sub(rf"\b{number}\b", "NUMBER", text)
    text = re.sub(r'(nonce|opaque|tag|branch)="?[^",;\s]*"?', lambda found: f"{found[1]}[{len(found[0])}]", text)
    return re.sub(r"(?m)^(date|call-id):.*$", r"\1", text)


KIND = Kind("scan", "find telephones that exist", attack)

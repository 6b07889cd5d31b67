"""SIP requests as strangers send them: many forms of each header, the same ones for the same seed."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_METHODS = ["INVITE"] * 12 + ["OPTIONS", "REGISTER", "SUBSCRIBE", "MESSAGE", "NOTIFY", "PUBLISH", "REFER", "DANCE"]
_DIALLED = [
    *["8000"] * 6,
    "8001",
    "7001",
    "7050",
    "1101",
    "110",
    "119",
    "9110",
    "00442079460000",
    "16812345",
    "s",
    "h",
    "*90",
]
_ODD_USERS = ["", "%", "%00", "a" * 300, "'--", '"', "${SHELL(id)}", "8000;phone-context=+86", "+8613800138000", "客服"]
_LONG = 60_000


@dataclass(frozen=True)
class Server:
    """Whom the stranger writes to: the address and port of SIP, telephones that exist, and the name of the trunk."""

    address: str
    port: int
    telephones: Sequence[str]
    trunk: str = "carrier"

    @property
    def host(self) -> str:
        return f"{self.address}:{self.port}"


def requests(server: Server, address: str, port: int, seed: int) -> Iterator[bytes]:
    """Requests for ever, from a stranger at this address; none carries a password that is right."""
    dice = random.Random(f"{seed}-strangers")
    number = 0
    while True:
        number += 1
        yield _request(server, address, port, dice, f"{seed}.{number}")


def _request(server: Server, address: str, port: int, dice: random.Random, name: str) -> bytes:
    method = dice.choice(_METHODS)
    names = [server.trunk, *server.telephones, "anonymous", "unknown", "hotline", *_ODD_USERS]
    dialled, caller = dice.choice([*_DIALLED, *_ODD_USERS]), dice.choice(names)
    here = dice.choice([address, server.address, server.host, "carrier.example", "[::1]", "0.0.0.0", "localhost"])
    uri = dice.choice(
        [
            *[f"sip:{dialled}@{server.host}"] * 4,
            f"sip:{dialled}@{server.host};user=phone",
            f"sips:{dialled}@{server.host}",
            f"tel:{dialled}",
            f"sip:{server.host}",
            f"sip:{dialled}@elsewhere.example",
        ]
    )
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {dice.choice([f'{address}:{port}', address, 'nowhere.example'])};rport;branch=z9hG4bK{name}",
        f"From: {_display(dice)}<sip:{caller}@{here}>;tag={name}",
        f"To: <sip:{dialled}@{server.host}>",
        f"Call-ID: {name}@{address}",
        f"CSeq: {dice.choice([1, 1, 1, 0, 2**31 - 1])} {method}",
        f"Max-Forwards: {dice.choice([70, 70, 1, 0, 255])}",
        f"Contact: <sip:{caller}@{dice.choice([f'{address}:{port}', server.host])}>",
    ]
    for more in dice.sample(_MORE, dice.randrange(4)):
        lines.append(more(server, caller, dice))
    if dice.random() < 0.05:
        del lines[dice.randrange(1, len(lines))]
    body = dice.choice([_sdp(address), _sdp(address), "", "v=0\r\n", "\x00\xff" * 20])
    kind = ["Content-Type: application/sdp"] if body else []
    head = "\r\n".join([*lines, *kind, f"Content-Length: {dice.choice([len(body.encode())] * 9 + [5])}"])
    return f"{head}\r\n\r\n{body}".encode()[:65_000]


def _display(dice: random.Random) -> str:
    return dice.choice(
        ["", '"Carrier" ', '"7001" ', '"\\"" ', "'; DROP TABLE calls; ", '"' + "x" * 300 + '" ', '"${SHELL(id)}" ']
    )


def _asserted(server: Server, caller: str, dice: random.Random) -> str:
    kind = dice.choice(["P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID", "Identity", "Diversion"])
    return f"{kind}: <sip:{dice.choice([*server.telephones, '13800138000'])}@{server.host}>"


def _route(server: Server, caller: str, dice: random.Random) -> str:
    return f"{dice.choice(['Route', 'Record-Route'])}: <sip:{server.host};lr>"


def _claims_a_password(server: Server, caller: str, dice: random.Random) -> str:
    kind = dice.choice(["Authorization", "Proxy-Authorization"])
    proof = dice.choice(
        [
            f'Digest username="{caller}",realm="hotline",nonce="",uri="sip:{server.host}",response=""',
            f'Digest username="{caller}",realm="hotline",nonce="{"0" * 40}",uri="sip:x",response="{"0" * 32}"',
            f'Digest username="{server.trunk}",realm="",nonce="x",uri="*",response="{"f" * 32}",algorithm=none',
            "Basic Y2Fycmllcjo=",
            "Digest",
        ]
    )
    return f"{kind}: {proof}"


def _replaces(server: Server, caller: str, dice: random.Random) -> str:
    return dice.choice(
        ["Replaces: a@b;to-tag=1;from-tag=2", "Join: a@b;to-tag=1;from-tag=2", "Require: replaces, 100rel"]
    )


def _endless(server: Server, caller: str, dice: random.Random) -> str:
    return f"X-Endless: {'x' * dice.choice([1_000, _LONG])}"


_MORE: list[Callable[[Server, str, random.Random], str]] = [
    _asserted,
    _asserted,
    _route,
    _claims_a_password,
    _claims_a_password,
    _replaces,
    _endless,
]


def _sdp(address: str) -> str:
    return (
        f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0\r\n"
        "a=rtpmap:8 PCMA/8000\r\n"
    )

"""SIP messages as text: read, answered, and signed with the account's password (RFC 3261, 22)."""

import hashlib
import re
import secrets
from dataclasses import dataclass

_PARAMETER = re.compile(r'(\w+)="?([^",]*)"?')
_COPIED = ("via", "from", "to", "call-id", "cseq")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@dataclass(frozen=True)
class SipMessage:
    """A request or a response; header names are in lower case, and repeated headers stay repeated."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @classmethod
    def parse(cls, data: bytes) -> "SipMessage | None":
        """None for anything but a SIP message, such as a keep-alive."""
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        if "SIP/2.0" not in start:
            return None
        pairs = (line.partition(":") for line in lines if ":" in line)
        return cls(start, tuple((name.strip().lower(), value.strip()) for name, _, value in pairs), body)

    def header(self, name: str) -> str:
        """The first header of this name, or an empty text."""
        return next((value for found, value in self.headers if found == name), "")

    @property
    def method(self) -> str:
        """The method of a request; of a response, the one in its CSeq."""
        return self.header("cseq").split()[-1] if self.status else self.start.split()[0]

    @property
    def status(self) -> int:
        """The status of a response; 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0

    @property
    def branch(self) -> str:
        found = re.search(r"branch=([^;,\s]+)", self.header("via"))
        return found[1] if found else ""

    @property
    def called(self) -> str:
        """The user in the request's address."""
        found = re.match(r"\S+ sips?:([^@;>\s]+)@", self.start)
        return found[1] if found else ""

    @property
    def audio(self) -> tuple[str, int] | None:
        """The address from which the other side sends its audio, and where it wants ours."""
        address = re.search(r"^c=IN IP4 (\S+)", self.body, re.MULTILINE)
        port = re.search(r"^m=audio (\d+) ", self.body, re.MULTILINE)
        return (address[1], int(port[1])) if address and port else None


def response(request: SipMessage, status: str, tag: str, *headers: str, body: str = "") -> bytes:
    """An answer such as "200 OK" to the request; `tag` is ours."""
    lines = [f"SIP/2.0 {status}"]
    for name, value in request.headers:
        if name in _COPIED:
            mine = f";tag={tag}" if name == "to" and "tag=" not in value and not status.startswith("100") else ""
            lines.append(f"{name}: {value}{mine}")
    return _whole([*lines, *headers], body)


def request(method: str, uri: str, *headers: str, body: str = "") -> bytes:
    return _whole([f"{method} {uri} SIP/2.0", "Max-Forwards: 70", *headers], body)


def _whole(lines: list[str], body: str) -> bytes:
    kind = "application/sdp" if body.startswith("v=0") else "application/dtmf-relay"
    typed = [f"Content-Type: {kind}"] if body else []
    return ("\r\n".join([*lines, *typed, f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body).encode()


def signed(challenge: str, method: str, uri: str, user: str, password: str) -> str:
    """The Authorization header for a WWW-Authenticate."""
    asked = dict(_PARAMETER.findall(challenge))
    realm, nonce, client = asked.get("realm", ""), asked.get("nonce", ""), secrets.token_hex(8)
    secret, what = _md5(f"{user}:{realm}:{password}"), _md5(f"{method}:{uri}")
    said = f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5'
    if "opaque" in asked:
        said += f', opaque="{asked["opaque"]}"'
    if "qop" not in asked:
        return f'{said}, response="{_md5(f"{secret}:{nonce}:{what}")}"'
    answer = _md5(f"{secret}:{nonce}:00000001:{client}:auth:{what}")
    return f'{said}, qop=auth, nc=00000001, cnonce="{client}", response="{answer}"'


def voice(address: str, port: int) -> str:
    """An offer or answer of A-law without telephone events: keys are sent by SIP INFO, so that each is answered."""
    return "\r\n".join(
        [
            "v=0",
            f"o=- 1 1 IN IP4 {address}",
            "s=-",
            f"c=IN IP4 {address}",
            "t=0 0",
            f"m=audio {port} RTP/AVP 8",
            "a=rtpmap:8 PCMA/8000",
            "a=ptime:20",
            "a=sendrecv",
            "",
        ]
    )

"""A call that Asterisk refuses for its sound never reaches the dialplan, and has a row all the same.

Asterisk answers 488 by itself when it has no codec in common with the caller (G.729 alone, a fax, SRTP where it is
off), and reports it to nobody. So it copies its SIP messages to us (res_hep_pjsip, HEP version 3, over loopback).
"""

import asyncio
import email.message
import email.parser
import hashlib
import logging
import re
import socket
from dataclasses import dataclass
from urllib.parse import unquote

from ivr.house import House
from models.calls import calls
from models.site import Site
from models.site.trunks import Trunk
from models.text.numbers import normal

log = logging.getLogger(__name__)

_REFUSED = b"SIP/2.0 488 "
_PAYLOAD, _SOURCE = 15, 3
"""The chunks of a HEP packet that hold the message, and the IPv4 address from which it came."""
_HEADER = 6
_TRANSACTION_S = 32.0
"""So long an INVITE may be without an answer (RFC 3261, timer B)."""
_COMPACT = {"i": "call-id", "f": "from", "t": "to"}
_WITHHELD = {"id", "user", "header"}
_STATIC = {"0": "PCMU", "3": "GSM", "4": "G723", "8": "PCMA", "9": "G722", "18": "G729"}
"""Payload types that need no rtpmap (RFC 3551)."""


@dataclass(frozen=True)
class Offer:
    """An INVITE that begins a call. `source` is the address from which it came; `login` the account that it shows."""

    call_id: str
    dialled: str
    number: str | None
    sound: str
    at: float
    source: str = ""
    login: str = ""


def message_of(packet: bytes) -> bytes:
    """The SIP message in a HEP packet; empty for another packet."""
    return _chunk(packet, _PAYLOAD)


def source_of(packet: bytes) -> str:
    """The IPv4 address from which the message came; empty if the packet names none."""
    address = _chunk(packet, _SOURCE)
    return socket.inet_ntoa(address) if len(address) == 4 else ""


def _chunk(packet: bytes, wanted: int) -> bytes:
    if not packet.startswith(b"HEP3"):
        return b""
    at = _HEADER
    while at + _HEADER <= len(packet):
        kind, length = int.from_bytes(packet[at + 2 : at + 4]), int.from_bytes(packet[at + 4 : at + 6])
        if kind == wanted:
            return packet[at + _HEADER : at + length]
        at += max(length, _HEADER)
    return b""


def offer_of(message: bytes, ours: set[str], at: float, source: str = "") -> Offer | None:
    """The call that an INVITE begins; None within a call. `ours`: our telephones, known by their login; who only shows
    the number of one is nobody."""
    first, _, rest = message.partition(b"\r\n")
    parsed = email.parser.Parser().parsestr(rest.decode("utf-8", "replace"))
    if ";tag=" in _header(parsed, "to"):
        return None
    caller, asserted = _user(_header(parsed, "from")), _user(_header(parsed, "p-asserted-identity"))
    privacy = {word.strip().lower() for word in _header(parsed, "privacy").split(";")}
    hidden = privacy & _WITHHELD or "privacy=full" in _header(parsed, "remote-party-id")
    number = None if hidden else asserted or caller
    found = re.search(r'username="([^"]*)"', _header(parsed, "authorization"))
    login = found[1] if found else ""
    if login in ours:
        number = login
    elif number in ours:
        number = None
    dialled = _user(first.split(b" ")[1].decode("utf-8", "replace"))
    return Offer(_header(parsed, "call-id"), dialled, number, _sound(str(parsed.get_payload())), at, source, login)


def _header(parsed: email.message.Message, name: str) -> str:
    short = next((short for short, long in _COMPACT.items() if long == name), name)
    return str(parsed.get(name) or parsed.get(short) or "")


def _user(address: str) -> str:
    """Of `"name" <sip:user;parameters@host>`."""
    found = re.search(r"(?:sips?|tel):([^@;>\s]*)", address)
    return unquote(found[1]) if found else ""


def _sound(sdp: str) -> str:
    """What an offer has: "G729", "image udptl t38", "RTP/SAVP PCMA"."""
    named = dict(re.findall(r"(?m)^a=rtpmap:(\d+) ([\w.-]+)", sdp))
    offered = []
    for kind, how, payloads in re.findall(r"(?m)^m=(\w+) \d+ (\S+) ([^\r\n]*)", sdp):
        codecs = [named.get(payload) or _STATIC.get(payload, payload) for payload in payloads.split()]
        what = [codec for codec in codecs if codec != "telephone-event"]
        offered.append(" ".join([*([] if kind == "audio" else [kind]), *([] if how == "RTP/AVP" else [how]), *what]))
    return ", ".join(offered)


class Refusals(asyncio.DatagramProtocol):
    """Reads what Asterisk copies to us, and writes a row for each call to a line that it refuses with 488."""

    def __init__(self, house: House, tasks: asyncio.TaskGroup) -> None:
        self._house, self._tasks = house, tasks
        self._ours = set(house.site.phones)
        self._offers: dict[str, Offer] = {}

    def datagram_received(self, data: bytes, addr: object) -> None:
        message, now = message_of(data), asyncio.get_running_loop().time()
        if message.startswith(b"INVITE "):
            if offer := offer_of(message, self._ours, now, source_of(data)):
                self._offers = {id: o for id, o in self._offers.items() if now - o.at < _TRANSACTION_S}
                self._offers[offer.call_id] = offer
        elif message.startswith(_REFUSED):
            parsed = email.parser.Parser().parsestr(message.partition(b"\r\n")[2].decode("utf-8", "replace"))
            if offer := self._offers.pop(_header(parsed, "call-id"), None):
                self._tasks.create_task(self._write(offer))

    async def _write(self, offer: Offer) -> None:
        line = line_of(offer, self._house.site)
        if line is None:
            return
        log.warning("a call to %s was refused: no sound in common with %s", line, offer.sound)
        name = f"refused-{hashlib.sha256(offer.call_id.encode()).hexdigest()[:16]}"
        try:
            await self._house.write(
                calls.turn_away,
                channel_id=name,
                line=line,
                caller_number=offer.number,
                language=self._house.site.language,
                reason=f"{calls.NO_SOUND}: {offer.sound}",
                at=self._house.now(),
            )
        except Exception:
            log.exception("the refused call to %s could not be written", line)


def line_of(offer: Offer, site: Site) -> str | None:
    """The line that a caller has dialled, by its number or a public one; for any other number that of the trunk over
    which the call came, if it has one."""
    wanted = normal(offer.dialled, site.area_code)
    for line in site.lines:
        if wanted in {line.number, *(normal(did, site.area_code) for did in line.did)}:
            return line.number
    return next((trunk.line for trunk in site.trunks if trunk.line and _came_over(trunk, offer)), None)


def _came_over(trunk: Trunk, offer: Offer) -> bool:
    """By its address, the account that it dials, or as a gateway by its login."""
    named = trunk.user is not None and offer.dialled == trunk.user
    return offer.source in trunk.sources or named or (trunk.is_gateway and offer.login == trunk.name)


async def listen(house: House, tasks: asyncio.TaskGroup) -> None:
    """Until cancelled. The port is that of [agi], over UDP."""
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Refusals(house, tasks), ("127.0.0.1", house.site.agi.port)
        )
    except OSError as error:
        log.error("calls that Asterisk refuses for their sound have no row: %s", error)
        return
    try:
        await loop.create_future()
    finally:
        transport.close()

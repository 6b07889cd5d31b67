"""A stranger's RTP: he gets nothing of a talk that he aims at, and nobody hears him."""

import socket
import struct
import time
from contextlib import ExitStack

from phones.raw import RawPhone
from phones.sip import RINGS_AND_ANSWERS
from tests.attack.outcome import Kind, Outcome
from tests.attack.ways import talking
from tests.attack.world import World

_THIEF = "127.0.0.9"
_SOUND = b"\x2a" * 160
"""A-law that no prompt and no silence contains."""
_PACKETS = 12
_ALAW = 8


def attack(world: World, outcome: Outcome) -> None:
    """At every port of the range: during a talk, and before a telephone has said anything."""
    world.answer_with({"7001": RINGS_AND_ANSWERS})
    with world.watched(outcome, "a stranger's RTP", may_ring=tuple(world.phones), calls=3):
        with talking(world) as (agent, caller):
            sprays(world, outcome, "a talk", agent, caller)
        room = world.phones["1101"]
        room.invite("8003", password=world.password("1101"))
        sprays(world, outcome, "a telephone that has just been answered", room)
        room.request("BYE")


def sprays(world: World, outcome: Outcome, what: str, *phones: RawPhone) -> None:
    first, last = world.hotline.ports.rtp
    with ExitStack() as stack:
        thief = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        thief.bind((_THIEF, 0))
        thief.setblocking(False)
        stolen = 0
        for number in range(_PACKETS):
            packet = struct.pack("!BBHII", 0x80, _ALAW, number, number * 160, 0xBAD) + _SOUND
            for port in range(first, last, 2):
                thief.sendto(packet, (world.server[0], port))
            time.sleep(0.02)
            stolen += received(thief)
        time.sleep(1)
        stolen += received(thief)
    outcome.tried((last - first) // 2 + 1)
    if stolen:
        outcome.gets_in(f"{what}: {stolen} packets were sent to the stranger")
    for phone in phones:
        if any(_SOUND in sound for sound in phone.voice):
            outcome.gets_in(f"{what}: telephone {phone.number} heard the stranger")


def received(thief: socket.socket) -> int:
    count = 0
    while True:
        try:
            count += bool(thief.recv(2048))
        except OSError:
            return count


KIND = Kind("voice", "hear or speak in somebody's call", attack)

"""Which prompts are heard, packet by packet: Asterisk sends the bytes of its files as they are."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.certainty.log import What

_PACKET = 160
_ROOM_LENGTH = 4
_MATTER = ("wake-", "knock-", "digit-", "called-", "interrupted")
"""How the names of those prompts begin that are listened for; others sound alike here and there."""
_DIGIT = "digit-"
"""Numbers that are said otherwise, such as minutes, are made of the same sounds: four digits in a row are a room."""


def prompts(*folders: Path) -> dict[bytes, tuple[str, int]]:
    """Which prompt a packet of A-law is from, and the how manieth of it; only what is of a single prompt of all."""
    pieces = {
        (data[place : place + _PACKET], (file.stem, place // _PACKET))
        for folder in folders
        for file in folder.glob("*.alaw")
        for data in [file.read_bytes()]
        for place in range(0, len(data) - _PACKET, _PACKET)
    }
    matter = [(piece, place) for piece, place in pieces if place[0].startswith(_MATTER)]
    of_all, of_matter = Counter(piece for piece, _ in pieces), Counter(piece for piece, _ in matter)
    return {
        piece: place
        for piece, place in matter
        if of_all[piece] == 1 or (of_matter[piece] == 1 and place[0].startswith(_DIGIT))
    }


class Ears:
    """`heard`: how often each prompt was. `last`: when anything came from the line (monotonic)."""

    def __init__(self, prompts: dict[bytes, tuple[str, int]], tell: Callable[[What, str], None]) -> None:
        self._prompts, self._tell = prompts, tell
        self._place = ("", 0)
        self._digits = ""
        self.heard: Counter[str] = Counter()
        self.room = ""
        self.last = time.monotonic()

    def packet(self, voice: bytes) -> None:
        self.last = time.monotonic()
        place = self._prompts.get(voice)
        if place is None:
            return
        (name, number), (before, last) = place, self._place
        self._place = place
        if name == before and number > last:
            return
        self.heard[name] += 1
        self._tell(What.HEARD, name)
        kind, _, digit = name.partition("-")
        self._digits = self._digits + digit if kind == "digit" else ""
        if len(self._digits) == _ROOM_LENGTH:
            self.room = self._digits
            self._tell(What.NAMED, self.room)

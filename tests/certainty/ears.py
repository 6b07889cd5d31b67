"""Recognises prompts packet by packet: Asterisk sends the bytes of its files unchanged."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.certainty.log import What

_PACKET = 160
_ROOM_LENGTH = 4
_LISTENED = ("wake-", "knock-", "digit-", "called-", "interrupted")
"""How the names of the recognised prompts begin; others sound alike in places."""
_DIGIT = "digit-"
"""Other numbers, such as minutes, use the same sounds: only four digits in a row are a room."""


def prompts(*folders: Path) -> dict[bytes, tuple[str, int]]:
    """The prompt of each A-law packet, and its place in it; only packets that occur in a single prompt."""
    pieces = {
        (data[place : place + _PACKET], (file.stem, place // _PACKET))
        for folder in folders
        for file in folder.glob("*.alaw")
        for data in [file.read_bytes()]
        for place in range(0, len(data) - _PACKET, _PACKET)
    }
    listened = [(piece, place) for piece, place in pieces if place[0].startswith(_LISTENED)]
    of_all, of_listened = Counter(piece for piece, _ in pieces), Counter(piece for piece, _ in listened)
    return {
        piece: place
        for piece, place in listened
        if of_all[piece] == 1 or (of_listened[piece] == 1 and place[0].startswith(_DIGIT))
    }


class Ears:
    """`heard`: how often each prompt was. `last`: when anything last came from the line (monotonic)."""

    def __init__(self, prompts: dict[bytes, tuple[str, int]], report: Callable[[What, str], None]) -> None:
        self._prompts, self._report = prompts, report
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
        self._report(What.HEARD, name)
        kind, _, digit = name.partition("-")
        self._digits = self._digits + digit if kind == "digit" else ""
        if len(self._digits) == _ROOM_LENGTH:
            self.room = self._digits
            self._report(What.NAMED, self.room)

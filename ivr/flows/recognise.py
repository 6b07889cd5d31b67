"""A caller whose number is not in the directory keys building and room while telephones ring, or is served without."""

import asyncio

from ivr.ari.objects import Event
from ivr.call import Call
from ivr.house import House
from ivr.meanwhile import Words
from models.people import people
from models.tables import Ticket
from models.tickets import tickets

_LONGEST_BUILDING = 4
_LONGEST_ROOM = 8
_KEYED = "Keyed"
"""An event of ours: after these digits there was a pause."""


def home_asked(call: Call, house: House, ticket: Ticket, *heard_out: str) -> Words:
    """The question for building and room for a caller whose home we do not know; first what is to be heard out."""
    if call.unit is not None:
        return Words(call, house, heard_out=heard_out)
    return HomeAsked(call, house, ticket, heard_out)


class HomeAsked(Words):
    """Nobody is kept waiting: a caller may just stay on the line (R13-2), and the question ends when somebody lifts."""

    def __init__(self, call: Call, house: House, ticket: Ticket, heard_out: tuple[str, ...]) -> None:
        super().__init__(call, house, "ask-building", heard_out=heard_out)
        self._ticket = ticket
        self._asking = True
        self._building = ""
        self._keyed = ""
        self._now = asyncio.get_running_loop().time
        self._quiet_since = self._now()

    async def goes_on(self, event: Event) -> None:
        key = self._call.pressed(event)
        if key is not None and self._asking and not self._in_first_words:
            await self._is_keyed(key)
        elif event["type"] == _KEYED and self._asking and event["digits"] == self._keyed:
            await self._takes()
        else:
            await super().goes_on(event)

    async def introduces(self, number: str) -> None:
        self._asking = False
        await super().introduces(number)

    async def finish(self) -> None:
        """Where no telephone rings the question is answered all the same, or met with silence."""
        await super().finish()
        while self._asking and (event := await self._call.next(self._silence_left())) is not None:
            await self.goes_on(event)
            await super().finish()
        self._asking = False

    def _silence_left(self) -> float:
        return max(0.0, self._quiet_since + self._house.policy.menu.key_wait_s - self._now())

    def _is_heard(self) -> None:
        super()._is_heard()
        self._quiet_since = self._now()

    async def _is_keyed(self, key: str) -> None:
        await self._cut()
        self._quiet_since = self._now()
        self._keyed += key if key.isdigit() else ""
        if key == "#" or len(self._keyed) >= (_LONGEST_ROOM if self._building else _LONGEST_BUILDING):
            return await self._takes()
        pause = {"type": _KEYED, "digits": self._keyed}
        asyncio.get_running_loop().call_later(self._house.policy.menu.digit_wait_s, self._call.stream.put, pause)

    async def _takes(self) -> None:
        """What was keyed is the building, then the room; none at all ends the question."""
        keyed, self._keyed = self._keyed, ""
        if self._building:
            self._asking = False
            await self._locate(self._building, keyed)
        elif keyed:
            self._building, self._words = keyed, ("ask-room",)
        else:
            self._asking = False
        await self._go_on()

    async def _locate(self, building: str, room: str) -> None:
        call, house = self._call, self._house
        call.unit = await house.read(people.unit_by_keys, building=building, room=room)
        unit_id = call.unit.id if call.unit else None
        await house.write(tickets.locate, self._ticket.id, building=building, room=room, unit_id=unit_id)
        if call.unit is None:
            self._words = ("not-found",)

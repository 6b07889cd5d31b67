"""The calls that ring at this moment, and the telephones they ring: what a colleague may pick up."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.ari.objects import Channel
from models.states.calls import Ring
from models.tables import Staff


@dataclass(eq=False, frozen=True)
class Offer:
    """A colleague at a telephone who wants this call. The call's own task decides `accepted`, as it decides everything
    about the call: True when it has taken the colleague's channel over."""

    staff: Staff
    channel: Channel
    accepted: asyncio.Future[bool]


class Rings(Protocol):
    """A call that rings somebody."""

    def ringing_since(self, groups: Sequence[str], staff: Staff) -> float | None:
        """Since when a telephone of these groups rings for it; None when this colleague cannot pick it up."""

    def offer(self, offer: Offer) -> None:
        """From now on nobody else can pick it up; its task answers the offer."""

    def withdraw(self, number: str, outcome: Ring) -> None:
        """This telephone is no longer to ring for it."""


class Board:
    """All of them. Nothing here waits, so that two who pick up at once get two calls, or one of them none."""

    def __init__(self) -> None:
        self._calls: list[Rings] = []
        self._at_hand: dict[str, Offer] = {}

    def add(self, call: Rings) -> None:
        self._calls.append(call)

    def remove(self, call: Rings) -> None:
        self._calls.remove(call)

    def pick_up(self, staff: Staff, groups: Sequence[str], channel: Channel) -> Offer | None:
        """Offers the colleague for the call that rings longest in these groups (R20-4). None: there is none."""
        found = [(since, call) for call in self._calls if (since := call.ringing_since(groups, staff)) is not None]
        if not found:
            return None
        _, longest = min(found, key=lambda one: one[0])
        offer = Offer(staff, channel, asyncio.get_running_loop().create_future())
        longest.offer(offer)
        return offer

    def wait(self, offer: Offer) -> None:
        """The colleague waits at the telephone for a call back that was requested by *33."""
        self._at_hand[offer.staff.number] = offer

    def at_hand(self, number: str) -> Offer | None:
        """The one who waits, once; who gets the offer answers it."""
        return self._at_hand.pop(number, None)

    def withdraw(self, number: str, outcome: Ring) -> None:
        """This telephone stops ringing for every call, and the next colleague's turn has come."""
        for call in self._calls:
            call.withdraw(number, outcome)

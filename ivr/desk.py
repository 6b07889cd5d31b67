"""The staff who may be rung at this moment, and the order in which callers wait for them."""

import bisect
import logging
import re
from collections.abc import Collection, Sequence

from ivr.ari.client import Ari
from ivr.board import Board
from ivr.ledger import Ledger
from models.calls import gate
from models.people import people
from models.policy import Policy
from models.policy.gate import Reach
from models.site import Site
from models.states.calls import Ring
from models.tables import Staff

log = logging.getLogger(__name__)

_LEG = re.compile(r"c\d+-leg-(\d+)-|(?:c2m-\d+-\d+|click-\d+)-(\d+)")
"""In the channel name of one of the staff who is rung or talks: the staff number."""


class Desk:
    """The phones of the house. One is free when it is registered, has no call, and is not being rung for a caller.

    Staff on duty whose phone is not registered are free on their mobile, if they have one (R05-1).
    """

    def __init__(self, ari: Ari, ledger: Ledger, site: Site, policy: Policy) -> None:
        self._ari = ari
        self._ledger = ledger
        self._site = site
        self._policy = policy
        self.board = Board()
        self.listening: set[str] = set()
        """Numbers of those who listen to a colleague's talk at this moment: no caller waits for them."""
        self._taken: set[str] = set()
        self._away: set[str] = set()
        """Numbers whose phone was not registered at the last look."""
        self._lines: dict[str, list[int]] = {}

    # -- phones -------------------------------------------------------------------------------------------------------

    async def free(self, *groups: str) -> list[Staff]:
        """Free phones of those on duty in these groups, longest idle first (R05-2)."""
        return await self._free(await self._on_duty(*groups))

    async def free_among(self, staff: Sequence[Staff]) -> list[Staff]:
        """The free ones of these, whether on duty or not."""
        return await self._free(staff)

    async def free_supervisor(self, group: str) -> list[Staff]:
        """The duty supervisor of this group, if the phone is free."""
        supervisor = await self._ledger.read(people.supervisor, group, at=self._ledger.now())
        return await self._free([supervisor] if supervisor else [])

    async def _on_duty(self, *groups: str) -> list[Staff]:
        return await self._ledger.read(people.on_duty, *groups, at=self._ledger.now())

    async def _free(self, staff: Sequence[Staff]) -> list[Staff]:
        phones = await self._ari.phones()
        away = {s.number for s in staff if phones.get(s.number, {}).get("state") != "online"}
        self._away = self._away - {s.number for s in staff} | away
        at_hand = [s for s in staff if s.number not in away | self._taken and not phones[s.number]["channel_ids"]]
        # Desk phones are rung before mobiles, whose network takes its time (R05-2).
        outside = [s for s in staff if s.number in away - self._taken and self._has_mobile(s)]
        on_the_line = await self._talking_outside(outside)
        return at_hand + [s for s in outside if s.number not in on_the_line]

    async def _talking_outside(self, staff: Collection[Staff]) -> set[str]:
        """Those of these who talk on a mobile: not the trunk, but the channel's name shows whose call it is."""
        if not staff:
            return set()
        found = [_LEG.match(channel["id"]) for channel in await self._ari.channels()]
        return {leg[1] or leg[2] for leg in found if leg} & {s.number for s in staff}

    def mobile(self, person: Staff) -> str | None:
        """The mobile number that is rung instead of the phone; ask right after the person was found free."""
        return person.mobile if person.number in self._away and self._has_mobile(person) else None

    def _has_mobile(self, person: Staff) -> bool:
        """Whether this person has a mobile that may be called (R05-1, R20-5)."""
        if not person.mobile:
            return False
        decision = gate.decide(person.mobile, Reach.STAFF_MOBILE, self._site, self._policy)
        if not decision.allowed:
            log.warning("the mobile of %s %s is not rung: %s", person.number, person.name, decision.en)
        return decision.allowed

    async def obstacle(self, person: Staff) -> Ring | None:
        """Why this one cannot be rung: BUSY when the phone is in use; when it is not registered UNREACHABLE, or REFUSED
        where the gate does not let a call to the mobile out."""
        if await self._free([person]):
            return None
        phone = (await self._ari.phones()).get(person.number)
        if phone is not None and phone["state"] == "online":
            return Ring.BUSY
        return Ring.REFUSED if person.mobile and not self._has_mobile(person) else Ring.UNREACHABLE

    async def talking(self, *groups: str) -> bool:
        """Whether anybody on duty in these groups is in a call, so that waiting makes sense."""
        staff = await self._on_duty(*groups)
        phones = await self._ari.phones()
        in_use = {s.number for s in staff if phones.get(s.number, {}).get("channel_ids")} - self.listening
        if in_use or any(s.number in self._taken for s in staff):
            return True
        return bool(await self._talking_outside([s for s in staff if s.mobile]))

    def circle(self, group: str) -> Sequence[str]:
        """The group and its neighbours (R20-4)."""
        return (group, *self._site.group(group).neighbours)

    def take(self, staff: Sequence[Staff]) -> list[Staff]:
        """Keeps for one caller those of these phones that no other caller is ringing by now."""
        mine = [s for s in staff if s.number not in self._taken]
        self._taken.update(s.number for s in mine)
        return mine

    def release(self, number: str) -> None:
        self._taken.discard(number)

    # -- the line of waiting callers ----------------------------------------------------------------------------------

    def join_line(self, group: str, call_id: int) -> None:
        """Callers are served in the order in which they called us, also one who comes back into the line."""
        bisect.insort(self._lines.setdefault(group, []), call_id)

    def leave_line(self, group: str, call_id: int) -> None:
        self._lines[group].remove(call_id)

    def has_line(self, group: str) -> bool:
        return bool(self._lines.get(group))

    def place(self, group: str, call_id: int) -> int:
        """How many callers are before this one: 0 is the next."""
        return self._lines[group].index(call_id)

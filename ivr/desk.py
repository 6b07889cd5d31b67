"""Who may be rung at this moment, and in which order callers wait for them."""

import bisect
from collections.abc import Sequence

from ivr.ari import Ari
from ivr.ledger import Ledger
from models.site import Site
from models.states import Ring
from models.tables import Staff


class Desk:
    """The phones of the house. One is free when it is registered, has no call, and is not being rung for a caller."""

    def __init__(self, ari: Ari, ledger: Ledger, site: Site) -> None:
        self._ari = ari
        self._ledger = ledger
        self._site = site
        self._taken: set[str] = set()
        self._lines: dict[str, list[int]] = {}

    # -- phones -------------------------------------------------------------------------------------------------------

    async def free(self, *groups: str) -> list[Staff]:
        """Free phones of those on duty in these groups, longest idle first (R05-2)."""
        return await self._free(await self._ledger.on_duty(*groups))

    async def free_supervisor(self, group: str) -> list[Staff]:
        """The duty supervisor of this group, when his phone is free."""
        supervisor = await self._ledger.supervisor(group)
        return await self._free([supervisor] if supervisor else [])

    async def _free(self, staff: Sequence[Staff]) -> list[Staff]:
        phones = await self._ari.phones()

        def is_free(number: str) -> bool:
            phone = phones.get(number)
            return (
                phone is not None
                and phone["state"] == "online"
                and not phone["channel_ids"]
                and number not in self._taken
            )

        return [s for s in staff if is_free(s.number)]

    async def obstacle(self, person: Staff) -> Ring | None:
        """Why this one cannot be rung: UNREACHABLE when his phone is not registered, BUSY when it is in use."""
        if await self._free([person]):
            return None
        phone = (await self._ari.phones()).get(person.number)
        return Ring.BUSY if phone is not None and phone["state"] == "online" else Ring.UNREACHABLE

    async def talking(self, *groups: str) -> bool:
        """Whether anybody on duty in these groups is in a call, so that waiting for him makes sense."""
        numbers = {s.number for s in await self._ledger.on_duty(*groups)}
        phones = await self._ari.phones()
        return any(number in self._taken or phones.get(number, {}).get("channel_ids") for number in numbers)

    def circle(self, group: str) -> Sequence[str]:
        """The group and its neighbours (R20-4)."""
        return (group, *self._site.group(group).neighbours)

    def take(self, staff: Sequence[Staff]) -> list[Staff]:
        """Keeps for one caller those of these phones that nobody else is ringing meanwhile; they are then his alone."""
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

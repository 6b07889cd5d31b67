"""Every call over a trunk has its answer and its end written within a second or two of it, however it ended."""

import asyncio
import logging
from collections.abc import Sequence

from ivr.ari.client import Ari
from ivr.ari.errors import AriError
from ivr.house import House
from models.calls import trunk_calls
from models.database.store import StoreUnavailable
from models.tables import TrunkCall

log = logging.getLogger(__name__)


class Meter:
    """Compares the rows of calls that were let out with Asterisk's channels.

    Not by events: a call may end while nobody of ours is connected, and after a transfer nobody knows whose it was.
    """

    def __init__(self, ari: Ari, house: House) -> None:
        self._ari = ari
        self._house = house
        self._seen: set[str] = set()
        """Channels of these calls that have lived at the last look."""

    async def forever(self) -> None:
        while True:
            await self._ari.connected.wait()
            await asyncio.sleep(self._house.policy.outgoing.poll_s)
            try:
                await self.compare()
            except (AriError, StoreUnavailable) as error:
                log.warning("calls over the trunk could not be compared with Asterisk: %s", error)
            except Exception:
                log.exception("comparing calls over the trunk with Asterisk failed; it is tried again")

    async def compare(self) -> None:
        house = self._house
        rows = await house.read(trunk_calls.going_on, house.site.node)
        if not rows:
            return
        states = {channel["id"]: channel["state"] for channel in await self._ari.channels()}
        over = await self._over_another([row for row in rows if row.channel_id in states and not row.answered_at])
        news = [
            row
            for row in rows
            if row.channel_id not in states
            or (states[row.channel_id] == "Up" and not row.answered_at)
            or row.channel_id in over
        ]
        if news:
            at, seen = house.now(), frozenset(self._seen)
            await house.write(trunk_calls.compare, news, states, seen=seen, policy=house.policy, at=at, over=over)
        self._seen = {row.channel_id for row in rows if row.channel_id} & states.keys()

    async def _over_another(self, rows: Sequence[TrunkCall]) -> dict[str, str]:
        """The trunks of channels that are not called over the one that is written: it has failed, and they go on over
        the next."""
        if self._house.site.only_way is not None:
            return {}
        over = {row.channel_id: await self._ari.channel(row.channel_id).trunk() for row in rows if row.channel_id}
        written = {row.channel_id: row.trunk for row in rows}
        return {channel: trunk for channel, trunk in over.items() if trunk and trunk != written[channel]}

"""Calls that go on by our rows are compared with Asterisk's channels; callers who were cut off are taken up again.

Asterisk keeps channels and bridges of an application that has died, mute, and sends no second StasisStart when it
comes back.
"""

import asyncio
import itertools
import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from ivr.ari.client import Ari
from ivr.ari.errors import Disconnected
from ivr.ari.objects import FAR_END, SORRY, Channel, Playback, ignoring_gone
from ivr.call import prompts_to
from ivr.house import House
from ivr.listening_in import NAME
from ivr.spoken_notes import take_in_notes
from models.calls import calls
from models.calls.calls import ActiveCall
from models.database.store import StoreUnavailable
from models.tables import Talk
from models.tickets import call_backs

log = logging.getLogger(__name__)

_LEG = re.compile(rf"c\d+-leg-|c2m-\d+-|click-\d+|wake-\d+-|{NAME}")
"""Channels that we have made: to staff, to a customer, or to listen to a talk."""
_CALLED = ("c2m-", "click-", "wake-")
"""Channels of people whom we have called on our own account."""
_TALK = re.compile(rf"c\d+-talk-|{NAME}")
_SECOND_LOOK_S = 3.0
_IS_HELD_UP_S = 12.0

Adopt = Callable[[ActiveCall], None]


class Recovery:
    """Runs after every connection to Asterisk, then at intervals. A channel with a listener has its
    conversation, and is left alone.

    `adopt` takes up a talk that is going on without us; `cut_off` is set when a caller has just lost the conversation
    though the connection holds.
    """

    def __init__(self, ari: Ari, house: House, adopt: Adopt, cut_off: asyncio.Event) -> None:
        self._ari = ari
        self._house = house
        self._adopt = adopt
        self._every_s = house.policy.recovery.every_s
        self.compared = asyncio.Event()
        """Set when the channels that an earlier process or connection left behind have been looked at."""
        self._cut_off = cut_off

    async def forever(self) -> None:
        while True:
            await self._ari.connected.wait()
            for pause in itertools.chain([_SECOND_LOOK_S], itertools.repeat(self._every_s)):
                try:
                    await self.compare()
                    self.compared.set()
                except Disconnected as error:
                    log.warning("calls could not be compared with Asterisk: %s", error)
                except Exception:
                    log.exception("comparing calls with Asterisk failed; it is tried again")
                await self._something_happens(_SECOND_LOOK_S if self._ari.leaving else pause)
                if self._ari.lost.is_set():
                    self.compared.clear()
                    break

    async def _apologise(self, channel: Channel, context: str) -> None:
        """In this context, and at once: Asterisk sends no channel on before its prompt is over, which may take half a
        minute."""
        await asyncio.gather(*(Playback(self._ari, prompt).stop() for prompt in prompts_to(channel)))
        await ignoring_gone(channel.leave_to(context))

    def _leaves(self, channel_id: str) -> bool:
        """It was sent away, and a recording holds it up: sent again, it would lose the rest of the apology."""
        sent_at = self._ari.leaving.get(channel_id)
        return sent_at is not None and asyncio.get_running_loop().time() - sent_at < _IS_HELD_UP_S

    async def _something_happens(self, within: float) -> None:
        waiting = [asyncio.ensure_future(event.wait()) for event in (self._ari.lost, self._cut_off)]
        try:
            await asyncio.wait(waiting, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
        self._cut_off.clear()

    async def _break_off_rings(self, rows: Sequence[ActiveCall]) -> None:
        """Ends the rows of phones that rang for lost callers, also in a transfer: nobody waits for an answer any more.
        In the rows first: as soon as a phone is hung up, it may ring for another caller."""
        if not (rings := [ring.id for row in rows for ring in row.rings]):
            return
        try:
            await self._house.write(calls.break_off_rings, rings, at=self._house.now())
        except StoreUnavailable as error:
            log.warning("rings of lost callers could not be ended in the store; it is tried again: %s", error)

    async def _lose(self, row: ActiveCall, running_since: datetime) -> None:
        """A caller who was not served is owed a call back."""
        served = any(self._served(talk, running_since) for talk in row.talks)
        owed, at = not served and row.call.mode not in calls.OUTGOING, self._house.now()
        site, policy = self._house.site, self._house.policy
        await self._house.write(call_backs.lose_call, row.call.id, owed=owed, site=site, policy=policy, at=at)

    def _served(self, talk: Talk, running_since: datetime) -> bool:
        """Whether it had lasted long enough before we were away, and was not broken off by the end of Asterisk.
        How long it went on, nobody has seen."""
        if self._ari.served_until is None or talk.started_at < running_since:
            return False
        away_s = asyncio.get_running_loop().time() - self._ari.served_until
        seen_s = (self._house.now() - talk.started_at).total_seconds() - away_s
        return seen_s >= self._house.policy.tasks.talk_counts_from_s

    async def compare(self) -> None:
        """One look at rows, channels and bridges: adopts talks, apologises to callers, and removes what is left."""
        rows = [row for row in await self._house.read(calls.active) if row.call.channel_id not in self._ari.listeners]
        living = {channel["id"]: channel["state"] for channel in await self._ari.channels()}
        # Of the two ends of a call that the dialplan makes for us, the near one is ours; the far one ends with it.
        channels = {channel_id for channel_id in living if not channel_id.endswith(FAR_END)}
        bridges = {bridge["id"] for bridge in await self._ari.bridges()}
        ours = await self._ari.own_channels()
        began = await self._ari.running_since()
        kept: set[str] = set()
        for gone in self._ari.leaving.keys() - ours:
            del self._ari.leaving[gone]
        for row in rows:
            talks = [t for t in row.talks if {t.caller_channel, t.leg_channel} <= channels and t.bridge_id in bridges]
            if row.call.channel_id not in channels:
                log.warning("call %s ended while we were away", row.call.id)
                await self._lose(row, began)
            elif talks:
                log.info("call %s: the talk goes on, and is followed again", row.call.id)
                kept |= {row.call.channel_id, talks[0].bridge_id, *(talk.leg_channel for talk in talks)}
                self._adopt(row)
        for channel_id in ours - kept - self._ari.listeners.keys():
            if not _LEG.match(channel_id) and not self._leaves(channel_id):
                log.warning("the caller on %s was cut off: apology, then back to us", channel_id)
                await self._apologise(self._ari.channel(channel_id), "interrupted")
            elif channel_id.startswith(_CALLED) and living.get(channel_id) == "Up" and not self._leaves(channel_id):
                log.warning("our call on %s was cut off: apology", channel_id)
                await self._apologise(self._ari.channel(channel_id), SORRY)
        await self._break_off_rings(rows)
        for channel_id in channels - kept - self._ari.listeners.keys():
            if _LEG.match(channel_id) and not self._leaves(channel_id):
                await self._ari.channel(channel_id).hang_up()
        for bridge_id in bridges - kept - self._ari.listeners.keys():
            if _TALK.match(bridge_id):
                await self._ari.bridge(bridge_id).destroy()
        await take_in_notes(self._ari, self._house)

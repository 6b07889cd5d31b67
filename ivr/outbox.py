"""Calls to make, which wait in the store, are claimed by one process at a time and made."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ivr.ari.client import Ari
from ivr.ari.errors import AriError
from ivr.call import CALLED_OFF, Call, Progress
from ivr.house import House
from models.calls import outgoing
from models.calls.outgoing import Claim, Priority, Purpose
from models.language import Language, language_of
from models.tickets import tickets

log = logging.getLogger(__name__)

Drive = Callable[[Call, Awaitable[None]], Awaitable[None]]

_WAITS_FOR_NO_LEASE = (Purpose.WAKE_UP, Purpose.KNOCK)
"""After a crash these are made again as soon as we run again."""
_AGAIN_AFTER = timedelta(seconds=5)
_KEPT_IN_A_LEASE = 3
"""How often in a lease the claims of calls going on are renewed: one lapses only when we are dead."""


class Outbox:
    """`drive` takes a conversation to its end, whatever happens in it. `may_begin` is set when the channels of attempts
    that a crash cut off are gone from Asterisk, so that no telephone rings for two of them."""

    def __init__(
        self, ari: Ari, house: House, drive: Drive, tasks: asyncio.TaskGroup, may_begin: asyncio.Event
    ) -> None:
        self._ari = ari
        self._house = house
        self._drive = drive
        self._tasks = tasks
        self._may_begin = may_begin
        self._who = f"{house.site.node}-{secrets.token_hex(4)}"
        self._going_on: dict[int, tuple[Claim, Call]] = {}
        self._called_off: set[int] = set()
        """Those of them that know it."""
        self._keep_at = 0.0
        self._room_may_begin_at = 0.0

    async def forever(self) -> None:
        await self._may_begin.wait()
        await self._take_from_the_dead()
        while True:
            await self._may_begin.wait()
            await asyncio.sleep(self._house.policy.outgoing.poll_s)
            try:
                await self._stop_what_is_called_off()
                await self._keep_what_goes_on()
                while (claim := await self._next()) is not None:
                    call = self._call(claim)
                    self._going_on[claim.id] = claim, call
                    self._tasks.create_task(self._make(claim, call))
            except Exception:
                log.exception("no call to make could be taken up; it is tried again")

    async def _take_from_the_dead(self) -> None:
        """The channels of the process before us are gone by now, and a guest must not be woken a lease too late."""
        try:
            now, node = self._house.now(), self._house.site.node
            await self._house.write(
                outgoing.take_from, _WAITS_FOR_NO_LEASE, node=node, except_claimant=self._who, at=now
            )
        except Exception:
            log.exception("calls that were cut off wait for the end of their lease")

    async def _next(self) -> Claim | None:
        """The next call that is due, as long as not too many are going on; an emergency in any case. Wake-up calls are
        counted apart: they use lines that callers do not need, and begin one after the other (R05-2)."""
        now, rules = asyncio.get_running_loop().time(), self._house.policy
        rooms = sum(claim.kind is Purpose.WAKE_UP for claim, _ in self._going_on.values())
        among = {Priority.FIRST}
        if rooms < rules.wake_up.at_once and self._room_may_begin_at <= now + rules.outgoing.ahead_s:
            among.add(Priority.AT_ITS_SECOND)
        if len(self._going_on) - rooms < rules.outgoing.at_once:
            among |= {Priority.ORDINARY, Priority.LATER}
        claim = await self._claim(among)
        return self._in_its_turn(claim) if claim is not None and claim.kind is Purpose.WAKE_UP else claim

    async def _claim(self, among: Collection[Priority]) -> Claim | None:
        """The next one of these priorities, if any is due: nobody else makes it until the lease is over."""
        house, ahead = self._house, timedelta(seconds=self._house.policy.outgoing.ahead_s)
        due: dict[str, Any] = {"at": house.now(), "among": among, "ahead": ahead, "except_ids": list(self._going_on)}
        if not await house.read(outgoing.any_due, **due):
            return None
        return await house.write(outgoing.claim, by=self._who, until=house.leased_until(), **due)

    def _in_its_turn(self, claim: Claim) -> Claim:
        """Not before it is due, nor too soon after the last one: only this many begin in one second."""
        now, wall = asyncio.get_running_loop().time(), self._house.now()
        begins_at = max(now + (claim.due_at - wall).total_seconds(), now, self._room_may_begin_at)
        self._room_may_begin_at = begins_at + 1 / self._house.policy.wake_up.starts_a_second
        return replace(claim, due_at=wall + timedelta(seconds=begins_at - now))

    async def _keep_what_goes_on(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._keep_at and self._going_on:
            claims = [claim for claim, _ in self._going_on.values()]
            await self._house.write(outgoing.keep, claims, until=self._house.leased_until())
            self._keep_at = now + self._house.policy.outgoing.lease_s / _KEPT_IN_A_LEASE

    async def _stop_what_is_called_off(self) -> None:
        going_on = {id: one for id, one in self._going_on.items() if id not in self._called_off}
        if not going_on:
            return
        for id in await self._house.read(outgoing.called_off, [claim for claim, _ in going_on.values()]):
            if id in self._going_on:
                self._called_off.add(id)
                going_on[id][1].stream.put(CALLED_OFF)

    def _call(self, claim: Claim) -> Call:
        return Call(
            self._ari,
            self._ari.channel(claim.name),
            self._ari.listen(claim.name),
            id=0,
            line=self._line(claim),
            number=claim.number or claim.extension or "",
            language=self._language(claim),
            policy=self._house.policy,
            progress=Progress(path=[claim.kind], outgoing=True),
        )

    async def _make(self, claim: Claim, call: Call) -> None:
        """An attempt that goes wrong on our side is made again when its claim has lapsed."""
        try:
            with call.stream:
                await self._end_what_is_left_of(claim)
                await self._write_conversation(call, claim)
                await self._drive(call, self._house.conversations.outgoing[claim.kind](call, self._house, claim))
        except AriError as error:
            log.warning("the attempt %s was broken off: %s", claim.name, error)
        except Exception:
            log.exception("the attempt %s has failed", claim.name)
        finally:
            del self._going_on[claim.id]
            self._called_off.discard(claim.id)
        if claim.kind in _WAITS_FOR_NO_LEASE:
            await self._give_back(claim)

    async def _write_conversation(self, call: Call, claim: Claim) -> None:
        """The row of the conversation, and what is known of the person who is called."""
        row, known = await self._house.write(
            outgoing.conversation,
            claim,
            line=call.line,
            number=call.number,
            language=call.language,
            at=self._house.now(),
        )
        call.id = row.id
        if claim.ticket_id:
            call.ticket = await self._house.read(tickets.row, claim.ticket_id)
        if known is not None:
            call.owner, call.unit = known.owner, known.unit

    async def _give_back(self, claim: Claim) -> None:
        """Does nothing if the attempt has ended by itself."""
        try:
            await self._house.write(outgoing.give_back, claim, at=self._house.now() + _AGAIN_AFTER)
        except Exception:
            log.exception("the attempt %s waits for the end of its lease", claim.name)

    async def _end_what_is_left_of(self, claim: Claim) -> None:
        """The telephone of an interrupted attempt may still ring: it must not ring twice."""
        if claim.fence == 1:
            return
        if claim.channel_id is not None:
            await self._ari.channel(claim.channel_id).hang_up()
            return
        for channel in await self._ari.channels():
            if channel["id"].startswith(f"c2m-{claim.id}-"):
                await self._ari.channel(channel["id"]).hang_up()

    def _line(self, claim: Claim) -> str:
        """The line of the conversation, or one of the group that owes the call."""
        lines = self._house.site.lines
        owned = [line.number for line in lines if line.group == claim.owner_group]
        known = [line.number for line in lines if line.number == claim.line]
        return (known or owned or [lines[0].number])[0]

    def _language(self, claim: Claim) -> Language:
        """The customer's; for our staff the site's."""
        if claim.number is None:
            return self._house.site.language
        return language_of(claim.language)

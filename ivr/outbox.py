"""Calls that somebody has asked for in the store are taken up here, each by one process at a time, and made."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from ivr.ari.client import Ari
from ivr.ari.errors import AriError
from ivr.call import CALLED_OFF, Call
from ivr.flows.call_back import call_back
from ivr.flows.escalation import escalation
from ivr.flows.follow_up import follow_up
from ivr.flows.handover import remind
from ivr.flows.knock import knock
from ivr.flows.wake_up import wake_up
from ivr.house import House
from models.calls import outgoing
from models.calls.outgoing import Claim, Priority, Purpose
from models.language import Language, language_of

log = logging.getLogger(__name__)

Drive = Callable[[Call, Awaitable[None]], Awaitable[None]]
Flow = Callable[[Call, House, Claim], Awaitable[None]]

OUTGOING: dict[Purpose, Flow] = {
    Purpose.CALL_BACK: call_back,
    Purpose.ESCALATION: escalation,
    Purpose.FOLLOW_UP: follow_up,
    Purpose.REMINDER: remind,
    Purpose.WAKE_UP: wake_up,
    Purpose.KNOCK: knock,
}
"""What is said, and to whom, by why we call."""
_WAITS_FOR_NO_LEASE = (Purpose.WAKE_UP, Purpose.KNOCK)
"""Cut off by a crash, it is made again as soon as we live again."""
_AGAIN_AFTER = timedelta(seconds=5)
_KEPT_IN_A_LEASE = 3
"""So often the lease of what is going on is renewed: it lapses only when we are dead."""


class Outbox:
    """`drive` takes a conversation to its end, whatever happens in it. `may_begin`: what an attempt that was cut off
    has left in Asterisk is gone by now, so that no telephone rings for two of them."""

    def __init__(
        self, ari: Ari, house: House, drive: Drive, tasks: asyncio.TaskGroup, may_begin: asyncio.Event
    ) -> None:
        self._ari = ari
        self._house = house
        self._ledger = house.ledger
        self._drive = drive
        self._tasks = tasks
        self._may_begin = may_begin
        self._who = f"{house.site.node}-{secrets.token_hex(4)}"
        self._going_on: dict[int, tuple[Claim, Call]] = {}
        self._called_off: set[int] = set()
        """Those of them that have been told so."""
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
        """What the process before us has left in Asterisk is gone by now; a guest is not woken a lease too late."""
        try:
            now, node = self._ledger.clock.now(), self._house.site.node
            await self._ledger.write(outgoing.take_from, _WAITS_FOR_NO_LEASE, node=node, but=self._who, at=now)
        except Exception:
            log.exception("calls that were cut off wait for the end of their lease")

    async def _next(self) -> Claim | None:
        """What is due, as long as not too many are going on; an emergency all the same. Rooms are counted by
        themselves: they have the lines that callers do not need, and begin one after the other (R05-2)."""
        now, rules = asyncio.get_running_loop().time(), self._house.policy
        rooms = sum(claim.kind is Purpose.WAKE_UP for claim, _ in self._going_on.values())
        among = {Priority.FIRST}
        if rooms < rules.wake_up.at_once and self._room_may_begin_at <= now + rules.outgoing.ahead_s:
            among.add(Priority.AT_ITS_SECOND)
        if len(self._going_on) - rooms < rules.outgoing.at_once:
            among |= {Priority.ORDINARY, Priority.LATER}
        claim = await self._ledger.claim_call_to_make(self._who, among, but=list(self._going_on))
        return self._in_its_turn(claim) if claim is not None and claim.kind is Purpose.WAKE_UP else claim

    def _in_its_turn(self, claim: Claim) -> Claim:
        """Not before it is due, nor so soon after the one before that too many would begin in one second."""
        now, wall = asyncio.get_running_loop().time(), self._ledger.clock.now()
        begins_at = max(now + (claim.due_at - wall).total_seconds(), now, self._room_may_begin_at)
        self._room_may_begin_at = begins_at + 1 / self._house.policy.wake_up.starts_a_second
        return replace(claim, due_at=wall + timedelta(seconds=begins_at - now))

    async def _keep_what_goes_on(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._keep_at and self._going_on:
            await self._ledger.keep_claims([claim for claim, _ in self._going_on.values()])
            self._keep_at = now + self._house.policy.outgoing.lease_s / _KEPT_IN_A_LEASE

    async def _stop_what_is_called_off(self) -> None:
        going_on = {id: one for id, one in self._going_on.items() if id not in self._called_off}
        if not going_on:
            return
        for id in await self._ledger.called_off([claim for claim, _ in going_on.values()]):
            if id in self._going_on:
                self._called_off.add(id)
                going_on[id][1].stream.put(CALLED_OFF)

    def _call(self, claim: Claim) -> Call:
        call = Call(
            self._ari,
            self._ari.channel(claim.name),
            self._ari.listen(claim.name),
            id=0,
            line=self._line(claim),
            number=claim.number or claim.extension or "",
            language=self._language(claim),
            policy=self._house.policy,
        )
        call.outgoing, call.path = True, [claim.kind]
        return call

    async def _make(self, claim: Claim, call: Call) -> None:
        """An attempt that goes wrong on our side is made again when its claim has lapsed."""
        try:
            with call.stream:
                await self._end_what_is_left_of(claim)
                await self._ledger.begin_outgoing(call, claim)
                await self._drive(call, OUTGOING[claim.kind](call, self._house, claim))
        except AriError as error:
            log.warning("the attempt %s was broken off: %s", claim.name, error)
        except Exception:
            log.exception("the attempt %s has failed", claim.name)
        finally:
            del self._going_on[claim.id]
            self._called_off.discard(claim.id)
        if claim.kind in _WAITS_FOR_NO_LEASE:
            await self._give_back(claim)

    async def _give_back(self, claim: Claim) -> None:
        """Nothing, if the attempt has come to an end of its own."""
        try:
            await self._ledger.write(outgoing.give_back, claim, at=self._ledger.clock.now() + _AGAIN_AFTER)
        except Exception:
            log.exception("the attempt %s waits for the end of its lease", claim.name)

    async def _end_what_is_left_of(self, claim: Claim) -> None:
        """Of an attempt that was interrupted the telephone may still ring: it must not ring twice."""
        if claim.fence == 1:
            return
        if claim.channel_id is not None:
            await self._ari.channel(claim.channel_id).hang_up()
            return
        for channel in await self._ari.channels():
            if channel["id"].startswith(f"c2m-{claim.id}-"):
                await self._ari.channel(channel["id"]).hang_up()

    def _line(self, claim: Claim) -> str:
        """Whose conversation it is; or a line of the group that owes it."""
        lines = self._house.site.lines
        owned = [line.number for line in lines if line.group == claim.owner_group]
        known = [line.number for line in lines if line.number == claim.line]
        return (known or owned or [lines[0].number])[0]

    def _language(self, claim: Claim) -> Language:
        """The customer's, or our own to one of ours."""
        if claim.number is None:
            return self._house.site.language
        return language_of(claim.language)

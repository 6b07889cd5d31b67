"""Calls that somebody has asked for in the store are taken up here, each by one process at a time, and made."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable

from ivr.ari import Ari
from ivr.ari_errors import AriError
from ivr.call import Call
from ivr.flows.call_back import call_back
from ivr.house import House
from models.calls import CALL_BACK
from models.calls_to_make import Claim

log = logging.getLogger(__name__)

Drive = Callable[[Call, Awaitable[None]], Awaitable[None]]


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

    async def forever(self) -> None:
        while True:
            await self._may_begin.wait()
            await asyncio.sleep(self._house.policy.call_back.poll_s)
            try:
                while (claim := await self._ledger.claim_call_to_make(self._who)) is not None:
                    self._tasks.create_task(self._make(claim))
            except Exception:
                log.exception("no call to make could be taken up; it is tried again")

    async def _make(self, claim: Claim) -> None:
        """An attempt that goes wrong on our side is made again when its claim has lapsed."""
        try:
            await self._end_what_is_left_of(claim)
            with self._ari.listen(claim.name) as stream:
                call = Call(
                    self._ari,
                    self._ari.channel(claim.name),
                    stream,
                    id=0,
                    line=self._line(claim),
                    number=claim.number,
                    language="en" if claim.language == "en" else "zh",
                    policy=self._house.policy,
                )
                call.outgoing, call.path = True, [CALL_BACK]
                await self._ledger.begin_call_back(call, claim)
                await self._drive(call, call_back(call, self._house, claim))
        except AriError as error:
            log.warning("the attempt %s was broken off: %s", claim.name, error)
        except Exception:
            log.exception("the attempt %s has failed", claim.name)

    async def _end_what_is_left_of(self, claim: Claim) -> None:
        """Of an attempt that was interrupted the customer's telephone may still ring: it must not ring twice."""
        for channel in await self._ari.channels():
            if channel["id"].startswith(f"c2m-{claim.id}-"):
                await self._ari.channel(channel["id"]).hang_up()

    def _line(self, claim: Claim) -> str:
        """On which the customer had called; or one of the group that owes him the call."""
        lines = self._house.site.lines
        owned = [line.number for line in lines if line.group == claim.owner_group]
        known = [line.number for line in lines if line.number == claim.line]
        return (known or owned or [lines[0].number])[0]

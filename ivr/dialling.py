"""Calling one person on our own account: he is rung at one telephone, and what comes of it has a name.

Who answers comes by way of the dialplan, which has a word for him also when we are gone meanwhile.
"""

import asyncio
import logging

from ivr.ari.errors import CommandRefused
from ivr.call import CALLED_OFF, Call, CalledOff
from ivr.house import House
from ivr.ringing import endpoint, outcome_of, rings_heard, trunk
from models.calls.outgoing import Claim
from models.states.calls import AttemptOutcome, Ring, ToMake
from models.tables import Staff

log = logging.getLogger(__name__)

_NETWORK_MUST_RING_WITHIN_S = 20.0
_IF_WE_ARE_GONE_S = 15.0
"""So much longer than we ring him Asterisk does, should nobody be there to stop it."""


async def call_out(call: Call, house: House, claim: Claim, rings: int) -> AttemptOutcome:
    """CONNECTED when he has answered within so many rings; anything else, and nothing rings any more.

    One of the staff is rung at his telephone, on duty or not, or while that is not registered at his mobile (R05-1).
    Raises CalledOff when nobody wants the call any more.
    """
    call.doing = "ringing"
    if claim.number is not None:
        await _is_dialled(house, claim)
        return AttemptOutcome(await _Ringing(call, house, rings).until_the_end(trunk(house.site, claim.number)))
    desk, person = house.desk, await house.ledger.staff(claim.extension or "")
    if person is None:
        return AttemptOutcome.UNREACHABLE
    if not await desk.free_among([person]):
        return AttemptOutcome(await desk.obstacle(person) or Ring.BUSY)
    if not desk.take([person]):
        return AttemptOutcome.BUSY
    try:
        await _is_dialled(house, claim)
        return AttemptOutcome(await _rings_one_of_ours(call, house, claim, person, rings))
    finally:
        desk.release(person.number)


async def ring_room(call: Call, house: House, room: str, rings: int) -> tuple[Ring, int]:
    """As `call_out`, for a guest's telephone, when it is written that it rings; and how often it has rung."""
    call.doing = "ringing"
    ringing = _Ringing(call, house, rings)
    outcome = await ringing.until_the_end((f"PJSIP/{room}", f"<{call.line}>"))
    return outcome, ringing.heard()


async def _is_dialled(house: House, claim: Claim) -> None:
    """Written first."""
    if not await house.ledger.move_call_to_make(claim, ToMake.DIALLING, staff_number=claim.extension):
        raise CalledOff


async def _rings_one_of_ours(call: Call, house: House, claim: Claim, person: Staff, rings: int) -> Ring:
    """With a row for the ringing, as for any telephone of ours."""
    mobile = house.desk.mobile(person)
    row = (person.number, mobile or person.number, call.channel.id)
    (ring_id,) = await house.ledger.begin_rings(call, call.ticket, claim.kind, [row])
    ringing = _Ringing(call, house, rings, ring_id)
    shown = f"{call.ticket.number if call.ticket else call.line} <{call.line}>"
    try:
        outcome = await ringing.until_the_end(endpoint(house.site, person, mobile, shown))
    except CalledOff:
        await house.ledger.end_ring(ring_id, Ring.CANCELLED, ringing.heard())
        raise
    await house.ledger.end_ring(ring_id, outcome, ringing.heard())
    return outcome


class _Ringing:
    """One telephone that rings; `ring_id` is its row, if it has one."""

    def __init__(self, call: Call, house: House, rings: int, ring_id: int | None = None) -> None:
        self._call = call
        self._ledger = house.ledger
        self._ring_id = ring_id
        self._policy = house.policy
        self._rings_s = house.policy.ring_seconds(rings)
        self._now = asyncio.get_running_loop().time
        self._until = self._now() + _NETWORK_MUST_RING_WITHIN_S + self._rings_s
        self.since: float | None = None

    async def until_the_end(self, where: tuple[str, str]) -> Ring:
        call, longest_s = self._call, _NETWORK_MUST_RING_WITHIN_S + self._rings_s + _IF_WE_ARE_GONE_S
        try:
            await call.channel.call_out(*where, within_s=round(longest_s))
        except CommandRefused as error:
            log.warning("call %s: %s cannot be called: %s", call.id, call.number, error)
            return Ring.UNREACHABLE
        try:
            await self._is_in(await call.channel.watch())
        except CommandRefused:
            # A telephone that is in use may say so before anybody can listen.
            return outcome_of(await call.channel.cause())
        while (left := self._until - self._now()) > 0:
            try:
                async with asyncio.timeout(left):
                    # Not `call.next`: how his channel ends is an outcome here, not a hang-up.
                    event = await call.stream.next()
            except TimeoutError:
                break
            if event is CALLED_OFF:
                await call.hang_up()
                raise CalledOff
            match event["type"]:
                case "StasisStart":
                    call.answered = True
                    await self._ledger.answered(call)
                    return Ring.CONNECTED
                case "ChannelDestroyed":
                    return outcome_of(event["cause"])
                case "ChannelStateChange":
                    await self._is_in(event["channel"]["state"])
        await call.hang_up()
        return Ring.NO_ANSWER

    def heard(self) -> int:
        """How many rings it has given."""
        return rings_heard(self._policy, self.since, self._now())

    async def _is_in(self, state: str) -> None:
        """Rings are counted from when it says that it rings (R05-2)."""
        if state == "Ringing" and self.since is None:
            self.since, self._until = self._now(), self._now() + self._rings_s
            if self._ring_id is not None:
                await self._ledger.ringing(self._ring_id)

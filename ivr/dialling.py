"""Calling one person on our own account: one telephone is rung, and the result has a name.

The answer comes by way of the dialplan, which has an apology for the person if we have died meanwhile.
"""

import asyncio
import logging

from ivr.ari.errors import CommandRefused
from ivr.call import CALLED_OFF, Call, CalledOff
from ivr.house import House
from ivr.ringing import endpoint, is_rung, outcome_of, warn_redirected
from ivr.way_out import NotLetOut, let_out
from models.calls import calls, outgoing
from models.calls.outgoing import Claim
from models.people import people
from models.policy.gate import Reach
from models.states.calls import AttemptOutcome, Ring, ToMake
from models.tables import Staff

log = logging.getLogger(__name__)

NETWORK_MUST_RING_WITHIN_S = 20.0
_IF_WE_ARE_GONE_S = 15.0
"""Asterisk rings this much longer than we want, in case we are not there to stop it."""


async def call_out(call: Call, house: House, claim: Claim, rings: int) -> AttemptOutcome:
    """CONNECTED when the call was answered within this number of rings; after anything else nothing rings any more.

    Staff are rung at their telephone, on duty or not, or at their mobile while it is not registered (R05-1).
    Raises CalledOff when nobody wants the call any more.
    """
    call.progress.doing = "ringing"
    if claim.number is not None:
        try:
            where = await let_out(house, claim.number, Reach.FOLLOW_UP, call.line, call.channel)
        except NotLetOut as refused:
            await house.write(outgoing.write_refusal, claim, refused.decision, at=house.now())
            return AttemptOutcome.REFUSED
        await _is_dialled(house, claim)
        return AttemptOutcome(await _Ringing(call, house, rings).until_the_end(where))
    person = await house.read(people.staff, claim.extension or "")
    if person is None:
        return AttemptOutcome.UNREACHABLE
    return AttemptOutcome(await ring_staff(call, house, person, rings, claim.kind, claim))


async def ring_staff(
    call: Call, house: House, person: Staff, rings: int, stage: str, claim: Claim | None = None
) -> Ring:
    """As `call_out`, for one of the staff; without a claim when nothing but a click has asked for it."""
    desk = house.desk
    if not await desk.free_among([person]):
        return await desk.obstacle(person) or Ring.BUSY
    if not desk.take([person]):
        return Ring.BUSY
    try:
        if claim is not None:
            await _is_dialled(house, claim)
        return await _rings_one_of_ours(call, house, person, rings, stage)
    finally:
        desk.release(person.number)


async def ring_room(call: Call, house: House, room: str, rings: int) -> tuple[Ring, int]:
    """As `call_out`, for a guest's telephone, after the attempt was written; and how often it has rung."""
    call.progress.doing = "ringing"
    ringing = _Ringing(call, house, rings)
    outcome = await ringing.until_the_end((f"PJSIP/{room}", f"<{call.line}>"))
    return outcome, ringing.heard()


async def _is_dialled(house: House, claim: Claim) -> None:
    """Written before it is done."""
    at, until, number = house.now(), house.leased_until(), claim.extension
    if not await house.write(outgoing.move, claim, to=ToMake.DIALLING, at=at, until=until, staff_number=number):
        raise CalledOff


async def _rings_one_of_ours(call: Call, house: House, person: Staff, rings: int, stage: str) -> Ring:
    """With a row for the ringing, as for any telephone of ours."""
    mobile = house.desk.mobile(person)
    row = (person.number, mobile or person.number, call.channel.id)
    ticket_id, at = call.ticket.id if call.ticket else None, house.now()
    (ring_id,) = await house.write(calls.begin_rings, [row], call_id=call.id, ticket_id=ticket_id, stage=stage, at=at)
    ringing = _Ringing(call, house, rings, ring_id)
    shown = f"{call.ticket.number if call.ticket else call.line} <{call.line}>"
    try:
        outcome = await ringing.until_the_end(await endpoint(house, person, mobile, shown, call.channel))
    except NotLetOut:
        outcome = Ring.REFUSED
    except CalledOff:
        await ringing.write_end(Ring.CANCELLED)
        raise
    await ringing.write_end(outcome)
    return outcome


async def goes_out(call: Call, where: tuple[str, str], rings_s: float) -> str | Ring:
    """The state of the channel that is called, whose events come to us from now on; or how the call has ended already.

    It rings for at most this many seconds, and a little longer if we are not there to stop it.
    """
    longest_s = NETWORK_MUST_RING_WITHIN_S + rings_s + _IF_WE_ARE_GONE_S
    try:
        await call.channel.call_out(*where, within_s=round(longest_s))
    except CommandRefused as error:
        log.warning("call %s: %s cannot be called: %s", call.id, call.number, error)
        return Ring.UNREACHABLE
    try:
        return await call.channel.watch()
    except CommandRefused:
        # A telephone that is in use may say so before anybody can listen.
        return outcome_of(await call.channel.cause())


class _Ringing:
    """One telephone that rings; `ring_id` is its row, if it has one."""

    def __init__(self, call: Call, house: House, rings: int, ring_id: int | None = None) -> None:
        self._call = call
        self._house = house
        self._ring_id = ring_id
        self._policy = house.policy
        self._rings_s = house.policy.ring_seconds(rings)
        self._now = asyncio.get_running_loop().time
        self._until = self._now() + NETWORK_MUST_RING_WITHIN_S + self._rings_s
        self.since: float | None = None

    async def until_the_end(self, where: tuple[str, str]) -> Ring:
        outcome = await self._rings(where)
        if outcome is Ring.REDIRECTED:
            warn_redirected(self._call, self._call.number)
        return outcome

    async def _rings(self, where: tuple[str, str]) -> Ring:
        call, state = self._call, await goes_out(self._call, where, self._rings_s)
        if isinstance(state, Ring):
            return state
        await self._begins_if(state == "Ringing")
        while (left := self._until - self._now()) > 0:
            try:
                async with asyncio.timeout(left):
                    # Not `call.next`: the end of the channel is an outcome here, not a hang-up.
                    event = await call.stream.next()
            except TimeoutError:
                break
            if event is CALLED_OFF:
                await call.hang_up()
                raise CalledOff
            await self._begins_if(is_rung(event))
            match event["type"]:
                case "StasisStart":
                    call.progress.answered = True
                    await self._house.write(calls.answered, call.id, at=self._house.now())
                    return Ring.CONNECTED
                case "ChannelDestroyed":
                    return outcome_of(event["cause"])
        await call.hang_up()
        return Ring.NO_ANSWER

    def heard(self) -> int:
        """How many rings it has given."""
        return 0 if self.since is None else calls.rings_in(self._now() - self.since, self._policy)

    async def write_end(self, outcome: Ring) -> None:
        assert self._ring_id is not None
        rings, at = self.heard(), self._house.now()
        await self._house.write(calls.end_ring, self._ring_id, outcome=outcome, rings=rings, at=at)

    async def _begins_if(self, rung: bool) -> None:
        """Rings are counted from the moment when the telephone reports ringing (R05-2)."""
        if rung and self.since is None:
            self.since, self._until = self._now(), self._now() + self._rings_s
            if self._ring_id is not None:
                await self._house.write(calls.ringing, self._ring_id, at=self._house.now())

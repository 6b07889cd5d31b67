"""Ringing people for one caller: phones in stages, until one takes the call; each ring is a row with its outcome."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ivr.ari.errors import CommandRefused, Conflict, Gone
from ivr.ari.objects import Channel, Event, Playback, ignoring_gone
from ivr.board import Offer
from ivr.call import Call, CalledOff, CallEnded, media
from ivr.house import House
from ivr.meanwhile import MUSIC, Meanwhile
from ivr.way_out import NotLetOut, let_out
from models.calls import calls
from models.policy.gate import Reach
from models.states.calls import Ring
from models.tables import Staff, Ticket

log = logging.getLogger(__name__)

# Q.850 cause of a phone that stopped ringing without an answer
_OUTCOMES = {
    16: Ring.DECLINED,
    17: Ring.BUSY,
    18: Ring.NO_ANSWER,
    19: Ring.NO_ANSWER,
    21: Ring.DECLINED,
    23: Ring.REDIRECTED,
}
_PHONE_MUST_RING_WITHIN_S = 4.0
_WHISPER_MAY_TAKE_S = 60.0


PICKED_UP, WITHDRAWN = "PickedUp", "PhoneWithdrawn"
"""Events of ours: a colleague wants to pick the call up (`offer`); the phone `number` must stop ringing."""


class Withdrawn(Exception):
    """The ringing is to stop, though the caller is still there."""


@dataclass
class Leg:
    """One phone that is rung for the caller; or, if `picked_up`, one that has dialled to have the call (R20-4)."""

    staff: Staff
    channel: Channel
    stage: str
    ring_id: int
    mobile: str | None = None
    """The number in the public network that is rung instead of the phone (R05-1)."""
    picked_up: bool = False
    ringing_since: float | None = None
    answered_at: float | None = None
    heard_at: float | None = None
    """When the whisper ended."""
    whisper: Playback | None = None
    outcome: Ring | None = None
    forwards: bool = False
    """Whether the telephone has answered that another one be rung instead."""


class Ringing:
    """All phones that ring for one caller. Leaving it by an exception stops those that still ring.

    `consent`: the person who answers gets the call only by pressing 1, because several may answer at once, or a
    voicemail box (R05-4); otherwise the first to answer gets it, after the whisper or as soon as any key cuts it. On a
    mobile, 1 must always be pressed. `before_whisper` is awaited when somebody has answered. `by_anybody`: a colleague
    may pick it up, and then needs no key. `meanwhile`: what the caller hears, who then also hears who has the call.
    """

    def __init__(
        self,
        call: Call,
        house: House,
        ticket: Ticket | None,
        whisper: Callable[[], Sequence[str]],
        *,
        consent: bool = False,
        before_whisper: Callable[[], Awaitable[object]] | None = None,
        by_anybody: bool = True,
        meanwhile: Meanwhile = MUSIC,
    ) -> None:
        self._call = call
        self._desk = house.desk
        self._house = house
        self._policy = house.policy
        self._language = house.site.language
        self._ticket = ticket
        self._complained_of = ticket.about_staff if ticket else None
        self._whisper = whisper
        self._consent = consent
        self._before_whisper = before_whisper
        self._by_anybody = by_anybody
        self._meanwhile = meanwhile
        self._offer: Offer | None = None
        self._legs: dict[str, Leg] = {}
        self.rung: list[Leg] = []
        """Every phone rung so far; `outcome` is None while it rings."""
        self.rang = False
        """Whether any phone has reported ringing so far."""
        self._now = asyncio.get_running_loop().time

    async def __aenter__(self) -> Self:
        await self._meanwhile.begin()
        self._desk.board.add(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._desk.board.remove(self)
        self._decide(False)
        if kind is None:
            await self._stop_all(Ring.NO_ANSWER)
            await self._meanwhile.finish()
        elif issubclass(kind, (CallEnded, CalledOff, Withdrawn)):
            await self._stop_all(Ring.CALLER_GONE if issubclass(kind, CallEnded) else Ring.CANCELLED)
        for leg in self._legs.values():
            self._release(leg)

    async def stage(self, name: str, free: Sequence[Staff], rings: int, *, in_turn: bool = False) -> Leg | None:
        """Rings these too, for `rings` rings from when the first phone rings (R05-2): who took the call, or None.

        `in_turn`: only the first is rung, and the next one when that one is busy, declines or cannot be reached. Phones
        of earlier stages go on ringing, so that a hand on its way to the receiver is not too late.
        """
        # The person whom a complaint is about does not handle it (R15-6).
        left_out = {self._complained_of, *(leg.staff.number for leg in self._legs.values())}
        queue = [s for s in free if s.number not in left_out]
        if not in_turn:
            await self._start(name, queue)
            queue = []
        counting = self.rang
        until = self._now() + (0 if counting else _PHONE_MUST_RING_WITHIN_S) + self._policy.ring_seconds(rings)
        while (self._legs or queue) and (left := self._left(until)) > 0:
            if queue and not any(leg.stage == name or leg.picked_up for leg in self._legs.values()):
                await self._start(name, [queue.pop(0)])
                continue
            event = await self._call.next(left)
            if event is None:
                continue
            await self._meanwhile.goes_on(event)
            if event["type"] == PICKED_UP:
                await self._picked_up(event["offer"])
            elif event["type"] == WITHDRAWN:
                await self._withdrawn(event["number"], event["outcome"])
            leg = self._leg_of(event)
            if leg is None:
                continue
            if await self._takes(leg, event):
                return leg
            if self.rang and not counting:
                counting, until = True, self._now() + self._policy.ring_seconds(rings)
        return None

    # -- the phones ---------------------------------------------------------------------------------------------------

    async def _start(self, stage: str, staff: Sequence[Staff]) -> None:
        """Takes the phones that are still free, writes that they are about to ring, then rings them."""
        staff = self._desk.take(staff)
        channels = [self._call.ari.channel(self._call.name(f"leg-{person.number}")) for person in staff]
        mobiles = [self._desk.mobile(person) for person in staff]
        rows = [(s.number, mobile or s.number, c.id) for s, mobile, c in zip(staff, mobiles, channels, strict=True)]
        ids = await self._write_rings(stage, rows)
        legs = [Leg(s, c, stage, i, m) for s, c, i, m in zip(staff, channels, ids, mobiles, strict=True)]
        if legs:
            await self._meanwhile.rings_again()
        for leg in legs:
            self._adopt(leg)
        originator = self._call.channel if self._call.progress.has_channel else None
        for leg in legs:
            try:
                await leg.channel.prepare(*await self._where(leg), originator)
            except NotLetOut as refused:
                why, who = refused.decision.en, f"{leg.staff.number} {leg.staff.name}"
                log.warning("call %s: the mobile of %s is not rung: %s", self._call.id, who, why)
                await self._end(leg, Ring.REFUSED)
            except CommandRefused:
                await self._end(leg, Ring.UNREACHABLE)

    async def _write_rings(self, stage: str, phones: Sequence[tuple[str, str, str]]) -> list[int]:
        """One row for each phone that is about to ring: (staff number, telephone, channel id)."""
        ticket_id, at = self._ticket.id if self._ticket else None, self._house.now()
        return await self._house.write(
            calls.begin_rings, phones, call_id=self._call.id, ticket_id=ticket_id, stage=stage, at=at
        )

    def _adopt(self, leg: Leg) -> None:
        self._legs[leg.channel.id] = leg
        self.rung.append(leg)
        self._call.stream.add(leg.channel.id)

    async def _where(self, leg: Leg) -> tuple[str, str]:
        """Which telephone is called, and the number that it shows."""
        shown = f"{self._call.line} <{self._call.number or self._call.line}>"
        return await endpoint(self._house, leg.staff, leg.mobile, shown, leg.channel)

    # -- a colleague picks up -----------------------------------------------------------------------------------------

    def ringing_since(self, groups: Sequence[str], staff: Staff) -> float | None:
        if not self._by_anybody or self._offer is not None or staff.number == self._complained_of:
            return None
        if any(self._is_taking(leg) for leg in self._legs.values()):
            return None
        rung = [leg for leg in self._legs.values() if leg.answered_at is None and leg.staff.group in groups]
        return min((leg.ringing_since for leg in rung if leg.ringing_since is not None), default=None)

    def offer(self, offer: Offer) -> None:
        self._offer = offer
        self._call.stream.put({"type": PICKED_UP, "offer": offer})

    def withdraw(self, number: str, outcome: Ring) -> None:
        if any(leg.staff.number == number for leg in self._legs.values()):
            self._call.stream.put({"type": WITHDRAWN, "number": number, "outcome": outcome})

    def _is_taking(self, leg: Leg) -> bool:
        """Whether this phone was answered and needs no key: it gets the call."""
        return leg.answered_at is not None and not self._needs_key(leg)

    def _needs_key(self, leg: Leg) -> bool:
        return (self._consent or leg.mobile is not None) and not leg.picked_up

    def _decide(self, accepted: bool) -> None:
        """Answers the offer, if there is one that still waits; after that somebody else may pick up."""
        if self._offer is not None and not self._offer.accepted.done():
            self._offer.accepted.set_result(accepted)
        self._offer = None

    async def _picked_up(self, offer: Offer) -> None:
        """The colleague has the call, unless the rung phone was answered a moment before."""
        if offer.accepted.done() or any(self._is_taking(leg) for leg in self._legs.values()):
            return self._decide(False)
        row = (offer.staff.number, offer.staff.number, offer.channel.id)
        (ring_id,) = await self._write_rings("pickup", [row])
        leg = Leg(offer.staff, offer.channel, "pickup", ring_id, picked_up=True, ringing_since=self._now())
        self._adopt(leg)
        self._decide(True)
        await self._answered(leg)

    async def _withdrawn(self, number: str, outcome: Ring) -> None:
        for leg in [leg for leg in self._legs.values() if leg.staff.number == number and leg.answered_at is None]:
            await self._stop(leg, outcome)

    # -- what happens to a phone --------------------------------------------------------------------------------------

    def _left(self, until: float) -> float:
        """Seconds left; somebody who has answered in time is given time to hear the whisper (and to press the key)."""
        answered = [leg for leg in self._legs.values() if leg.answered_at is not None]
        grace = [leg.heard_at or (leg.answered_at or 0.0) + _WHISPER_MAY_TAKE_S for leg in answered]
        return max([until, *(at + self._policy.answer.accept_within_s for at in grace)]) - self._now()

    def _leg_of(self, event: Event) -> Leg | None:
        """The leg that an event is about; the end of a whisper is about the leg that heard it."""
        if event["type"] == "PlaybackFinished":
            heard = event["playback"]["id"]
            return next((leg for leg in self._legs.values() if leg.whisper and leg.whisper.id == heard), None)
        about = event.get("peer" if event["type"] == "Dial" else "channel")
        return self._legs.get(about["id"]) if about else None

    async def _takes(self, leg: Leg, event: Event) -> bool:
        """Whether with this event the leg has the call."""
        if is_rung(event) and leg.ringing_since is None:
            self.rang, leg.ringing_since = True, self._now()
            await self._house.write(calls.ringing, leg.ring_id, at=self._house.now())
        match event["type"]:
            case "StasisStart":
                await ignoring_gone(leg.channel.dial())
            case "ChannelStateChange" if event["channel"]["state"] == "Up" and leg.answered_at is None:
                await self._answered(leg)
            case "ChannelHangupRequest" | "StasisEnd" | "ChannelDestroyed" if leg.answered_at is not None:
                # The end of the whisper, which ends with the channel, must not look like consent.
                await self._end(leg, Ring.DECLINED)
            case "Dial":
                leg.forwards = forwards(event) or leg.forwards
            case "ChannelDestroyed":
                await self._end(leg, Ring.REDIRECTED if leg.forwards else outcome_of(event["cause"]))
            case "ChannelDtmfReceived" if self._needs_key(leg) and event["digit"] == "1":
                return await self._has_the_call(leg)
            case "ChannelDtmfReceived" if self._needs_key(leg) and event["digit"] == "2":
                await leg.channel.hang_up()
            case "PlaybackFinished" | "ChannelDtmfReceived" if not self._needs_key(leg):
                return await self._has_the_call(leg)
            case "PlaybackFinished":
                leg.heard_at = self._now()
        return False

    async def _answered(self, leg: Leg) -> None:
        leg.answered_at = self._now()
        if not self._needs_key(leg):
            await self._stop_others(leg)
            await self._meanwhile.introduces(leg.staff.number)
        if self._before_whisper is not None:
            await self._before_whisper()
        words = [media(prompt) for prompt in self._words(leg)]
        try:
            leg.whisper = await leg.channel.play(words, self._call.name("whisper"), self._language)
        except (Gone, Conflict):
            await self._end(leg, Ring.DECLINED)

    def _words(self, leg: Leg) -> Sequence[str]:
        """What is whispered; after a pick-up only what it is about, for the caller has waited."""
        words = self._whisper()
        if leg.picked_up:
            return words[:1]
        if leg.mobile is not None and not self._consent:
            return (*words, "accept-with-1")
        return words

    async def _has_the_call(self, leg: Leg) -> bool:
        await self._stop_whisper(leg)
        await self._stop_others(leg)
        await self._write_end(leg, Ring.CONNECTED)
        if self._needs_key(leg):
            await self._meanwhile.introduces(leg.staff.number)
        await self._meanwhile.finish()
        del self._legs[leg.channel.id]
        self._release(leg)
        return True

    def _release(self, leg: Leg) -> None:
        """A phone that dialled the pick-up code was never taken."""
        if not leg.picked_up:
            self._desk.release(leg.staff.number)

    async def _stop_whisper(self, leg: Leg) -> None:
        """What follows on this channel would wait for its end."""
        if leg.whisper is not None:
            await leg.whisper.stop()

    async def _stop_others(self, winner: Leg) -> None:
        for leg in [leg for leg in self._legs.values() if leg is not winner]:
            await self._stop(leg, Ring.TAKEN)

    async def _stop_all(self, outcome: Ring) -> None:
        for leg in list(self._legs.values()):
            await self._stop(leg, outcome)

    async def _stop(self, leg: Leg, outcome: Ring) -> None:
        if leg.answered_at is not None and outcome is Ring.TAKEN:
            await self._stop_whisper(leg)
            await ignoring_gone(leg.channel.leave_to("taken"))
        else:
            await leg.channel.hang_up()
        await self._end(leg, outcome)

    async def _end(self, leg: Leg, outcome: Ring) -> None:
        del self._legs[leg.channel.id]
        self._release(leg)
        await self._write_end(leg, outcome)

    async def _write_end(self, leg: Leg, outcome: Ring) -> None:
        leg.outcome = outcome
        rings = 0
        if leg.ringing_since is not None:
            rings = calls.rings_in((leg.answered_at or self._now()) - leg.ringing_since, self._policy)
        await self._house.write(calls.end_ring, leg.ring_id, outcome=outcome, rings=rings, at=self._house.now())
        if outcome in (Ring.NO_ANSWER, Ring.TAKEN) and rings >= self._policy.answer.rings:
            number, name = leg.staff.number, leg.staff.name
            log.warning("call %s: %s %s: not answered after %d rings", self._call.id, number, name, rings)
        elif outcome is Ring.REDIRECTED:
            warn_redirected(self._call, leg.mobile or leg.staff.number)


def outcome_of(cause: int) -> Ring:
    """Why a phone that was not answered stopped ringing (Q.850)."""
    return _OUTCOMES.get(cause, Ring.UNREACHABLE)


def is_rung(event: Event) -> bool:
    """Whether a telephone says that it rings (180), or lets its own ringing tone be heard (183)."""
    if event["type"] == "Dial":
        return event.get("dialstatus") in ("RINGING", "PROGRESS")
    return event["type"] == "ChannelStateChange" and bool(event["channel"]["state"] == "Ringing")


def forwards(event: Event) -> bool:
    """Whether a rung telephone asks that another one be rung instead (SIP 3xx): it is not, and the ringing ends."""
    return event["type"] == "Dial" and bool(event.get("forward"))


def warn_redirected(call: Call, phone: str) -> None:
    log.warning("call %s: telephone %s forwards its calls, which is not followed: switch that off", call.id, phone)


async def endpoint(house: House, person: Staff, mobile: str | None, shown: str, channel: Channel) -> tuple[str, str]:
    """The telephone of one of the staff, which is about to be rung on this channel, and the number that it shows.
    Raises NotLetOut for a mobile that the gate does not let out."""
    if mobile is None:
        return f"PJSIP/{person.number}", shown
    return await let_out(house, mobile, Reach.STAFF_MOBILE, "", channel)

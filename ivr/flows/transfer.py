"""A transfer to a colleague, who hears who calls and why, and consents with a key (R05-4, R07-4)."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ivr.ari.errors import CommandRefused
from ivr.ari.objects import LiveRecording
from ivr.call import ON_HOLD, Call
from ivr.clicks import Wanted
from ivr.flows.whisper import whisper
from ivr.hold import AgentLeft, Aside, OnHold
from ivr.house import House
from ivr.parties import Parties, Party
from ivr.ringing import Leg, Ringing, Withdrawn
from models.calls import clicks, transfers
from models.people import people
from models.states.calls import Refusal, Ring, TransferState
from models.tables import Staff, Transfer
from models.tickets import tickets
from recordings import speech

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Consult:
    """The agent and the caller, apart, and the row of the transfer."""

    id: int
    call: Call
    hold: OnHold
    aside: Aside
    house: House
    wanted: Wanted | None
    """The click that has asked for it; without one it was `*2`."""

    async def moves(self, to: TransferState, refusal: Refusal | None = None) -> None:
        await self.house.write(transfers.move, self.id, to=to, at=self.house.now(), refusal=refusal)

    async def because(self, recording: str | None) -> None:
        """The reason: the ticket's kind and, if the agent is about to say it, the recording of it."""
        house, ticket = self.house, self.call.ticket
        kind = ticket.kind if ticket else None
        if recording is None:
            await house.write(transfers.because, self.id, kind=kind, recording=None)
            return
        await house.write(
            transfers.because_recorded,
            self.id,
            recording,
            call_id=self.call.id,
            ticket_id=ticket.id if ticket else None,
            kind=kind,
            at=house.now(),
            policy=house.policy,
        )


@dataclass(frozen=True)
class Failed:
    """The transfer did not happen; the agent hears why."""

    state: TransferState
    refusal: Refusal | None = None

    @property
    def words(self) -> list[str]:
        return speech.not_transferred(self.refusal or self.state)


async def transfer(parties: Parties, agent: Party, house: House, wanted: Wanted | None) -> None:
    """From `*2` on, or from a click, until the caller talks with those who are left in `parties`.

    Nobody is left when the agent has hung up and no colleague came: another agent must be found for the caller.
    """
    call = parties.call
    call.progress.doing = ON_HOLD
    ticket_id, at = call.ticket.id if call.ticket else None, house.now()
    click_id = wanted.id if wanted else None
    transfer_id = await house.write(
        clicks.begin_transfer, click_id, call_id=call.id, ticket_id=ticket_id, by_staff=agent.number, at=at
    )
    hold = OnHold(parties, agent, house, transfer_id)
    consult = Consult(transfer_id, call, hold, Aside(hold, house), house, wanted)
    try:
        await hold.begin()
        found = await find_a_colleague(consult)
    except AgentLeft:
        found = Failed(TransferState.AGENT_GONE)
    if isinstance(found, Leg):
        await consult.moves(TransferState.CONSENTED)
        await hold.end(await parties.seat(found.staff.number, found.channel))
    else:
        await take_back(consult, found)
    call.progress.begins_talk()


async def find_a_colleague(consult: Consult) -> Leg | Failed:
    """The number, whether the procedure allows it, the reason, and the colleague's consent."""
    house = consult.house
    longest = max(len(person.number) for person in house.site.staff)
    number = consult.wanted.to if consult.wanted else await consult.aside.digits("transfer-number", longest=longest)
    if not number:
        return Failed(TransferState.CANCELLED)
    await house.write(transfers.wanted, consult.id, number)
    colleague = await house.read(people.staff, number)
    refusal = await why_not(consult, number)
    if colleague is None or refusal is not None:
        return Failed(TransferState.REFUSED, refusal)
    reason = await ask_the_reason(consult)
    if reason is None:
        return Failed(TransferState.REFUSED, Refusal.NO_REASON)
    obstacle = await house.desk.obstacle(colleague)
    await consult.moves(TransferState.RINGING)
    if obstacle is not None:
        return Failed(TransferState(obstacle))
    return await ring(consult, colleague, reason)


async def why_not(consult: Consult, number: str) -> Refusal | None:
    """By the procedure (R07-4)."""
    call, house = consult.call, consult.house
    if call.ticket is not None:
        call.ticket = await house.read(tickets.row, call.ticket.id)
    ticket_id, by = call.ticket.id if call.ticket else None, consult.hold.agent.number
    rules: Any = {"site": house.site, "policy": house.policy, "at": house.now()}
    return await house.read(transfers.why_not, by=by, to=number, ticket_id=ticket_id, **rules)


async def ask_the_reason(consult: Consult) -> list[str] | None:
    """What the colleague hears: the agent's own words, or else the kind of the ticket.

    None where words are required and none were said.
    """
    call, aside, house = consult.call, consult.aside, consult.house
    required = house.site.line(call.line).flow in house.policy.transfer.reason_required
    kind = speech.kind(call.ticket.kind) if call.ticket else []
    if not required:
        await consult.because(None)
        if not await wants_to_say_it(consult):
            return kind
    for _ in range(house.policy.menu.tries):
        name = call.name("reason")
        await aside.play("transfer-reason")
        await consult.because(name)
        recorded = await aside.record(name, house.policy.transfer.reason_longest_s)
        if recorded.seconds is not None and recorded.seconds >= house.policy.message.shortest_s:
            return [f"recording:{name}"]
    if required:
        return None
    await consult.because(None)
    return kind


async def wants_to_say_it(consult: Consult) -> bool:
    """Whether the agent gives the reason aloud; who has clicked has said so."""
    if consult.wanted is not None:
        return consult.wanted.with_reason
    return await consult.aside.ask("transfer-reason-choice") == "1"


async def ring(consult: Consult, colleague: Staff, reason: list[str]) -> Leg | Failed:
    """The agent hears it ring, and may leave or take the caller back with `*`."""
    call, hold, aside, house = consult.call, consult.hold, consult.aside, consult.house
    call.progress.doing = f"{ON_HOLD}, ringing a colleague"
    playing = None
    with suppress(AgentLeft):
        playing = await aside.start("transfer-ringing")
        await aside.ring_back()
    hold.may_be_taken_back = True
    about, *who = whisper(call, house, "whisper-transfer")
    question = [about, "accept-with-1", *who, "whisper-reason", *reason, "accept-with-1", "decline-with-2"]
    found: Leg | Failed
    try:
        async with Ringing(
            hold,
            house,
            call.ticket,
            lambda: question,
            consent=True,
            before_whisper=lambda: consult.moves(TransferState.ASKED),
            by_anybody=False,
        ) as ringing:
            leg = await ringing.stage("transfer", [colleague], house.policy.transfer.rings)
        found = leg or Failed(ending(ringing))
    except Withdrawn:
        found = Failed(TransferState.CANCELLED)
    hold.may_be_taken_back = False
    if playing is not None:
        await playing.stop()
        await aside.channel.stop_ringing()
    return found


def ending(ringing: Ringing) -> TransferState:
    """Why nobody has taken the call. Without a phone rung at all, another caller had the phone first."""
    if not ringing.rung:
        return TransferState.BUSY
    leg = ringing.rung[0]
    if leg.answered_at is not None and leg.outcome is Ring.NO_ANSWER:
        return TransferState.NO_CONSENT
    return TransferState(leg.outcome or Ring.UNREACHABLE)


async def take_back(consult: Consult, failed: Failed) -> None:
    """The agent hears why, and has the caller back; if the agent has left, another one must be found."""
    hold, aside = consult.hold, consult.aside
    await consult.moves(failed.state, failed.refusal)
    log.info("call %s: not transferred by %s: %s", hold.id, hold.agent.number, failed.refusal or failed.state)
    try:
        if hold.agent_is_here:
            await aside.channel.stop_ringing()
            await aside.play(*failed.words)
    except AgentLeft:
        log.info("call %s: %s left the caller on hold", hold.id, hold.agent.number)
    await hold.end()


async def rejoin(parties: Parties, interrupted: Transfer | None, house: House) -> None:
    """After an interruption on our side: an agent who was apart from the caller for a transfer is joined again."""
    if interrupted is not None:
        await house.write(transfers.move, interrupted.id, to=TransferState.INTERRUPTED, at=house.now())
        if interrupted.reason_recording is not None:
            await LiveRecording(parties.call.ari, interrupted.reason_recording).stop()
    members = await parties.bridge.members()
    for party in [party for party in parties.staff.values() if party.channel.id not in members]:
        await parties.bridge.stop_music()
        await party.channel.stop_ringing()
        try:
            await parties.bridge.add(party.channel, keys_are_ours=True)
        except CommandRefused:
            log.warning("call %s: %s was gone after the interruption", parties.call.id, party.number)

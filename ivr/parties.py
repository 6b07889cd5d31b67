"""The caller and the agents who talk with the caller: one bridge, one recording, and a row for each agent."""

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.ari.objects import Bridge, Channel, Event, LiveRecording
from ivr.call import Call
from ivr.house import House
from models.states.calls import EndedBy
from models.tickets import call_backs, talks


@dataclass
class Party:
    """One of the staff in a talk."""

    number: str
    channel: Channel
    talk_id: int
    keyed: str = ""
    keyed_at: float = 0.0

    def keys(self, digit: str, now: float, within_s: float) -> str:
        """The last two keys, if the second has followed within this number of seconds; else only the last one."""
        self.keyed = (self.keyed[-1:] if now - self.keyed_at <= within_s else "") + digit
        self.keyed_at = now
        return self.keyed


class Parties:
    """Recording and bridge have the same name. An agent who has left is no longer in `staff`; the caller is in the
    bridge until all of it ends."""

    def __init__(self, call: Call, bridge: Bridge, house: House, staff: Iterable[Party] = ()) -> None:
        self.call = call
        self.bridge = bridge
        self.staff = {party.channel.id: party for party in staff}
        self.holding: set[str] = set()
        """The channels whose telephone has the talk on hold."""
        self._house = house

    async def seat(self, number: str, channel: Channel, *, accepted: bool = False) -> Party:
        """Writes that this agent is about to talk with the caller, and has `accepted` the ticket."""
        house, call = self._house, self.call
        talk_id = await house.write(
            talks.begin,
            call_id=call.id,
            ticket_id=call.ticket.id if call.ticket else None,
            staff_number=number,
            accepted=accepted,
            name=self.bridge.id,
            caller_channel=call.channel.id,
            leg_channel=channel.id,
            at=house.now(),
            policy=house.policy,
        )
        self.staff[channel.id] = party = Party(number, channel, talk_id)
        return party

    def of(self, event: Event) -> Party | None:
        """The agent whose telephone an event is about."""
        return self.staff.get(event["channel"]["id"]) if "channel" in event else None

    async def leaves(self, party: Party, by: EndedBy = EndedBy.AGENT) -> None:
        """One of several has gone."""
        del self.staff[party.channel.id]
        await self._write_end([party], by)

    async def end(self, by: EndedBy, *, but_for: Party | None = None) -> None:
        """All of it: rows, recording, everybody's leg `but_for` this one, bridge; the caller's channel stays."""
        await self._write_end(self.staff.values(), by, recording=self.bridge.id)
        if but_for is not None:
            del self.staff[but_for.channel.id]
        await self._clear()

    async def end_cut_off(self) -> None:
        """As `end`, for a talk that nobody has ended: one who has called us is owed a call (R17-1)."""
        house, call = self._house, self.call
        await house.write(
            call_backs.cut_off,
            call.id,
            [party.talk_id for party in self.staff.values()],
            owed=not call.progress.outgoing,
            recording=self.bridge.id,
            site=house.site,
            policy=house.policy,
            at=house.now(),
        )
        await self._clear()

    async def _clear(self) -> None:
        await LiveRecording(self.call.ari, self.bridge.id).stop()
        for party in self.staff.values():
            await party.channel.hang_up()
        self.staff.clear()
        await self.bridge.destroy()

    async def _write_end(self, staff: Iterable[Party], by: EndedBy, recording: str | None = None) -> None:
        house, talk_ids = self._house, [party.talk_id for party in staff]
        await house.write(talks.end, talk_ids, by=by, at=house.now(), policy=house.policy, recording=recording)

"""What the conversations write down and look up: each verb is one transaction, and it is done when it returns."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from ivr.call import Call
from models.calls import calls, outgoing, recordings, transfers
from models.calls.outgoing import Claim
from models.clock import Clock
from models.database.group_commit import GroupCommit
from models.database.store import Store
from models.people import people, presence
from models.policy import Policy
from models.site import Site
from models.states.calls import AttemptOutcome, EndedBy, Priority, RecordingKind, Refusal, Ring, ToMake, TransferState
from models.states.people import PresenceState
from models.states.tickets import TaskKind, TicketKind
from models.tables import Call as CallRow
from models.tables import Staff, Ticket, Unit
from models.tickets import tasks, tickets

P = ParamSpec("P")
T = TypeVar("T")


class Ledger:
    """The store, for the event loop: a transaction runs in a thread, so that no hang-up or shutdown can cut it in half.

    Without `threads` it runs at once, on the loop itself: right for a test in virtual time, wrong for real callers.
    """

    def __init__(self, store: Store, clock: Clock, site: Site, policy: Policy, threads: Executor | None) -> None:
        self.clock = clock
        self._site = site
        self._policy = policy
        self._store = store
        self._threads = threads
        self._group = GroupCommit(store, threads) if store.sqlite and threads else None

    async def write(self, change: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._group is None:
            return await self._run(lambda: self._store.write(change, *args, **kwargs))
        written = self._group.write(lambda session: change(session, *args, **kwargs))
        return await asyncio.shield(asyncio.wrap_future(written))

    async def read(self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._run(lambda: self._store.read(query, *args, **kwargs))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._threads is None:
            return work()
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, work))

    # -- calls --------------------------------------------------------------------------------------------------------

    async def begin_call(
        self, channel_id: str, line: str, number: str, language: str, mode: str
    ) -> tuple[CallRow, people.Known | None]:
        """The call's row, and who calls by the directory (R13-5); the row is the existing one when the caller comes
        back after an interruption."""
        at = self.clock.now()

        def begin(session: Session) -> tuple[CallRow, people.Known | None]:
            row = calls.begin(
                session, channel_id=channel_id, line=line, caller_number=number, language=language, at=at, mode=mode
            )
            return row, people.owner_by_number(session, number)

        return await self.write(begin)

    async def answered(self, call: Call) -> None:
        await self.write(calls.answered, call.id, at=self.clock.now())

    async def end_call(self, call: Call, by: EndedBy, reason: str, *, owe: bool = False) -> None:
        """The end of the call; `owe`: he has not been served, and is owed a call back (R17-1)."""
        at = self.clock.now()

        def end(session: Session) -> None:
            calls.end(session, call.id, by=by, reason=reason, at=at, **_learnt(call))
            if owe:
                self._owe(session, call.id, reason, at)

        await self.write(end)

    async def lose_call(self, call: calls.ActiveCall, *, owe: bool) -> None:
        """The end of a call whose channel is gone without our having seen it; `owe`: nobody has served him, so he is
        owed a call back."""
        at = self.clock.now()

        def lose(session: Session) -> None:
            lost = calls.end(session, call.call.id, by=EndedBy.NETWORK, reason="gone while we were away", at=at)
            # One that has come to its own end since we looked is owed nothing.
            if owe and lost:
                self._owe(session, call.call.id, "the call was lost", at)

        await self.write(lose)

    async def active_calls(self) -> list[calls.ActiveCall]:
        return await self.read(calls.active)

    # -- rings and talks ----------------------------------------------------------------------------------------------

    async def begin_rings(
        self, call: Call, ticket: Ticket | None, stage: str, phones: Sequence[tuple[str, str, str]]
    ) -> list[int]:
        """One row for each phone that is about to ring: (staff number, telephone, channel id)."""
        at = self.clock.now()

        def begin(session: Session) -> list[int]:
            return [
                calls.begin_ring(
                    session,
                    call_id=call.id,
                    ticket_id=ticket.id if ticket else None,
                    stage=stage,
                    staff_number=number,
                    phone=phone,
                    channel_id=channel_id,
                    at=at,
                )
                for number, phone, channel_id in phones
            ]

        return await self.write(begin)

    async def ringing(self, ring_id: int) -> None:
        await self.write(calls.ringing, ring_id, at=self.clock.now())

    async def end_ring(self, ring_id: int, outcome: Ring, rings: int) -> None:
        await self.write(calls.end_ring, ring_id, outcome=outcome, rings=rings, at=self.clock.now())

    async def begin_talk(self, call: Call, staff: str, leg_channel: str, name: str) -> int:
        """The talk and its recording, both of this name, before the two hear each other; the ticket is his (R15-1)."""
        at = self.clock.now()

        def begin(session: Session) -> int:
            if call.ticket is not None:
                tickets.receive(session, call.ticket.id, staff_number=staff, at=at)
            self._reserve(session, call, name, RecordingKind.TALK, at)
            return calls.begin_talk(
                session,
                call_id=call.id,
                staff_number=staff,
                bridge_id=name,
                caller_channel=call.channel.id,
                leg_channel=leg_channel,
                at=at,
            )

        return await self.write(begin)

    async def end_talks(self, talk_ids: Sequence[int], by: EndedBy, recording: str | None = None) -> None:
        """These of the staff talk no more with the caller; with the last of them their recording ends. What was owed to
        his number is done with a talk, whoever has called whom (R17-1)."""
        at, counts_s = self.clock.now(), self._policy.tasks.talk_counts_from_s

        def end(session: Session) -> None:
            for talk_id in talk_ids:
                calls.end_talk(session, talk_id, by=by, at=at)
                tasks.settle(session, talk_id, at=at, at_least_s=counts_s)
            if recording is not None:
                recordings.ended(session, recording, seconds=None, at=at)

        await self.write(end)

    async def warned(self, talk_ids: Sequence[int]) -> None:
        """Before they are told that the talk is long (R05-3)."""
        at = self.clock.now()

        def warn(session: Session) -> None:
            for talk_id in talk_ids:
                calls.warned(session, talk_id, at=at)

        await self.write(warn)

    # -- transfers ----------------------------------------------------------------------------------------------------

    async def begin_transfer(self, call: Call, by_staff: str) -> int:
        ticket_id = call.ticket.id if call.ticket else None
        at = self.clock.now()
        return await self.write(transfers.begin, call_id=call.id, ticket_id=ticket_id, by_staff=by_staff, at=at)

    async def transfer_wanted(self, transfer_id: int, to_number: str) -> None:
        await self.write(transfers.wanted, transfer_id, to_number)

    async def transfer_because(self, transfer_id: int, call: Call, recording: str | None) -> None:
        """The reason: the ticket's kind, and the recording of the agent's own words, reserved before its beep."""
        at, kind = self.clock.now(), call.ticket.kind if call.ticket else None

        def write(session: Session) -> None:
            if recording is not None:
                self._reserve(session, call, recording, RecordingKind.REASON, at)
            transfers.because(session, transfer_id, kind=kind, recording=recording)

        await self.write(write)

    async def move_transfer(self, transfer_id: int, to: TransferState, refusal: Refusal | None = None) -> None:
        await self.write(transfers.move, transfer_id, to=to, at=self.clock.now(), refusal=refusal)

    async def agent_left_transfer(self, transfer_id: int, talk_id: int) -> None:
        """He has not waited for the answer."""
        at = self.clock.now()

        def leave(session: Session) -> None:
            transfers.agent_left(session, transfer_id, at=at)
            calls.end_talk(session, talk_id, by=EndedBy.AGENT, at=at)

        await self.write(leave)

    # -- messages -----------------------------------------------------------------------------------------------------

    async def reserve_message(self, call: Call, name: str) -> None:
        """The name of a message's recording, before the beep."""
        await self.write(self._reserve, call, name, RecordingKind.MESSAGE, self.clock.now())

    def _reserve(self, session: Session, call: Call, name: str, kind: RecordingKind, at: datetime) -> None:
        keep_until = at + timedelta(days=self._policy.recording.retention_days)
        ticket_id = call.ticket.id if call.ticket else None
        recordings.reserve(
            session, name=name, kind=kind, call_id=call.id, ticket_id=ticket_id, at=at, retain_until=keep_until
        )

    async def end_message(self, name: str, seconds: float | None) -> None:
        await self.write(recordings.ended, name, seconds=seconds, at=self.clock.now())

    # -- people -------------------------------------------------------------------------------------------------------

    async def unit_by_keys(self, building: str, room: str) -> Unit | None:
        return await self.read(people.unit_by_keys, building=building, room=room)

    async def on_duty(self, *groups: str) -> list[Staff]:
        """On duty in these groups, longest idle first."""
        return await self.read(people.on_duty, *groups, at=self.clock.now())

    async def say_presence(self, staff_number: str, state: PresenceState) -> bool:
        """What he has said of himself; False when nobody has this number."""
        at = self.clock.now()
        holds_until = at + timedelta(hours=self._policy.roster.own_word_hours)
        return await self.write(presence.say, staff_number, state, at=at, holds_until=holds_until)

    async def staff(self, number: str) -> Staff | None:
        return await self.read(people.staff, number)

    async def is_on_duty(self, number: str) -> bool:
        return await self.read(people.is_on_duty, number, at=self.clock.now())

    async def supervisor(self, group: str) -> Staff | None:
        return await self.read(people.supervisor, group, at=self.clock.now())

    # -- tickets and tasks --------------------------------------------------------------------------------------------

    async def open_ticket(self, call: Call, kind: TicketKind) -> Ticket:
        """A ticket of this call; the call's row points to it, and learns what is known of the caller."""
        at = self.clock.now()
        return await self.write(tickets.open, kind=kind, call_id=call.id, at=at, policy=self._policy, **_learnt(call))

    async def classify_ticket(self, ticket: Ticket, kind: TicketKind) -> Ticket:
        now = self.clock.now()
        return await self.write(tickets.classify, ticket.id, kind=kind, who="caller", at=now, policy=self._policy)

    async def locate_ticket(self, ticket: Ticket, building: str, room: str, unit: Unit | None) -> None:
        unit_id = unit.id if unit else None
        await self.write(tickets.locate, ticket.id, building=building, room=room, unit_id=unit_id)

    async def open_tickets_of(self, call: Call, limit: int) -> list[Ticket]:
        """The recognised caller's own, newest first."""
        assert call.owner is not None
        unit_id = call.unit.id if call.unit else None
        return await self.read(tickets.open_of, owner_id=call.owner.id, unit_id=unit_id, limit=limit)

    async def ticket(self, ticket_id: int) -> Ticket | None:
        return await self.read(lambda session: session.get(Ticket, ticket_id))

    async def find_ticket(self, number: str, room: str) -> Ticket | None:
        """The ticket of this number if it belongs to this room; nothing is disclosed otherwise (R07-8)."""
        return await self.read(tickets.find, number=number, room=room)

    async def asked_after(self, call: Call, ticket: Ticket) -> None:
        """The caller has asked how this ticket is: noted on the ticket."""
        await self.write(tickets.note, ticket.id, who="caller", text="asked how it is", at=self.clock.now())
        await self.write(calls.note, call.id, ticket_id=ticket.id)

    async def owe_call_back(self, call: Call, why: str) -> None:
        """An owned task: somebody of the line's group calls this number back (R17-1)."""
        at = self.clock.now()

        def owe(session: Session) -> None:
            self._owe(session, call.id, why, at)

        await self.write(owe)

    # -- calls to make ------------------------------------------------------------------------------------------------

    async def claim_call_to_make(self, who: str, among: Collection[Priority], but: Collection[int]) -> Claim | None:
        """The next one that matters so much, if there is any: nobody else makes it until the lease is over."""
        at, ahead = self.clock.now(), timedelta(seconds=self._policy.outgoing.ahead_s)
        which: dict[str, Any] = {"at": at, "among": among, "ahead": ahead, "but": but}
        if not await self.read(outgoing.any_due, **which):
            return None
        return await self.write(outgoing.claim, by=who, until=at + self._lease, **which)

    async def called_off(self, claims: Collection[Claim]) -> set[int]:
        """The ids of those that are not to be made any more, or not by us."""
        return await self.read(outgoing.called_off, claims)

    async def begin_outgoing(self, call: Call, claim: Claim) -> None:
        """The row of the conversation, and what is known of whom we call."""
        row, known = await self.begin_call(call.channel.id, call.line, call.number, call.language, claim.kind)
        call.id = row.id
        if claim.ticket_id:
            call.ticket = await self.ticket(claim.ticket_id)
        if known is not None:
            call.owner, call.unit = known.owner, known.unit
        await self.write(outgoing.conversation, claim, row.id)
        await self.write(calls.note, row.id, ticket_id=claim.ticket_id)

    async def renew_claim(self, claim: Claim) -> bool:
        """For another lease. False: the claim is no longer ours."""
        return await self.write(outgoing.renew, claim, until=self.clock.now() + self._lease)

    async def keep_claims(self, claims: Collection[Claim]) -> None:
        """They take longer."""
        await self.write(outgoing.keep, claims, until=self.clock.now() + self._lease)

    async def move_call_to_make(
        self, claim: Claim, to: ToMake, *, staff_number: str | None = None, outcome: AttemptOutcome | None = None
    ) -> bool:
        """The next step, for as long as the lease, or the end. False: the claim is no longer ours."""
        at = self.clock.now()
        return await self.write(
            outgoing.move, claim, to=to, at=at, until=at + self._lease, staff_number=staff_number, outcome=outcome
        )

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self._policy.outgoing.lease_s)

    def _owe(self, session: Session, call_id: int, why: str, at: datetime) -> None:
        call = calls.facts(session, call_id)
        if call.mode in calls.OUTGOING:
            # We have called him; what we owe him is a task already.
            return
        tasks.open(
            session,
            kind=TaskKind.CALL_BACK,
            number=call.caller_number,
            call_id=call_id,
            ticket_id=call.ticket_id,
            owner_group=self._site.line(call.line).group,
            at=at,
            due_at=at + timedelta(minutes=self._policy.tasks.call_back_minutes),
            note=why,
        )


def _learnt(call: Call) -> calls.Learnt:
    """What the conversation knows so far, and only it."""
    return calls.Learnt(
        language=call.language,
        owner_id=call.owner.id if call.owner else None,
        unit_id=call.unit.id if call.unit else None,
        menu_path=calls.STEP.join(call.path),
    )

"""What a conversation may use: the store, the desk, the rules of the house, and the other conversations."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from ivr.call import Call
from ivr.desk import Desk
from ivr.ledger import Ledger
from models.calls import calls, outgoing
from models.calls.outgoing import Claim
from models.instance.instance import Instance
from models.states.calls import Purpose
from models.states.tickets import TicketKind
from models.tables import Click, Staff, Ticket, Transfer
from models.tickets import call_backs, tickets

if TYPE_CHECKING:
    from ivr.clicks import Wanted
    from ivr.parties import Parties, Party

P = ParamSpec("P")
T = TypeVar("T")

Flow = Callable[[Call, "House"], Awaitable[None]]
MenuChoice = Flow
Code = Callable[[Call, "House"], Awaitable[bool]]
"""Whether the telephone that has dialled the code is now in a caller's conversation; else its call is over."""
OutgoingFlow = Callable[[Call, "House", Claim], Awaitable[None]]


@dataclass(frozen=True)
class Conversations:
    """The conversations there are (`ivr.flows.registry`), for those parts of the application that lead into one."""

    lines: Mapping[str, Flow]
    menu: Mapping[str, MenuChoice]
    codes: Mapping[str, Code]
    outgoing: Mapping[Purpose, OutgoingFlow]
    resumed: Flow
    blocked: Flow
    after_talk: Flow
    write_up: Flow
    transfer: Callable[["Parties", "Party", "House", "Wanted | None"], Awaitable[None]]
    on_hold: Callable[["Parties", "Party", "House", "Wanted"], Awaitable[None]]
    from_screen: Callable[[Call, "House", Click, Staff | None], Awaitable[None]]
    record_prompt: Callable[[Call, "House", Click, Staff | None], Awaitable[None]]
    rejoin: Callable[["Parties", Transfer | None, "House"], Awaitable[None]]


@dataclass(frozen=True)
class House(Instance):
    """One instance, as its conversations see it.

    A conversation writes and looks up through `write` and `read`, with a verb of `models/`, and says by `now()` when it
    happened: `await house.write(calls.answered, call.id, at=house.now())`.
    """

    ledger: Ledger
    desk: Desk
    greeting: str
    """The prompt with the first words, 「您好，XX物业」 (R15-5)."""
    pins: Mapping[str, str]
    """By staff number: the PIN that proves who wants to listen to a talk (R04-1)."""
    conversations: Conversations

    # -- the store ----------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self.ledger.now()

    async def write(self, verb: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One transaction, on disk when it returns."""
        return await self.ledger.write(verb, *args, **kwargs)

    async def read(self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.ledger.read(query, *args, **kwargs)

    # -- calls and tickets --------------------------------------------------------------------------------------------

    def group_of(self, call: Call) -> str:
        """The group that serves the line the caller has dialled."""
        return self.site.line(call.line).group

    def groups_with(self, *roles: str) -> list[str]:
        """The groups in which somebody has one of these roles."""
        return list(dict.fromkeys(person.group for person in self.site.staff if person.role in roles))

    async def ticket(self, call: Call, kind: TicketKind) -> Ticket:
        """This call's ticket: written at the first word of what it is about, and before anybody is rung."""
        at, policy = self.now(), self.policy
        if call.ticket is None:
            learnt = call.learnt()
            call.ticket = await self.write(tickets.open, kind=kind, call_id=call.id, at=at, policy=policy, **learnt)
        elif call.ticket.kind != kind:
            call.ticket = await self.write(
                tickets.classify, call.ticket.id, kind=kind, who="caller", at=at, policy=policy
            )
        return call.ticket

    async def answer(self, call: Call) -> None:
        """Lifts for a caller, who pays from here on; once."""
        if not call.progress.answered:
            await call.answer()
            await self.write(calls.answered, call.id, at=self.now())

    async def owe_call_back(self, call: Call, why: str) -> None:
        """Somebody of the line's group is to call this number back; unless we have called, for then that is a task
        already (R17-1)."""
        if not call.progress.outgoing:
            await self.write(call_backs.owe, call.id, why, site=self.site, policy=self.policy, at=self.now())

    # -- calls that we make -------------------------------------------------------------------------------------------

    def leased_until(self) -> datetime:
        """When a claim lapses that is taken or renewed now."""
        return self.now() + timedelta(seconds=self.policy.outgoing.lease_s)

    async def still_claims(self, claim: Claim) -> bool:
        """Renews the claim for another lease. False: it is no longer ours."""
        return await self.write(outgoing.renew, claim, until=self.leased_until())

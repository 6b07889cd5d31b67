"""What a conversation may call upon: the desk, the ledger, and the rules of the house."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.call import Call
from ivr.desk import Desk
from ivr.ledger import Ledger
from models.instance.instance import Instance
from models.states.tickets import TicketKind
from models.tables import Ticket


@dataclass(frozen=True)
class House(Instance):
    """One instance, as its conversations see it."""

    ledger: Ledger
    desk: Desk
    greeting: str
    """The prompt with the first words, 「您好,XX物业」 (R15-5)."""
    pins: Mapping[str, str]
    """What who may listen to talks keys to prove that it is he, by staff number (R04-1)."""

    def group_of(self, call: Call) -> str:
        """The group that serves the line the caller has dialled."""
        return self.site.line(call.line).group

    def groups_with(self, *roles: str) -> list[str]:
        """The groups in which somebody has one of these roles."""
        return list(dict.fromkeys(person.group for person in self.site.staff if person.role in roles))

    async def ticket(self, call: Call, kind: TicketKind) -> Ticket:
        """This call's ticket: written at the first word of what it is about, and before anybody is rung."""
        if call.ticket is None:
            call.ticket = await self.ledger.open_ticket(call, kind)
        elif call.ticket.kind != kind:
            call.ticket = await self.ledger.classify_ticket(call.ticket, kind)
        return call.ticket

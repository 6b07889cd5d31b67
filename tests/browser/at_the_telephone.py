"""What a call leaves in the store while it rings, is talked in and ends, as the hotline writes it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.calls import calls
from models.calls.calls import EndedBy, Ring
from models.clock import SystemClock
from models.database.store import Store
from models.people import people
from models.policy import Policy
from models.states.tickets import TicketKind
from models.tables import Ticket
from models.tickets import first_receiver, tickets


@dataclass
class PlayedCall:
    """One caller, who has chosen an ordinary repair."""

    store: Store
    policy: Policy
    number: str | None = "13900139000"
    kind: TicketKind = TicketKind.REPAIR
    began: datetime = field(default_factory=SystemClock().now)
    language: str = "zh"
    menu_path: str = "repair>ordinary_repair"
    rings: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        channel = f"c{self.number}-{self.began.timestamp()}"
        given = {"line": "8000", "language": self.language, "at": self.began}
        self.id = self.store.write(calls.begin, channel_id=channel, caller_number=self.number, **given).id
        self.channel = channel
        known = self.store.read(people.owner_by_number, self.number)
        who = {"owner_id": known.owner.id, "unit_id": known.unit.id if known.unit else None} if known else {}
        learnt = {"menu_path": self.menu_path, **who}
        self.ticket: Ticket = self.store.write(
            tickets.open, kind=self.kind, call_id=self.id, at=self.began, policy=self.policy, **learnt
        )

    def rings_at(self, *staff: str, for_s: float = 0.0) -> None:
        """These telephones ring, and have done so for some seconds."""
        at = SystemClock().now() - timedelta(seconds=for_s)
        for one in staff:
            self.rings[one] = self.store.write(
                calls.begin_ring,
                call_id=self.id,
                ticket_id=self.ticket.id,
                stage="group",
                staff_number=one,
                phone=one,
                channel_id=f"{self.channel}-{one}",
                at=at,
            )
            self.store.write(calls.ringing, self.rings[one], at=at)

    def taken_by(self, staff: str, *, at: datetime | None = None) -> int:
        """The talk begins; the other telephones stop ringing."""
        at = at or SystemClock().now()
        for one, ring in self.rings.items():
            outcome = Ring.CONNECTED if one == staff else Ring.TAKEN
            self.store.write(calls.end_ring, ring, outcome=outcome, rings=1, at=at)
        self.store.write(first_receiver.receive, self.ticket.id, staff, at=at)
        legs = {"bridge_id": "b", "caller_channel": self.channel, "leg_channel": f"{self.channel}-{staff}"}
        return self.store.write(calls.begin_talk, call_id=self.id, staff_number=staff, at=at, **legs)

    def ends(self, at: datetime | None = None) -> None:
        at = at or SystemClock().now()
        self.store.write(calls.end, self.id, by=EndedBy.CALLER, reason="completed", at=at)

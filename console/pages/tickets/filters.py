"""What the list of tickets shows is in its address: a view can be sent to a colleague, and saved."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode

from models.states.tickets import TICKET_OPEN, TicketKind, TicketState
from models.text.signs import one_line
from models.tickets.search import TicketQuery

OPEN, ALL = "open", "all"
_LONGEST = 100
_DIGITS = 10


@dataclass(frozen=True)
class Filters:
    """By the names in the address; what is empty filters nothing. `behind` is the ticket before the first one shown."""

    q: str = ""
    state: str = OPEN
    kind: str = ""
    department: str = ""
    late: str = ""
    mine: str = ""
    building: str = ""
    room: str = ""
    since: str = ""
    until: str = ""
    behind: str = ""

    @classmethod
    def of(cls, address: Mapping[str, str]) -> "Filters":
        """A value that is not one of the possible ones is left out."""
        given = {name: one_line(address.get(name, ""))[:_LONGEST] for name in cls.__dataclass_fields__}
        states, kinds = {OPEN, ALL, *TicketState}, set(TicketKind)
        return cls(
            **given
            | {
                "state": given["state"] if given["state"] in states else OPEN,
                "kind": given["kind"] if given["kind"] in kinds else "",
                "late": "1" if given["late"] else "",
                "mine": "1" if given["mine"] else "",
                "since": given["since"] if _day(given["since"]) else "",
                "until": given["until"] if _day(given["until"]) else "",
                "behind": given["behind"] if ticket_number(given["behind"]) else "",
            }
        )

    @property
    def by_deadline(self) -> bool:
        """Open tickets are shown by deadline, those in which all is over by their age."""
        return self.state == OPEN or (self.state != ALL and TicketState(self.state) in TICKET_OPEN)

    @property
    def start(self) -> int | None:
        return ticket_number(self.behind)

    @property
    def ticket(self) -> int | None:
        """The number of a ticket, if only that is looked for."""
        return ticket_number(self.q)

    def address(self, **changes: str) -> str:
        """The part of an address behind the question mark, with these changes; each view begins at its first page."""
        changed = asdict(replace(self, **{"behind": ""} | changes))
        return urlencode({name: value for name, value in changed.items() if value and (name, value) != ("state", OPEN)})

    def query(self, *, department: str | None, who: str, at: datetime, zone: tzinfo) -> TicketQuery:
        """`department`: the only one that the reader sees."""
        since, until = _day(self.since), _day(self.until)
        return TicketQuery(
            text=self.q or None,
            states=() if self.state in (OPEN, ALL) else (TicketState(self.state),),
            open_only=self.state == OPEN,
            kinds=(TicketKind(self.kind),) if self.kind else (),
            department=department or self.department or None,
            late_at=at if self.late else None,
            mine=who if self.mine else None,
            building=self.building or None,
            room=self.room or None,
            opened_from=datetime.combine(since, time(), zone) if since else None,
            opened_before=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
        )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def ticket_number(text: str) -> int | None:
    """The number of a ticket, as people write it: 1001 or #1001. None for anything else."""
    digits = text.strip().removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < _DIGITS else None

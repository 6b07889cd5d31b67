"""What the pages of tickets show, read in one transaction each, as their reader may see it."""

from typing import Any

from sqlalchemy.orm import Session

from console.pages.tickets import timeline
from console.pages.tickets.filters import Filters
from console.pages.tickets.forms import not_there
from console.pages.tickets.plans import plan
from console.pages.visitor import Visitor
from models.states.tickets import TICKET_MOVES, TICKET_OPEN, Cause, Reporter, Severity, TicketKind, TicketState
from models.tables import Ticket
from models.tickets import changes, explain, impartial, promises, reach, search, sheet, tickets, views
from models.tickets.search import TicketQuery

A_PAGE = 50
LONGEST_WATCHED = 200
"""An address asks for all that the tabs of a browser watch."""
_STRETCHES = 3
"""Where no index helps, a page reads this many stretches of tickets and then says where to go on."""
_OF_FORMS = (TicketState.DISPATCHED, TicketState.MERGED, TicketState.REFERRED)
"""These states need more than a word, and have forms of their own."""


def rows(session: Session, visitor: Visitor, filters: Filters, sought: dict[str, str] | None = None) -> dict[str, Any]:
    """A page of the list, and how its changes are watched. `sought`: the newest of this number or name, instead of what
    the filters say."""
    person = visitor.signed_in
    wanted = filters.query(department=person.department, who=person.number, at=visitor.at, zone=visitor.zone)
    if sought:
        wanted = TicketQuery(**sought, department=person.department)  # type: ignore[arg-type]
    by_deadline = filters.by_deadline and not sought
    watched = f"{changes.newest(session)}.{filters.address()}"
    found, more = _found(session, visitor, wanted, filters.start, by_deadline=by_deadline)
    return {
        "rows": [sheet.fields(session, one, visitor.shown, reader=visitor.who) for one in found],
        "more": more,
        # What changes while a list is being searched for words, or shows names, is not followed.
        "watched": watched if not (sought or visitor.reveal or filters.q) and len(watched) <= LONGEST_WATCHED else None,
        "changes": changes.Changes(0),
        "counts": search.counts(session, department=person.department, person=person.number, at=visitor.at),
        "views": views.of(session, person.number),
        "kinds": list(TicketKind),
        "states": list(TicketState),
    }


def _found(
    session: Session, visitor: Visitor, wanted: TicketQuery, behind: int | None, *, by_deadline: bool
) -> tuple[list[Ticket], int | None]:
    asked: dict[str, Any] = {"shown": visitor.shown, "reader": visitor.who}
    if by_deadline:
        first = search.by_deadline(session, wanted, limit=A_PAGE, behind=behind, **asked)
        return first.found, first.older_than
    found: list[Ticket] = []
    for _ in range(_STRETCHES):
        older = search.search(session, wanted, limit=A_PAGE - len(found), older_than=behind, **asked)
        found, behind = found + older.found, older.older_than
        if behind is None or len(found) >= A_PAGE:
            break
    return found, behind


def whole(session: Session, visitor: Visitor, number: int) -> dict[str, Any]:
    ticket = reach.find(session, number, visitor.signed_in)
    if ticket is None:
        raise not_there()
    record = tickets.get(session, ticket.id)
    assert record is not None
    site, policy, language = visitor.instance.site, visitor.instance.policy, visitor.language
    shown, reader = visitor.shown, visitor.who
    row = sheet.whole(session, record, shown, reader=reader)
    steps = sorted(TICKET_MOVES[ticket.state] - set(_OF_FORMS), key=list(TicketState).index)
    return {
        "ticket": row,
        "clocks": [explain.fields(clock, policy, site.days, language, visitor.at) for clock in record.clocks],
        "timeline": timeline.entries(
            session, ticket, row["events"], record.recordings, visitor.shown, reader=visitor.who
        ),
        "decision": timeline.decision(row["events"], site),
        "playbook": [plan(text) for text in site.playbook(row["kind"], language)]
        if ticket.state in TICKET_OPEN
        else [],
        "steps": [state.value for state in steps],
        "forms_of": {state.value for state in TICKET_MOVES[ticket.state] & set(_OF_FORMS)},
        "running": promises.open_of(session, ticket.id),
        "promising": ticket.state in promises.PROMISED_IN,
        "postponed": promises.put_off(session, ticket.id),
        "last_event": record.events[-1].id if record.events else 0,
        "hidden": impartial.hidden_from(ticket, visitor.who),
        **choices(),
        "kinds": list(TicketKind),
    }


def to_handle(session: Session, visitor: Visitor, number: int) -> Ticket:
    """The ticket, where the visitor is about to do something with it; there is none if it is about the visitor."""
    ticket = reach.find(session, number, visitor.signed_in)
    if ticket is None or impartial.hidden_from(ticket, visitor.who):
        raise not_there()
    return ticket


def choices() -> dict[str, Any]:
    return {"severities": list(Severity), "reporters": list(Reporter), "causes": list(Cause)}

"""Tickets that did not come by telephone, and facts that are filled in later; nothing is ever lost."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.numbers import here
from models.errors import MoveRefused
from models.events import ticket_events
from models.people import people
from models.policy import Policy
from models.states.tickets import Cause, Reporter, Severity, Source, TicketEventKind, TicketKind
from models.tables import Owner, OwnerPhone, Ticket, Unit
from models.text.signs import one_line
from models.tickets import deadlines, impartial, tickets


@dataclass(frozen=True)
class Facts:
    """The facts of a ticket (R13-2, R03-7); None: not known, or not to be changed.

    `building` and `room` are as written or keyed; the unit and its owner are looked up.
    """

    contact_name: str | None = None
    contact_number: str | None = None
    problem: str | None = None
    need: str | None = None
    reporter: Reporter | None = None
    severity: Severity | None = None
    building: str | None = None
    room: str | None = None
    cause: Cause | None = None

    def __post_init__(self) -> None:
        for name in ("contact_name", "contact_number", "building", "room"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, one_line(value))


def new(
    session: Session,
    *,
    kind: TicketKind,
    source: Source,
    facts: Facts,
    who: str,
    at: datetime,
    policy: Policy,
    language: str,
    about_staff: str | None = None,
) -> Ticket:
    """A ticket from the counter, a letter, the web (R02-2). `who`, if a member of staff, becomes the first receiver.

    A complaint about `who` goes to the lead afterwards (R15-6). Raises MoveRefused when the person complained of does
    not work here.
    """
    if about_staff is not None:
        check_works_here(session, about_staff)
    ticket = tickets.open_told(
        session,
        kind=kind,
        source=source,
        language=language,
        who=who,
        at=at,
        policy=policy,
        text=_as_text(facts),
        severity=facts.severity,
    )
    _write(session, ticket, facts)
    if people.staff(session, who) is not None:
        tickets.receive(session, ticket.id, who, at=at)
    if about_staff is not None:
        tickets.about(session, ticket.id, about_staff, who=who, at=at)
    return session.get_one(Ticket, ticket.id, populate_existing=True)


def check_works_here(session: Session, staff_number: str) -> None:
    """Raises MoveRefused when nobody at work has this number."""
    if people.staff(session, staff_number) is None:
        raise MoveRefused(f"nobody at work here has the number {staff_number}", f"没有在职员工的工号是 {staff_number}")


def fill_in(
    session: Session, ticket_id: int, facts: Facts, *, who: str, at: datetime, policy: Policy | None = None
) -> Ticket:
    """Adds or corrects facts; the event keeps the new value and the old one.

    Another severity has other clocks and needs `policy` (ValueError without). The text of a complaint about a person
    stays as it was first written (R15-6). Raises MoveRefused for that, NotImpartial, LookupError.
    """
    ticket = impartial.to_change(session, ticket_id, who=who)
    if ticket.about_staff is not None and ticket.problem and facts.problem not in (None, ticket.problem):
        raise MoveRefused(
            f"ticket {ticket.number} is a complaint about a person: its first record stays as it is (R15-6); "
            "add to it in a note",
            f"工单 {ticket.number} 是对员工的投诉:原始记录不可更改(R15-6);补充请写备注",
        )
    before = Facts(**{field.name: getattr(ticket, field.name) for field in fields(Facts)})
    _write(session, ticket, facts)
    session.flush()
    if ticket.severity is not before.severity:
        if policy is None:
            raise ValueError("another severity has other clocks: pass the policy")
        deadlines.classify(session, ticket, policy=policy)
    ticket_events.write(session, ticket_id, TicketEventKind.FILLED_IN, who=who, at=at, text=_as_text(facts, before))
    return ticket


def tell(session: Session, ticket_id: int, text: str, *, who: str, at: datetime) -> Ticket:
    """The customer has been informed of the progress (R15-3, R16-2). Returns and raises as `tickets.note`."""
    ticket = tickets.to_write_on(session, ticket_id, text, who=who)
    deadlines.customer_informed(session, ticket.id, who=who, at=at, text=text)
    return ticket


def _write(session: Session, ticket: Ticket, facts: Facts) -> None:
    for field in fields(Facts):
        value = getattr(facts, field.name)
        if value is not None:
            setattr(ticket, field.name, _fitting(session, field.name, value))
    if facts.building is not None or facts.room is not None:
        unit = _unit(session, ticket.building or "", ticket.room or "")
        ticket.unit_id = unit.id if unit else None
        ticket.owner_id = None
    if ticket.owner_id is None:
        _recognise(session, ticket)
    session.flush()


def _fitting(session: Session, name: str, value: str) -> str:
    if name == "contact_number":
        return here(session, value) or ""
    length = {"contact_name": 80, "building": 20, "room": 20}.get(name)
    return value[:length] if length else value


def _unit(session: Session, building: str, room: str) -> Unit | None:
    """The unit, as written in the list of owners or as a caller keys it."""
    written = session.scalar(select(Unit).where(Unit.building == building, Unit.unit == room))
    return written or people.unit_by_keys(session, building, room)


def _recognise(session: Session, ticket: Ticket) -> None:
    """Finds the owner by number, or by name in the known unit."""
    if ticket.unit_id is not None:
        here = select(Owner).where(Owner.unit_id == ticket.unit_id)
        named = session.scalar(here.where(Owner.name == ticket.contact_name))
        called = session.scalar(
            here.join(OwnerPhone, OwnerPhone.owner_id == Owner.id).where(OwnerPhone.number == ticket.contact_number)
        )
        owner = named or called
    else:
        known = people.owner_by_number(session, ticket.contact_number)
        owner = known.owner if known else None
        ticket.unit_id = known.unit.id if known and known.unit else None
    if owner is not None:
        ticket.owner_id = owner.id
        ticket.reporter = ticket.reporter or Reporter.OWNER


def _as_text(facts: Facts, before: Facts | None = None) -> str:
    """ "problem: no water (was: no light)", a line for each."""
    lines = []
    for field in fields(Facts):
        value, was = getattr(facts, field.name), getattr(before, field.name) if before else None
        if value is not None and value != was:
            lines.append(f"{field.name}: {value}" + (f" (was: {was})" if was else ""))
    return "\n".join(lines)

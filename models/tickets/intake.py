"""Tickets that did not come by telephone, and facts that are filled in later; nothing is ever lost."""

from dataclasses import dataclass, fields, replace
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
from models.text.numbers import LONGEST, NO_NUMBER, plausible
from models.text.signs import blank, checked, one_line, written
from models.text.wording import word
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


_LONGEST = {"contact_name": 80, "contact_number": LONGEST, "building": 20, "room": 20}
"""Of the facts of one line, in characters."""


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

    It is a complaint if it is about one of the staff, and one about `who` goes to the lead afterwards (R15-6). Raises
    MoveRefused without a problem, for a fact that makes no sense, and when the person complained of does not work here.
    """
    facts = _sensible(session, facts)
    if facts.problem is None:
        raise MoveRefused("say what the problem or the complaint is", "请填写问题或投诉内容")
    if about_staff is not None:
        tickets.at_work(session, about_staff)
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
        tickets.about(session, ticket.id, about_staff, who=who, at=at, policy=policy)
    return session.get_one(Ticket, ticket.id, populate_existing=True)


def fill_in(
    session: Session, ticket_id: int, facts: Facts, *, who: str, at: datetime, policy: Policy | None = None
) -> Ticket:
    """Adds or corrects facts; the event keeps the new value and the old one.

    Another severity has other clocks and needs `policy` (ValueError without). The text of a complaint about a person
    stays as it was first written (R15-6). Raises MoveRefused for that and for a fact that makes no sense, NotImpartial,
    LookupError.
    """
    facts = _sensible(session, facts)
    ticket = impartial.to_change(session, ticket_id, who=who)
    if ticket.about_staff is not None and ticket.problem and facts.problem not in (None, ticket.problem):
        raise MoveRefused(
            f"ticket {ticket.number} is a complaint about a person: its first record stays as it is (R15-6); "
            "add to it in a note",
            f"工单 {ticket.number} 是对员工的投诉：原始记录不可更改（R15-6）；补充请写备注",
        )
    before = Facts(**{field.name: getattr(ticket, field.name) for field in fields(Facts)})
    _write(session, ticket, facts)
    session.flush()
    if ticket.severity is not before.severity:
        if policy is None:
            raise ValueError("another severity has other clocks: pass the policy")
        deadlines.classify(session, ticket, at=at, policy=policy)
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
            setattr(ticket, field.name, value)
    if facts.building is not None or facts.room is not None:
        unit = _unit(session, ticket.building or "", ticket.room or "")
        ticket.unit_id = unit.id if unit else None
        ticket.owner_id = None
    if ticket.owner_id is None:
        _recognise(session, ticket)
    session.flush()


def _sensible(session: Session, facts: Facts) -> Facts:
    """As they are kept; of what nothing can be seen is not known. Raises MoveRefused."""
    typed = {name: value for name, value in vars(facts).items() if type(value) is str}
    known: dict[str, str | None] = {name: None if blank(checked(text)) else text for name, text in typed.items()}
    for name in ("problem", "need"):
        if text := known.get(name):
            known[name] = written(text)
    for name, longest in _LONGEST.items():
        if text := known.get(name):
            known[name] = _line(name, text, longest)
    if number := known.get("contact_number"):
        known["contact_number"] = _number(session, number)
    return replace(facts, **known)  # type: ignore[arg-type]


def _line(name: str, text: str, longest: int) -> str:
    line = one_line(text)
    if len(line) > longest:
        raise MoveRefused(f"{word(name, 'en')}: at most {longest} characters", f"{word(name, 'zh')}最多 {longest} 个字")
    return line


def _number(session: Session, written: str) -> str:
    number = here(session, written)
    if number is None or not plausible(number):
        en, zh = NO_NUMBER
        raise MoveRefused(f"{written} {en}, or nothing if it is not known", f"{written} {zh}，不知道就不填")
    return number


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

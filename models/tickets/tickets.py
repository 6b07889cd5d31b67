"""A ticket is written before any phone rings, has deadlines from the start, and changes state only through `move`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.calls import calls
from models.database.changes import change
from models.errors import MoveRefused
from models.events.ticket_events import CALLER, SYSTEM, write
from models.language import Language
from models.people import people
from models.policy import Policy
from models.policy.clocks import class_name
from models.states.tickets import (
    TICKET_MOVES,
    TICKET_OPEN,
    WAITING_FOR_SOMEBODY,
    Reporter,
    Severity,
    Source,
    TicketEventKind,
    TicketKind,
    TicketState,
)
from models.tables import (
    FIRST_NUMBER,
    Appointment,
    Owner,
    OwnerPhone,
    Promise,
    Recording,
    Staff,
    Ticket,
    TicketClock,
    TicketEvent,
    Unit,
)
from models.text.numbers import extension, keys
from models.text.signs import written
from models.text.wording import word, words
from models.tickets import deadlines, escalations, first_receiver, impartial, kept_appointments, promises, required
from models.tickets.first_receiver import hand_over, receive

__all__ = ["MoveRefused", "Ticket", "TicketKind", "TicketRecord", "TicketState", "hand_over", "receive"]

PROOF = 4
"""How many last digits of the telephone number a customer must give to hear the state of a ticket."""
WHOLE = 7
"""The least number of digits of a telephone number; shorter ones are of the house."""


@dataclass(frozen=True)
class TicketRecord:
    """Everything written about one ticket, events in order."""

    ticket: Ticket
    owner: Owner | None
    unit: Unit | None
    clocks: list[TicketClock]
    events: list[TicketEvent]
    recordings: list[Recording]
    """Of all its calls."""
    promises: list[Promise]
    appointments: list[Appointment]
    merged: list[Ticket]
    """Those that were merged into it."""


def open(
    session: Session, *, kind: TicketKind, call_id: int, at: datetime, policy: Policy, **learnt: Unpack[calls.Learnt]
) -> Ticket:
    """A new ticket with its deadlines; line, caller, owner, unit and language are those of the call.

    The row of the call gets the ticket's id and the other facts `learnt`. Commit before anybody hears the number.
    Raises NoResultFound for no such call.
    """
    row = calls.facts(session, call_id)
    ticket = Ticket(
        kind=kind,
        line=row.line,
        call_id=call_id,
        caller_number=row.caller_number,
        owner_id=learnt.get("owner_id") or row.owner_id,
        unit_id=learnt.get("unit_id") or row.unit_id,
        language=learnt.get("language") or row.language,
        opened_at=at,
    )
    if ticket.owner_id is not None:
        ticket.reporter = Reporter.OWNER
    deadlines.begin(session, ticket, at=at, policy=policy)
    write(session, ticket.id, TicketEventKind.OPENED, who=SYSTEM, at=at, to_state=TicketState.NEW)
    learnt["ticket_id"] = ticket.id
    calls.note(session, call_id, **learnt)
    return ticket


def open_fault(session: Session, *, at: datetime, policy: Policy, language: Language, text: str) -> Ticket:
    """A fault of the hotline itself that nobody has reported (R17-5); `text` describes it, in the words of lists
    (`wording.words`). The problem of the ticket is the same in `language`."""
    ticket = open_told(
        session,
        kind=TicketKind.FAULT,
        source=Source.SYSTEM,
        language=language,
        who=SYSTEM,
        at=at,
        policy=policy,
        text=text,
    )
    ticket.problem = words(text, language) or None
    return ticket


def end_fault(session: Session, ticket_id: int, text: str, *, at: datetime) -> Ticket:
    """The fault is over, as `text` says. Unless somebody works on it, the ticket is done, and nobody is called about it
    any more; a person still closes it. Raises LookupError."""
    ticket = survivor(session, session.get_one(Ticket, ticket_id, with_for_update=True))
    if ticket.state in WAITING_FOR_SOMEBODY:
        return move(session, ticket.id, to=TicketState.DONE, who=SYSTEM, at=at, text=text)
    return note(session, ticket.id, text, who=SYSTEM, at=at)


def open_told(
    session: Session,
    *,
    kind: TicketKind,
    source: Source,
    language: str,
    who: str,
    at: datetime,
    policy: Policy,
    text: str = "",
    severity: Severity | None = None,
) -> Ticket:
    """A ticket that did not come by telephone (R02-2): `text` is its first record, written by `who`."""
    ticket = Ticket(
        kind=kind,
        severity=severity or Severity.ORDINARY,
        source=source,
        language=language,
        opened_at=at,
    )
    deadlines.begin(session, ticket, at=at, policy=policy)
    write(session, ticket.id, TicketEventKind.OPENED, who=who, at=at, to_state=TicketState.NEW, text=text)
    return ticket


def classify(
    session: Session,
    ticket_id: int,
    kind: TicketKind,
    *,
    who: str,
    at: datetime,
    policy: Policy,
    severity: Severity | None = None,
) -> Ticket:
    """Changes kind or severity: the clocks become those of the new class, still counted from the opening. Without
    `severity` it stays.

    Raises MoveRefused when a complaint about a person would be none (R15-6), NotImpartial, LookupError.
    """
    ticket = impartial.to_change(session, ticket_id, who=who)
    if ticket.about_staff is not None and kind is not TicketKind.COMPLAINT:
        raise MoveRefused(
            f"ticket {ticket.number} is a complaint about {ticket.about_staff}, and stays one (R15-6)",
            f"工单 {ticket.number} 投诉的是 {ticket.about_staff}：类别只能是投诉（R15-6）",
        )
    was = (ticket.kind, ticket.severity)
    now = (kind, severity or ticket.severity)
    if was == now:
        return ticket
    ticket.kind, ticket.severity = now
    ticket.policy_version = policy.version
    deadlines.classify(session, ticket, at=at, policy=policy)
    text = f"{class_name(*was)} -> {class_name(*now)}"
    write(session, ticket_id, TicketEventKind.CLASSIFIED, who=who, at=at, text=text)
    session.refresh(ticket)
    return ticket


def move(
    session: Session,
    ticket_id: int,
    *,
    to: TicketState,
    who: str,
    at: datetime,
    text: str = "",
    told: bool = False,
    policy: Policy | None = None,
) -> Ticket:
    """The only way a ticket changes state: compare-and-set, an event, the clocks it meets, one transaction.

    `who` is a staff number, "caller" or "system"; `told`: the customer has been informed of it. A reopened ticket gets
    new clocks and needs `policy` (ValueError without). Raises MoveRefused for a move that is not legal, or no longer
    legal since somebody else moved it, and when a requirement is missing (`models.tickets.required`); NotImpartial,
    LookupError.
    """
    text = written(text)
    while True:
        ticket = session.get(Ticket, ticket_id, populate_existing=True)
        if ticket is None:
            raise LookupError(f"no ticket {FIRST_NUMBER + ticket_id}")
        state, about_him = ticket.state, ticket.about_staff
        impartial.check(ticket, who=who)
        if to not in TICKET_MOVES[state]:
            raise _no_such_move(ticket, to)
        if who not in (SYSTEM, CALLER):
            required.for_move(session, ticket, to, text=text, told=told)
        as_it_was = (Ticket.id == ticket_id, Ticket.state == state, Ticket.about_staff.is_not_distinct_from(about_him))
        values = {"state": to} | _taken_on(session, ticket, to, who)
        if change(session, update(Ticket).where(*as_it_was).values(values)):
            break
    escalations.stop(session, ticket_id, at=at)
    write(session, ticket_id, TicketEventKind.MOVED, who=who, at=at, from_state=state, to_state=to, text=text)
    if told:
        deadlines.customer_informed(session, ticket_id, who=who, at=at, text=text)
    if to is TicketState.DONE:
        promises.settle(session, ticket_id, at=at)
    if to is TicketState.REOPENED:
        if policy is None:
            raise ValueError("a reopened ticket gets new clocks: pass the policy")
        deadlines.restart(session, ticket_id, at=at, policy=policy)
    else:
        deadlines.entered(session, ticket_id, to, at=at)
    kept_appointments.entered(session, ticket_id, to, at=at)
    first_receiver.moved(session, session.get_one(Ticket, ticket_id, populate_existing=True), at=at)
    return session.get_one(Ticket, ticket_id, populate_existing=True)


def _no_such_move(ticket: Ticket, to: TicketState) -> MoveRefused:
    legal = [state for state in TicketState if state in TICKET_MOVES[ticket.state]]
    en, zh = (", ".join(word(one, "en") for one in legal), "、".join(word(one, "zh") for one in legal))
    return MoveRefused(
        f"ticket {ticket.number} is {word(ticket.state, 'en')} and can't become {word(to, 'en')}; it can become: "
        f"{en or '-'}",
        f"工单 {ticket.number} 现为{word(ticket.state, 'zh')}，不能改为{word(to, 'zh')}；可改为：{zh or '无'}",
    )


def _taken_on(session: Session, ticket: Ticket, to: TicketState, who: str) -> dict[str, object]:
    """A person who accepts an unassigned ticket becomes its assignee; an undispatched ticket goes to the same group."""
    if to not in (TicketState.ACCEPTED, TicketState.ON_SITE) or ticket.assignee is not None:
        return {}
    staff = people.staff(session, who)
    return {} if staff is None else {"assignee": who, "department": ticket.department or staff.group}


def about(session: Session, ticket_id: int, staff_number: str, *, who: str, at: datetime, policy: Policy) -> Ticket:
    """It is a complaint about this person, who must not handle it (R15-6): it goes from this person to the lead. A
    ticket of another kind becomes a complaint.

    Staff may enter themselves, but not replace their own name by another. Raises MoveRefused for a person who does not
    work here, NotImpartial, LookupError.
    """
    ticket = impartial.to_change(session, ticket_id, who=who)
    staff_number = at_work(session, staff_number).number
    classify(session, ticket_id, TicketKind.COMPLAINT, who=who, at=at, policy=policy)
    was, ticket.about_staff = ticket.about_staff, staff_number
    if ticket.assignee == staff_number:
        ticket.assignee = None
    if impartial.leads(session, staff_number, ticket.department):
        ticket.department = None
    session.flush()
    change(session, update(Ticket).where(Ticket.merged_into == ticket_id).values(about_staff=staff_number))
    text = f"about {staff_number}" + (f" instead of {was}" if was not in (None, staff_number) else "")
    write(session, ticket_id, TicketEventKind.NOTED, who=who, at=at, text=text)
    if ticket.first_receiver == staff_number:
        lead = impartial.lead_above(session, staff_number)
        first_receiver.pass_on(session, ticket, lead, who=SYSTEM, at=at, why="R15-6")
    return session.get_one(Ticket, ticket_id, populate_existing=True)


def at_work(session: Session, typed: str) -> Staff:
    """Who has this staff number. Raises MoveRefused when nobody at work has it."""
    staff = people.staff(session, extension(typed))
    if staff is None:
        raise MoveRefused(f"nobody at work here has the number {typed}", f"没有在职员工的工号是 {typed}")
    return staff


def locate(session: Session, ticket_id: int, *, building: str, room: str, unit_id: int | None) -> None:
    """Records the place as the caller keyed it, and the unit found for it, if any (R13-2)."""
    where = {"building": building[:20], "room": room[:20], "unit_id": unit_id}
    change(session, update(Ticket).where(Ticket.id == ticket_id).values(**where))


def note(session: Session, ticket_id: int, text: str, *, who: str, at: datetime) -> Ticket:
    """Adds a note, of a merged ticket to the one that goes on, which is returned.

    Raises MoveRefused without words, NotImpartial, LookupError.
    """
    ticket = to_write_on(session, ticket_id, text, who=who)
    write(session, ticket.id, TicketEventKind.NOTED, who=who, at=at, text=written(text))
    return ticket


def to_write_on(session: Session, ticket_id: int, text: str, *, who: str) -> Ticket:
    """The ticket that gets this text, locked: of a merged one the ticket that goes on. Raises as `note`."""
    if not written(text):
        raise MoveRefused("say what is to be written", "请写明内容")
    ticket = impartial.to_change(session, ticket_id, who=who)
    return impartial.to_change(session, ticket.merged_into, who=who) if ticket.merged_into else ticket


def asked_after(session: Session, ticket_id: int, *, call_id: int, at: datetime) -> None:
    """The caller has asked how this ticket is: noted on the ticket, and the call is about it."""
    ticket = note(session, ticket_id, "asked how it is", who=CALLER, at=at)
    calls.note(session, call_id, ticket_id=ticket.id)


def row(session: Session, ticket_id: int) -> Ticket | None:
    return session.get(Ticket, ticket_id)


def unit_of(session: Session, ticket: Ticket) -> Unit | None:
    """Where the ticket is, if that is a unit of the directory."""
    return session.get(Unit, ticket.unit_id) if ticket.unit_id else None


def open_of(session: Session, *, owner_id: int, unit_id: int | None, limit: int) -> list[Ticket]:
    """The newest open tickets of this owner and of the unit."""
    newest = select(Ticket).where(Ticket.state.in_(TICKET_OPEN)).order_by(Ticket.opened_at.desc()).limit(limit)
    found = list(session.scalars(newest.where(Ticket.owner_id == owner_id)))
    if unit_id is not None:
        found += [t for t in session.scalars(newest.where(Ticket.unit_id == unit_id)) if t not in found]
    return sorted(found, key=lambda ticket: ticket.id, reverse=True)[:limit]


def find(session: Session, number: str, room: str) -> Ticket | None:
    """The ticket with this number, only if `room` is its room; both as keyed (R07-8, R21-4).

    A ticket without a known room is not found.
    """
    if not (number.isascii() and number.isdecimal() and keys(room)) or len(number) > 9:
        return None
    ticket = session.get(Ticket, int(number) - FIRST_NUMBER)
    if ticket is None:
        return None
    unit = session.get(Unit, ticket.unit_id) if ticket.unit_id else None
    known = {keys(ticket.room), keys((ticket.building or "") + (ticket.room or ""))} if ticket.room else set()
    if unit:
        known |= {keys(unit.unit), keys(unit.keyed)}
    return ticket if keys(room) in known else None


def find_by_end(session: Session, number: int, end: str, *, whole: bool = False) -> Ticket | None:
    """The ticket with this number, only if a telephone number of its customer has this `end` (R07-8), or is it.

    Fewer than `PROOF` digits are not enough, nor is a short number of the house, which everybody knows. An unknown
    ticket takes as long as a wrong end.
    """
    ticket = session.get(Ticket, number - FIRST_NUMBER) if FIRST_NUMBER < number < 10**9 else None
    owner_id = ticket.owner_id if ticket else None
    listed = session.scalars(select(OwnerPhone.number).where(OwnerPhone.owner_id == (owner_id or 0)))
    known = [*listed, *((ticket.contact_number, ticket.caller_number) if ticket else ())]
    if len(end) < PROOF or not (end.isascii() and end.isdecimal()):
        return None
    numbers = [one.removeprefix("+") for one in known if one is not None and len(one) >= WHOLE]
    return ticket if any(one == end if whole else one.endswith(end) for one in numbers) else None


def survivor(session: Session, ticket: Ticket) -> Ticket:
    """The ticket in which this one is worked on: itself, or the one into which it was merged."""
    return session.get_one(Ticket, ticket.merged_into) if ticket.merged_into else ticket


def get(session: Session, ticket_id: int) -> TicketRecord | None:
    """A ticket with everything written about it."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        return None
    return TicketRecord(
        ticket,
        session.get(Owner, ticket.owner_id) if ticket.owner_id else None,
        session.get(Unit, ticket.unit_id) if ticket.unit_id else None,
        deadlines.of_ticket(session, ticket_id),
        list(session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id))),
        list(session.scalars(select(Recording).where(Recording.ticket_id == ticket_id).order_by(Recording.id))),
        list(session.scalars(select(Promise).where(Promise.ticket_id == ticket_id).order_by(Promise.id))),
        kept_appointments.of_ticket(session, ticket_id),
        list(session.scalars(select(Ticket).where(Ticket.merged_into == ticket_id).order_by(Ticket.id))),
    )


def recent(session: Session, *, limit: int, states: Iterable[TicketState] | None = None) -> list[Ticket]:
    """The newest first, of all or of some states."""
    newest = select(Ticket).order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(limit)
    if states is not None:
        newest = newest.where(Ticket.state.in_(list(states)))
    return list(session.scalars(newest))

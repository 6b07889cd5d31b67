"""Search for tickets by any fact that the reader may see (R01-3, R15-6); what no index finds is read in stretches."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal, or_, select, union, union_all
from sqlalchemy.orm import Session

from models.database import paging
from models.database.numbers import forms
from models.errors import MoveRefused
from models.states.tickets import (
    TICKET_OPEN,
    Reporter,
    Severity,
    Source,
    TicketEventKind,
    TicketKind,
    TicketState,
)
from models.tables import FIRST_NUMBER, Owner, OwnerPhone, Ticket, TicketEvent, Unit
from models.text.masking import Masking, masked, masked_name
from models.text.numbers import keys, normal

STRETCH = 10_000
"""How many tickets one page reads when no index helps."""
PERSONAL = ("caller", "name", "owner_id")
"""What only a reader may ask for who sees names and numbers whole: they could be guessed, one by one (R08-9)."""
OF_THE_COMPLAINT = (*PERSONAL, "text", "building", "room")
"""By these the person complained of does not find the complaint (R15-6)."""
_WORDS_OF_PEOPLE = (
    TicketEventKind.NOTED,
    TicketEventKind.TOLD,
    TicketEventKind.MOVED,
    TicketEventKind.ASSIGNED,
    TicketEventKind.POSTPONED,
    TicketEventKind.APPOINTMENT_MOVED,
    TicketEventKind.APPOINTMENT_CANCELLED,
)
"""The events in which people write; others hold names of fields."""


class NotForThisReader(MoveRefused):
    """The search names what the reader is not shown."""


@dataclass(frozen=True)
class TicketQuery:
    """All given conditions must hold. `text` is looked for in problem, need, names and notes.

    `caller` is the telephone number, in any form, of the call, the contact or the owner. `late_at`: due by then.
    `states` empty: all of them. `mine`: this person is the assignee or the first receiver.
    """

    text: str | None = None
    caller: str | None = None
    name: str | None = None
    building: str | None = None
    room: str | None = None
    kinds: tuple[TicketKind, ...] = ()
    states: tuple[TicketState, ...] = ()
    open_only: bool = False
    department: str | None = None
    assignee: str | None = None
    first_receiver: str | None = None
    about_staff: str | None = None
    severity: Severity | None = None
    source: Source | None = None
    reporter: Reporter | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    late_at: datetime | None = None
    owner_id: int | None = None
    mine: str | None = None
    unassigned: bool = False


@dataclass(frozen=True)
class TicketPage:
    """If `older_than` is set there may be more: search again behind this one."""

    found: list[Ticket]
    older_than: int | None
    """A ticket's number."""


def search(
    session: Session,
    wanted: TicketQuery,
    *,
    shown: Masking,
    reader: str | None,
    limit: int,
    older_than: int | None = None,
) -> TicketPage:
    """The newest that fit, at most `limit`; older than the ticket with the number `older_than`, if given.

    `shown` and `reader` say what the asker sees, as for `sheet.fields`: what is hidden is not found either. An index
    finds tickets of any age. Without one, a page reads at most `STRETCH` tickets and says where to go on. Raises
    NotForThisReader.
    """
    start = _row(session, older_than)
    conditions = allowed(wanted, shown, reader)
    if start is not None:
        conditions.append(_older(start))
    newest = select(Ticket).order_by(Ticket.opened_at.desc(), Ticket.id.desc())
    if (few := _few(session, wanted)) is not None:
        # No index matches this form, or the planner might prefer one that reads the whole history in order.
        by_time = func.coalesce(Ticket.opened_at, Ticket.opened_at).desc()
        newest = select(Ticket).where(few).order_by(by_time, Ticket.id.desc())
    if few is not None or (wanted.assignee or wanted.first_receiver or wanted.about_staff) is not None:
        found = list(session.scalars(newest.where(*conditions).limit(limit + 1)))
        return TicketPage(found[:limit], found[limit - 1].number if len(found) > limit else None)
    last = _end_of_stretch(session, wanted, start)
    if last is not None:
        conditions.append(paging.from_here(Ticket.opened_at, Ticket.id, (last.opened_at, last.id)))
    found = list(session.scalars(newest.where(*conditions).limit(limit + 1)))
    if len(found) > limit:
        return TicketPage(found[:limit], found[limit - 1].number)
    return TicketPage(found, last.number if last is not None else None)


def by_deadline(
    session: Session,
    wanted: TicketQuery,
    *,
    shown: Masking,
    reader: str | None,
    limit: int,
    behind: int | None = None,
) -> TicketPage:
    """The open tickets that fit, the most overdue first; behind the one with this number, if given.

    Otherwise as `search`.
    """
    conditions = allowed(wanted, shown, reader)
    open_ones = TICKET_OPEN.intersection(wanted.states) if wanted.states else TICKET_OPEN
    due, start = Ticket.next_due_at, _row(session, behind)
    if start is not None:
        later = or_(due.is_(None), paging.behind(due, Ticket.id, (start.next_due_at, start.id)))
        conditions.append(later if start.next_due_at is not None else due.is_(None) & (Ticket.id > start.id))
    if (few := _few(session, wanted)) is not None:
        conditions.append(few)
    # Not by the index on `next_due_at`: it begins with all closed tickets.
    order = (due.is_(None), due, Ticket.id)
    # Only ids are put in order: a store is slow at sorting ten thousand whole rows.
    first = select(Ticket.id).where(Ticket.state.in_(open_ones), *conditions).order_by(*order).limit(limit + 1)
    ids = list(session.scalars(first))
    found = list(session.scalars(select(Ticket).where(Ticket.id.in_(ids[:limit])).order_by(*order)))
    return TicketPage(found, found[-1].number if len(ids) > limit else None)


@dataclass(frozen=True)
class OpenCounts:
    """How many tickets are open; of these: overdue, those of one person, done but not confirmed."""

    open: int
    late: int
    mine: int
    done: int


def counts(session: Session, *, department: str | None, person: str, at: datetime) -> OpenCounts:
    """Of all open tickets, or of those that this department has; each counted in an index."""
    seen: list[ColumnElement[bool]] = [Ticket.department == department] if department is not None else []
    # State by state: for all of them together SQLite prefers to read the whole history.
    of_states = union_all(
        *(
            select(literal(state.value), func.count()).where(Ticket.state == state, *seen)
            for state in sorted(TICKET_OPEN)
        )
    )
    states: dict[str, int] = dict(session.execute(of_states).all())
    # Only open tickets are due.
    late = select(func.count()).where(Ticket.next_due_at <= at, *seen)
    own = union(
        *(
            select(Ticket.id).where(whose == person, Ticket.state.in_(TICKET_OPEN), *seen)
            for whose in (Ticket.first_receiver, Ticket.assignee)
        )
    )
    mine = select(func.count()).select_from(own.subquery())
    return OpenCounts(
        sum(states.values()), session.scalar(late) or 0, session.scalar(mine) or 0, states[TicketState.DONE.value]
    )


def described(wanted: TicketQuery) -> str:
    """For the access log: what is asked for, names and numbers masked, because the log is shown to others."""
    hidden = replace(wanted, caller=masked(normal(wanted.caller)), name=masked_name(wanted.name))
    given = {name: value for name, value in vars(hidden).items() if value}
    return ", ".join(
        f"{name} {' '.join(value) if isinstance(value, tuple) else value}" for name, value in given.items()
    )


def _row(session: Session, number: int | None) -> Ticket | None:
    return session.get(Ticket, number - FIRST_NUMBER) if number is not None else None


def allowed(wanted: TicketQuery, shown: Masking, reader: str | None) -> list[ColumnElement[bool]]:
    """The conditions of a search, as far as this reader may set them. Raises NotForThisReader."""
    if not shown.reveal and any(getattr(wanted, name) is not None for name in PERSONAL):
        raise NotForThisReader(
            "names and numbers are masked for you, so they cannot be searched",
            "姓名和号码对您不完整显示，不能按其查找",
        )
    conditions = _conditions(wanted, names=shown.reveal)
    if reader is not None and any(getattr(wanted, name) is not None for name in OF_THE_COMPLAINT):
        conditions.append(Ticket.about_staff.is_distinct_from(reader))
    return conditions


def _mine(person: str) -> ColumnElement[bool]:
    return or_(Ticket.assignee == person, Ticket.first_receiver == person)


def _few(session: Session, wanted: TicketQuery) -> ColumnElement[bool] | None:
    """The condition, if any, that an index answers with few rows however much history there is."""
    if wanted.caller is not None:
        written = [wanted.caller, *forms(session, wanted.caller)]
        owners = list(session.scalars(select(OwnerPhone.owner_id).where(OwnerPhone.number.in_(written))))
        return or_(Ticket.caller_number.in_(written), Ticket.contact_number.in_(written), Ticket.owner_id.in_(owners))
    if wanted.room is not None:
        return _place(session, wanted)
    if wanted.owner_id is not None:
        return Ticket.owner_id == wanted.owner_id
    # What is late is open.
    if wanted.late_at is not None or wanted.open_only or (wanted.states and TICKET_OPEN.issuperset(wanted.states)):
        return Ticket.state.in_(wanted.states or TICKET_OPEN)
    return None


def _place(session: Session, wanted: TicketQuery) -> ColumnElement[bool]:
    """The unit as written in the list of owners, or as the caller keyed it."""
    room = wanted.room or ""
    units = select(Unit.id).where(Unit.unit == room)
    here: ColumnElement[bool] = Ticket.room.in_({room, keys(room) or room})
    if wanted.building is not None:
        units = units.where(Unit.building == wanted.building)
        building = wanted.building
        here &= Ticket.building.in_({building, keys(building) or building})
    return or_(here, Ticket.unit_id.in_(list(session.scalars(units))))


def _conditions(wanted: TicketQuery, *, names: bool) -> list[ColumnElement[bool]]:
    plain: list[tuple[Any, Any]] = [
        (Ticket.department, wanted.department),
        (Ticket.assignee, wanted.assignee),
        (Ticket.first_receiver, wanted.first_receiver),
        (Ticket.about_staff, wanted.about_staff),
        (Ticket.severity, wanted.severity),
        (Ticket.source, wanted.source),
        (Ticket.reporter, wanted.reporter),
        (Ticket.owner_id, wanted.owner_id),
    ]
    conditions: list[ColumnElement[bool]] = [column == value for column, value in plain if value is not None]
    if wanted.mine is not None:
        conditions.append(_mine(wanted.mine))
    if wanted.unassigned:
        conditions.append(Ticket.assignee.is_(None))
    if wanted.kinds:
        conditions.append(Ticket.kind.in_(wanted.kinds))
    # No index matches this form, or the planner might prefer one that reads all closed tickets.
    state = func.coalesce(Ticket.state, Ticket.state)
    if wanted.states:
        conditions.append(state.in_(wanted.states))
    if wanted.open_only:
        conditions.append(state.in_(TICKET_OPEN))
    if wanted.opened_from is not None:
        conditions.append(Ticket.opened_at >= wanted.opened_from)
    if wanted.opened_before is not None:
        conditions.append(Ticket.opened_at < wanted.opened_before)
    if wanted.late_at is not None:
        conditions.append(Ticket.next_due_at <= wanted.late_at)
    if wanted.building is not None and wanted.room is None:
        units = select(Unit.id).where(Unit.building == wanted.building)
        conditions.append(or_(Ticket.building.in_({wanted.building, keys(wanted.building)}), Ticket.unit_id.in_(units)))
    if wanted.name is not None:
        owner = exists().where(Owner.id == Ticket.owner_id, _has(Owner.name, wanted.name))
        conditions.append(or_(_has(Ticket.contact_name, wanted.name), owner))
    if wanted.text is not None:
        conditions.append(_said(wanted.text, names=names))
    return conditions


def _said(text: str, *, names: bool) -> ColumnElement[bool]:
    """A person wrote it; in names only for who sees them whole."""
    noted = exists().where(
        TicketEvent.ticket_id == Ticket.id, TicketEvent.kind.in_(_WORDS_OF_PEOPLE), _has(TicketEvent.text, text)
    )
    # A fault of the hotline itself is described in its first event.
    fault = exists().where(
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.kind == TicketEventKind.OPENED,
        Ticket.kind == TicketKind.FAULT,
        _has(TicketEvent.text, text),
    )
    columns = [Ticket.problem, Ticket.need, Ticket.referred_to, Ticket.referral_number]
    found = [noted, fault, *(_has(column, text) for column in columns)]
    if names:
        found += [
            _has(Ticket.contact_name, text),
            exists().where(Owner.id == Ticket.owner_id, _has(Owner.name, text)),
        ]
    return or_(*found)


def _has(column: Any, text: str) -> ColumnElement[bool]:
    """Contains the text, ignoring case."""
    contains: ColumnElement[bool] = column.icontains(text, autoescape=True)
    return contains


def _older(start: Ticket) -> ColumnElement[bool]:
    return paging.before(Ticket.opened_at, Ticket.id, (start.opened_at, start.id))


def _end_of_stretch(session: Session, wanted: TicketQuery, start: Ticket | None) -> Ticket | None:
    """The oldest ticket that this page reads; None when it reaches the first one."""
    oldest = select(Ticket).order_by(Ticket.opened_at.desc(), Ticket.id.desc())
    if start is not None:
        oldest = oldest.where(_older(start))
    if wanted.opened_before is not None:
        oldest = oldest.where(Ticket.opened_at < wanted.opened_before)
    if wanted.opened_from is not None:
        oldest = oldest.where(Ticket.opened_at >= wanted.opened_from)
    return session.scalars(oldest.offset(STRETCH - 1).limit(1)).one_or_none()

"""After every call the agent writes it up: all that was learnt goes to the ticket at once, or nothing does (R11-3)."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.calls import calls
from models.errors import MoveRefused
from models.people import sign_ins
from models.people.sign_ins import Rules
from models.policy import Policy
from models.states.people import SignInPlace
from models.states.tickets import Severity, TicketKind, TicketState
from models.tables import FIRST_NUMBER, Call, Staff, Talk, Ticket, WrapUp
from models.tickets import dispatch, first_receiver, impartial, intake, promises, staff_tickets, tickets
from models.tickets.intake import Facts


@dataclass(frozen=True)
class ToWrite:
    """A call that this person has talked in, or does, and has not written up. `hidden`: a complaint about the person,
    who has nothing to write on it (R15-6)."""

    call: Call
    talk: Talk
    ticket: Ticket | None
    hidden: bool

    @property
    def goes_on(self) -> bool:
        return self.talk.ended_at is None


@dataclass(frozen=True)
class Written:
    """What the agent has written; None and empty: nothing new. `due_at` is the date promised to the caller."""

    kind: TicketKind | None = None
    severity: Severity | None = None
    facts: Facts = field(default_factory=Facts)
    department: str | None = None
    due_at: datetime | None = None
    settled: bool = False
    about_staff: str | None = None


def to_write(session: Session, staff_number: str, *, since: datetime, limit: int) -> list[ToWrite]:
    """The oldest first, of those whose talk began after `since`."""
    written = and_(WrapUp.call_id == Talk.call_id, WrapUp.staff_number == staff_number)
    query = (
        select(Talk, Call)
        .join(Call, Call.id == Talk.call_id)
        .outerjoin(WrapUp, written)
        .where(Talk.staff_number == staff_number, Talk.started_at >= since, WrapUp.id.is_(None))
        .order_by(Talk.started_at)
        .limit(limit)
    )
    # Who has talked twice in a call writes it up once.
    latest = {call.id: (talk, call) for talk, call in session.execute(query)}
    return [_to_write(session, call, talk, staff_number) for talk, call in latest.values()]


def is_writing(session: Session, staff: Staff, *, since: datetime) -> bool:
    """Whether this person's last talk has ended after `since` and is not written up yet."""
    if staff.idle_since is None or staff.idle_since <= since:
        return False
    last = select(Talk.call_id).where(Talk.staff_number == staff.number).order_by(Talk.started_at.desc()).limit(1)
    mine = WrapUp.call_id == last.scalar_subquery(), WrapUp.staff_number == staff.number
    return session.scalar(select(WrapUp.id).where(*mine)) is None


def is_asked_by_key(session: Session, talk_id: int, *, sign_in_rules: Rules, at_least_s: float, at: datetime) -> bool:
    """Whether the agent of this talk, which ends now, says by key what becomes of the call's ticket: nobody does who is
    signed in at a browser, who may not have the ticket (R15-6), or after a shorter talk."""
    talk = session.get_one(Talk, talk_id)
    call = calls.get(session, talk.call_id)
    if talk.staff_number is None or call.ticket_id is None or (at - talk.started_at).total_seconds() < at_least_s:
        return False
    signed_in = sign_ins.open_ones(session, talk.staff_number, rules=sign_in_rules, at=at)
    if any(one.place is SignInPlace.BROWSER for one in signed_in):
        return False
    return staff_tickets.find(session, FIRST_NUMBER + call.ticket_id, talk.staff_number) is not None


def _to_write(session: Session, call: Call, talk: Talk, reader: str) -> ToWrite:
    ticket = session.get(Ticket, call.ticket_id) if call.ticket_id else None
    ticket = tickets.survivor(session, ticket) if ticket else None
    return ToWrite(call, talk, ticket, ticket is not None and impartial.hidden_from(ticket, reader))


def save(session: Session, call_id: int, written: Written, *, who: str, at: datetime, policy: Policy) -> Ticket | None:
    """Writes it to the call's ticket, or to a new one when there is none and a kind is given. Returns the ticket.

    Raises MoveRefused (not this person's call, written up before, or a part of it is not possible), NotImpartial.
    """
    talked = select(Talk.id).where(Talk.call_id == call_id, Talk.staff_number == who).limit(1)
    if session.scalar(talked) is None:
        raise MoveRefused("only who has talked in a call writes it up", "只有参与通话的人可以填写小结")
    before = session.scalar(select(WrapUp).where(WrapUp.call_id == call_id, WrapUp.staff_number == who))
    if before is not None:
        raise MoveRefused("this call has been written up already", "该通话的小结已保存过")
    if written.settled and written.department:
        raise MoveRefused(
            "either it is settled, or it goes to a department: choose one", "“已当场解决”和“派单”只能选一项"
        )
    ticket = _ticket(session, call_id, written, who=who, at=at, policy=policy)
    if ticket is not None and written != Written():
        _write(session, ticket, written, who=who, at=at, policy=policy)
    session.add(WrapUp(call_id=call_id, staff_number=who, ticket_id=ticket.id if ticket else None, at=at))
    session.flush()
    return ticket


def _ticket(
    session: Session, call_id: int, written: Written, *, who: str, at: datetime, policy: Policy
) -> Ticket | None:
    call = calls.get(session, call_id)
    if call.ticket_id is not None:
        return tickets.survivor(session, session.get_one(Ticket, call.ticket_id))
    if written.kind is None:
        if written != Written():
            raise MoveRefused("choose the kind of the ticket", "请选择工单类别")
        return None
    ticket = tickets.open(session, kind=written.kind, call_id=call_id, at=at, policy=policy)
    first_receiver.receive(session, ticket.id, who, at=at)
    return session.get_one(Ticket, ticket.id, populate_existing=True)


def _write(session: Session, ticket: Ticket, written: Written, *, who: str, at: datetime, policy: Policy) -> None:
    """Whom it is about comes last: from then on it is closed to that person."""
    facts = Facts(**{name: value for name, value in _given(written.facts) if value != getattr(ticket, name)})
    if facts != Facts():
        intake.fill_in(session, ticket.id, facts, who=who, at=at, policy=policy)
    if written.kind is not None:
        severity = written.severity
        tickets.classify(session, ticket.id, written.kind, who=who, at=at, policy=policy, severity=severity)
    if written.due_at is not None:
        promises.make(session, ticket.id, due_at=written.due_at, who=who, at=at, policy=policy)
    if written.department is not None:
        dispatch.dispatch(session, ticket.id, department=written.department, who=who, at=at)
    if written.settled:
        tickets.move(session, ticket.id, to=TicketState.DONE, who=who, at=at)
    if written.about_staff is not None:
        tickets.about(session, ticket.id, written.about_staff, who=who, at=at, policy=policy)


def _given(facts: Facts) -> list[tuple[str, Any]]:
    return [(one.name, value) for one in fields(facts) if (value := getattr(facts, one.name)) is not None]

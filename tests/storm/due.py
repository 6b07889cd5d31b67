"""The due rows: tickets of every kind that a scan handles, and the results that each must have when all is done."""

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models.database.store import Store
from models.instance.home import Home
from models.states.calls import Purpose
from models.states.tickets import ClockKind, TaskKind, TicketEventKind, TicketKind, TicketState, TimeUnit
from models.tables import (
    Call,
    CallToMake,
    Escalation,
    EscalationStep,
    Promise,
    Recording,
    Survey,
    Task,
    Ticket,
    TicketClock,
    TicketEvent,
)

Results = Counter[tuple[str, str]]
"""How often each result of a row exists: which row, and which result."""
ONE_MESSAGE_IN = 50
"""For this many rows there is one message on the spool."""
ONE_EMERGENCY_IN = 10
"""Tickets of a kind: a new emergency waits for older emergencies, and for nothing else."""
_FAR = timedelta(days=3)


class Kind(StrEnum):
    """The kinds in turn: row n has kind number n modulo their count."""

    LATE = "a clock has run out"
    BROKEN_PROMISE = "a promise has run out"
    ON_ITS_LADDER = "an escalation goes on"
    SILENT = "its first receiver has not been reminded"
    DONE = "done, and the customer has not been asked"
    DONE_NO_NUMBER = "done, for a customer without a number"


KINDS = tuple(Kind)
_RESULTS = {
    Kind.LATE: ("ladder", "step", "call"),
    Kind.BROKEN_PROMISE: ("ladder", "step", "call"),
    Kind.ON_ITS_LADDER: ("ladder", "step", "call"),
    Kind.SILENT: (TaskKind.FOLLOW_MATTER,),
    Kind.DONE: ("survey", TaskKind.MATTER_DONE),
    Kind.DONE_NO_NUMBER: ("survey", TaskKind.MATTER_DONE, TaskKind.FOLLOW_UP),
}
_FILED = ("filed call", "filed ticket", "filed recording", TaskKind.CALL_BACK)


def fall_due(store: Store, rows: int, *, within: timedelta, at: datetime) -> Results:
    """This many tickets in an empty store, all due within that time before `at`; returns the results each must have."""
    store.write(_write, rows, within, at)
    return Results((str(n), what) for n in range(1, rows + 1) for what in _RESULTS[_kind(n)])


def leave_messages(home: Home, messages: int, *, at: datetime) -> Results:
    """This many callers whom only the dialplan has answered, in the notes that it writes."""
    names = [f"{int(at.timestamp())}.{n}" for n in range(messages)]
    for n, name in enumerate(names):
        began, ended = int((at - timedelta(seconds=90)).timestamp()), int(at.timestamp())
        note = [f"uniqueid={name}", "line=8000", f"caller=137{n:08}", "language=zh", f"started={began}"]
        note += ["record=HANGUP", f"ended={ended}"]
        part = home.message_spool / f"{name}.part"
        part.write_text("\n".join(note) + "\n", encoding="utf-8")
        part.replace(part.with_suffix(".txt"))
    return Results((name, what) for name in names for what in _FILED)


def results(session: Session) -> Results:
    """The results so far."""
    found = Results()

    def count(what: str | None, query: Any) -> None:
        for row in session.execute(query):
            if row[0] is not None:
                found[str(row[0]), what or str(row[2])] += row[1]

    count("ladder", select(Escalation.ticket_id, func.count()).group_by(Escalation.ticket_id))
    steps = select(Escalation.ticket_id, func.count()).join(
        EscalationStep, EscalationStep.escalation_id == Escalation.id
    )
    count("step", steps.group_by(Escalation.ticket_id))
    calls = select(CallToMake.ticket_id, func.count()).where(CallToMake.kind == Purpose.ESCALATION)
    count("call", calls.group_by(CallToMake.ticket_id))
    count("survey", select(Survey.ticket_id, func.count()).group_by(Survey.ticket_id))
    about = Task.kind != TaskKind.CALL_BACK
    tasks = select(Task.ticket_id, func.sum(Task.times), Task.kind).where(about)
    count(None, tasks.group_by(Task.ticket_id, Task.kind))
    count("filed call", select(Call.channel_id, func.count()).group_by(Call.channel_id))
    of_call = select(Call.channel_id, func.count()).group_by(Call.channel_id)
    count("filed ticket", of_call.join(Ticket, Ticket.call_id == Call.id))
    count("filed recording", of_call.join(Recording, Recording.call_id == Call.id))
    back = select(Call.channel_id, func.sum(Task.times)).join(Task, Task.call_id == Call.id)
    count(TaskKind.CALL_BACK, back.group_by(Call.channel_id))
    return found


def _kind(number: int) -> Kind:
    return KINDS[number % len(KINDS)]


def _write(session: Session, rows: int, within: timedelta, at: datetime) -> None:
    numbers = range(1, rows + 1)
    due = {n: at - within * n / rows for n in numbers}
    opened = at - timedelta(days=2)
    ids = {kind: [n for n in numbers if _kind(n) is kind] for kind in KINDS}
    session.execute(insert(Ticket), [_ticket(n, due[n], opened) for n in numbers])
    clock = {
        "round": 1,
        "begun_at": opened,
        "figure": 4,
        "unit": TimeUnit.HOURS,
        "calendar": "wall",
        "rule": "R08-1",
        "policy_version": "1",
    }
    session.execute(
        insert(TicketClock),
        [
            {"ticket_id": n, "kind": ClockKind.RESPOND, "due_at": due[n], "met_at": None, **clock}
            if _kind(n) is Kind.LATE
            else {"ticket_id": n, "kind": ClockKind.RESPOND, "due_at": due[n], "met_at": opened, **clock}
            for n in numbers
        ],
    )
    promise = {"made_at": opened, "made_by": "7001"}
    session.execute(insert(Promise), [{"ticket_id": n, "due_at": due[n]} | promise for n in ids[Kind.BROKEN_PROMISE]])
    session.execute(
        insert(Escalation),
        [{"ticket_id": n, "due_at": due[n], "started_at": opened, "next_at": due[n]} for n in ids[Kind.ON_ITS_LADDER]],
    )
    done = {"at": due[1], "who": "7001", "kind": TicketEventKind.MOVED, "to_state": TicketState.DONE}
    session.execute(insert(TicketEvent), [{"ticket_id": n} | done for n in ids[Kind.DONE] + ids[Kind.DONE_NO_NUMBER]])


def _ticket(number: int, due_at: datetime, opened: datetime) -> dict[str, Any]:
    kind = _kind(number)
    ticket: dict[str, Any] = {
        "kind": TicketKind.REPAIR if number // len(KINDS) % ONE_EMERGENCY_IN else TicketKind.URGENT_REPAIR,
        "state": TicketState.NEW,
        "line": "8000",
        "language": "zh",
        "opened_at": opened,
        "policy_version": "1",
        "caller_number": f"138{number:08}",
        "first_receiver": None,
        "reminded_at": None,
        "next_due_at": due_at,
    }
    if kind in (Kind.LATE, Kind.ON_ITS_LADDER):
        return ticket
    if kind is Kind.BROKEN_PROMISE:
        return ticket | {"state": TicketState.ACCEPTED}
    ticket |= {"first_receiver": "7001", "reminded_at": due_at - timedelta(days=1, hours=1)}
    if kind is Kind.SILENT:
        return ticket | {"state": TicketState.ACCEPTED, "next_due_at": due_at + _FAR}
    known = ticket["caller_number"] if kind is Kind.DONE else None
    return ticket | {"state": TicketState.DONE, "next_due_at": None, "caller_number": known}

"""`hotline tickets` and `hotline tasks`: what is open, by when, and who owes it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hotline.listing import View, log_reveal, print_json, print_table
from hotline.opening import Opened, operator
from hotline.wording import column, moment, say, seconds, word, words
from models import calls_to_make, people, tasks, tickets
from models.clock import SystemClock
from models.states import TaskState, TicketState
from models.tables import FIRST_NUMBER, Owner, Task, Ticket, Unit

TICKETS = (
    "number", "kind", "state", "due_at", "unit", "caller", "owner", "first_receiver", "about_staff", "opened_at",
    "line", "language",
)  # fmt: skip
TASKS = ("id", "due_at", "caller", "owed_by", "opened_at", "matter", "tries", "note", "times", "ticket", "kind")


class NoSuchTicket(LookupError):
    """Nobody was ever given this number."""


class NoSuchStaff(LookupError):
    """Nobody at work here has this number."""


def list_tickets(this: Opened, view: View, limit: int, states: list[TicketState] | None) -> None:
    """Prints the newest tickets, of all or of some states. Raises StoreUnavailable."""
    store = this.store()
    log_reveal(store, view, f"the newest {limit} tickets")

    def read(session: Session) -> list[dict[str, Any]]:
        return [
            _ticket_fields(
                ticket,
                session.get(Owner, ticket.owner_id) if ticket.owner_id else None,
                session.get(Unit, ticket.unit_id) if ticket.unit_id else None,
                view,
            )
            for ticket in tickets.recent(session, limit=limit, states=states)
        ]

    rows = store.read(read)
    if view.as_json:
        print_json(rows)
    else:
        print_table([_ticket_texts(row, this, SystemClock().now()) for row in rows], TICKETS, view.language)


def show_ticket(this: Opened, view: View, number: int) -> None:
    """Prints everything written about one ticket and its call. Raises NoSuchTicket, StoreUnavailable."""
    store = this.store()
    log_reveal(store, view, f"ticket {number}")

    record = store.read(tickets.get, number - FIRST_NUMBER)
    if record is None:
        raise NoSuchTicket(say(f"没有工单 {number}", f"there is no ticket {number}", view.language))
    row = _ticket_fields(record.ticket, record.owner, record.unit, view)
    row["clocks"] = [
        {"kind": clock.kind.value, "due_at": clock.due_at, "met_at": clock.met_at, "rule": clock.rule}
        for clock in record.clocks
    ]
    row["events"] = [
        {
            "at": event.at,
            "who": event.who,
            "kind": event.kind.value,
            "from": event.from_state.value if event.from_state else None,
            "to": event.to_state.value if event.to_state else None,
            "text": event.text,
        }
        for event in record.events
    ]
    row["recordings"] = [
        {"state": kept.state.value, "path": kept.path, "seconds": kept.seconds} for kept in record.recordings
    ]
    if view.as_json:
        print_json(row)
    else:
        _print_sheet(row, this)


def move_ticket(this: Opened, view: View, number: int, to: TicketState, text: str) -> None:
    """Changes a ticket's state in the operator's name. Raises NoSuchTicket, MoveRefused, StoreUnavailable."""

    def write(session: Session) -> Ticket:
        at = SystemClock().now()
        return tickets.move(session, number - FIRST_NUMBER, to=to, who=operator(), at=at, text=text)

    try:
        ticket = this.store().write(write)
    except LookupError as error:
        raise NoSuchTicket(say(f"没有工单 {number}", f"there is no ticket {number}", view.language)) from error
    state = word(ticket.state.value, view.language)
    print(say(f"工单 {number}:{state}", f"ticket {number}: {state}", view.language))


def complain_about(this: Opened, view: View, number: int, staff_number: str) -> None:
    """Notes whom a complaint is about, so that he is not given it (R15-6).

    Raises NoSuchTicket, NoSuchStaff, StoreUnavailable.
    """
    store = this.store()
    if store.read(people.staff, staff_number) is None:
        raise NoSuchStaff(say(f"没有工号 {staff_number}", f"nobody has the number {staff_number}", view.language))
    try:
        at = SystemClock().now()
        store.write(tickets.about, number - FIRST_NUMBER, staff_number, who=operator(), at=at)
    except LookupError as error:
        raise NoSuchTicket(say(f"没有工单 {number}", f"there is no ticket {number}", view.language)) from error
    print(say(f"工单 {number}:投诉 {staff_number}", f"ticket {number}: about {staff_number}", view.language))


def list_tasks(this: Opened, view: View, limit: int) -> None:
    """Prints the open tasks: urgent repairs first, then by deadline; late ones in red. Raises StoreUnavailable."""
    store = this.store()
    log_reveal(store, view, "open tasks")

    def read(session: Session) -> list[dict[str, Any]]:
        found = tasks.pending(session, limit=limit)
        tried = calls_to_make.tries(session, [task.id for task in found])
        return [
            _task_fields(task, session.get(Ticket, task.ticket_id) if task.ticket_id else None, view)
            | {"tries": [outcome.value for outcome in tried.get(task.id, [])]}
            for task in found
        ]

    rows, now = store.read(read), SystemClock().now()
    if view.as_json:
        print_json(rows)
    else:
        late = {place for place, row in enumerate(rows) if row["due_at"] <= now}
        print_table([_task_texts(row, this, now) for row in rows], TASKS, view.language, red=late)


def close_task(this: Opened, view: View, task_id: int, note: str) -> bool:
    """It has been done. Says and returns whether it was open. Raises StoreUnavailable."""

    def write(session: Session) -> bool:
        return tasks.close(
            session, task_id, at=SystemClock().now(), note=f"{operator()}: {note}" if note else operator()
        )

    done = this.store().write(write)
    if done:
        print(say(f"任务 {task_id} 已完成", f"task {task_id} is done", view.language))
    else:
        print(say(f"没有待办任务 {task_id}", f"there is no open task {task_id}", view.language))
    return done


def _ticket_fields(ticket: Ticket, owner: Owner | None, unit: Unit | None, view: View) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "kind": ticket.kind.value,
        "state": ticket.state.value,
        "opened_at": ticket.opened_at,
        "due_at": ticket.next_due_at,
        "source": ticket.source.value,
        "line": ticket.line,
        "caller": view.number(ticket.caller_number),
        "owner": view.name(owner.name) if owner else None,
        "building": unit.building if unit else ticket.building,
        "unit": unit.unit if unit else ticket.room,
        "language": ticket.language,
        "first_receiver": ticket.first_receiver,
        "about_staff": ticket.about_staff,
        "call": ticket.call_id,
        "policy_version": ticket.policy_version,
    }


def _ticket_texts(row: dict[str, Any], this: Opened, now: datetime) -> dict[str, str]:
    return {key: str(row.get(key) or "") for key in TICKETS} | {
        "opened_at": moment(row["opened_at"], this.site.time_zone),
        "due_at": _due(row["due_at"], this, now),
        "kind": word(row["kind"], this.language),
        "state": word(row["state"], this.language),
        "unit": "-".join(part for part in (row["building"], row["unit"]) if part),
        "caller": row["caller"] or say("未显示", "withheld", this.language),
    }


def _task_fields(task: Task, ticket: Ticket | None, view: View) -> dict[str, Any]:
    return {
        "id": task.id,
        "kind": task.kind.value,
        "state": task.state.value,
        "due_at": task.due_at,
        "opened_at": task.opened_at,
        "caller": view.number(task.number),
        "group": task.owner_group,
        "times": task.times,
        "ticket": ticket.number if ticket else None,
        "matter": ticket.kind.value if ticket else None,
        "call": task.call_id,
        "note": task.note,
    }


def _task_texts(row: dict[str, Any], this: Opened, now: datetime) -> dict[str, str]:
    names = {group.name: say(group.zh, group.en, this.language) for group in this.site.groups}
    return {
        "id": str(row["id"]),
        "due_at": _due(row["due_at"], this, now) if row["state"] == TaskState.OPEN else "",
        "opened_at": moment(row["opened_at"], this.site.time_zone),
        "kind": word(row["kind"], this.language),
        "caller": row["caller"] or say("未显示", "withheld", this.language),
        "owed_by": names.get(row["group"], row["group"] or ""),
        "matter": word(row["matter"], this.language),
        "tries": f"{len(row['tries'])}: {word(row['tries'][-1], this.language)}" if row["tries"] else "",
        "times": str(row["times"]),
        "ticket": str(row["ticket"] or ""),
        "note": words(row["note"], this.language),
    }


def _due(at: datetime | None, this: Opened, now: datetime) -> str:
    """The deadline; one that has passed is marked, because it's what a manager looks for."""
    late = at is not None and at <= now
    return moment(at, this.site.time_zone) + (say(" 超时", " LATE", this.language) if late else "")


def _print_sheet(row: dict[str, Any], this: Opened) -> None:
    language, zone = this.language, this.site.time_zone
    texts = _ticket_texts(row, this, SystemClock().now())
    for key in TICKETS:
        if texts[key]:
            print(f"{column(key, language)}: {texts[key]}")
    for event in row["events"]:
        change = " > ".join(word(state, language) for state in (event["from"], event["to"]) if state)
        parts = (moment(event["at"], zone), word(event["who"], language), word(event["kind"], language), change)
        print("  " + "  ".join(part for part in (*parts, word(event["text"], language)) if part))
    for kept in row["recordings"]:
        where = str(Path(this.home.path, kept["path"])) if kept["path"] else word(kept["state"], language)
        print(f"{column('recordings', language)}: {where} {seconds(kept['seconds'])}")

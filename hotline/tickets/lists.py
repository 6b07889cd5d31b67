"""`hotline tickets`, `tasks` and `escalations`: what is open, by when, and who is responsible."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting, log_reveal
from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from hotline.terminal.refusals import NoSuchRow, NotDone
from models.calls import outgoing
from models.clock import SystemClock
from models.language import Language
from models.states.tickets import TICKET_OPEN, EscalationState, TaskState
from models.tables import FIRST_NUMBER, Escalation, EscalationStep, Task, Ticket
from models.text.signs import on_one_line
from models.text.wording import column, moment, say, seconds, word, words
from models.tickets import escalations, first_receiver, impartial, required, search, sheet, tasks, tickets
from models.tickets.search import NotForThisReader, TicketQuery

TICKETS = (
    "number", "kind", "state", "due_at", "appointment", "unit", "caller", "owner", "department", "assignee",
    "first_receiver", "about_staff", "opened_at", "problem", "line", "language",
)  # fmt: skip
SHEET = (
    *TICKETS,
    "need",
    "cause",
    "severity",
    "source",
    "reporter",
    "contact_name",
    "contact_number",
    "referred_to",
    "referral_number",
    "merged_into",
    "missing",
)
STRETCHES_AT_MOST = 20
"""Pages read for one list; --older-than continues behind them."""
ESCALATIONS = ("number", "state", "kind", "due_at", "last", "tries", "round", "next_at")
TASKS = ("id", "due_at", "caller", "owed_by", "opened_at", "matter", "tries", "note", "times", "ticket", "kind")


def list_tickets(
    this: Opened, view: ListView, limit: int, wanted: TicketQuery, *, reader: str | None, older: int | None
) -> None:
    """Prints the newest matching tickets, as `reader` may see them. Raises StoreUnavailable."""
    store = this.open_store()
    log_reveal(
        this,
        store,
        view,
        f"the newest {limit} tickets" if wanted == TicketQuery() else f"tickets: {search.described(wanted)}",
    )
    rows: list[dict[str, Any]] = []
    for _ in range(STRETCHES_AT_MOST):
        try:
            found, older = store.read(_page, wanted, limit - len(rows), older, view, reader)
        except NotForThisReader as error:
            raise NotDone(
                say(
                    "姓名和号码不完整显示时不能按其查找：请加 --reveal（留痕）",
                    "masked names and numbers cannot be searched: add --reveal (it is logged)",
                    view.language,
                )
            ) from error
        rows += found
        if older is None or len(rows) >= limit:
            break
    if view.as_json:
        print_json(rows)
    else:
        print_table([ticket_texts(row, this, SystemClock().now()) for row in rows], TICKETS, view.language)
        # A full list is clearly not the end; a short one has to say where the search stopped.
        if older is not None and len(rows) < limit:
            text = f"--older-than {older}"
            print(say(f"更早的尚未查找：{text}", f"not searched further back: {text}", view.language))


def _page(
    session: Session, wanted: TicketQuery, limit: int, older: int | None, view: ListView, reader: str | None
) -> tuple[list[dict[str, Any]], int | None]:
    page = search.search(session, wanted, shown=view, reader=reader, limit=limit, older_than=older)
    return [sheet.fields(session, ticket, view, reader=reader) for ticket in page.found], page.older_than


def show_ticket(this: Opened, view: ListView, number: int, *, reader: str | None = None) -> None:
    """Prints everything on file about one ticket and its call; of a complaint about the reader only its state (R15-6).

    For an open emergency also the site's playbook of its kind (R08-10). Raises NoSuchRow,
    StoreUnavailable.
    """
    store = this.open_store()
    log_reveal(this, store, view, f"ticket {number}")

    def read(session: Session) -> dict[str, Any] | None:
        record = tickets.get(session, number - FIRST_NUMBER)
        return None if record is None else sheet.whole(session, record, view, reader=reader)

    row = store.read(read)
    if row is None:
        raise no_such_ticket(number, view)
    row["playbook"] = this.site.playbook(row["kind"], view.language) if row["state"] in TICKET_OPEN else []
    if view.as_json:
        print_json(row)
    else:
        _print_sheet(row, this)


def no_such_ticket(number: int, view: ListView) -> NoSuchRow:
    return NoSuchRow(say(f"没有工单 {number}", f"there is no ticket {number}", view.language))


def list_mine(acting: Acting, limit: int) -> None:
    """Prints the reminders, then the tickets, of the member of staff at this terminal. Raises StoreUnavailable."""
    store = acting.this.open_store()
    log_reveal(acting.this, store, acting.view, f"tickets of {acting.who}")

    def read(session: Session) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        reminders = [
            {
                "id": task.id,
                "kind": task.kind.value,
                "ticket": FIRST_NUMBER + task.ticket_id if task.ticket_id else None,
                "due_at": task.due_at,
                "times": task.times,
            }
            for task in first_receiver.tasks_of(session, acting.who, limit=limit)
        ]
        found = first_receiver.mine(session, acting.who, limit=limit)
        return reminders, [sheet.fields(session, ticket, acting.view, reader=acting.who) for ticket in found]

    reminders, rows = store.read(read)
    if acting.view.as_json:
        print_json({"tasks": reminders, "tickets": rows})
        return
    language, now = acting.view.language, SystemClock().now()
    for task in reminders:
        due = moment(task["due_at"], acting.this.site.time_zone)
        print(f"{task['id']}  {word(task['kind'], language)}  {task['ticket']}  {due}  x{task['times']}")
    print_table([ticket_texts(row, acting.this, now) for row in rows], TICKETS, language)


def list_tasks(this: Opened, view: ListView, limit: int, *, reader: str | None) -> None:
    """Prints the open tasks: urgent repairs first, then by deadline; late ones in red. Who is owed one for a complaint
    about `reader` is not shown (R15-6). Raises StoreUnavailable."""
    store = this.open_store()
    log_reveal(this, store, view, "open tasks")

    def read(session: Session) -> list[dict[str, Any]]:
        found = tasks.pending(session, limit=limit)
        tried = outgoing.tries(session, [task.id for task in found])
        closed = impartial.closed_to(session, reader).tickets
        return [
            _task_fields(task, session.get(Ticket, task.ticket_id) if task.ticket_id else None, view)
            | (dict.fromkeys(("caller", "call", "note")) if task.ticket_id in closed else {})
            | {"tries": [outcome.value for outcome in tried.get(task.id, [])]}
            for task in found
        ]

    rows, now = store.read(read), SystemClock().now()
    if view.as_json:
        print_json(rows)
    else:
        late = {place for place, row in enumerate(rows) if row["due_at"] <= now}
        print_table([_task_texts(row, this, now) for row in rows], TASKS, view.language, red=late)


def ticket_texts(row: dict[str, Any], this: Opened, now: datetime) -> dict[str, str]:
    """The row as a person reads it."""
    language = this.language
    groups = {group.name: say(group.zh, group.en, language) for group in this.site.groups}
    return {key: on_one_line(str(row.get(key) or "")) for key in SHEET} | {
        "opened_at": moment(row["opened_at"], this.site.time_zone),
        "due_at": _due(row["due_at"], this, now),
        "appointment": moment(row["appointment"], this.site.time_zone),
        "kind": word(row["kind"], language) + _serious(row, this),
        "state": word(row["state"], language),
        "severity": "",
        "cause": word(row["cause"], language),
        "source": word(row["source"], language),
        "reporter": word(row["reporter"], language),
        "department": groups.get(row["department"] or "", row["department"] or ""),
        "unit": on_one_line("-".join(part for part in (row["building"], row["unit"]) if part)),
        "caller": on_one_line(row["caller"] or row["contact_number"] or "") or say("未显示", "withheld", language),
        "missing": say(*required.listed(row.get("missing") or []), language),
    }


def _serious(row: dict[str, Any], this: Opened) -> str:
    return "" if row["severity"] == "ordinary" else f" ({word(row['severity'], this.language)})"


def _task_fields(task: Task, ticket: Ticket | None, view: ListView) -> dict[str, Any]:
    return {
        "id": task.id,
        "kind": task.kind.value,
        "state": task.state.value,
        "due_at": task.due_at,
        "opened_at": task.opened_at,
        "caller": view.number(task.number),
        "group": task.owner_group,
        "staff": task.owner_staff,
        "times": task.times,
        "ticket": ticket.number if ticket else None,
        "matter": ticket.kind.value if ticket else None,
        "call": task.call_id,
        "note": task.note,
        "call_at": task.call_at,
    }


def _task_texts(row: dict[str, Any], this: Opened, now: datetime) -> dict[str, str]:
    names = {group.name: say(group.zh, group.en, this.language) for group in this.site.groups}
    return {
        "id": str(row["id"]),
        "due_at": _due(row["due_at"], this, now) if row["state"] == TaskState.OPEN else "",
        "opened_at": moment(row["opened_at"], this.site.time_zone),
        "kind": word(row["kind"], this.language),
        "caller": row["caller"] or (say("未显示", "withheld", this.language) if row["call"] else ""),
        "owed_by": row["staff"] or names.get(row["group"], row["group"] or ""),
        "matter": word(row["matter"], this.language),
        "tries": _tries(row, this),
        "times": str(row["times"]),
        "ticket": str(row["ticket"] or ""),
        "note": words(row["note"] or "", this.language),
    }


def _tries(row: dict[str, Any], this: Opened) -> str:
    """How often the customer was called and how the last time ended, and when the hotline calls by itself."""
    made = f"{len(row['tries'])}: {word(row['tries'][-1], this.language)}" if row["tries"] else ""
    if row["call_at"] is None:
        return made
    again = moment(row["call_at"], this.site.time_zone)
    return f"{made} {say('自动回电', 'by itself', this.language)} {again}".strip()


def _due(at: datetime | None, this: Opened, now: datetime) -> str:
    """The deadline, marked when it has passed."""
    late = at is not None and at <= now
    return moment(at, this.site.time_zone) + (say(" 超时", " LATE", this.language) if late else "")


def _print_sheet(row: dict[str, Any], this: Opened) -> None:
    language, zone = this.language, this.site.time_zone
    texts = ticket_texts(row, this, SystemClock().now())
    for key in SHEET:
        if texts[key]:
            print(f"{column(key, language)}: {texts[key]}")
    for promise in row["promises"]:
        how = word(promise["ending"], language) or say("未到期", "open", language)
        parts = (moment(promise["due_at"], zone), promise["made_by"], how, promise["reason"])
        print(f"{column('promise', language)}: " + "  ".join(on_one_line(part) for part in parts if part))
    for one in row["appointments"]:
        how = word(one["ending"], language) or say("未到期", "open", language)
        parts = (moment(one["due_at"], zone), one["made_by"], how, one["reason"])
        print(f"{column('appointment', language)}: " + "  ".join(on_one_line(part) for part in parts if part))
    if row["merged"]:
        print(f"{column('merged', language)}: {', '.join(map(str, row['merged']))}")
    for steps in row["playbook"]:
        print(f"{column('playbook', language)}: {steps.strip()}")
    for event in row["events"]:
        change = " > ".join(word(state, language) for state in (event["from"], event["to"]) if state)
        text = on_one_line(words(event["text"], language))
        said = (moment(event["at"], zone), word(event["who"], language), word(event["kind"], language), change, text)
        print("  " + "  ".join(part for part in said if part))
    for kept in row["recordings"]:
        # Listening is logged: `hotline recordings play`.
        what = f"{kept['id']} ({kept['name']}) {seconds(kept['seconds'])} {word(kept['state'], language)}"
        print(f"{column('recordings', language)}: {what}")


# -- escalations -------------------------------------------------------------------------------------------------------


def list_escalations(this: Opened, view: ListView, limit: int) -> None:
    """Prints the open ladders, those that nobody accepted first and in red. Raises StoreUnavailable."""

    def read(session: Session) -> list[dict[str, Any]]:
        return [_escalation_fields(*one) for one in escalations.going_on(session, limit=limit)]

    rows = this.open_store().read(read)
    if view.as_json:
        print_json(rows)
    else:
        red = {place for place, row in enumerate(rows) if row["state"] == EscalationState.EXHAUSTED}
        print_table([_escalation_texts(row, this) for row in rows], ESCALATIONS, view.language, red=red)


def _escalation_fields(ladder: Escalation, ticket: Ticket, steps: list[EscalationStep]) -> dict[str, Any]:
    return {
        "ticket": ticket.number,
        "kind": ticket.kind.value,
        "state": ladder.state.value,
        "due_at": ladder.due_at,
        "started_at": ladder.started_at,
        "round": ladder.round,
        "next_at": ladder.next_at,
        "steps": [step_fields(step) for step in steps],
    }


def step_fields(step: EscalationStep) -> dict[str, Any]:
    """One call of a ladder, with stable field names."""
    return {
        "round": step.round,
        "rung": step.rung.value,
        "staff": step.staff_number,
        "asked_at": step.asked_at,
        "ended_at": step.ended_at,
        "channel": step.channel_id,
        "outcome": step.outcome.value if step.outcome else None,
    }


def last_call(step: dict[str, Any], language: Language) -> str:
    """The step of the ladder, the person called, and the outcome."""
    outcome = word(step["outcome"], language) or say("正在呼叫", "being called", language)
    return f"{word(step['rung'], language)} {step['staff']}: {outcome}"


def _escalation_texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
    language, zone = this.language, this.site.time_zone
    return {
        "number": str(row["ticket"]),
        "state": word(row["state"], language),
        "kind": word(row["kind"], language),
        "due_at": moment(row["due_at"], zone),
        "last": last_call(row["steps"][-1], language) if row["steps"] else "",
        "tries": str(len(row["steps"])),
        "round": str(row["round"]),
        "next_at": moment(row["next_at"], zone),
    }

"""`hotline handover`: what a shift has left open, who has given it, and who has taken it over (R09-6)."""

from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from hotline.terminal.wording import moment, say, word
from hotline.tickets.escalations import last_call, step_fields
from hotline.tickets.lists import NoSuchTicket
from models.clock import SystemClock
from models.roster import handovers, roster
from models.roster.handovers import Contents, Handover
from models.states.roster import HANDOVER_OPEN
from models.tables import Shift

HANDOVERS = ("id", "shift", "ended_at", "state", "leaving", "open", "given_by", "taken_by", "taken_at", "note")
CONTENTS = ("number", "kind", "state", "due_at", "first_receiver", "unit")
TOLD = ("number", "kind", "state", "due_at", "last", "asked_at")


def list_handovers(this: Opened, view: ListView, limit: int) -> None:
    """The open ones first, in red; then the newest. Raises StoreUnavailable."""

    def read(session: Session) -> tuple[list[dict[str, Any]], dict[str, Shift]]:
        waiting = handovers.still_open(session)
        rest = [one for one in handovers.newest(session, limit=limit) if one.state not in HANDOVER_OPEN]
        rows = [
            _fields(one, handovers.contents(session, one) if one in waiting else None)
            for one in (waiting + rest)[:limit]
        ]
        return rows, roster.names(session)

    rows, shifts = this.open_store().read(read)
    if view.as_json:
        print_json(rows)
        return
    waiting = {place for place, row in enumerate(rows) if row["state"] in HANDOVER_OPEN}
    print_table([_texts(row, shifts, this) for row in rows], HANDOVERS, this.language, red=waiting)


def show_handover(this: Opened, view: ListView, number: int) -> None:
    """One of them, with what is open. Raises NoSuchTicket, StoreUnavailable."""

    def read(session: Session) -> tuple[dict[str, Any], Contents, dict[str, Shift]] | None:
        one = session.get(Handover, number)
        if one is None:
            return None
        open_now = handovers.contents(session, one)
        return _fields(one, open_now), open_now, roster.names(session)

    found = this.open_store().read(read)
    if found is None:
        raise _none(number, this)
    row, open_now, shifts = found
    tickets: list[dict[str, Any]] = [
        {
            "number": ticket.number,
            "kind": ticket.kind.value,
            "state": ticket.state.value,
            "due_at": ticket.next_due_at,
            "first_receiver": ticket.first_receiver,
            "unit": ticket.room,
        }
        for ticket in open_now.tickets
    ]
    told = [
        {
            "number": one.ticket.number,
            "kind": one.ticket.kind.value,
            "state": one.ladder.state.value,
            "due_at": one.ladder.due_at,
            "last": step_fields(one.last) if one.last else None,
        }
        for one in open_now.escalations
    ]
    if view.as_json:
        ids_of_tasks, ids_of_wakeups = ([one.id for one in rows] for rows in (open_now.tasks, open_now.wakeups))
        open_ids = {"open_tasks": ids_of_tasks, "open_wakeups": ids_of_wakeups}
        print_json(row | {"open_tickets": tickets, "open_escalations": told} | open_ids)
        return
    print_table([_texts(row, shifts, this)], HANDOVERS, this.language)
    texts = [
        {key: str(ticket[key] or "") for key in CONTENTS}
        | {key: word(str(ticket[key]), this.language) for key in ("kind", "state")}
        | {"due_at": moment(ticket["due_at"], this.site.time_zone)}
        for ticket in tickets
    ]
    print_table(texts, CONTENTS, this.language)
    if told:
        print(
            say(
                "正在电话催办(hotline escalations):",
                "told by telephone at this time (hotline escalations):",
                this.language,
            )
        )
        print_table([_told(one, this) for one in told], TOLD, this.language)
    if open_now.wakeups:
        numbers = " ".join(f"{one.room} {one.due_at.astimezone(this.site.time_zone):%H:%M}" for one in open_now.wakeups)
        print(
            say(
                f"待执行的叫醒:{numbers}(hotline wakeup sheet)",
                f"wake-ups to come: {numbers} (hotline wakeup sheet)",
                this.language,
            )
        )
    if open_now.tasks:
        ids = ", ".join(str(task.id) for task in open_now.tasks)
        print(say(f"待办任务:{ids}(hotline tasks)", f"open tasks: {ids} (hotline tasks)", this.language))


def give(this: Opened, by: str, note: str) -> None:
    """Raises HandoverRefused, StoreUnavailable."""
    one = this.open_store().write(handovers.give, by, note, at=SystemClock().now())
    print(
        say(
            f"交接 {one.id} 已交班({by}),待接班人:话机拨 *30,或 hotline handover take 工号",
            f"handover {one.id} is given by {by}; the next shift takes it: *30 at the telephone, or "
            "`hotline handover take STAFF`",
            this.language,
        )
    )


def take(this: Opened, by: str, number: int | None) -> None:
    """One of them, or all that this one may take. Raises HandoverRefused, NoSuchTicket, StoreUnavailable."""
    now = SystemClock().now()

    def write(session: Session) -> list[tuple[int, list[int]]]:
        if number is None:
            taken = [(one.id, tickets) for one, tickets in handovers.take_all(session, by, at=now)]
        else:
            taken = [(number, handovers.take(session, number, by, at=now))]
        return [(id, [ticket.number for ticket in tickets]) for id, tickets in taken]

    try:
        done = this.open_store().write(write)
    except LookupError as error:
        raise _none(number or 0, this) from error
    for id, numbers in done:
        listed = ", ".join(map(str, numbers)) or say("无", "none", this.language)
        print(
            say(
                f"{by} 已接收交接 {id};现为首问责任人的工单:{listed}",
                f"{by} has taken over handover {id}; tickets now first asked of him: {listed}",
                this.language,
            )
        )
    if not done:
        print(say(f"没有待 {by} 接收的交接", f"there is nothing for {by} to take over", this.language))


def _fields(one: Handover, open_now: Contents | None) -> dict[str, Any]:
    return {
        "id": one.id,
        "shift": one.shift,
        "group": one.group,
        "ended_at": one.ended_at,
        "state": one.state.value,
        "leaving": one.leaving,
        "open": [len(there) for there in vars(open_now).values()] if open_now else None,
        "note": one.note,
        "given_by": one.given_by,
        "given_at": one.given_at,
        "taken_by": one.taken_by,
        "taken_at": one.taken_at,
        "tickets": one.tickets,
        "escalations": one.escalations,
        "reminders": one.reminders,
    }


def _texts(row: dict[str, Any], shifts: dict[str, Shift], this: Opened) -> dict[str, str]:
    language, zone = this.language, this.site.time_zone
    shift = shifts.get(row["shift"])
    tickets, tasks, wakeups, told = row["open"] or (0, 0, 0, 0)
    counts = (
        say(
            f"工单 {tickets} 任务 {tasks} 叫醒 {wakeups} 催办 {told}",
            f"{tickets} tickets, {tasks} tasks, {wakeups} wake-ups, {told} told by telephone",
            language,
        )
        if row["open"]
        else ""
    )
    return {
        "id": str(row["id"]),
        "shift": say(shift.zh, shift.en, language) if shift else row["shift"],
        "ended_at": moment(row["ended_at"], zone),
        "state": word(row["state"], language),
        "leaving": " ".join(row["leaving"]),
        "open": counts,
        "given_by": row["given_by"] or "",
        "taken_by": row["taken_by"] or "",
        "taken_at": moment(row["taken_at"], zone),
        "note": row["note"],
    }


def _told(row: dict[str, Any], this: Opened) -> dict[str, str]:
    last = row["last"]
    return {
        "number": str(row["number"]),
        "kind": word(row["kind"], this.language),
        "state": word(row["state"], this.language),
        "due_at": moment(row["due_at"], this.site.time_zone),
        "last": last_call(last, this.language) if last else "",
        "asked_at": moment(last["asked_at"], this.site.time_zone) if last else "",
    }


def _none(number: int, this: Opened) -> NoSuchTicket:
    return NoSuchTicket(say(f"没有交接 {number}", f"there is no handover {number}", this.language))

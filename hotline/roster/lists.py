"""`hotline handover show` and `roster requests`: what a shift left open (R09-6); swaps and absences."""

from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from hotline.terminal.refusals import NoSuchRow
from hotline.tickets.lists import last_call, step_fields
from models.roster import handovers, roster, swaps
from models.roster.handovers import Contents, Handover
from models.roster.swaps import Swap, SwapState
from models.states.roster import HANDOVER_OPEN
from models.tables import Shift
from models.text.wording import moment, say, word
from models.tickets import impartial

HANDOVERS = ("id", "shift", "ended_at", "state", "leaving", "open", "given_by", "taken_by", "taken_at", "note")
REQUESTS = ("id", "kind", "state", "staff", "with", "from", "until", "back", "reason", "decided_by", "why", "asked_by")
CONTENTS = ("number", "kind", "state", "due_at", "first_receiver", "unit")
CALLED = ("number", "kind", "state", "due_at", "last", "asked_at")


def list_handovers(this: Opened, view: ListView, limit: int) -> None:
    """Prints open handovers first and in red, then the newest. Raises StoreUnavailable."""

    def read(session: Session) -> tuple[list[dict[str, Any]], dict[str, Shift]]:
        waiting = handovers.still_open(session)
        rest = [one for one in handovers.newest(session, limit=limit) if one.state not in HANDOVER_OPEN]
        rows = [
            _handover_fields(one, handovers.contents(session, one) if one in waiting else None)
            for one in (waiting + rest)[:limit]
        ]
        return rows, roster.names(session)

    rows, shifts = this.open_store().read(read)
    if view.as_json:
        print_json(rows)
        return
    waiting = {place for place, row in enumerate(rows) if row["state"] in HANDOVER_OPEN}
    print_table([_handover_texts(row, shifts, this) for row in rows], HANDOVERS, this.language, red=waiting)


def show_handover(this: Opened, view: ListView, number: int, *, reader: str | None) -> None:
    """Prints one handover with what is open; not where a complaint about `reader` came from (R15-6).

    Raises NoSuchRow, StoreUnavailable.
    """

    def read(session: Session) -> tuple[dict[str, Any], Contents, dict[str, Shift]] | None:
        one = session.get(Handover, number)
        if one is None:
            return None
        open_now = handovers.contents(session, one)
        return _handover_fields(one, open_now), open_now, roster.names(session)

    found = this.open_store().read(read)
    if found is None:
        raise no_handover(number, this)
    row, open_now, shifts = found
    tickets: list[dict[str, Any]] = [
        {
            "number": ticket.number,
            "kind": ticket.kind.value,
            "state": ticket.state.value,
            "due_at": ticket.next_due_at,
            "first_receiver": ticket.first_receiver,
            "unit": None if impartial.hidden_from(ticket, reader) else ticket.room,
        }
        for ticket in open_now.tickets
    ]
    called = [
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
        print_json(row | {"open_tickets": tickets, "open_escalations": called} | open_ids)
        return
    print_table([_handover_texts(row, shifts, this)], HANDOVERS, this.language)
    texts = [
        {key: str(ticket[key] or "") for key in CONTENTS}
        | {key: word(str(ticket[key]), this.language) for key in ("kind", "state")}
        | {"due_at": moment(ticket["due_at"], this.site.time_zone)}
        for ticket in tickets
    ]
    print_table(texts, CONTENTS, this.language)
    if called:
        print(
            say(
                "正在电话催办（.venv/bin/hotline escalations）:",
                "staff are being called about these (.venv/bin/hotline escalations):",
                this.language,
            )
        )
        print_table([_called(one, this) for one in called], CALLED, this.language)
    if open_now.wakeups:
        numbers = " ".join(f"{one.room} {one.due_at.astimezone(this.site.time_zone):%H:%M}" for one in open_now.wakeups)
        print(
            say(
                f"待执行的叫醒：{numbers}（.venv/bin/hotline wakeup sheet）",
                f"wake-ups to come: {numbers} (.venv/bin/hotline wakeup sheet)",
                this.language,
            )
        )
    if open_now.tasks:
        ids = ", ".join(str(task.id) for task in open_now.tasks)
        print(
            say(
                f"待办任务：{ids}（.venv/bin/hotline tasks）",
                f"open tasks: {ids} (.venv/bin/hotline tasks)",
                this.language,
            )
        )


def _handover_fields(one: Handover, open_now: Contents | None) -> dict[str, Any]:
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


def _handover_texts(row: dict[str, Any], shifts: dict[str, Shift], this: Opened) -> dict[str, str]:
    language, zone = this.language, this.site.time_zone
    shift = shifts.get(row["shift"])
    tickets, tasks, wakeups, called = row["open"] or (0, 0, 0, 0)
    counts = (
        say(
            f"工单 {tickets} 任务 {tasks} 叫醒 {wakeups} 催办 {called}",
            f"{tickets} tickets, {tasks} tasks, {wakeups} wake-ups, {called} escalations",
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


def _called(row: dict[str, Any], this: Opened) -> dict[str, str]:
    last = row["last"]
    return {
        "number": str(row["number"]),
        "kind": word(row["kind"], this.language),
        "state": word(row["state"], this.language),
        "due_at": moment(row["due_at"], this.site.time_zone),
        "last": last_call(last, this.language) if last else "",
        "asked_at": moment(last["asked_at"], this.site.time_zone) if last else "",
    }


def no_handover(number: int, this: Opened) -> NoSuchRow:
    return NoSuchRow(say(f"没有交接 {number}", f"there is no handover {number}", this.language))


# -- swaps and absences ------------------------------------------------------------------------------------------------


def list_requests(this: Opened, view: ListView, limit: int) -> None:
    """Raises StoreUnavailable."""
    rows = [_request_fields(swap) for swap in this.open_store().read(swaps.newest, limit=limit)]
    if view.as_json:
        print_json(rows)
        return
    waiting = {place for place, row in enumerate(rows) if row["state"] == SwapState.ASKED}
    print_table([_request_texts(row, this) for row in rows], REQUESTS, this.language, red=waiting)


def _request_fields(swap: Swap) -> dict[str, Any]:
    return {
        "id": swap.id,
        "kind": swap.kind.value,
        "state": swap.state.value,
        "staff": swap.staff_number,
        "with": swap.with_staff,
        "from": swap.starts_at,
        "until": swap.ends_at,
        "back": swap.back_at,
        "reason": swap.reason,
        "asked_by": swap.asked_by,
        "asked_at": swap.asked_at,
        "decided_by": swap.decided_by,
        "decided_at": swap.decided_at,
        "why": swap.why,
    }


def _request_texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
    zone = this.site.time_zone
    times = {key: f"{row[key].astimezone(zone):%m-%d %H:%M}" if row[key] else "" for key in ("from", "until", "back")}
    texts = {key: str(row[key] or "") for key in REQUESTS} | times
    return texts | {key: word(row[key], this.language) for key in ("kind", "state")}


def no_request(number: int, this: Opened) -> NoSuchRow:
    return NoSuchRow(say(f"没有申请 {number}", f"there is no request {number}", this.language))

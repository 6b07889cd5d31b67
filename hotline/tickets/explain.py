"""`hotline tickets explain N`: each clock of a ticket, its start, its rule, and how its end was computed."""

from typing import Any

from hotline.terminal.listing import ListView, print_json
from hotline.terminal.opening import Opened
from hotline.tickets.lists import no_such_ticket
from models.clock import SystemClock
from models.tables import FIRST_NUMBER
from models.text.wording import moment, say, word
from models.tickets import explain, tickets


def explain_ticket(this: Opened, view: ListView, number: int) -> None:
    """Prints it. Raises NoSuchRow, StoreUnavailable."""
    record = this.open_store().read(tickets.get, number - FIRST_NUMBER)
    if record is None:
        raise no_such_ticket(number, view)
    now = SystemClock().now()
    rows = [explain.fields(clock, this.policy, this.site.days, view.language, now) for clock in record.clocks]
    ticket = record.ticket
    if view.as_json:
        head = {
            "number": ticket.number,
            "kind": ticket.kind,
            "severity": ticket.severity,
            "opened_at": ticket.opened_at,
        }
        print_json(head | {"next_due_at": ticket.next_due_at, "clocks": rows})
        return
    opened = moment(ticket.opened_at, this.site.time_zone)
    kind = f"{word(ticket.kind, view.language)} ({word(ticket.severity, view.language)})"
    print(say(f"工单 {number} {kind}，{opened} 受理", f"ticket {number}, {kind}, opened {opened}", view.language))
    for row in rows:
        again = row["round"] > 1
        title = [word(f"clock-{row['kind']}", view.language), row["span"], row["rule"]]
        title += [say("重新打开后", "after it was reopened", view.language)] if again else []
        print()
        print(say("，", ", ", view.language).join(title))
        for step in row["steps"]:
            print(f"  {step}")
        print(f"  {_state(row, this, view)}")


def _state(row: dict[str, Any], this: Opened, view: ListView) -> str:
    if row["met_at"] is None:
        return (
            say("已超时", "LATE, and not done yet", view.language)
            if row["late"]
            else say("进行中", "running", view.language)
        )
    met = moment(row["met_at"], this.site.time_zone)
    if row["late"]:
        return say(f"{met} 完成，已超时", f"done {met}, LATE", view.language)
    return say(f"{met} 完成，按时", f"done {met}, in time", view.language)

"""`hotline escalations`: which late matters are being told by telephone, to whom, and what came of each call."""

from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from hotline.terminal.wording import moment, say, word
from models.language import Language
from models.states.tickets import EscalationState
from models.tables import Escalation, EscalationStep, Ticket
from models.tickets import escalations

ESCALATIONS = ("number", "state", "kind", "due_at", "last", "tries", "round", "next_at")


def list_escalations(this: Opened, view: ListView, limit: int) -> None:
    """Prints the open ladders; what nobody has accepted first, in red. Raises StoreUnavailable."""

    def read(session: Session) -> list[dict[str, Any]]:
        return [_fields(*one) for one in escalations.going_on(session, limit=limit)]

    rows = this.open_store().read(read)
    if view.as_json:
        print_json(rows)
    else:
        red = {place for place, row in enumerate(rows) if row["state"] == EscalationState.EXHAUSTED}
        print_table([_texts(row, this) for row in rows], ESCALATIONS, view.language, red=red)


def _fields(ladder: Escalation, ticket: Ticket, steps: list[EscalationStep]) -> dict[str, Any]:
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
    """Which step of the ladder, who stands on it, and what came of the call."""
    outcome = word(step["outcome"], language) or say("正在呼叫", "being called", language)
    return f"{word(step['rung'], language)} {step['staff']}: {outcome}"


def _texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
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

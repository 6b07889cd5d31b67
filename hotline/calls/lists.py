"""`hotline calls` and `recordings`: each call with the phones it rang, newest first (R05-5); recordings (R04-1)."""

from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.acting import log_reveal
from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from models.calls import block_list, calls, recordings
from models.calls.calls import CallRecord
from models.health import findings
from models.health.findings import Finding
from models.tables import FIRST_NUMBER, Recording, RingRow, Transfer
from models.text.wording import moment, say, seconds, word, words
from models.tickets import impartial

# The most important first: a narrow terminal shows the beginning of this.
CALLS = (
    "started_at", "line", "caller", "rings", "transfers", "wait_s", "talk_s", "ticket", "ended_by", "owner", "unit",
    "menu_path", "end_reason", "language", "recordings",
)  # fmt: skip
RECORDINGS = ("id", "started_at", "kind", "state", "length_s", "call", "ticket", "held", "note")
BLOCKED = ("caller", "until", "reason", "who", "since", "lifted_at", "lifted_by")
_CLOSED = dict.fromkeys(("caller", "owner", "building", "unit", "menu_path", "ticket")) | {"recordings": []}
"""A call that is a complaint about the reader: neither who complained, nor that it was this call (R15-6)."""
MISMATCHES = ("id", "started_at", "kind", "subject", "call")


def list_calls(this: Opened, view: ListView, limit: int, *, reader: str | None) -> None:
    """Prints the newest `limit` calls, as `reader` may see them. Raises StoreUnavailable."""
    store = this.open_store()
    log_reveal(this, store, view, f"the newest {limit} calls")

    def read(session: Session) -> list[dict[str, Any]]:
        closed = impartial.closed_to(session, reader)
        return [
            as_fields(record, view) | (_CLOSED if closed.call(record.call) else {})
            for record in calls.recent(session, limit=limit)
        ]

    rows = store.read(read)
    if view.as_json:
        print_json(rows)
    else:
        print_table(
            [_as_texts(row, this) for row in rows],
            CALLS,
            view.language,
            several=("rings", "transfers", "recordings"),
        )


def list_blocked(this: Opened, view: ListView, limit: int) -> None:
    """Prints the numbers that are or were blocked, the longest first. Raises StoreUnavailable."""
    store, zone = this.open_store(), this.site.time_zone
    log_reveal(this, store, view, "blocked numbers")
    rows: list[dict[str, Any]] = [
        {
            "caller": view.number(one.number),
            "until": one.until,
            "reason": one.why,
            "who": one.blocked_by,
            "since": one.blocked_at,
            "lifted_at": one.lifted_at,
            "lifted_by": one.lifted_by,
        }
        for one in store.read(block_list.newest, limit=limit)
    ]
    if view.as_json:
        return print_json(rows)
    times = ("until", "since", "lifted_at")
    texts = [row | {name: moment(row[name], zone) if row[name] else "" for name in times} for row in rows]
    print_table([{name: str(text or "") for name, text in row.items()} for row in texts], BLOCKED, view.language)


def as_fields(record: CallRecord, view: ListView) -> dict[str, Any]:
    """The call's stable field names. Lengths are in seconds; `wait_s` is the time until the first talk."""
    call = record.call
    return {
        "id": call.id,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "state": call.state.value,
        "line": call.line,
        "caller": view.number(call.caller_number),
        "owner": view.name(record.owner.name) if record.owner else None,
        "building": record.unit.building if record.unit else None,
        "unit": record.unit.unit if record.unit else None,
        "language": call.language,
        "mode": call.mode,
        "menu_path": call.menu_path,
        "rings": [_ring_fields(ring, view) for ring in record.rings],
        "wait_s": record.waited_seconds,
        "talk_s": record.talked_seconds,
        "talks": [
            {
                "staff": talk.staff_number,
                "from": talk.started_at,
                "to": talk.ended_at,
                "ended_by": _value(talk.ended_by),
                "warned_at": talk.warned_at,
            }
            for talk in record.talks
        ],
        "transfers": [_transfer_fields(transfer) for transfer in record.transfers],
        "ended_by": _value(call.ended_by),
        "end_reason": call.end_reason,
        "ticket": FIRST_NUMBER + call.ticket_id if call.ticket_id else None,
        "recordings": [
            {
                "kind": recording.kind.value,
                "state": recording.state.value,
                "id": recording.id,
                "name": recording.name,
                "seconds": recording.seconds,
                "retain_until": recording.retain_until,
            }
            for recording in record.recordings
        ],
    }


def _ring_fields(ring: RingRow, view: ListView) -> dict[str, Any]:
    return {
        "staff": ring.staff_number,
        "phone": view.number(ring.phone),
        "stage": ring.stage,
        "from": ring.started_at,
        "ringing_at": ring.ringing_at,
        "to": ring.ended_at,
        "rings": ring.rings,
        "outcome": _value(ring.outcome),
    }


def _transfer_fields(transfer: Transfer) -> dict[str, Any]:
    return {
        "by": transfer.by_staff,
        "to": transfer.to_number,
        "state": transfer.state.value,
        "refusal": _value(transfer.refusal),
        "reason": _value(transfer.reason_kind),
        "reason_recording": transfer.reason_recording,
        "from": transfer.started_at,
        "asked_at": transfer.asked_at,
        "agent_left_at": transfer.agent_left_at,
        "ended_at": transfer.ended_at,
    }


def _value(state: Any) -> str | None:
    return None if state is None else str(state.value)


def _as_texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
    language = this.language
    rings = [
        f"{ring['staff'] or ring['phone']}: {ring['rings']} {word(ring['outcome'] or 'ringing', language)}"
        for ring in row["rings"]
    ]
    transfers = [
        f"{one['by']} > {one['to'] or '?'}: {word(one['refusal'] or one['state'], language)}"
        for one in row["transfers"]
    ]
    # Listening is logged: `hotline recordings play`.
    kept = [
        f"{recording['id']}: {seconds(recording['seconds']) or word(recording['state'], language)}"
        for recording in row["recordings"]
    ]
    return {
        "started_at": moment(row["started_at"], this.site.time_zone),
        "line": row["line"],
        "caller": row["caller"] or say("未显示", "withheld", language),
        "owner": row["owner"] or "",
        "unit": "-".join(part for part in (row["building"], row["unit"]) if part),
        "language": row["language"],
        "menu_path": row["menu_path"] or "",
        "rings": "\n".join(rings),
        "transfers": "\n".join(transfers),
        "wait_s": seconds(row["wait_s"]),
        "talk_s": seconds(row["talk_s"]) if row["talks"] else "",
        "ended_by": word(row["ended_by"] or row["state"], language),
        "end_reason": words(row["end_reason"], language),
        "ticket": str(row["ticket"] or ""),
        "recordings": "\n".join(kept),
    }


# -- recordings --------------------------------------------------------------------------------------------------------


def list_recordings(this: Opened, view: ListView, limit: int, *, reader: str | None) -> None:
    """Prints the newest, without those of complaints about `reader` (R15-6). Raises StoreUnavailable."""

    def read(session: Session) -> list[Recording]:
        closed = impartial.closed_to(session, reader)
        return [one for one in recordings.newest(session, limit=limit) if not closed.recording(session, one)]

    rows = this.open_store().read(read)
    if view.as_json:
        print_json([_recording_fields(row) for row in rows])
    else:
        print_table([_recording_texts(row, this) for row in rows], RECORDINGS, view.language)


def list_mismatches(this: Opened, view: ListView, limit: int) -> None:
    """Prints what the nightly comparison found and nobody has settled. Raises StoreUnavailable."""
    open_ones: list[Finding] = this.open_store().read(findings.still_open, limit=limit)
    if view.as_json:
        names = ("id", "kind", "subject", "call_id", "ticket_id", "found_at")
        print_json([{name: getattr(finding, name) for name in names} for finding in open_ones])
        return
    rows = [
        {
            "id": str(finding.id),
            "started_at": moment(finding.found_at, this.site.time_zone),
            "kind": word(finding.kind, view.language),
            "subject": finding.subject,
            "call": str(finding.call_id or ""),
        }
        for finding in open_ones
    ]
    print_table(rows, MISMATCHES, view.language)


def _recording_fields(row: Recording) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind.value,
        "state": row.state.value,
        "call_id": row.call_id,
        "ticket_id": row.ticket_id,
        "reserved_at": row.reserved_at,
        "ended_at": row.ended_at,
        "seconds": row.seconds,
        "expected_seconds": row.expected_seconds,
        "retain_until": row.retain_until,
        "held_at": row.held_at,
        "held_by": row.held_by,
        "hold_reason": row.hold_reason,
        "note": row.note,
    }


def _recording_texts(row: Recording, this: Opened) -> dict[str, str]:
    return {
        "id": str(row.id),
        "started_at": moment(row.reserved_at, this.site.time_zone),
        "kind": word(row.kind, this.language),
        "state": word(row.state, this.language),
        "length_s": seconds(row.seconds) if row.seconds is not None else "",
        "call": str(row.call_id or ""),
        "ticket": str(row.ticket_id + FIRST_NUMBER) if row.ticket_id else "",
        "held": f"{row.held_by}: {row.hold_reason}" if row.held_at else "",
        "note": row.note or "",
    }

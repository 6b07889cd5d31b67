"""Reads what the hotline has written about a call, and what is left of it in Asterisk."""

import base64
import contextlib
import json
import subprocess
import urllib.error
import urllib.request
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import calls
from models.instance.secrets import Secrets
from models.states.calls import CallState, RecordingState
from models.tables import Call, Recording, Task
from models.tickets import tickets
from phones.instance import LiveHotline
from phones.microphone import RATE, Samples

_STORED_WITHIN_S = 40.0
_FILED_WITHIN_S = 60.0


def call_of(hotline: LiveHotline, number: str, timeout: float = 10.0) -> calls.CallRecord:
    """Waits for the end of this number's newest call and returns its record."""
    return hotline.until(lambda: _ended(hotline, number), f"ended call of {number}", timeout)


def filed_call(hotline: LiveHotline, number: str) -> calls.CallRecord:
    """As `call_of`, for a call that the scheduler files from a note; its row may have ended earlier."""

    def filed() -> calls.CallRecord | None:
        record = _ended(hotline, number)
        return record if record and record.call.ticket_id else None

    return hotline.until(filed, f"filed call of {number}", _FILED_WITHIN_S)


def _ended(hotline: LiveHotline, number: str) -> calls.CallRecord | None:
    def ended(session: Session) -> calls.CallRecord | None:
        newest = select(Call).where(Call.caller_number == number).order_by(Call.id.desc()).limit(1)
        call = session.scalar(newest)
        return calls.record(session, call.id) if call and call.state is CallState.ENDED else None

    return hotline.store.read(ended)


def ticket_of(hotline: LiveHotline, record: calls.CallRecord) -> tickets.TicketRecord:
    """The call's ticket with its events and clocks. Raises LookupError for a call without a ticket."""
    ticket_id = record.call.ticket_id
    found = hotline.store.read(lambda session: tickets.get(session, ticket_id)) if ticket_id else None
    if found is None:
        raise LookupError(f"call {record.call.id} has left no ticket")
    return found


def tasks_of(hotline: LiveHotline, record: calls.CallRecord) -> list[Task]:
    """The tasks that this call has left."""
    return hotline.store.read(lambda session: list(session.scalars(select(Task).where(Task.call_id == record.call.id))))


def stored_recording(hotline: LiveHotline, record: calls.CallRecord) -> Recording:
    """The call's recording, as soon as the scheduler has stored it or found that there is nothing."""

    def finished(session: Session) -> Recording | None:
        unfinished = (RecordingState.RESERVED, RecordingState.RECORDED)
        first = select(Recording).where(Recording.call_id == record.call.id).order_by(Recording.id).limit(1)
        found = session.scalar(first)
        return found if found and found.state not in unfinished else None

    return hotline.until(lambda: hotline.store.read(finished), "stored recording", _STORED_WITHIN_S)


def played(hotline: LiveHotline, recording: Recording) -> Samples:
    """The sound of the stored file. Raises LookupError when there is none."""
    if recording.path is None:
        raise LookupError(f"recording {recording.name} is {recording.state}: {recording.note}")
    file = str(hotline.home.path / recording.path)
    command = ["ffmpeg", "-v", "error", "-i", file, "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-"]
    sound = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    return np.frombuffer(sound, "<i2") / 32768.0


def channels(hotline: LiveHotline) -> list[dict[str, Any]]:
    """The channels in Asterisk now."""
    found: list[dict[str, Any]] = _ari(hotline, "channels")
    return found


def online(hotline: LiveHotline) -> set[str]:
    """The numbers of the registered telephones."""
    return {endpoint["resource"] for endpoint in _ari(hotline, "endpoints/PJSIP") if endpoint["state"] == "online"}


def wait_nothing_left(hotline: LiveHotline, timeout: float = 10.0) -> None:
    """Waits until Asterisk has no channel or bridge and no call or ring is open in the rows.

    Raises RuntimeError with what is left after `timeout` seconds, which is hung up: the next story begins without it.
    """

    def left() -> list[str]:
        rows = hotline.store.read(lambda session: [f"call {found.call.id}" for found in calls.active(session)])
        bridges = [f"bridge {bridge['id']}" for bridge in _ari(hotline, "bridges")]
        return [f"{channel['name']} {channel['dialplan']}" for channel in channels(hotline)] + bridges + rows

    try:
        hotline.until(lambda: not left(), "end of all calls", timeout)
    except RuntimeError as error:
        still = left()
        for channel in channels(hotline):
            with contextlib.suppress(urllib.error.HTTPError):
                _ari(hotline, f"channels/{channel['id']}", "DELETE")
        raise RuntimeError(f"left: {still}") from error


def _ari(hotline: LiveHotline, path: str, method: str = "GET") -> Any:
    password = Secrets.load_or_create(hotline.home, hotline.site).ari_password
    token = base64.b64encode(f"hotline:{password}".encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{hotline.ports.http}/ari/{path}", headers={"Authorization": f"Basic {token}"}, method=method
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.loads(answer.read() or "null")

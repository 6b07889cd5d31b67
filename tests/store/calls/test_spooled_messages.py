"""A caller whom only the dialplan answered is filed once, whole, and called back (R13-1, R17-1)."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.calls import calls, recordings
from models.calls.calls import EndedBy
from models.database.store import Store
from models.instance.spool import MESSAGE_LEFT, NO_MESSAGE
from models.policy import Policy
from models.states.calls import CallState, RecordingKind, RecordingState
from models.states.tickets import TicketEventKind, TicketKind
from models.tables import Call
from models.tickets import tickets
from scheduler.scans.finished_recordings import finished_recordings
from scheduler.scans.spooled_messages import spooled_messages
from scheduler.scope import Scope
from tests.store.calls.spooled import drop, filed, later
from tests.store.sounds import written

pytestmark = pytest.mark.store


def test_a_message_becomes_call_ticket_recording_and_a_call_back(scope: Scope) -> None:
    note = drop(scope, caller="+8613800138000")
    ended = scope.clock.now()
    assert spooled_messages(scope) == 1
    found = filed(scope)
    (call,), (ticket,), (recording,), (task,) = found.calls, found.tickets, found.recordings, found.tasks
    assert (call.line, call.caller_number, call.state, call.ended_by) == ("8000", "13800138000", "ended", "caller")
    assert (call.started_at, call.ended_at) == (ended - timedelta(seconds=20), ended)
    assert (call.end_reason, call.ticket_id) == (MESSAGE_LEFT, ticket.id)
    assert (ticket.kind, ticket.call_id) == (TicketKind.MESSAGE, call.id)
    assert ticket.next_due_at == call.started_at + timedelta(hours=4), "R08-1"
    assert (recording.kind, recording.state, recording.expected_seconds) == ("spool", RecordingState.RECORDED, 6)
    assert (recording.call_id, recording.ticket_id) == (call.id, ticket.id)
    assert (task.number, task.owner_group, task.due_at) == ("13800138000", "agents", ended + timedelta(minutes=30))
    assert (task.call_id, task.ticket_id) == (call.id, ticket.id)
    assert list(note.parent.iterdir()) == []
    assert spooled_messages(scope) == 0


def test_a_filed_message_is_stored_like_any_recording(scope: Scope) -> None:
    drop(scope)
    spooled_messages(scope)
    later(scope, minutes=1)
    assert finished_recordings(scope) == 1
    (recording,) = filed(scope).recordings
    assert (recording.state, recording.seconds) == (RecordingState.KEPT, 6)
    assert recording.path is not None
    assert (scope.home.path / recording.path).exists()


@pytest.mark.parametrize("said", [None, 0.0])
def test_a_caller_who_said_nothing_is_called_back_too(said: float | None, scope: Scope) -> None:
    drop(scope, said=said)
    assert spooled_messages(scope) == 1
    later(scope, minutes=2)
    finished_recordings(scope)
    found = filed(scope)
    assert (found.calls[0].end_reason, found.tasks[0].note) == (NO_MESSAGE, NO_MESSAGE)
    assert [recording.state for recording in found.recordings] == [RecordingState.EMPTY]


def test_a_withheld_number_is_filed_too(scope: Scope) -> None:
    drop(scope, "1.1", caller="")
    drop(scope, "1.2", caller="anonymous")
    assert spooled_messages(scope) == 2
    assert [(task.number, task.times) for task in filed(scope).tasks] == [(None, 1), (None, 1)]


def test_two_calls_of_one_caller_are_two_messages_and_one_call_back(scope: Scope) -> None:
    drop(scope, "1.1")
    drop(scope, "1.2")
    spooled_messages(scope)
    found = filed(scope)
    assert (len(found.calls), len(found.tickets), len(found.recordings)) == (2, 2, 2)
    assert [task.times for task in found.tasks] == [2]


def test_the_call_back_is_owed_by_the_group_of_the_line(scope: Scope) -> None:
    drop(scope, "1.1", line="8002", caller="13800000001")
    drop(scope, "1.2", line="", caller="13800000002")
    spooled_messages(scope)
    assert [task.owner_group for task in filed(scope).tasks] == ["general-manager", "agents"]


def test_an_ongoing_call_is_not_filed_before_its_end(scope: Scope, policy: Policy) -> None:
    note = drop(scope, hung_up=False)
    later(scope, seconds=policy.message.longest_s)
    assert spooled_messages(scope) == 0
    assert note.exists()
    later(scope, seconds=121)
    assert spooled_messages(scope) == 1
    (call,) = filed(scope).calls
    assert (call.ended_by, call.ended_at) == (EndedBy.NETWORK, call.started_at + timedelta(seconds=20))


def test_a_caller_who_had_a_ticket_when_the_application_died_keeps_it(
    scope: Scope, begin_call: Callable[..., Call], policy: Policy
) -> None:
    call = begin_call("1772424000.5")
    ticket = scope.store.write(
        tickets.open, kind=TicketKind.URGENT_REPAIR, call_id=call.id, at=scope.clock.now(), policy=policy
    )
    drop(scope)
    assert spooled_messages(scope) == 1
    found = filed(scope)
    assert [one.id for one in found.calls] == [call.id]
    assert [(one.id, one.kind) for one in found.tickets] == [(ticket.id, TicketKind.URGENT_REPAIR)]
    assert found.recordings[0].ticket_id == found.tasks[0].ticket_id == ticket.id
    record = scope.store.read(tickets.get, ticket.id)
    assert record is not None
    assert [event.text for event in record.events if event.kind is TicketEventKind.NOTED] == [MESSAGE_LEFT]


def test_a_call_already_ended_by_recovery_is_filed_and_keeps_its_end(
    scope: Scope, begin_call: Callable[..., Call]
) -> None:
    call = begin_call("1772424000.5")
    scope.store.write(calls.end, call.id, by=EndedBy.NETWORK, reason="gone", at=scope.clock.now())
    drop(scope)
    spooled_messages(scope)
    (one,) = filed(scope).calls
    assert (one.end_reason, one.state) == ("gone", CallState.ENDED)
    assert len(filed(scope).tasks) == 1


@pytest.mark.parametrize("text", ["", "uniqueid=177", "line=8000\ncaller=138\x00\xff", "started=never\nended=\n"])
def test_a_note_that_was_cut_short_still_owes_a_call_back(text: str, scope: Scope) -> None:
    note = drop(scope)
    note.write_text(text, encoding="latin-1")
    written(note, scope.clock.now())
    later(scope, minutes=10)
    assert spooled_messages(scope) == 1
    assert len(filed(scope).tasks) == 1
    assert spooled_messages(scope) == 0


def test_a_message_that_cannot_be_filed_delays_no_other_and_is_logged_once(
    scope: Scope, caplog: pytest.LogCaptureFixture
) -> None:
    (scope.home.message_spool / "0.1.txt").mkdir()
    bad_name = drop(scope, "1.1")
    bad_name.write_text(bad_name.read_text(encoding="utf-8").replace("1.1", "../../../etc/passwd"), encoding="utf-8")
    drop(scope, "2.2")
    assert spooled_messages(scope) == 1
    assert spooled_messages(scope) == 0
    assert [call.channel_id for call in filed(scope).calls] == ["2.2"]
    assert [message.partition(":")[0] for message in caplog.messages] == ["0.1.txt", "1.1.txt"]
    assert bad_name.exists()


def test_a_broken_sound_file_is_filed_as_nothing_said_and_kept(scope: Scope) -> None:
    note = drop(scope)
    note.with_suffix(".wav").write_bytes(b"x" * 500)
    written(note.with_suffix(".wav"), scope.clock.now())
    assert spooled_messages(scope) == 1
    later(scope, minutes=1)
    finished_recordings(scope)
    (recording,) = filed(scope).recordings
    assert recording.note == "is no WAV file"
    assert (scope.home.recording_spool / f"{recording.name}.wav").exists()


def looks(scope: Scope, url: str, found: list[int], *, together: threading.Barrier | None = None) -> threading.Thread:
    """Runs the scan as a second scheduler; adds the number of messages that it filed to `found`."""

    def look() -> None:
        own = Store(url)
        if together:
            together.wait(30)
        found.append(spooled_messages(replace(scope, store=own)))
        own.close()

    thread = threading.Thread(target=look)
    thread.start()
    return thread


def test_two_schedulers_at_once_file_each_message_once(
    scope: Scope, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(6):
        drop(scope, f"1.{number}", caller=f"1380000000{number}")
    together, done = threading.Barrier(2), list[int]()
    for thread in [looks(scope, url, done, together=together) for _ in range(2)]:
        thread.join()
    assert sum(done) == 6
    found = filed(scope)
    assert [len(rows) for rows in (found.calls, found.tickets, found.recordings, found.tasks)] == [6, 6, 6, 6]
    assert {task.times for task in found.tasks} == {1}
    assert {path.name for path in scope.home.recording_spool.iterdir()} == {f"spool-1.{n}.wav" for n in range(6)}
    assert list(scope.home.message_spool.iterdir()) == []
    assert caplog.messages == []


def test_a_scheduler_that_looked_before_another_filed_a_message_does_not_file_it_again(
    scope: Scope, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Possible where two can write at once; on SQLite the second one waits and looks afterwards."""
    drop(scope)
    begin, looked, other_has_filed, done = calls.begin, threading.Event(), threading.Event(), list[int]()

    def late_begin(session: Session, **known: Any) -> Call:
        if not looked.is_set():
            looked.set()
            other_has_filed.wait(1)
        return begin(session, **known)

    monkeypatch.setattr(calls, "begin", late_begin)
    late = looks(scope, url, done)
    assert looked.wait(10)
    done.append(spooled_messages(scope))
    other_has_filed.set()
    late.join()
    assert sum(done) == 1
    found = filed(scope)
    assert [task.times for task in found.tasks] == [1]
    record = scope.store.read(tickets.get, found.tickets[0].id)
    assert record is not None
    assert [event.kind for event in record.events] == [TicketEventKind.OPENED]


def test_a_message_whose_recording_is_reserved_is_never_filed_again(scope: Scope) -> None:
    """The note and the sound may still be on the spool after a crash."""
    drop(scope)
    now = scope.clock.now()
    scope.store.write(
        recordings.reserve,
        name="spool-1772424000.5",
        kind=RecordingKind.SPOOL,
        call_id=None,
        ticket_id=None,
        at=now,
        retain_until=now,
    )
    assert spooled_messages(scope) == 0
    assert filed(scope).calls == []
    assert [path.name for path in scope.home.recording_spool.iterdir()] == ["spool-1772424000.5.wav"]
    assert list(scope.home.message_spool.iterdir()) == []

"""Whom only the dialplan answered is filed once, whole, and called back (R13-1, R17-1)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import calls, recordings, spool, tickets
from models.calls import EndedBy
from models.policy import Policy
from models.spool import MESSAGE_LEFT, NO_MESSAGE, Note, NotedRing, NotedTalk
from models.states import CallState, RecordingKind, RecordingState, Ring, TicketEventKind, TicketKind
from models.store import Store
from models.tables import Call, Recording, RingRow, Task, Ticket
from scheduler.scans.finished_recordings import finished_recordings
from scheduler.scans.spooled_messages import spooled_messages
from scheduler.scope import Scope
from tests.store.sounds import speech, wav, written

pytestmark = pytest.mark.store


@dataclass(frozen=True)
class Filed:
    """Everything in the store."""

    calls: list[Call]
    tickets: list[Ticket]
    recordings: list[Recording]
    tasks: list[Task]


def filed(scope: Scope) -> Filed:
    def read(session: Session) -> Filed:
        def every(table: Any) -> Any:
            return list(session.scalars(select(table).order_by(table.id)))

        return Filed(every(Call), every(Ticket), every(Recording), every(Task))

    return scope.store.read(read)


def drop(
    scope: Scope,
    uniqueid: str = "1772424000.5",
    *,
    line: str = "8000",
    caller: str = "13800138000",
    said: float | None = 6,
    hung_up: bool = True,
) -> Path:
    """What the dialplan writes of a caller who called twenty seconds ago."""
    ended = scope.clock.now()
    started = ended - timedelta(seconds=20)
    note = scope.home.message_spool / f"{uniqueid}.txt"
    lines = [f"uniqueid={uniqueid}", f"line={line}", f"caller={caller}", "language=zh"]
    lines.append(f"started={int(started.timestamp())}")
    if hung_up:
        lines += ["record=HANGUP", f"ended={int(ended.timestamp())}"]
    note.write_text("\n".join(lines) + "\n", encoding="utf-8")
    written(note, ended)
    if said is not None:
        wav(note.with_suffix(".wav"), speech(said), at=ended)
    return note


def later(scope: Scope, **by: float) -> datetime:
    return scope.clock.forward(**by)  # type: ignore[attr-defined, no-any-return]


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


def test_the_message_is_then_stored_like_any_other(scope: Scope) -> None:
    drop(scope)
    spooled_messages(scope)
    later(scope, minutes=1)
    assert finished_recordings(scope) == 1
    (recording,) = filed(scope).recordings
    assert (recording.state, recording.seconds) == (RecordingState.KEPT, 6)
    assert recording.path is not None
    assert (scope.home.path / recording.path).exists()


@pytest.mark.parametrize("said", [None, 0.0])
def test_who_said_nothing_is_called_back_all_the_same(said: float | None, scope: Scope) -> None:
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


def test_who_calls_twice_is_two_messages_and_one_call_back(scope: Scope) -> None:
    drop(scope, "1.1")
    drop(scope, "1.2")
    spooled_messages(scope)
    found = filed(scope)
    assert (len(found.calls), len(found.tickets), len(found.recordings)) == (2, 2, 2)
    assert [task.times for task in found.tasks] == [2]


def test_the_group_of_the_line_owes_the_call(scope: Scope) -> None:
    drop(scope, "1.1", line="8002", caller="13800000001")
    drop(scope, "1.2", line="", caller="13800000002")
    spooled_messages(scope)
    assert [task.owner_group for task in filed(scope).tasks] == ["general-manager", "agents"]


def test_a_call_that_goes_on_is_not_filed_before_its_end(scope: Scope, policy: Policy) -> None:
    note = drop(scope, hung_up=False)
    later(scope, seconds=policy.message.longest_s)
    assert spooled_messages(scope) == 0
    assert note.exists()
    later(scope, seconds=121)
    assert spooled_messages(scope) == 1
    (call,) = filed(scope).calls
    assert (call.ended_by, call.ended_at) == (EndedBy.NETWORK, call.started_at + timedelta(seconds=20))


def test_who_had_a_ticket_when_we_went_away_keeps_it(
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


def test_a_call_that_recovery_has_ended_already_is_filed_and_keeps_its_end(
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
def test_a_note_cut_short_still_owes_a_call(text: str, scope: Scope) -> None:
    note = drop(scope)
    note.write_text(text, encoding="latin-1")
    written(note, scope.clock.now())
    later(scope, minutes=10)
    assert spooled_messages(scope) == 1
    assert len(filed(scope).tasks) == 1
    assert spooled_messages(scope) == 0


def test_one_that_cannot_be_filed_holds_up_no_other_and_is_said_once(
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


def test_a_sound_that_is_broken_is_filed_as_nothing_said_and_kept(scope: Scope) -> None:
    note = drop(scope)
    note.with_suffix(".wav").write_bytes(b"x" * 500)
    written(note.with_suffix(".wav"), scope.clock.now())
    assert spooled_messages(scope) == 1
    later(scope, minutes=1)
    finished_recordings(scope)
    (recording,) = filed(scope).recordings
    assert recording.note == "is no WAV file"
    assert (scope.home.recording_spool / f"{recording.name}.wav").exists()


def test_two_schedulers_at_once_file_each_message_once(
    scope: Scope, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(6):
        drop(scope, f"1.{number}", caller=f"1380000000{number}")
    barrier, done = threading.Barrier(2), []

    def look() -> None:
        own = Store(url)
        barrier.wait(30)
        done.append(spooled_messages(replace(scope, store=own)))
        own.close()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 6
    found = filed(scope)
    assert [len(rows) for rows in (found.calls, found.tickets, found.recordings, found.tasks)] == [6, 6, 6, 6]
    assert {task.times for task in found.tasks} == {1}
    assert {path.name for path in scope.home.recording_spool.iterdir()} == {f"spool-1.{n}.wav" for n in range(6)}
    assert list(scope.home.message_spool.iterdir()) == []
    assert caplog.messages == []


def test_a_name_that_is_reserved_is_never_filed_again(scope: Scope) -> None:
    """The note and the sound may still lie there after a crash."""
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


# --- the fallback's notes ---


def kept(scope: Scope, *, said: float | None = 6, **known: Any) -> Note:
    """What the fallback keeps of a caller while the store is out of reach: an urgent repair for which 7020 rang."""
    ended = scope.clock.now()
    started = ended - timedelta(seconds=40)
    ring = NotedRing(
        stage="urgent", number="7020", channel_id="fb-1772424000.5-leg-7020-1", started=started, ringing=started,
        ended=ended, rings=3, outcome=Ring.NO_ANSWER,
    )  # fmt: skip
    fields = {
        "uniqueid": "1772424000.5", "line": "8000", "caller": "13800138000", "language": "zh", "started": started,
        "answered": started, "ended": ended, "ended_by": EndedBy.SYSTEM, "reason": "completed", "mode": "fallback",
        "kind": TicketKind.URGENT_REPAIR, "menu_path": "urgent", "rings": [ring],
    }  # fmt: skip
    note = Note.model_validate(fields | known)
    spool.keep(scope.home, note)
    written(scope.home.message_spool / f"{note.uniqueid}.json", ended)
    if said is not None:
        wav(spool.sound_of(scope.home, note.uniqueid), speech(said), at=ended)
    return note


def ring_rows(scope: Scope) -> list[RingRow]:
    return scope.store.read(lambda session: list(session.scalars(select(RingRow).order_by(RingRow.id))))


def test_the_fallbacks_note_is_filed_whole_and_once(scope: Scope) -> None:
    kept(scope)
    assert spooled_messages(scope) == 1
    kept(scope)
    assert spooled_messages(scope) == 0
    found = filed(scope)
    (call,), (ticket,), (recording,), (task,) = found.calls, found.tickets, found.recordings, found.tasks
    assert (call.mode, call.menu_path, call.ended_by, call.end_reason) == ("fallback", "urgent", "system", MESSAGE_LEFT)
    assert (ticket.kind, recording.kind, task.times) == (TicketKind.URGENT_REPAIR, RecordingKind.SPOOL, 1)
    assert [(ring.staff_number, ring.outcome, ring.rings) for ring in ring_rows(scope)] == [("7020", "no-answer", 3)]
    assert list(scope.home.message_spool.iterdir()) == []


def test_a_talk_without_the_store_is_a_talk_and_nobody_is_owed_a_call(scope: Scope) -> None:
    ended = scope.clock.now()
    talk = NotedTalk(
        number="7020", channel_id="fb-1772424000.5-leg-7020-1", started=ended - timedelta(seconds=6), ended=ended,
        by=EndedBy.AGENT,
    )  # fmt: skip
    kept(scope, talk=talk)
    assert spooled_messages(scope) == 1
    found = filed(scope)
    assert (found.recordings[0].kind, found.tasks) == (RecordingKind.TALK, [])
    assert found.tickets[0].first_receiver == "7020"
    record = scope.store.read(calls.record, found.calls[0].id)
    assert record is not None
    assert (record.talked_seconds, record.talks[0].staff_number) == (6, "7020")


def test_rows_that_were_committed_before_the_store_or_the_process_went_are_not_written_again(
    scope: Scope, begin_call: Callable[..., Call], policy: Policy
) -> None:
    note = kept(scope)
    call = begin_call(note.uniqueid)
    ticket = scope.store.write(
        tickets.open, kind=TicketKind.URGENT_REPAIR, call_id=call.id, at=note.started, policy=policy
    )
    ring = note.rings[0]
    scope.store.write(
        calls.begin_ring, call_id=call.id, ticket_id=ticket.id, stage="urgent", staff_number="7020", phone="7020",
        channel_id=ring.channel_id, at=ring.started,
    )  # fmt: skip
    assert spooled_messages(scope) == 1
    found = filed(scope)
    assert [len(rows) for rows in (found.calls, found.tickets, found.recordings, found.tasks)] == [1, 1, 1, 1]
    assert [(one.staff_number, one.outcome) for one in ring_rows(scope)] == [("7020", "no-answer")]


def test_a_call_written_to_its_end_owes_nothing_more_when_only_the_last_word_to_the_dialplan_was_lost(
    scope: Scope, begin_call: Callable[..., Call]
) -> None:
    call = begin_call("1772424000.5")
    scope.store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=scope.clock.now())
    drop(scope, said=None)
    assert spooled_messages(scope) == 0
    found = filed(scope)
    assert (len(found.calls), found.tickets, found.recordings, found.tasks) == (1, [], [], [])
    assert list(scope.home.message_spool.iterdir()) == []


def test_a_fallback_that_died_over_a_call_and_the_dialplan_after_it_are_one_call(scope: Scope) -> None:
    kept(scope, said=None, ended=None)
    drop(scope)
    assert spooled_messages(scope) == 1
    found = filed(scope)
    assert (found.calls[0].ended_by, found.tickets[0].kind) == (EndedBy.CALLER, TicketKind.URGENT_REPAIR)
    assert [len(rows) for rows in (found.calls, found.tickets, found.recordings, found.tasks)] == [1, 1, 1, 1]
    assert list(scope.home.message_spool.iterdir()) == []


def test_a_fallback_that_died_while_people_talked_is_given_as_long_as_a_call_may_last(scope: Scope) -> None:
    note = kept(scope, said=None, ended=None)
    note.rings[0].outcome = None
    spool.keep(scope.home, note)
    written(scope.home.message_spool / f"{note.uniqueid}.json", scope.clock.now())
    later(scope, minutes=119)
    assert spooled_messages(scope) == 0
    later(scope, minutes=4)
    assert spooled_messages(scope) == 1
    assert [ring.outcome for ring in ring_rows(scope)] == [Ring.CALLER_GONE]


def test_a_note_of_the_fallback_cut_short_still_owes_a_call(scope: Scope) -> None:
    (scope.home.message_spool / "1772424000.5.json").write_text('{"uniqueid": "17', encoding="utf-8")
    written(scope.home.message_spool / "1772424000.5.json", scope.clock.now())
    later(scope, minutes=10)
    assert spooled_messages(scope) == 1
    assert len(filed(scope).tasks) == 1

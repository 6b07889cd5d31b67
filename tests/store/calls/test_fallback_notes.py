"""A call that the fallback could not write into the store is filed from its note, once and whole (R13-1, R17-1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import calls
from models.instance import spool
from models.instance.spool import MESSAGE_LEFT, NotedRing, NotedTalk, SpoolNote
from models.policy import Policy
from models.states.calls import EndedBy, RecordingKind, Ring
from models.states.tickets import TicketKind
from models.tables import Call, RingRow
from models.tickets import tickets
from scheduler.scans.spooled_messages import spooled_messages
from scheduler.scope import Scope
from tests.store.calls.spooled import drop, filed, later
from tests.store.sounds import speech, wav, written

pytestmark = pytest.mark.store


def kept(scope: Scope, *, said: float | None = 6, **known: Any) -> SpoolNote:
    """The fallback's note of a caller while the store is out of reach: an urgent repair; the phone 7020 rang."""
    ended = scope.clock.now()
    started = ended - timedelta(seconds=40)
    ring = NotedRing(
        stage="urgent",
        number="7020",
        channel_id="fb-1772424000.5-leg-7020-1",
        started=started,
        ringing=started,
        ended=ended,
        rings=3,
        outcome=Ring.NO_ANSWER,
    )
    fields = {
        "uniqueid": "1772424000.5",
        "line": "8000",
        "caller": "13800138000",
        "language": "zh",
        "started": started,
        "answered": started,
        "ended": ended,
        "ended_by": EndedBy.SYSTEM,
        "reason": "completed",
        "mode": "fallback",
        "kind": TicketKind.URGENT_REPAIR,
        "menu_path": "urgent",
        "rings": [ring],
    }
    note = SpoolNote.model_validate(fields | known)
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


def test_a_talk_without_the_store_is_filed_as_a_talk_and_no_call_back_is_owed(scope: Scope) -> None:
    ended = scope.clock.now()
    talk = NotedTalk(
        number="7020",
        channel_id="fb-1772424000.5-leg-7020-1",
        started=ended - timedelta(seconds=6),
        ended=ended,
        by=EndedBy.AGENT,
    )
    kept(scope, talk=talk)
    assert spooled_messages(scope) == 1
    found = filed(scope)
    assert (found.recordings[0].kind, found.tasks) == (RecordingKind.TALK, [])
    assert found.tickets[0].first_receiver == "7020"
    record = scope.store.read(calls.record, found.calls[0].id)
    assert record is not None
    assert (record.talked_seconds, record.talks[0].staff_number) == (6, "7020")


def test_rows_committed_before_the_store_or_the_process_went_away_are_not_written_again(
    scope: Scope, begin_call: Callable[..., Call], policy: Policy
) -> None:
    note = kept(scope)
    call = begin_call(note.uniqueid)
    ticket = scope.store.write(
        tickets.open, kind=TicketKind.URGENT_REPAIR, call_id=call.id, at=note.started, policy=policy
    )
    ring = note.rings[0]
    scope.store.write(
        calls.begin_ring,
        call_id=call.id,
        ticket_id=ticket.id,
        stage="urgent",
        staff_number="7020",
        phone="7020",
        channel_id=ring.channel_id,
        at=ring.started,
    )
    assert spooled_messages(scope) == 1
    found = filed(scope)
    assert [len(rows) for rows in (found.calls, found.tickets, found.recordings, found.tasks)] == [1, 1, 1, 1]
    assert [(one.staff_number, one.outcome) for one in ring_rows(scope)] == [("7020", "no-answer")]


def test_a_call_written_to_its_end_owes_no_call_back_when_only_the_dialplan_was_not_informed(
    scope: Scope, begin_call: Callable[..., Call]
) -> None:
    call = begin_call("1772424000.5")
    scope.store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=scope.clock.now())
    drop(scope, said=None)
    assert spooled_messages(scope) == 0
    found = filed(scope)
    assert (len(found.calls), found.tickets, found.recordings, found.tasks) == (1, [], [], [])
    assert list(scope.home.message_spool.iterdir()) == []


def test_the_notes_of_a_fallback_that_died_and_of_the_dialplan_after_it_are_one_call(scope: Scope) -> None:
    kept(scope, said=None, ended=None)
    drop(scope)
    assert spooled_messages(scope) == 1
    found = filed(scope)
    assert (found.calls[0].ended_by, found.tickets[0].kind) == (EndedBy.CALLER, TicketKind.URGENT_REPAIR)
    assert [len(rows) for rows in (found.calls, found.tickets, found.recordings, found.tasks)] == [1, 1, 1, 1]
    assert list(scope.home.message_spool.iterdir()) == []


def test_the_note_of_a_fallback_that_died_during_a_talk_waits_as_long_as_a_call_may_last(scope: Scope) -> None:
    note = kept(scope, said=None, ended=None)
    note.rings[0].outcome = None
    spool.keep(scope.home, note)
    written(scope.home.message_spool / f"{note.uniqueid}.json", scope.clock.now())
    later(scope, minutes=119)
    assert spooled_messages(scope) == 0
    later(scope, minutes=4)
    assert spooled_messages(scope) == 1
    assert [ring.outcome for ring in ring_rows(scope)] == [Ring.CALLER_GONE]


def test_a_fallbacks_note_that_was_cut_short_still_owes_a_call_back(scope: Scope) -> None:
    (scope.home.message_spool / "1772424000.5.json").write_text('{"uniqueid": "17', encoding="utf-8")
    written(scope.home.message_spool / "1772424000.5.json", scope.clock.now())
    later(scope, minutes=10)
    assert spooled_messages(scope) == 1
    assert len(filed(scope).tasks) == 1

"""The fallback writes a call as ordinary rows or, without the store, as a note that later becomes those rows."""

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import event, func, select

from dialplan.fallback import book
from dialplan.fallback.book import Book
from dialplan.fallback.caller import Dialled, FallbackCaller
from models.calls import calls
from models.calls.calls import CallRecord
from models.database.store import Store, StoreUnavailable
from models.instance.home import Home
from models.people import people
from models.people.owners_file import OwnerRow
from models.policy import Policy
from models.site import Site
from models.states.calls import CallState, EndedBy, RecordingKind, RecordingState, Ring
from models.states.tickets import TicketKind
from models.tables import Call, RingRow, Task
from models.tickets import tickets
from scheduler.scans.spooled_messages import spooled_messages
from scheduler.scope import Scope
from tests.store.conftest import HeldClock
from tests.store.sounds import speech, wav

pytestmark = pytest.mark.store

NUMBER = "13800138000"


@dataclass
class FakeLine:
    """The caller's line, as far as the book reads it."""

    uniqueid: str = "1772424000.5"
    line: str = "8000"
    number: str = NUMBER
    language: str = "zh"


@pytest.fixture
def scope(scope: Scope, url: str) -> Scope:
    """A scope whose site file names the database of the test."""
    database = scope.site.database.model_copy(update={"url": url})
    return Scope(
        scope.home, scope.site.model_copy(update={"database": database}), scope.policy, scope.store, scope.clock
    )


def opened(scope: Scope) -> Book:
    return Book(scope.home, scope.site, scope.policy, scope.clock, cast(FallbackCaller, FakeLine()))


@pytest.fixture
def one(scope: Scope) -> Iterator[Book]:
    one = opened(scope)
    yield one
    one.close()


def whole_call(one: Book, home: Home, clock: HeldClock) -> None:
    """An urgent repair: two phones ring, nobody answers, the caller leaves a message of six seconds."""
    one.begin()
    one.answered()
    one.open(TicketKind.URGENT_REPAIR, "urgent")
    place = one.reserve(RecordingKind.TALK)
    one.ringing("urgent", ["7020", "7030"])
    clock.forward(seconds=45)
    assert not one.rung(Dialled("NOANSWER", "", 0.5, 0.0, False))
    one.not_needed(place)
    place = one.reserve(RecordingKind.MESSAGE)
    wav(home.asterisk / "spool" / f"{place}.wav", speech(6), at=clock.now())
    clock.forward(seconds=7)
    assert one.recorded(place, silent_end=True) == 5
    one.end(EndedBy.SYSTEM, "completed", owed=False)


def record_of(scope: Scope) -> CallRecord:
    def read(session: Any) -> CallRecord | None:
        call = session.scalar(select(Call).where(Call.channel_id == "1772424000.5"))
        return calls.record(session, call.id) if call else None

    found = scope.store.read(read)
    assert found is not None
    return found


def count(scope: Scope, table: Any) -> int:
    return scope.store.read(lambda session: session.scalar(select(func.count()).select_from(table))) or 0


def test_with_the_store_a_fallback_call_is_written_as_ordinary_rows(one: Book, scope: Scope, clock: HeldClock) -> None:
    listed = OwnerRow(2, "王建国", "3", "1201", (NUMBER,))
    scope.store.write(people.import_owners, [listed], who="test", at=clock.now())
    (scope.home.message_spool / "1772424000.5.txt").write_text("uniqueid=1772424000.5\n", encoding="utf-8")
    whole_call(one, scope.home, clock)
    record = record_of(scope)
    assert (record.call.mode, record.call.menu_path, record.call.state) == ("fallback", "urgent", CallState.ENDED)
    assert record.owner is not None
    assert record.owner.name == "王建国"
    assert [(ring.phone, ring.outcome, ring.rings) for ring in record.rings] == [
        ("7020", Ring.NO_ANSWER, 9),
        ("7030", Ring.NO_ANSWER, 9),
    ]
    (recording,) = record.recordings
    assert (recording.kind, recording.state, recording.expected_seconds) == ("message", RecordingState.RECORDED, 5)
    assert one.ticket is not None
    ticket = scope.store.read(tickets.get, one.ticket.id)
    assert ticket is not None
    assert (ticket.ticket.kind, ticket.ticket.owner_id) == (TicketKind.URGENT_REPAIR, record.owner.id)
    assert count(scope, Task) == 0
    assert list(scope.home.message_spool.iterdir()) == []


def test_a_talk_is_of_the_colleague_who_answered_and_names_who_hung_up(
    one: Book, scope: Scope, clock: HeldClock
) -> None:
    one.begin()
    one.open(TicketKind.MESSAGE, "other")
    place = one.reserve(RecordingKind.TALK)
    one.ringing("group", ["7001", "7002"])
    clock.forward(seconds=70)
    assert one.rung(Dialled("ANSWER", "7002", 1.0, 60.0, True))
    one.talk_recorded(place)
    one.end(EndedBy.CALLER, "hung up while talking", owed=False)
    record = record_of(scope)
    assert [(ring.phone, ring.outcome, ring.rings) for ring in record.rings] == [
        ("7001", Ring.TAKEN, 2),
        ("7002", Ring.CONNECTED, 2),
    ]
    assert (record.talked_seconds, record.talks[0].ended_by) == (60, EndedBy.CALLER)
    assert [(one.kind, one.state) for one in record.recordings] == [("talk", RecordingState.RECORDED)]


def test_a_call_taken_over_from_a_broken_application_keeps_its_row_and_its_ticket(
    one: Book, scope: Scope, clock: HeldClock
) -> None:
    call = scope.store.write(
        calls.begin, channel_id="1772424000.5", line="8000", caller_number=NUMBER, language="zh", at=clock.now()
    )
    ticket = scope.store.write(
        tickets.open, kind=TicketKind.COMPLAINT, call_id=call.id, at=clock.now(), policy=scope.policy
    )
    one.begin()
    assert one.ticket is not None
    assert (one.ticket.id, one.note.kind, count(scope, Call)) == (ticket.id, TicketKind.COMPLAINT, 1)


@pytest.mark.parametrize("after", ["begin", "open", "ringing", "reserve", "recorded"])
def test_a_store_that_goes_away_at_any_moment_loses_nothing_of_the_call(
    one: Book, scope: Scope, clock: HeldClock, after: str
) -> None:
    """The rows written before, and the note, become one call when the store is back."""
    verb = getattr(one, after)

    def then_gone(*args: Any, **kwargs: Any) -> Any:
        result = verb(*args, **kwargs)
        if one._store is not None:
            one._store.close()
            one._store = Store("postgresql://nobody@127.0.0.1:9/gone", patience_s=0)
        return result

    setattr(one, after, then_gone)
    whole_call(one, scope.home, clock)
    assert [path.name for path in scope.home.message_spool.glob("*.json")] == ["1772424000.5.json"]
    clock.forward(seconds=30)
    assert spooled_messages(scope) == 1
    record = record_of(scope)
    assert (record.call.state, record.call.mode) == (CallState.ENDED, "fallback")
    assert [(ring.phone, ring.outcome) for ring in record.rings] == [("7020", Ring.NO_ANSWER), ("7030", Ring.NO_ANSWER)]
    assert count(scope, Call) == count(scope, Task) == 1
    assert count(scope, RingRow) == 2
    files = {path.stem for path in scope.home.recording_spool.iterdir()}
    assert files <= {recording.name for recording in record.recordings}
    assert len(files) == 1
    assert list(scope.home.message_spool.iterdir()) == []


# --- failures of SQLite only ---


@pytest.fixture
def at_home(tmp_path: Path, sqlite_with_schema: Path, site: Site, policy: Policy, clock: HeldClock) -> Scope:
    """An instance that keeps its database in its home."""
    home = Home(tmp_path / "own")
    home.create_missing()
    shutil.copyfile(sqlite_with_schema, home.path / "hotline.db")
    return Scope(home, site, policy, Store(home.database_url(site)), clock)


class Full(Store):
    """A full disk: no page can be added to the file, and its pages are full."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
        fields = {"line": "8000", "caller_number": None, "language": "zh", "at": datetime(2026, 1, 1, tzinfo=UTC)}
        for length in (150, 20, 5):
            with contextlib.suppress(StoreUnavailable):
                for number in range(10_000):
                    self.write(calls.begin, channel_id=f"{number:0{length}}", **fields)


def is_filed_once(scope: Scope, clock: HeldClock) -> None:
    clock.forward(seconds=30)
    assert spooled_messages(scope) == 1
    assert spooled_messages(scope) == 0
    record = record_of(scope)
    assert (record.call.mode, count(scope, Task)) == ("fallback", 1)
    assert record.recordings[0].kind is RecordingKind.SPOOL


def test_a_locked_store_delays_a_caller_for_seconds_only(at_home: Scope, clock: HeldClock) -> None:
    holder = sqlite3.connect(at_home.home.path / "hotline.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    whole_call(opened(at_home), at_home.home, clock)
    assert time.monotonic() - began < 2 * book.PATIENCE_S + 1
    holder.close()
    is_filed_once(at_home, clock)


def test_a_database_file_that_was_moved_away_is_not_replaced_by_an_empty_one(at_home: Scope, clock: HeldClock) -> None:
    file = at_home.home.path / "hotline.db"
    away = file.with_name("moved.db")
    file.rename(away)
    whole_call(opened(at_home), at_home.home, clock)
    assert not file.exists()
    away.rename(file)
    is_filed_once(at_home, clock)


def test_with_a_full_disk_the_call_is_kept_as_a_note(
    at_home: Scope, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(book, "Store", Full)
        whole_call(opened(at_home), at_home.home, clock)
    is_filed_once(at_home, clock)


def test_with_a_file_that_is_no_database_the_call_is_kept_as_a_note(at_home: Scope, clock: HeldClock) -> None:
    file = at_home.home.path / "hotline.db"
    whole = file.read_bytes()
    at_home.store.close()
    file.write_bytes(b"x" * 8192)
    whole_call(opened(at_home), at_home.home, clock)
    file.write_bytes(whole)
    is_filed_once(at_home, clock)

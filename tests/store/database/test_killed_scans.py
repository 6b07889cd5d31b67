"""A scan killed at any step leaves nothing half-written, and the next scan does the rest."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.calls import calls, recordings
from models.states.calls import EndedBy, RecordingState
from models.states.tickets import LadderCause, Source, TicketKind
from models.tables import Appointment, Call, CallToMake, Escalation, Recording, Task, Ticket
from models.tickets import appointments, call_backs, intake
from models.tickets.intake import Facts
from recordings import audio, files
from scheduler.scope import Scope
from tests.store.calls.recorded import Switch
from tests.store.calls.test_retention import keep
from tests.store.calls.test_spooled_messages import drop
from tests.store.killed import scan_until_killed
from tests.store.processes import ready

pytestmark = pytest.mark.store

NAMES = ("one", "two")
LAPSED = timedelta(minutes=11)
"""By then the lease of a killed scan has ended."""


@pytest.fixture
def kills(url: str, scope: Scope) -> Callable[[str], Iterator[int]]:
    def killed_at(scan: str) -> Iterator[int]:
        """Kills the scan at its first step, the next one at its second, and so on, until one finishes."""
        for step in range(1, 100):
            scope.clock.forward(seconds=LAPSED.total_seconds())  # type: ignore[attr-defined]
            arguments = (url, scope.home.path, scope.clock.now(), scan, step)
            process = ready().Process(target=scan_until_killed, args=arguments)
            process.start()
            process.join(60)
            yield step
            if process.exitcode == 0:
                return
            assert process.exitcode == -9

    return killed_at


def rows(scope: Scope) -> dict[str, Recording]:
    found = scope.store.read(lambda session: session.scalars(select(Recording)).all())
    return {row.name: row for row in found}


def test_a_scan_killed_while_storing_recordings_loses_none_and_stores_each_once(
    kills: Callable[[str], Iterator[int]], scope: Scope, begin_call: Callable[..., Call]
) -> None:
    switch = Switch(scope, begin_call)
    for name in NAMES:
        switch.talk(name, said=2, lasts=2)
    last, whole = 0, set[Path]()
    for step in kills("finished_recordings"):
        last = step
        for name, row in rows(scope).items():
            if row.state is RecordingState.RECORDED:
                assert switch.file(name).exists(), "nothing is lost"
            else:
                assert row.path is not None
                assert (scope.home.path / row.path).exists()
        for file in set(scope.home.recordings.glob("*/*/[!.]*")) - whole:
            whole.add(file)
            assert audio.stored_seconds(file) == pytest.approx(2, abs=0.2), "a file with its final name is whole"
    assert last > 10, "it was killed at every step"
    assert [(row.state, row.tries) for row in rows(scope).values()] == [(RecordingState.KEPT, 0)] * 2
    assert list(scope.home.recording_spool.iterdir()) == []
    stored = [path for path in scope.home.recordings.rglob("*") if path.is_file()]
    assert sorted(path.name for path in stored) == ["one.opus", "two.opus"]


def test_a_scan_killed_while_filing_messages_files_each_whole_and_once(
    kills: Callable[[str], Iterator[int]], scope: Scope
) -> None:
    def counted(session: Session) -> set[int | None]:
        return {session.scalar(select(func.count()).select_from(table)) for table in (Call, Ticket, Recording, Task)}

    notes = [drop(scope, f"1.{number}", caller=f"1380000000{number}") for number in range(3)]
    last = 0
    for step in kills("spooled_messages"):
        last = step
        assert len(scope.store.read(counted)) == 1, "a message is filed as a whole"
        for note in notes:
            name = f"spool-{note.stem}"
            if not note.exists():
                assert files.original(scope.home, name).exists()
                assert scope.store.read(recordings.by_name, name) is not None
    assert last >= 4, "it was killed at every step"
    assert scope.store.read(counted) == {3}
    tasks = scope.store.read(lambda session: session.scalars(select(Task)).all())
    assert [task.times for task in tasks] == [1, 1, 1]
    assert [recording.expected_seconds for recording in rows(scope).values()] == [6, 6, 6]
    assert list(scope.home.message_spool.iterdir()) == []


def test_a_scan_killed_while_requesting_call_backs_requests_each_once(
    kills: Callable[[str], Iterator[int]], scope: Scope, begin_call: Callable[..., Call]
) -> None:
    """R17-1."""
    rules = {"site": scope.site, "policy": scope.policy, "at": scope.clock.now()}
    for number in ("13800138001", "13800138002"):
        call = begin_call(number, caller_number=number)
        scope.store.write(calls.end, call.id, by=EndedBy.CALLER, reason="hung up", at=scope.clock.now())
        scope.store.write(call_backs.owe, call.id, "hung up", **rules)
    steps = list(kills("call_backs"))
    assert steps[-1] > 2, "it was killed at every step"
    asked = scope.store.read(lambda session: session.scalars(select(CallToMake.number)).all())
    assert sorted(number or "" for number in asked) == ["13800138001", "13800138002"]


def test_a_scan_killed_while_removing_old_recordings_removes_file_and_row(
    kills: Callable[[str], Iterator[int]], scope: Scope
) -> None:
    kept = {name: keep(scope, name, days=0) for name in NAMES}
    last = 0
    for step in kills("retention"):
        last = step
        for name, row in rows(scope).items():
            if row.state is RecordingState.REMOVED:
                assert not kept[name].exists(), "the file of a removed recording is gone"
    assert last >= 4, "it was killed at every step"
    assert {row.state for row in rows(scope).values()} == {RecordingState.REMOVED}


def test_a_scan_killed_while_it_begins_the_calls_about_new_tickets_begins_each_once(
    kills: Callable[[str], Iterator[int]], scope: Scope
) -> None:
    """R10-1: neither lost nor doubled."""
    for problem in ("noise", "smell"):
        scope.store.write(
            intake.new,
            kind=TicketKind.COMPLAINT,
            source=Source.WEB,
            facts=Facts(problem=problem),
            who="api:web",
            at=scope.clock.now(),
            policy=scope.policy,
            language="zh",
        )

    def begun(session: Session) -> dict[int, bool]:
        tickets, ladders = session.scalars(select(Ticket)).all(), session.scalars(select(Escalation.ticket_id)).all()
        assert len(ladders) == len(set(ladders))
        return {ticket.id: ticket.id in ladders for ticket in tickets if ticket.notify_at is None}

    last = 0
    for step in kills("notices"):
        last = step
        assert all(scope.store.read(begun).values()), "a ticket is either still to be notified of, or is being"
    assert last > 2, "it was killed at every step"
    assert scope.store.read(begun) == {1: True, 2: True}


def test_a_scan_killed_over_missed_appointments_calls_the_lead_and_owes_the_customer_a_call_once_each(
    kills: Callable[[str], Iterator[int]], scope: Scope
) -> None:
    """R10-3."""
    now, rules = scope.clock.now(), {"who": "7001", "policy": scope.policy}
    for number in ("13800138001", "13800138002"):
        facts = Facts(problem="no water", contact_number=number)
        told = {"kind": TicketKind.REPAIR, "source": Source.VISIT, "facts": facts, "language": "zh"}
        ticket = scope.store.write(intake.new, at=now, **told, **rules)
        scope.store.write(appointments.make, ticket.id, due_at=now + timedelta(minutes=1), at=now, **rules)
    scope.clock.forward(minutes=5)  # type: ignore[attr-defined]

    def begun(session: Session) -> list[bool]:
        missed = session.scalars(select(Appointment.ticket_id).where(Appointment.missed_at.is_not(None))).all()
        owed = session.scalars(select(Task.ticket_id)).all()
        of_missed = Escalation.cause == LadderCause.MISSED
        ladders = session.scalars(select(Escalation.ticket_id).where(of_missed)).all()
        assert sorted(ladders) == sorted(missed) == sorted(one for one in owed if one)
        return [True for _ in missed]

    steps = []
    for step in kills("appointments"):
        steps.append(step)
        scope.store.read(begun)
    assert steps[-1] > 2, "it was killed at every step"
    assert scope.store.read(begun) == [True, True]

"""Due rows are handled one by one: a failing row delays no other, and two schedulers handle none twice."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import pushed_back
from models.database.paging import Mark
from models.states.tickets import TaskKind, TaskState
from models.tables import Task
from models.tickets import tasks
from scheduler import rows
from scheduler.rows import each
from scheduler.scope import Scope

pytestmark = pytest.mark.store


def owe(scope: Scope, count: int) -> None:
    """Opens `count` call-backs, all of them due."""
    now = scope.clock.now()

    def write(session: Session) -> None:
        for number in range(count):
            tasks.open(
                session,
                kind=TaskKind.CALL_BACK,
                number=f"138{number:08}",
                call_id=None,
                ticket_id=None,
                owner_group="agents",
                at=now,
                due_at=now - timedelta(minutes=number % 60),
                note="",
            )

    scope.store.write(write)


def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
    query = select(Task.due_at, Task.id).where(Task.state == TaskState.OPEN).order_by(Task.due_at, Task.id)
    if after is not None:
        query = query.where((Task.due_at > after.at) | ((Task.due_at == after.at) & (Task.id > after.id)))
    return [Mark(*row) for row in session.execute(query.limit(limit))]


def close(session: Session, row_id: int) -> bool:
    task = session.get_one(Task, row_id, with_for_update=True)
    if task.state is TaskState.CLOSED:
        return False
    task.state, task.times = TaskState.CLOSED, task.times + 1
    return True


def left(scope: Scope) -> list[int]:
    return scope.store.read(lambda s: list(s.scalars(select(Task.id).where(Task.state == TaskState.OPEN))))


def test_rows_behind_a_failing_one_are_handled_and_it_is_retried_at_growing_pauses(scope: Scope) -> None:
    owe(scope, 8)
    poison, tries = left(scope)[-1], 0

    def fail(session: Session, row_id: int) -> bool:
        nonlocal tries
        if row_id == poison:
            tries += 1
            close(session, row_id)
            raise ValueError("a row nobody had thought of")
        return close(session, row_id)

    assert each(scope, "test", due, fail) == 7
    assert left(scope) == [poison], "its changes are rolled back"
    assert each(scope, "test", due, fail) == 0
    assert tries == 1, "pushed back"
    for minutes, expected in ((1, 2), (1, 2), (2, 3)):
        scope.clock.forward(minutes=minutes, seconds=-1)  # type: ignore[attr-defined]
        each(scope, "test", due, fail)
        assert tries == expected
    (row,) = scope.store.read(pushed_back.longest, limit=5)
    assert (row.row_id, row.tries, row.error) == (poison, 3, "ValueError: a row nobody had thought of")
    scope.clock.forward(hours=1)  # type: ignore[attr-defined]
    assert each(scope, "test", due, close) == 1
    assert scope.store.read(pushed_back.longest, limit=5) == [], "forgotten once the row is handled"


def test_more_than_one_page_is_handled_in_one_scan(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PAGE", 3)
    owe(scope, 11)
    assert each(scope, "test", due, close) == 11
    assert left(scope) == []


def test_two_schedulers_share_the_work_and_do_nothing_twice(scope: Scope) -> None:
    owe(scope, 300)
    done: list[int] = []
    workers = [threading.Thread(target=lambda: done.append(each(scope, "test", due, close))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(done) == 300
    times: list[Any] = scope.store.read(lambda session: list(session.scalars(select(Task.times))))
    assert times == [2] * 300


def test_a_scan_that_must_stop_stops_after_the_current_row(scope: Scope) -> None:
    owe(scope, 5)

    def stop(session: Session, row_id: int) -> bool:
        scope.stopping.set()
        return close(session, row_id)

    assert each(scope, "test", due, stop) == 1
    assert len(left(scope)) == 4

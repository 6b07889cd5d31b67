"""A caller who is owed a call back is one task, however often the caller called (R17-1)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.database.store import Store
from models.states.tickets import TaskKind, TaskState
from models.tables import Call, Task
from models.tickets import tasks

pytestmark = pytest.mark.store


@pytest.fixture
def owe(store: Store, noon: datetime) -> Callable[..., Task]:
    def make(call: Call | None, number: str | None, *, minutes: int = 0, note: str = "") -> Task:
        at = noon + timedelta(minutes=minutes)
        return store.write(
            tasks.open,
            kind=TaskKind.CALL_BACK,
            number=number,
            call_id=call.id if call else None,
            ticket_id=None,
            owner_group="agents",
            at=at,
            due_at=at + timedelta(minutes=30),
            note=note,
        )

    return make


def test_a_caller_who_calls_again_is_one_call_back_with_the_first_deadline(
    store: Store, begin_call: Callable[..., Call], owe: Callable[..., Task], noon: datetime
) -> None:
    first = owe(begin_call("c1"), "13800138000", note="nobody answered")
    newest = begin_call("c2")
    again = owe(newest, "+86 138 0013 8000", minutes=10, note="nobody answered again")
    assert (again.id, again.times, again.call_id) == (first.id, 2, newest.id)
    (pending,) = store.read(tasks.pending, limit=9)
    assert pending.due_at == noon + timedelta(minutes=30)
    assert pending.note == "nobody answered\nnobody answered again"


def test_the_same_call_filed_twice_is_not_a_second_request(
    begin_call: Callable[..., Call], owe: Callable[..., Task]
) -> None:
    call = begin_call()
    owe(call, "13800138000")
    assert owe(call, "13800138000").times == 1


def test_callers_with_withheld_numbers_are_separate_call_backs(
    store: Store, begin_call: Callable[..., Call], owe: Callable[..., Task]
) -> None:
    one, two = begin_call("c1", caller_number=None), begin_call("c2", caller_number=None)
    tasks_made = {owe(one, None).id, owe(two, "anonymous").id, owe(one, None).id}
    assert len(tasks_made) == 2
    assert len(store.read(tasks.pending, limit=9)) == 2


def test_after_a_call_back_is_done_the_next_request_is_a_new_task(
    store: Store, begin_call: Callable[..., Call], owe: Callable[..., Task], noon: datetime
) -> None:
    task = owe(begin_call("c1"), "13800138000", note="missed")
    assert store.write(tasks.close, task.id, at=noon, note="called, settled")
    assert not store.write(tasks.close, task.id, at=noon)
    assert not store.write(tasks.close, 4711, at=noon)
    closed = store.read(lambda session: session.get_one(Task, task.id))
    assert (closed.state, closed.closed_at, closed.note) == (TaskState.CLOSED, noon, "missed\ncalled, settled")
    assert owe(begin_call("c2"), "13800138000").id != task.id


def test_a_talk_settles_earlier_call_backs_of_its_number_only(
    store: Store, begin_call: Callable[..., Call], owe: Callable[..., Task], noon: datetime
) -> None:
    owed = owe(begin_call("c1"), "13800138000")
    other = owe(begin_call("c2"), "13800138001")
    hidden = owe(begin_call("c3", caller_number=None), None)

    def talked(number: str | None, minutes: int) -> int:
        at = noon + timedelta(minutes=minutes)
        return store.write(tasks.reached, number, before=at, at=at, note="talked with: 7001")

    assert talked("+86 138 0013 8000", -5) == 0, "a talk that began before the missed call"
    assert talked(None, 5) == 0
    assert talked("+86 138 0013 8000", 5) == 1
    assert [task.id for task in store.read(tasks.pending, limit=9)] == [other.id, hidden.id]
    closed = store.read(lambda session: session.get_one(Task, owed.id))
    assert (closed.state, closed.note) == (TaskState.CLOSED, "talked with: 7001")


def test_the_most_urgent_task_is_listed_first(
    store: Store, begin_call: Callable[..., Call], owe: Callable[..., Task], noon: datetime
) -> None:
    late = owe(begin_call("c1"), "13800000001", minutes=20)
    early = owe(begin_call("c2"), "13800000002")
    assert [task.id for task in store.read(tasks.pending, limit=9)] == [early.id, late.id]
    assert [task.id for task in store.read(tasks.pending, limit=1)] == [early.id]


def test_several_processes_that_file_one_caller_at_once_make_one_task(
    store: Store, begin_call: Callable[..., Call], owe: Callable[..., Task]
) -> None:
    calls_made = [begin_call(f"c{number}") for number in range(4)]
    barrier = threading.Barrier(4)
    made: list[Any] = []

    def file(call: Call) -> None:
        barrier.wait()
        made.append(owe(call, "13800138000").id)

    threads = [threading.Thread(target=file, args=(call,)) for call in calls_made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (task,) = store.read(tasks.pending, limit=9)
    assert set(made) == {task.id}
    assert task.times == 4

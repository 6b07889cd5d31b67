"""One process has a call to make at a time; what it claimed and did not finish is due again (R17-1)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models import calls_to_make, tasks
from models.calls_to_make import Claim
from models.states import AttemptOutcome, TaskKind, ToMake
from models.store import Store
from models.tables import Call, CallToMake, Task

pytestmark = pytest.mark.store

LEASE = timedelta(minutes=2)


@pytest.fixture
def task(store: Store, begin_call: Callable[..., Call], noon: datetime) -> Task:
    return store.write(
        tasks.open, kind=TaskKind.CALL_BACK, number="13800138000", call_id=begin_call().id, ticket_id=None,
        owner_group="agents", at=noon, due_at=noon + timedelta(minutes=30),
    )  # fmt: skip


@pytest.fixture
def asked(store: Store, task: Task, noon: datetime) -> CallToMake:
    return store.write(calls_to_make.ask, task.id, staff_number=None, by="test", at=noon)


def claim(store: Store, at: datetime, by: str = "one") -> Claim | None:
    return store.write(calls_to_make.claim, by=by, at=at, until=at + LEASE)


def outcomes(store: Store, asked: CallToMake) -> list[AttemptOutcome | None]:
    return [attempt.outcome for attempt in store.read(calls_to_make.progress, asked.id)[1]]


def test_what_is_claimed_is_nobody_elses_until_its_lease_is_over(
    store: Store, asked: CallToMake, noon: datetime
) -> None:
    first = claim(store, noon)
    assert first is not None
    assert (first.name, first.line, first.number) == (f"c2m-{asked.id}-1", "8000", "13800138000")
    assert claim(store, noon + LEASE / 2, "two") is None
    again = claim(store, noon + LEASE, "two")
    assert again is not None
    assert again.name == f"c2m-{asked.id}-2"
    assert outcomes(store, asked) == [AttemptOutcome.INTERRUPTED, None]


def test_whoever_was_thought_dead_moves_nothing_any_more(store: Store, asked: CallToMake, noon: datetime) -> None:
    dead, living = claim(store, noon), claim(store, noon + LEASE)
    assert dead is not None
    assert living is not None
    at = noon + LEASE
    assert not store.write(calls_to_make.move, dead, to=ToMake.DIALLING, at=at, until=at + LEASE)
    assert store.write(calls_to_make.move, living, to=ToMake.DIALLING, at=at, until=at + LEASE, staff_number="7001")
    assert store.write(calls_to_make.move, living, to=ToMake.NOT_REACHED, at=at, outcome=AttemptOutcome.BUSY)
    assert outcomes(store, asked) == [AttemptOutcome.INTERRUPTED, AttemptOutcome.BUSY]
    assert claim(store, at + LEASE * 9) is None


def test_no_step_is_left_out(store: Store, asked: CallToMake, noon: datetime) -> None:
    mine = claim(store, noon)
    assert mine is not None
    outcome = AttemptOutcome.CONNECTED
    assert not store.write(calls_to_make.move, mine, to=ToMake.CONNECTED, at=noon, outcome=outcome)
    assert store.read(calls_to_make.progress, asked.id)[0].state is ToMake.CLAIMED


def test_after_the_end_the_task_can_be_asked_for_again(
    store: Store, task: Task, asked: CallToMake, noon: datetime
) -> None:
    mine = claim(store, noon)
    store.write(calls_to_make.move, mine, to=ToMake.NO_AGENT, at=noon, outcome=AttemptOutcome.NO_AGENT)
    again = store.write(calls_to_make.ask, task.id, staff_number="7001", by="test", at=noon)
    assert (again.id != asked.id, again.staff_number) == (True, "7001")
    assert store.read(calls_to_make.tries, [task.id]) == {task.id: [AttemptOutcome.NO_AGENT]}


def test_of_many_who_claim_at_once_one_has_it(store: Store, asked: CallToMake, noon: datetime) -> None:
    barrier, claimed = threading.Barrier(4), []

    def reach_for_it(name: str) -> None:
        barrier.wait()
        claimed.append(claim(store, noon, name))

    threads = [threading.Thread(target=reach_for_it, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.fence for one in claimed if one] == [1]
    assert outcomes(store, asked) == [None]


def test_of_many_who_ask_for_one_task_at_once_one_call_is_made(store: Store, task: Task, noon: datetime) -> None:
    barrier = threading.Barrier(4)
    made: list[Any] = []

    def ask() -> None:
        barrier.wait()
        made.append(store.write(calls_to_make.ask, task.id, staff_number=None, by="test", at=noon).id)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1

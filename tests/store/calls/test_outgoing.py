"""One process at a time has a call to make; a call claimed and not finished is due again (R17-1)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.calls import outgoing
from models.calls.outgoing import CannotCall, Claim
from models.database.store import Store
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site
from models.states.calls import AttemptOutcome, Priority, Purpose, ToMake
from models.states.tickets import TaskKind
from models.tables import Call, CallToMake, Task
from models.tickets import tasks

pytestmark = pytest.mark.store

LEASE = timedelta(minutes=2)
SITE = Site.load(PROJECT_ROOT / "site.example.toml")
RULES: dict[str, Any] = {"site": SITE, "policy": Policy.load(PROJECT_ROOT / "policy.toml", SITE)}


@pytest.fixture
def task(store: Store, begin_call: Callable[..., Call], noon: datetime) -> Task:
    return store.write(
        tasks.open,
        kind=TaskKind.CALL_BACK,
        number="13800138000",
        call_id=begin_call().id,
        ticket_id=None,
        owner_group="agents",
        at=noon,
        due_at=noon + timedelta(minutes=30),
    )


@pytest.fixture
def asked(store: Store, task: Task, noon: datetime) -> CallToMake:
    return store.write(outgoing.ask_back, task.id, staff_number=None, by="test", at=noon, **RULES)


def claim(store: Store, at: datetime, by: str = "one") -> Claim | None:
    return store.write(outgoing.claim, by=by, at=at, until=at + LEASE)


def outcomes(store: Store, asked: CallToMake) -> list[AttemptOutcome | None]:
    return [attempt.outcome for attempt in store.read(outgoing.progress, asked.id)[1]]


def test_a_claimed_call_is_not_claimed_by_another_until_its_lease_ends(
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


def test_a_call_still_being_made_is_not_claimed_again_by_its_own_process(
    store: Store, asked: CallToMake, noon: datetime
) -> None:
    first = claim(store, noon)
    assert first is not None
    own = {"by": "one", "at": noon + LEASE, "until": noon + 2 * LEASE, "except_ids": {asked.id}}
    assert not store.read(outgoing.any_due, at=noon + LEASE, except_ids={asked.id})
    assert store.write(outgoing.claim, **own) is None
    store.write(outgoing.keep, [first], until=noon + 2 * LEASE)
    assert claim(store, noon + LEASE, "two") is None
    assert store.write(outgoing.move, first, to=ToMake.NO_AGENT, at=noon, outcome=AttemptOutcome.NO_AGENT)
    store.write(outgoing.keep, [first], until=noon + 3 * LEASE)
    assert store.read(outgoing.progress, asked.id)[0].leased_until is None


def test_a_process_whose_lease_ended_can_no_longer_move_the_call(
    store: Store, asked: CallToMake, noon: datetime
) -> None:
    dead, living = claim(store, noon), claim(store, noon + LEASE)
    assert dead is not None
    assert living is not None
    at = noon + LEASE
    assert not store.write(outgoing.move, dead, to=ToMake.DIALLING, at=at, until=at + LEASE)
    assert store.write(outgoing.move, living, to=ToMake.DIALLING, at=at, until=at + LEASE, staff_number="7001")
    assert store.write(outgoing.move, living, to=ToMake.NOT_REACHED, at=at, outcome=AttemptOutcome.BUSY)
    assert outcomes(store, asked) == [AttemptOutcome.INTERRUPTED, AttemptOutcome.BUSY]
    assert claim(store, at + LEASE * 9) is None


def test_no_state_of_a_call_to_make_can_be_skipped(store: Store, asked: CallToMake, noon: datetime) -> None:
    mine = claim(store, noon)
    assert mine is not None
    outcome = AttemptOutcome.CONNECTED
    assert not store.write(outgoing.move, mine, to=ToMake.CONNECTED, at=noon, outcome=outcome)
    assert store.read(outgoing.progress, asked.id)[0].state is ToMake.CLAIMED


def test_after_its_call_ended_a_task_can_be_called_again(
    store: Store, task: Task, asked: CallToMake, noon: datetime
) -> None:
    mine = claim(store, noon)
    store.write(outgoing.move, mine, to=ToMake.NO_AGENT, at=noon, outcome=AttemptOutcome.NO_AGENT)
    again = store.write(outgoing.ask_back, task.id, staff_number="7001", by="test", at=noon, **RULES)
    assert (again.id != asked.id, again.extension) == (True, "7001")
    assert store.read(outgoing.tries, [task.id]) == {task.id: [AttemptOutcome.NO_AGENT]}


def test_of_many_processes_that_claim_at_once_one_has_the_call(store: Store, asked: CallToMake, noon: datetime) -> None:
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


def test_when_many_ask_for_one_task_at_once_one_call_is_made(store: Store, task: Task, noon: datetime) -> None:
    barrier = threading.Barrier(4)
    made: list[Any] = []

    def ask() -> None:
        barrier.wait()
        made.append(store.write(outgoing.ask_back, task.id, staff_number=None, by="test", at=noon, **RULES).id)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1


# -- several purposes -------------------------------------------------------------------------------------------------


def remind(store: Store, subject: int, due_at: datetime, priority: Priority = Priority.ORDINARY) -> CallToMake:
    return store.write(
        outgoing.ask,
        Purpose.REMINDER,
        subject,
        extension="7020",
        due_at=due_at,
        priority=priority,
        by="test",
        at=due_at,
    )


def test_a_colleague_is_rung_by_staff_number_and_not_before_the_call_is_due(store: Store, noon: datetime) -> None:
    due_at = noon + timedelta(hours=1)
    asked = remind(store, 7, due_at)
    assert not store.read(outgoing.any_due, at=due_at - timedelta(seconds=1))
    assert claim(store, due_at - timedelta(seconds=1)) is None
    mine = claim(store, due_at)
    assert mine is not None
    assert (mine.kind, mine.subject_id, mine.task, mine.number) == (Purpose.REMINDER, 7, None, None)
    assert mine.name == f"c2m-{asked.id}-1-7020"


def test_a_customer_is_rung_over_the_trunk_and_only_at_a_number_that_can_be_called(
    store: Store, noon: datetime
) -> None:
    ask = {"due_at": noon, "by": "test", "at": noon, "line": "8000", "language": "en"}
    asked = store.write(outgoing.ask, Purpose.FOLLOW_UP, 1, number="13800138000", **ask)
    mine = claim(store, noon)
    assert mine is not None
    assert (mine.name, mine.line, mine.language) == (f"c2m-{asked.id}-1", "8000", "en")
    for number in (None, "7"):
        with pytest.raises(CannotCall, match="no number"):
            store.write(outgoing.ask, Purpose.FOLLOW_UP, 2, number=number, **ask)


def test_the_most_urgent_call_is_made_first_then_the_one_due_longest(store: Store, noon: datetime) -> None:
    later, sooner = remind(store, 1, noon + timedelta(seconds=9)), remind(store, 2, noon)
    survey, emergency = remind(store, 3, noon, Priority.LATER), remind(store, 4, noon, Priority.FIRST)
    at = noon + timedelta(minutes=1)
    order = [mine.id for _ in range(4) if (mine := claim(store, at)) is not None]
    assert order == [emergency.id, sooner.id, later.id, survey.id]


def test_at_the_limit_of_calls_only_an_emergency_is_claimed(store: Store, noon: datetime) -> None:
    remind(store, 1, noon)
    first: dict[str, Any] = {"at": noon, "among": [Priority.FIRST]}
    assert not store.read(outgoing.any_due, **first)
    assert store.write(outgoing.claim, by="one", until=noon + LEASE, **first) is None
    remind(store, 2, noon, Priority.FIRST)
    assert store.write(outgoing.claim, by="one", until=noon + LEASE, **first) is not None


def test_a_call_asked_for_twice_for_one_row_is_one_call(store: Store, noon: datetime) -> None:
    assert remind(store, 1, noon).id == remind(store, 1, noon).id != remind(store, 2, noon).id


def test_a_call_cancelled_while_it_waits_is_never_made_and_can_be_asked_for_again(store: Store, noon: datetime) -> None:
    asked = remind(store, 1, noon)
    assert store.write(outgoing.cancel, Purpose.REMINDER, 1, at=noon)
    assert claim(store, noon) is None
    assert store.read(outgoing.progress, asked.id)[0].state is ToMake.CANCELLED
    assert not store.write(outgoing.cancel, Purpose.REMINDER, 1, at=noon)
    assert remind(store, 1, noon).id != asked.id


@pytest.mark.parametrize("dialled", [False, True])
def test_a_call_cancelled_while_it_is_made_is_not_moved_any_more(store: Store, noon: datetime, dialled: bool) -> None:
    asked, other = remind(store, 1, noon), remind(store, 2, noon)
    mine, another = claim(store, noon), claim(store, noon)
    assert mine is not None
    assert another is not None
    if dialled:
        assert store.write(outgoing.move, mine, to=ToMake.DIALLING, at=noon, until=noon + LEASE)
    assert store.write(outgoing.cancel, Purpose.REMINDER, 1, at=noon)
    assert store.read(outgoing.called_off, [mine, another]) == {asked.id}
    assert not store.write(outgoing.renew, mine, until=noon + LEASE)
    for state in (ToMake.DIALLING, ToMake.CONNECTED, ToMake.NOT_REACHED):
        assert not store.write(outgoing.move, mine, to=state, at=noon, until=noon + LEASE)
    assert outcomes(store, asked) == [AttemptOutcome.CANCELLED]
    assert store.write(outgoing.renew, another, until=noon + LEASE * 2)
    assert claim(store, noon + LEASE, "two") is None
    assert claim(store, noon + LEASE * 2, "two") is not None
    assert store.read(outgoing.called_off, [another]) == {other.id}, "another process has claimed it by now"

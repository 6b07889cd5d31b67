"""An owed call back is made by itself: when, in which order, how often, and until when (R17-1)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import calls, outgoing, trunk_calls
from models.calls.outgoing import Claim
from models.people import people, presence
from models.people.owners_file import OwnerRow
from models.states.calls import AttemptOutcome, EndedBy, Priority, ToMake
from models.states.gate import Reach
from models.states.people import PresenceState
from models.states.tickets import TicketKind
from models.tables import Call, CallToMake, Staff, Task, WrapUp
from models.tickets import call_backs, due_call_backs, tasks, tickets, wrap_ups
from scheduler.scans.call_backs import call_backs as scan
from scheduler.scope import Scope

pytestmark = pytest.mark.store

OWNER, STRANGER, ANOTHER = "13900000001", "13800138000", "13800138001"
DISTANT = "01062345678"
"""In another city, and unknown."""
MINUTE = timedelta(minutes=1)


class Owing:
    """Callers who were not served, the scan, and how the calls that it requests end."""

    def __init__(self, scope: Scope, begin_call: Callable[..., Call]) -> None:
        self.scope, self.store, self.clock = scope, scope.store, scope.clock
        self.rules: dict[str, Any] = {"site": scope.site, "policy": scope.policy}
        self._begin_call = begin_call
        self._calls = 0

    def gives_up(self, number: str, kind: TicketKind | None = None) -> Task:
        self._calls += 1
        at = self.clock.now()
        call = self._begin_call(f"1700000000.{self._calls}", caller_number=number, at=at)
        if kind is not None:
            self.store.write(tickets.open, kind=kind, call_id=call.id, at=at, policy=self.scope.policy)
        end = {"by": EndedBy.CALLER, "reason": "hung up", "owed": True, "at": at, **self.rules}
        self.store.write(call_backs.end_call, call.id, **end)
        return self.task(number)

    def task(self, number: str) -> Task:
        return self.store.read(lambda s: s.scalars(select(Task).where(Task.number == number)).one())

    def rules_are(self, **values: Any) -> None:
        changed = self.scope.policy.call_back.model_copy(update=values)
        policy = self.scope.policy.model_copy(update={"call_back": changed})
        object.__setattr__(self.scope, "policy", policy)
        self.rules["policy"] = policy

    def looks(self, **later: float) -> list[str]:
        """The scan runs, so much later; returns the numbers of the calls that wait to be made."""
        self.clock.forward(**later)  # type: ignore[attr-defined]
        scan(self.scope)
        waiting = select(CallToMake.number).where(CallToMake.state == ToMake.WAITING)
        first = (CallToMake.priority.desc(), CallToMake.due_at, CallToMake.id)
        return [number or "" for number in self.store.read(lambda s: s.scalars(waiting.order_by(*first)).all())]

    def claims(self) -> Claim:
        at = self.clock.now()
        claim = self.store.write(outgoing.claim, by="test", at=at, until=at + 2 * MINUTE)
        assert claim is not None
        return claim

    def ends(self, outcome: AttemptOutcome) -> None:
        """The next call back is claimed, and ends so."""
        claim, at = self.claims(), self.clock.now()
        to = ToMake.NO_AGENT if outcome is AttemptOutcome.NO_AGENT else ToMake.NOT_REACHED
        if to is not ToMake.NO_AGENT:
            assert self.store.write(outgoing.move, claim, to=ToMake.DIALLING, at=at, until=at + MINUTE)
        assert self.store.write(due_call_backs.end, claim, to=to, outcome=outcome, at=at, **self.rules)


@pytest.fixture
def owing(scope: Scope, begin_call: Callable[..., Call]) -> Owing:
    scope.store.write(
        people.import_owners, [OwnerRow(2, "张三", "3", "1201", (OWNER,))], who="test", at=scope.clock.now()
    )
    return Owing(scope, begin_call)


def test_a_call_back_is_made_a_minute_after_the_request_without_anybody_asking(owing: Owing) -> None:
    task = owing.gives_up(OWNER)
    assert owing.looks(seconds=59) == []
    assert owing.looks(seconds=1) == [OWNER]
    assert owing.looks(seconds=5) == [OWNER], "once"
    (call,) = owing.store.read(lambda s: s.scalars(select(CallToMake)).all())
    assert (call.task_id, call.asked_by, call.extension, call.owner_group) == (task.id, "system", None, "agents")
    assert owing.clock.now() < task.due_at, "within the minutes that were promised"


def test_emergencies_are_called_first_then_the_oldest_promise_and_only_some_at_a_time(owing: Owing) -> None:
    """R08-2."""
    numbers = [f"1390000001{n}" for n in range(4)]
    for number in numbers:
        owing.gives_up(number)
        owing.clock.forward(seconds=5)  # type: ignore[attr-defined]
    owing.gives_up(STRANGER, TicketKind.URGENT_REPAIR)
    assert owing.looks(minutes=1) == [STRANGER, *numbers[:2]]
    assert owing.claims().number == STRANGER
    owing.ends(AttemptOutcome.NO_AGENT)
    assert owing.looks(seconds=5) == [numbers[1], numbers[2]]


def test_at_night_only_an_emergency_is_called_back_and_the_others_in_the_morning(owing: Owing) -> None:
    owing.clock.moment = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)  # type: ignore[attr-defined]
    owing.gives_up(OWNER)
    owing.gives_up(STRANGER, TicketKind.URGENT_REPAIR)
    assert owing.looks(minutes=1) == [STRANGER]
    owing.claims()
    eight = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert owing.task(OWNER).call_at == eight
    owing.clock.moment = eight - timedelta(seconds=1)  # type: ignore[attr-defined]
    assert owing.looks() == []
    assert owing.looks(seconds=1) == [OWNER]


def test_without_an_agent_on_duty_it_waits_and_leaves_no_row(owing: Owing) -> None:
    staff = owing.store.read(lambda s: s.scalars(select(Staff.number).where(Staff.group.is_not(None))).all())
    for number in staff:
        owing.store.write(presence.say, number, PresenceState.BREAK, at=owing.clock.now())
    owing.gives_up(OWNER)
    assert owing.looks(minutes=1) == []
    assert owing.looks(minutes=40) == []
    owing.store.write(presence.say, "7001", PresenceState.ON_DUTY, at=owing.clock.now())
    assert owing.looks(minutes=3) == [OWNER], "late, and still owed"


def test_a_customer_who_is_in_a_call_with_us_is_not_called(owing: Owing, begin_call: Callable[..., Call]) -> None:
    owing.gives_up(OWNER)
    again = begin_call("1700000009.9", caller_number=OWNER, at=owing.clock.now())
    assert owing.looks(minutes=1) == []
    owing.store.write(calls.end, again.id, by=EndedBy.CALLER, reason="hung up", at=owing.clock.now())
    assert owing.looks(minutes=3) == [OWNER]


def test_a_customer_who_is_not_reached_is_called_at_other_times_then_only_by_a_person(owing: Owing) -> None:
    owing.gives_up(OWNER)
    assert owing.looks(minutes=1) == [OWNER]
    owing.ends(AttemptOutcome.NO_ANSWER)
    for minutes, outcome in ((10, AttemptOutcome.BUSY), (60, AttemptOutcome.DECLINED), (240, AttemptOutcome.NO_ANSWER)):
        assert owing.looks(minutes=minutes - 1) == []
        assert owing.looks(minutes=1) == [OWNER]
        owing.ends(outcome)
    assert owing.task(OWNER).call_at is None
    assert owing.looks(hours=20) == []
    made = owing.store.read(outgoing.tries, [owing.task(OWNER).id])
    assert len(made[owing.task(OWNER).id]) == 4, "every attempt is a row"


def test_a_second_request_of_the_customer_begins_anew(owing: Owing) -> None:
    owing.rules_are(again_minutes=[])
    owing.gives_up(OWNER)
    owing.looks(minutes=1)
    owing.ends(AttemptOutcome.NO_ANSWER)
    assert owing.looks(hours=1) == []
    assert owing.gives_up(OWNER).times == 2
    assert owing.looks(minutes=1) == [OWNER]


def test_without_an_agent_who_takes_it_the_agents_are_asked_again_until_two_days_have_passed(owing: Owing) -> None:
    owing.gives_up(OWNER)
    owing.looks(minutes=1)
    for _ in range(6):
        owing.ends(AttemptOutcome.NO_AGENT)
        assert owing.looks(minutes=2) == []
        assert owing.looks(minutes=1) == [OWNER]
    owing.clock.forward(hours=48)  # type: ignore[attr-defined]
    owing.ends(AttemptOutcome.NO_AGENT)
    assert owing.task(OWNER).call_at is None


def test_a_task_that_is_done_stops_the_call_that_waits_for_it(owing: Owing) -> None:
    task = owing.gives_up(OWNER)
    assert owing.looks(minutes=1) == [OWNER]
    claim = owing.claims()
    assert owing.store.write(tasks.close, task.id, at=owing.clock.now())
    assert owing.store.read(outgoing.called_off, [claim]) == {claim.id}
    end: dict[str, Any] = {"to": ToMake.NO_AGENT, "outcome": AttemptOutcome.NO_AGENT, "at": owing.clock.now()}
    assert not owing.store.write(due_call_backs.end, claim, **end, **owing.rules)
    assert owing.task(OWNER).call_at is None
    assert owing.looks(hours=1) == []


def test_a_persons_request_and_the_scan_make_one_call(owing: Owing) -> None:
    task = owing.gives_up(OWNER)
    owing.looks(seconds=30)
    mine = owing.store.write(
        outgoing.ask_back, task.id, staff_number="7001", by="7001", at=owing.clock.now(), **owing.rules
    )
    assert owing.looks(minutes=1) == [OWNER]
    (call,) = owing.store.read(lambda s: s.scalars(select(CallToMake)).all())
    assert (call.id, call.asked_by) == (mine.id, "7001")
    owing.ends(AttemptOutcome.NO_ANSWER)
    assert owing.looks(minutes=10) == [OWNER], "the next one is made by itself"


def test_a_policy_without_it_makes_none(owing: Owing) -> None:
    owing.rules_are(by_itself=False)
    assert owing.gives_up(OWNER).call_at is None
    assert owing.looks(hours=1) == []


def test_a_number_that_nobody_knows_is_called_once_a_day_and_a_distant_one_by_a_person(owing: Owing) -> None:
    """R20-5: the display of a caller is written by somebody else."""
    owing.rules_are(again_minutes=[1])
    owing.gives_up(STRANGER)
    assert owing.looks(minutes=1) == [STRANGER]
    let_out(owing, STRANGER)
    owing.ends(AttemptOutcome.NO_ANSWER)
    assert owing.looks(minutes=1) == []
    assert owing.task(STRANGER).note.splitlines()[-1] == "refused-called-today"
    assert owing.task(STRANGER).call_at == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    owing.gives_up(DISTANT)
    assert owing.looks(minutes=1) == []
    assert owing.task(DISTANT).call_at is None
    assert owing.task(DISTANT).note.splitlines()[-1] == "refused-not-known"


def let_out(owing: Owing, number: str) -> None:
    values: dict[str, Any] = {"channel_id": "c2m-1-1", "by_itself": True, "at": owing.clock.now()}
    assert owing.store.write(trunk_calls.let_out, number, Reach.CALL_BACK, **values, **owing.rules).allowed


def test_the_next_one_of_the_group_goes_to_who_asks_for_it_the_emergency_first(owing: Owing) -> None:
    """*33."""
    for number, kind in ((OWNER, None), (STRANGER, TicketKind.URGENT_REPAIR)):
        owing.gives_up(number, kind)
    owing.clock.forward(seconds=5)  # type: ignore[attr-defined]
    taken = []
    for _ in range(3):
        at = owing.clock.forward(seconds=1)  # type: ignore[attr-defined]
        taken.append(owing.store.write(due_call_backs.take_next, "7001", "agents", at=at, **owing.rules))
    assert taken == [True, True, False]
    asked = owing.store.read(lambda s: s.scalars(select(CallToMake).order_by(CallToMake.id)).all())
    assert [(call.number, call.extension, call.priority) for call in asked] == [
        (STRANGER, "7001", Priority.FIRST),
        (OWNER, "7001", Priority.ORDINARY),
    ]


def test_an_agent_writes_up_until_it_is_saved_or_the_time_has_passed(
    owing: Owing, begin_call: Callable[..., Call]
) -> None:
    """R11-3."""
    at, call = owing.clock.now(), begin_call("1700000009.9", at=owing.clock.now())
    talk: dict[str, Any] = {"bridge_id": "b", "caller_channel": "c", "leg_channel": "l", "at": at}
    talk_id = owing.store.write(calls.begin_talk, call_id=call.id, staff_number="7001", **talk)
    owing.store.write(calls.end_talk, talk_id, by=EndedBy.AGENT, at=at + MINUTE)

    def writing(since: datetime) -> bool:
        staff = owing.store.read(people.staff, "7001")
        assert staff is not None
        return owing.store.read(wrap_ups.is_writing, staff, since=since)

    assert writing(at)
    assert not writing(at + MINUTE)
    owing.store.write(lambda s: s.add(WrapUp(call_id=call.id, staff_number="7001", at=at + 2 * MINUTE)))
    assert not writing(at)

"""Every call, each phone rung and each talk is written once, and the first report of its end stands (R05-5)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import NoResultFound

from models.calls import calls
from models.calls.calls import EndedBy, Ring
from models.database.store import Store
from models.people import people
from models.states.calls import CallState
from models.tables import Call

pytestmark = pytest.mark.store


@pytest.fixture
def ring(staffed: Store, noon: datetime) -> Callable[..., int]:
    def begin(call: Call, staff: str, channel_id: str, **fields: Any) -> int:
        values = {"ticket_id": None, "stage": "first", "staff_number": staff, "phone": staff, "at": noon} | fields
        return staffed.write(calls.begin_ring, call_id=call.id, channel_id=channel_id, **values)

    return begin


def test_a_caller_who_comes_back_after_an_interruption_has_the_same_call(begin_call: Callable[..., Call]) -> None:
    first = begin_call("1700000000.1", language="en")
    again = begin_call("1700000000.1", language="zh")
    assert (again.id, again.language) == (first.id, "en")
    assert begin_call("1700000000.2").id != first.id


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("+86 138-0013-8000", "13800138000"),
        ("862087654321", "02087654321"),
        ("anonymous", None),
        ("00000000", None),
        ("9" * 200, None),
        ("", None),
        (None, None),
        ("1101", "1101"),
    ],
)
def test_the_callers_number_is_stored_in_one_form_whatever_the_carrier_sends(
    sent: str | None, kept: str | None, begin_call: Callable[..., Call]
) -> None:
    assert begin_call(caller_number=sent).caller_number == kept


def test_noting_new_facts_of_a_call_keeps_the_earlier_ones(store: Store, begin_call: Callable[..., Call]) -> None:
    call = begin_call()
    store.write(calls.note, call.id, language="en", mode="menu-first")
    store.write(calls.note, call.id, mode=None)
    noted = store.read(calls.get, call.id)
    assert (noted.language, noted.mode, noted.owner_id) == ("en", "menu-first", None)


def test_the_first_answer_counts(store: Store, begin_call: Callable[..., Call], noon: datetime) -> None:
    call = begin_call()
    store.write(calls.answered, call.id, noon)
    store.write(calls.answered, call.id, noon + timedelta(seconds=9))
    assert store.read(calls.get, call.id).answered_at == noon


def test_the_first_report_of_a_calls_end_stands(store: Store, begin_call: Callable[..., Call], noon: datetime) -> None:
    call = begin_call()
    assert store.write(calls.end, call.id, by=EndedBy.CALLER, reason="hung up in the menu", at=noon)
    assert not store.write(calls.end, call.id, by=EndedBy.NETWORK, reason="gone", at=noon + timedelta(hours=1))
    ended = store.read(calls.get, call.id)
    assert (ended.state, ended.ended_by, ended.end_reason) == (CallState.ENDED, "caller", "hung up in the menu")
    assert ended.ended_at == noon


def test_the_end_of_a_call_ends_its_rings_and_talks(
    staffed: Store, begin_call: Callable[..., Call], ring: Callable[..., int], noon: datetime
) -> None:
    call = begin_call()
    answered, open_ring = ring(call, "7001", "r1"), ring(call, "7002", "r2")
    staffed.write(calls.end_ring, answered, outcome=Ring.CONNECTED, rings=1, at=noon)
    staffed.write(
        calls.begin_talk,
        call_id=call.id,
        staff_number="7001",
        bridge_id="b",
        caller_channel="c",
        leg_channel="r1",
        at=noon,
    )
    end = noon + timedelta(seconds=60)
    staffed.write(calls.end, call.id, by=EndedBy.CALLER, reason="hung up", at=end)
    record = staffed.read(calls.record, call.id)
    assert record is not None
    assert [(one.id, one.outcome) for one in record.rings] == [
        (answered, Ring.CONNECTED),
        (open_ring, Ring.CALLER_GONE),
    ]
    assert [(talk.ended_at, talk.ended_by) for talk in record.talks] == [(end, EndedBy.CALLER)]
    assert record.talked_seconds == 60
    assert staffed.read(calls.active) == []


def test_rings_count_from_the_first_report_of_ringing_and_the_first_outcome_stays(
    staffed: Store, begin_call: Callable[..., Call], ring: Callable[..., int], noon: datetime
) -> None:
    """R05-2."""
    call = begin_call()
    one = ring(call, "7001", "r1")
    staffed.write(calls.ringing, one, noon + timedelta(seconds=1))
    staffed.write(calls.ringing, one, noon + timedelta(seconds=5))
    assert staffed.write(calls.end_ring, one, outcome=Ring.NO_ANSWER, rings=3, at=noon + timedelta(seconds=16))
    assert not staffed.write(calls.end_ring, one, outcome=Ring.CONNECTED, rings=4, at=noon + timedelta(seconds=17))
    record = staffed.read(calls.record, call.id)
    assert record is not None
    (written,) = record.rings
    assert (written.ringing_at, written.outcome, written.rings) == (noon + timedelta(seconds=1), Ring.NO_ANSWER, 3)


def test_an_agent_is_idle_from_the_end_of_the_talk(
    staffed: Store, begin_call: Callable[..., Call], noon: datetime
) -> None:
    call = begin_call()
    talk = staffed.write(
        calls.begin_talk,
        call_id=call.id,
        staff_number="7001",
        bridge_id="b",
        caller_channel="c",
        leg_channel="l",
        at=noon,
    )
    assert staffed.write(calls.end_talk, talk, by=EndedBy.AGENT, at=noon)
    assert not staffed.write(calls.end_talk, talk, by=EndedBy.CALLER, at=noon + timedelta(hours=1))
    idle = staffed.read(people.on_duty, "agents", at=noon)
    assert [one.number for one in idle] == ["7002", "7003", "7004", "7001"]
    assert idle[-1].idle_since == noon


def test_recovery_sees_each_active_call_and_its_open_talk(
    staffed: Store, begin_call: Callable[..., Call], noon: datetime
) -> None:
    talking, waiting, ended = begin_call("c1"), begin_call("c2"), begin_call("c3")
    ended_talk, open_talk = (
        staffed.write(
            calls.begin_talk,
            call_id=talking.id,
            staff_number=staff,
            bridge_id="b",
            caller_channel="c1",
            leg_channel=f"leg-{staff}",
            at=noon,
        )
        for staff in ("7001", "7002")
    )
    staffed.write(calls.end_talk, ended_talk, by=EndedBy.AGENT, at=noon)
    staffed.write(calls.end, ended.id, by=EndedBy.CALLER, reason="", at=noon)
    active = staffed.read(calls.active)
    assert [(one.call.id, [talk.id for talk in one.talks]) for one in active] == [
        (talking.id, [open_talk]),
        (waiting.id, []),
    ]


def test_recovery_ends_the_rings_that_are_still_open(
    staffed: Store, begin_call: Callable[..., Call], ring: Callable[..., int], noon: datetime
) -> None:
    """Which phone had answered by then stays as it was."""
    call = begin_call("c1")
    still_rings, answered = ring(call, "7001", "leg-1"), ring(call, "7002", "leg-2")
    (before,) = staffed.read(calls.active)
    staffed.write(calls.end_ring, answered, outcome=Ring.CONNECTED, rings=1, at=noon)
    staffed.write(calls.break_off_rings, [one.id for one in before.rings], at=noon + timedelta(seconds=9))
    (after,) = staffed.read(calls.active)
    record = staffed.read(calls.record, call.id)
    assert record is not None
    assert {one.id: (one.outcome, one.ended_at) for one in record.rings} == {
        still_rings: (Ring.CALLER_GONE, noon + timedelta(seconds=9)),
        answered: (Ring.CONNECTED, noon),
    }
    assert (len(before.rings), after.rings) == (2, [])


def test_the_list_of_calls_is_newest_first_with_times_of_waiting_and_talking(
    staffed: Store, begin_call: Callable[..., Call], noon: datetime
) -> None:
    old = begin_call("c1", at=noon)
    new = begin_call("c2", at=noon + timedelta(minutes=1))
    talk = staffed.write(
        calls.begin_talk,
        call_id=new.id,
        staff_number="7001",
        bridge_id="b",
        caller_channel="c",
        leg_channel="l",
        at=noon + timedelta(minutes=1, seconds=12),
    )
    staffed.write(calls.end_talk, talk, by=EndedBy.AGENT, at=noon + timedelta(minutes=2))
    records = staffed.read(calls.recent, limit=5)
    assert [record.call.id for record in records] == [new.id, old.id]
    assert (records[0].waited_seconds, records[0].talked_seconds) == (12, 48)
    assert records[1].waited_seconds is None
    assert [record.call.id for record in staffed.read(calls.recent, limit=1)] == [new.id]


def test_an_unknown_call_is_an_error_and_has_no_record(store: Store) -> None:
    with pytest.raises(NoResultFound):
        store.read(calls.get, 1)
    assert store.read(calls.record, 1) is None

"""Wake-ups are ordered for let rooms, once for each local day, and never more than can be rung (R21-9)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from models.database.store import Store
from models.guests import pacing, stays, wakeups
from models.guests.rooms import RoomRefused
from models.guests.wakeups import MinuteFull, OrderState, WakeupHow, WakeupRefused, WakeupState
from models.policy import Policy
from models.policy.wakeups import WakeupPolicy as Rules
from models.states.calls import Purpose, Ring, ToMake
from models.tables import CallToMake

pytestmark = pytest.mark.store

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
"""22:00 on a Sunday, local time of the site."""
MONDAY = date(2026, 3, 2)
HALF_PAST_SIX = time(6, 30)
AT = {"by": "7001", "how": WakeupHow.FRONT_DESK, "at": EVENING, "zone": SHANGHAI}


@pytest.fixture
def rules(policy: Policy) -> Rules:
    return policy.wake_up


@pytest.fixture
def book(staffed: Store, rules: Rules) -> Callable[..., Any]:
    """Orders a wake-up, by default of 1101 on Monday at half past six."""
    for room in ("1101", "1102", "1103"):
        staffed.write(stays.check_in, room, ["王建国"], who="7001", at=EVENING)

    def order(room: str = "1101", at: time = HALF_PAST_SIX, **given: Any) -> Any:
        when = {} if "weekdays" in given else {"on": MONDAY}
        return staffed.write(wakeups.book, room, at, **({"rules": rules} | AT | when | given))

    return order


def planned(store: Store, order: Any) -> list[tuple[date, datetime, WakeupState]]:
    return [(w.on_date, w.due_at, w.state) for w in store.read(wakeups.open_ones, order.id)]


def calls(store: Store) -> list[Any]:
    return store.read(lambda s: list(s.scalars(select(CallToMake).order_by(CallToMake.id))))


def test_an_order_writes_its_wake_up_and_asks_for_its_call(staffed: Store, book: Callable[..., Any]) -> None:
    order = book()
    half_past_six = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    assert planned(staffed, order) == [(MONDAY, half_past_six, WakeupState.PLANNED)]
    (call,) = calls(staffed)
    assert (call.kind, call.due_at, call.extension) == (Purpose.WAKE_UP, half_past_six, "1101")
    assert call.channel_id == "wake-1-1"
    assert book().id == order.id, "ordered twice, it is the same order"
    assert [one.id for one in staffed.read(wakeups.of_room, "1101")] == [order.id]
    assert staffed.read(wakeups.of_room, "1102") == []


def test_an_impossible_order_is_refused_with_a_reason(staffed: Store, book: Callable[..., Any]) -> None:
    with pytest.raises(RoomRefused, match="there is no room 1904"):
        book("1904")
    staffed.write(stays.check_out, "1102", language="zh", who="7001", at=EVENING)
    with pytest.raises(RoomRefused, match="not let"):
        book("1102")
    with pytest.raises(WakeupRefused, match="2026-03-01 21:59 is past"):
        book(at=time(21, 59), on=date(2026, 3, 1))
    with pytest.raises(WakeupRefused, match="one date, or for some weekdays"):
        book(on=MONDAY, weekdays="1")
    assert staffed.read(wakeups.of_room) == []


def test_a_full_minute_is_refused_with_the_nearest_free_one(
    staffed: Store, book: Callable[..., Any], rules: Rules
) -> None:
    one_line = rules.model_copy(update={"lines": 2, "inbound_reserve": 1, "attempt_seconds": 60})
    book(rules=one_line)
    book("1102", time(6, 29), rules=one_line)
    with pytest.raises(MinuteFull, match="06:31 is free") as refused:
        book("1103", rules=one_line)
    assert refused.value.free == time(6, 31)
    book("1103", refused.value.free, rules=one_line)
    assert len(calls(staffed)) == 3, "a refused order is not rung"


@pytest.mark.parametrize(
    ("starts_a_second", "seconds", "a_minute"),
    [(1, [0, 1, 20], 6), (4, [0, 0, 20], 6), (0.05, [0, 20, 40], 3)],
)
def test_an_order_says_how_late_the_last_call_of_its_minute_may_ring(
    staffed: Store, book: Callable[..., Any], rules: Rules, starts_a_second: float, seconds: list[int], a_minute: int
) -> None:
    """Two lines, each of which is needed for 20 seconds."""
    pace = {"lines": 3, "inbound_reserve": 1, "attempt_seconds": 20, "starts_a_second": starts_a_second}
    rules = rules.model_copy(update=pace)
    assert rules.a_minute == a_minute
    for number, wait in enumerate(seconds):
        order = book(f"110{number + 1}", rules=rules)
        (wakeup,) = staffed.read(wakeups.open_ones, order.id)
        assert staffed.read(pacing.wait_seconds, wakeup.due_at, rules) == wait


def test_a_weekly_order_has_rows_for_the_next_days_and_a_scan_adds_the_others_once(
    staffed: Store, book: Callable[..., Any], rules: Rules
) -> None:
    order = book(weekdays="51234")
    assert order.weekdays == "12345"
    assert [day for day, _, _ in planned(staffed, order)] == [MONDAY, date(2026, 3, 3)]
    later = EVENING + timedelta(days=4)
    args = {"at": later, "rules": rules, "zone": SHANGHAI}
    (due,) = staffed.read(wakeups.to_plan, after=None, limit=10, **args)
    assert due[1] == order.id
    assert staffed.read(wakeups.to_plan, after=due, limit=10, **args) == []
    staffed.write(wakeups.plan, order.id, **args)
    assert staffed.write(wakeups.plan, order.id, **args) == []
    # Thursday evening: nothing at the weekend.
    assert [day.day for day, _, _ in planned(staffed, order)] == [2, 3, 4, 5, 6]
    assert staffed.read(wakeups.to_plan, after=None, limit=10, **args) == []


def test_a_repeated_order_whose_time_has_passed_today_begins_tomorrow(staffed: Store, book: Callable[..., Any]) -> None:
    order = book(at=time(21, 0), weekdays="1234567")
    assert next(day for day, _, _ in planned(staffed, order)) == MONDAY
    assert wakeups.next_date(time(23, 0), EVENING, SHANGHAI) == date(2026, 3, 1)
    assert wakeups.next_date(time(6, 30), EVENING, SHANGHAI) == MONDAY


def test_the_night_of_a_clock_change_has_one_wake_up(staffed: Store, book: Callable[..., Any]) -> None:
    """02:30 does not exist on 29 March 2026 in Berlin, and is twice on 25 October."""
    order = book(at=time(2, 30), on=date(2026, 3, 29), zone=BERLIN)
    assert planned(staffed, order)[0][1] == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    order = book(at=time(2, 30), on=date(2026, 10, 25), zone=BERLIN)
    assert planned(staffed, order)[0][1] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_cancelled_order_rings_no_room(staffed: Store, book: Callable[..., Any]) -> None:
    order = book(weekdays="12")
    cancelled = staffed.write(wakeups.cancel, order.id, by="room", at=EVENING)
    assert (cancelled.state, cancelled.ended_by) == (OrderState.CANCELLED, "room")
    assert planned(staffed, order) == []
    assert {call.state for call in calls(staffed)} == {ToMake.CANCELLED}
    with pytest.raises(WakeupRefused, match="no wake-up"):
        staffed.write(wakeups.cancel, order.id, by="7001", at=EVENING)


def test_one_day_of_a_repeated_order_is_cancelled_and_no_scan_adds_it_again(
    staffed: Store, book: Callable[..., Any], rules: Rules
) -> None:
    order = book(weekdays="1234567")
    thursday, by_whom = date(2026, 3, 5), {"by": "7002", "at": EVENING, "zone": SHANGHAI}
    assert staffed.read(wakeups.next_of, order, at=EVENING, zone=SHANGHAI)[0] == MONDAY
    # One day that has its row, and one beyond the planned days.
    for day in (MONDAY, thursday):
        staffed.write(wakeups.cancel_day, order.id, day, **by_whom)
        with pytest.raises(WakeupRefused, match="is over on"):
            staffed.write(wakeups.cancel_day, order.id, day, **by_whom)
    assert staffed.read(wakeups.left_out, order.id, MONDAY) == [MONDAY, thursday]
    assert staffed.read(wakeups.next_of, order, at=EVENING, zone=SHANGHAI)[0] == date(2026, 3, 3)
    later = EVENING + timedelta(days=3)
    args = {"at": later, "rules": rules, "zone": SHANGHAI}
    made = [wakeup.on_date.day for wakeup in staffed.write(wakeups.plan, order.id, **args)]
    assert (made, staffed.write(wakeups.plan, order.id, **args)) == ([4, 6], [])
    assert [day.day for day, _, _ in planned(staffed, order)] == [3, 4, 6]
    due = [call.due_at.astimezone(SHANGHAI).day for call in calls(staffed) if call.state is ToMake.WAITING]
    assert due == [3, 4, 6], "nothing rings on Monday and Thursday"
    days = staffed.read(wakeups.sheet, EVENING, EVENING + timedelta(days=5))
    assert [(row.wakeup.on_date.day, row.cancelled_by) for row in days if row.cancelled_by] == [
        (2, "7002"),
        (5, "7002"),
    ]
    changes = staffed.read(wakeups.events, days[3].wakeup.id)
    assert [(event.who, event.to_state, event.text) for event in changes] == [
        ("7002", WakeupState.CANCELLED, "this day alone")
    ]


def test_a_day_that_an_order_does_not_have_cannot_be_cancelled(staffed: Store, book: Callable[..., Any]) -> None:
    order, once = book(weekdays="12"), book("1102")
    cancel = {"by": "room", "at": EVENING, "zone": SHANGHAI}
    for day in (date(2026, 3, 4), date(2026, 2, 24)):
        with pytest.raises(WakeupRefused, match="wakes nobody on"):
            staffed.write(wakeups.cancel_day, order.id, day, **cancel)
    with pytest.raises(WakeupRefused, match="wakes nobody on"):
        staffed.write(wakeups.cancel_day, once.id, date(2026, 3, 3), **cancel)
    staffed.write(wakeups.cancel_day, once.id, MONDAY, **cancel)
    assert [one.id for one in staffed.read(wakeups.of_room)] == [order.id], "that was its only day"


def test_the_next_day_of_an_order_is_found_beyond_the_planned_days(staffed: Store, book: Callable[..., Any]) -> None:
    order = book(weekdays="6")
    for day in (date(2026, 3, 7), date(2026, 3, 14), date(2026, 3, 21)):
        found = staffed.read(wakeups.next_of, order, at=EVENING, zone=SHANGHAI)
        assert found == (day, datetime.combine(day, HALF_PAST_SIX, SHANGHAI))
        staffed.write(wakeups.cancel_day, order.id, day, by="room", at=EVENING, zone=SHANGHAI)
    assert staffed.read(wakeups.of_room) != []


def test_check_out_cancels_all_wake_ups_of_the_guest(staffed: Store, book: Callable[..., Any]) -> None:
    book()
    book(at=time(7, 0), weekdays="1")
    book("1102")
    assert staffed.write(wakeups.cancel_room, "1101", by="7001", at=EVENING) == 2
    assert [order.room for order in staffed.read(wakeups.of_room)] == ["1102"]


def test_a_change_is_a_new_order_and_an_impossible_one_leaves_the_old_order(
    staffed: Store, book: Callable[..., Any], rules: Rules
) -> None:
    old = book(language="en")
    with pytest.raises(WakeupRefused, match="is past"):
        staffed.write(wakeups.change, old.id, on=date(2026, 2, 1), rules=rules, **AT)
    assert len(planned(staffed, old)) == 1
    new = staffed.write(wakeups.change, old.id, time_of_day=time(7, 15), rules=rules, **AT)
    assert (new.replaces_id, new.at, new.on_date, new.language) == (old.id, "07:15", MONDAY, "en")
    daily = staffed.write(wakeups.change, new.id, weekdays="12", rules=rules, **AT)
    assert (daily.weekdays, daily.on_date, daily.at) == ("12", None, "07:15")
    once = staffed.write(wakeups.change, daily.id, on=MONDAY, rules=rules, **AT)
    assert (once.weekdays, once.on_date) == (None, MONDAY)
    assert [one.id for one in staffed.read(wakeups.of_room)] == [once.id]


def test_the_sheet_has_each_order_and_its_result(staffed: Store, book: Callable[..., Any]) -> None:
    book("1102", time(7, 0), by="room", how=WakeupHow.ROOM)
    order = book()
    staffed.write(wakeups.cancel, order.id, by="7002", at=EVENING)
    rows = staffed.read(wakeups.sheet, EVENING, EVENING + timedelta(hours=12))
    assert [(row.wakeup.room, row.order.set_by, row.wakeup.state) for row in rows] == [
        ("1101", "7001", WakeupState.CANCELLED),
        ("1102", "room", WakeupState.PLANNED),
    ]
    assert [[a.outcome for a in row.attempts] for row in rows] == [[Ring.CANCELLED], [None]]
    assert staffed.read(wakeups.sheet, EVENING, EVENING + timedelta(hours=1)) == []
    events = staffed.read(wakeups.events, rows[0].wakeup.id)
    assert [(event.who, event.to_state) for event in events] == [("7001", None), ("7002", WakeupState.CANCELLED)]

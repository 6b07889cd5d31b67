"""*55: a guest sets, hears, changes and cancels his wake-up calls; what he has not confirmed is not there (R21-9)."""

import asyncio
from datetime import date, time
from typing import Any

import pytest

from models.database.store import StoreUnavailable
from models.guests import stays, wakeups
from models.guests.wakeups import OrderState, WakeupHow, WakeupOrder
from tests.fakes.people import FakePhone
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows

TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)
HALF_PAST_SIX = time(6, 30)


def let(hotline: Hotline, number: str = "1101", language: str = "zh") -> FakePhone:
    """A guest stays there; his telephone."""
    now = hotline.clock.now()
    hotline.store.write(stays.check_in, number, ["王建国"], language=language, who="7001", at=now)
    return hotline.switch.phone(number)


def orders(hotline: Hotline, state: OrderState = OrderState.ACTIVE) -> list[tuple[str, Any]]:
    """What is ordered: time, and date or weekdays."""
    return [(one.at, one.on_date or one.weekdays) for one in hotline.every(WakeupOrder, state=state)]


def books(hotline: Hotline, number: str, at: time, **when: Any) -> WakeupOrder:
    """At the front desk."""
    return hotline.store.write(
        wakeups.book,
        number,
        at,
        by="7001",
        how=WakeupHow.FRONT_DESK,
        at=hotline.clock.now(),
        rules=hotline.policy.wake_up,
        zone=hotline.site.time_zone,
        **when,
    )


async def keys(guest: FakePhone, time: str) -> None:
    """*55, and a time when he is asked for it."""
    guest.dials("*55")
    await guest.hears("wakeup-ask-time")
    await guest.presses(time)


async def test_a_guest_keys_a_time_hears_the_day_and_confirms_with_1(hotline: Hotline) -> None:
    guest = let(hotline)
    await keys(guest, "0630")
    await guest.hears("wakeup-told", "tomorrow", "hour-6", "minute-30", "wakeup-confirm")
    assert orders(hotline) == []
    await guest.presses("1")
    await guest.hears("wakeup-set")
    assert orders(hotline) == [("06:30", TOMORROW)], "written, then thanked"
    await guest.is_hung_up()
    (order,) = hotline.every(WakeupOrder)
    assert (order.room, order.how, order.set_by) == ("1101", WakeupHow.ROOM, "room")
    assert guest.languages == {"zh"}


async def test_in_an_english_room_all_of_it_is_english(hotline: Hotline) -> None:
    """R21-1."""
    guest = let(hotline, language="en")
    await keys(guest, "2215")
    await guest.hears("today", "at", "hour-22", "minute-15", "pm", "wakeup-confirm")
    await guest.presses("1")
    await guest.hears_out("wakeup-set")
    await guest.is_hung_up()
    assert guest.languages == {"en"}
    assert orders(hotline) == [("22:15", TODAY)]


@pytest.mark.parametrize(
    ("keyed", "asks", "half", "at"),
    [
        ("630#", "wakeup-half-of-day", "1", "06:30"),
        ("630#", "wakeup-half-of-day", "2", "18:30"),
        ("12#", "wakeup-midnight-or-noon", "2", "12:00"),
        ("1230", None, "", "12:30"),
    ],
)
async def test_where_half_of_the_day_is_unclear_it_is_asked(
    keyed: str, asks: str | None, half: str, at: str, hotline: Hotline
) -> None:
    guest = let(hotline)
    await keys(guest, keyed)
    if asks:
        await guest.hears(asks)
        await guest.presses(half)
    await guest.hears("wakeup-confirm")
    await guest.presses("1")
    await guest.hears("wakeup-set")
    assert [one[0] for one in orders(hotline)] == [at]
    await guest.is_hung_up()


async def test_what_is_no_time_is_told_and_asked_again(hotline: Hotline) -> None:
    guest = let(hotline)
    await keys(guest, "2575")
    await guest.hears("wakeup-no-time", "wakeup-ask-time")
    await guest.presses("0700")
    await guest.hears("wakeup-confirm")
    await guest.presses("2")
    await guest.hears("wakeup-ask-time")
    await guest.presses("0715")
    await guest.hears("hour-7", "minute-15", "wakeup-confirm")
    await guest.presses("9")
    await guest.hears("wrong-key", "wakeup-confirm")
    await guest.presses("1")
    await guest.hears("wakeup-set")
    assert [one[0] for one in orders(hotline)] == ["07:15"]
    await guest.is_hung_up()


async def test_who_says_nothing_has_nothing_set_and_is_told_so(hotline: Hotline) -> None:
    guest = let(hotline)
    guest.dials("*55")
    await guest.hears("wakeup-ask-time", "no-key", "wakeup-ask-time")
    await guest.hears_out("wakeup-unchanged")
    await guest.is_hung_up()
    await keys(guest, "0630")
    await guest.hears("wakeup-confirm", "no-key", "wakeup-confirm")
    await guest.hears_out("wakeup-unchanged")
    await guest.is_hung_up()
    assert hotline.every(WakeupOrder) == []


async def test_who_hangs_up_before_1_has_nothing_set_and_after_it_he_is_woken(hotline: Hotline) -> None:
    guest = let(hotline)
    await keys(guest, "0630")
    await guest.hears("wakeup-confirm")
    guest.hangs_up()
    await asyncio.sleep(60)
    assert hotline.every(WakeupOrder) == []
    await keys(guest, "0630")
    await guest.hears("wakeup-confirm")
    guest.press("1")
    guest.hangs_up()
    await asyncio.sleep(60)
    assert orders(hotline) == [("06:30", TOMORROW)]


async def test_a_guest_repeats_it_daily_or_on_working_days(hotline: Hotline) -> None:
    guest = let(hotline)
    await keys(guest, "0630")
    await guest.hears("wakeup-confirm")
    await guest.presses("4")
    await guest.hears("weekday-1", "until", "weekday-5", "hour-6", "wakeup-confirm")
    await guest.presses("3")
    await guest.hears("every-day", "hour-6", "minute-30", "wakeup-confirm")
    await guest.presses("1")
    await guest.hears("wakeup-set")
    assert orders(hotline) == [("06:30", "1234567")]
    await guest.is_hung_up()


async def test_several_are_told_with_their_numbers_one_of_them_changed_and_one_cancelled(hotline: Hotline) -> None:
    guest = let(hotline)
    books(hotline, "1101", HALF_PAST_SIX, on=TOMORROW)
    guest.dials("*55")
    await guest.hears("wakeup-list", "tomorrow", "hour-6", "minute-30", "wakeup-list-choices")
    assert "digit-1" not in guest.prompts
    await guest.presses("1")
    await guest.hears("wakeup-ask-time")
    await guest.presses("0715")
    await guest.hears("wakeup-confirm")
    await guest.presses("1")
    await guest.hears("wakeup-set")
    await guest.is_hung_up()

    guest.dials("*55")
    await guest.hears("wakeup-list", "digit-1", "hour-6", "digit-2", "hour-7", "wakeup-list-choices")
    await guest.presses("2")
    await guest.hears("wakeup-which")
    await guest.presses("2")
    await guest.hears("wakeup-ask-time")
    await guest.presses("0745")
    await guest.hears("wakeup-confirm")
    assert [one[0] for one in orders(hotline)] == ["06:30", "07:15"], "the old one holds until the new one is written"
    await guest.presses("1")
    await guest.hears("wakeup-set")
    assert [one[0] for one in orders(hotline)] == ["06:30", "07:45"]
    await guest.is_hung_up()

    guest.dials("*55")
    await guest.hears("wakeup-list-choices")
    await guest.presses("3")
    await guest.hears("wakeup-which")
    await guest.presses("1")
    await guest.hears("wakeup-told", "hour-6", "wakeup-cancel")
    await guest.presses("1")
    await guest.hears("wakeup-cancelled")
    assert [one[0] for one in orders(hotline)] == ["07:45"]
    await guest.is_hung_up()


async def test_a_wake_up_stays_when_it_is_not_changed_nor_cancelled_in_the_end(hotline: Hotline) -> None:
    guest = let(hotline)
    books(hotline, "1101", HALF_PAST_SIX, weekdays="135")
    guest.dials("*55")
    await guest.hears("weekday-1", "weekday-3", "weekday-5", "wakeup-list-choices")
    await guest.presses("3")
    await guest.hears("wakeup-cancel-which")
    await guest.presses("3")
    await guest.hears_out("wakeup-unchanged")
    await guest.is_hung_up()
    guest.dials("*55")
    await guest.hears("wakeup-list-choices")
    await guest.presses("2")
    await guest.hears("wakeup-ask-time")
    guest.hangs_up()
    await asyncio.sleep(60)
    guest.dials("*55")
    await guest.hears("wakeup-list-choices")
    await guest.hears_out("wakeup-unchanged")
    await guest.is_hung_up()
    assert orders(hotline) == [("06:30", "135")]


@pytest.mark.parametrize(("key", "left"), [("1", [("06:30", "1234567")]), ("2", [])])
async def test_of_a_repeated_one_the_next_day_alone_is_cancelled_or_all_of_it(
    key: str, left: list[tuple[str, str]], hotline: Hotline
) -> None:
    guest = let(hotline)
    order = books(hotline, "1101", HALF_PAST_SIX, weekdays="1234567")
    guest.dials("*55")
    await guest.hears("wakeup-list", "every-day", "wakeup-list-choices")
    await guest.presses("3")
    await guest.hears("wakeup-told", "every-day", "wakeup-next", "tomorrow", "hour-6", "wakeup-cancel-which")
    await guest.presses(key)
    await guest.hears("wakeup-cancelled")
    assert orders(hotline) == left
    planned = [one.on_date for one in hotline.store.read(wakeups.open_ones, order.id)]
    assert planned == ([TOMORROW + wakeups.DAY] if left else [])
    await guest.is_hung_up()


async def test_the_day_that_he_has_cancelled_passes_in_silence(hotline: Hotline) -> None:
    guest = let(hotline)
    order = books(hotline, "1101", time(10, 2), weekdays="1234567")
    hotline.store.write(
        wakeups.cancel_day, order.id, TODAY, by=wakeups.ROOM, at=hotline.clock.now(), zone=hotline.site.time_zone
    )
    await asyncio.sleep(900)
    assert guest.rung == []
    assert orders(hotline) == [("10:02", "1234567")]


async def test_one_that_the_desk_cancels_while_he_is_asked_is_cancelled_once(hotline: Hotline) -> None:
    guest = let(hotline)
    order = books(hotline, "1101", HALF_PAST_SIX, on=TOMORROW)
    guest.dials("*55")
    await guest.hears("wakeup-list-choices")
    await guest.presses("3")
    await guest.hears("wakeup-cancel")
    hotline.store.write(wakeups.cancel, order.id, by="7001", at=hotline.clock.now())
    await guest.presses("1")
    await guest.hears_out("wakeup-unchanged")
    await guest.is_hung_up()


@pytest.mark.parametrize(
    ("keyed", "nearest", "at"),
    [
        ("0630", ("tomorrow", "hour-6", "minute-29"), ("06:29", TOMORROW)),
        ("0000", ("today", "hour-23", "minute-59"), ("23:59", TODAY)),
    ],
)
async def test_when_the_minute_is_full_the_nearest_free_one_is_offered(
    keyed: str, nearest: tuple[str, ...], at: tuple[str, date], hotline: Hotline
) -> None:
    hotline.rules("wake_up", lines=2, inbound_reserve=1, attempt_seconds=60)
    await hotline.is_restarted()
    guest = let(hotline)
    let(hotline, "1102")
    other = books(hotline, "1102", time(int(keyed[:2]), int(keyed[2:])), on=TOMORROW)
    await keys(guest, keyed)
    await guest.hears("wakeup-confirm")
    await guest.presses("1")
    await guest.hears("wakeup-full", "wakeup-nearest", *nearest, "wakeup-take-nearest")
    assert orders(hotline) == [(other.at, TOMORROW)]
    await guest.presses("1")
    await guest.hears("wakeup-set")
    assert orders(hotline) == [(other.at, TOMORROW), at]
    await guest.is_hung_up()


async def test_a_room_that_is_not_let_is_sent_to_the_front_desk(hotline: Hotline) -> None:
    guest = hotline.switch.phone("1101")
    guest.dials("*55")
    await guest.hears_out("wakeup-not-let")
    await guest.is_hung_up()
    guest = let(hotline)
    await keys(guest, "0630")
    await guest.hears("wakeup-confirm")
    hotline.store.write(stays.check_out, "1101", language="zh", who="7001", at=hotline.clock.now())
    await guest.presses("1")
    await guest.hears_out("wakeup-not-let")
    await guest.is_hung_up()
    assert hotline.every(WakeupOrder) == []


async def test_when_it_can_t_be_written_he_is_told_and_not_thanked(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("disk full")

    guest = let(hotline)
    await keys(guest, "0630")
    await guest.hears("wakeup-confirm")
    monkeypatch.setattr(wakeups, "book", full)
    await guest.presses("1")
    await guest.hears_out("feature-unavailable")
    await guest.is_hung_up()
    assert "wakeup-set" not in guest.prompts


async def test_a_time_that_comes_while_it_is_confirmed_is_past(hotline: Hotline) -> None:
    guest = let(hotline)
    await asyncio.sleep(50)
    await keys(guest, "1001")
    await guest.hears("today", "hour-10", "minute-1", "wakeup-confirm")
    await asyncio.sleep(6)
    await guest.presses("1")
    await guest.hears("wakeup-past", "wakeup-ask-time")
    assert hotline.every(WakeupOrder) == []
    await guest.presses("1001")
    await guest.hears("tomorrow", "wakeup-confirm")
    await guest.presses("1")
    await guest.hears("wakeup-set")
    assert orders(hotline) == [("10:01", TOMORROW)]
    await guest.is_hung_up()


async def test_an_order_that_is_over_when_its_change_is_confirmed_becomes_a_new_one(hotline: Hotline) -> None:
    guest = let(hotline)
    old = books(hotline, "1101", HALF_PAST_SIX, on=TOMORROW)
    guest.dials("*55")
    await guest.hears("wakeup-list-choices")
    await guest.presses("2")
    await guest.hears("wakeup-ask-time")
    await guest.presses("0645")
    await guest.hears("wakeup-confirm")
    hotline.store.write(wakeups.cancel, old.id, by="7001", at=hotline.clock.now())
    await guest.presses("1")
    await guest.hears("wakeup-set")
    assert orders(hotline) == [("06:45", TOMORROW)]
    await guest.is_hung_up()

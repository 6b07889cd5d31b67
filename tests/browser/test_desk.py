"""The front desk on the screen: rooms, guests, wake-ups; a door that must be knocked on cannot be overlooked."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from models.clock import SystemClock
from models.database.store import Store
from models.guests import stays, wakeups
from models.site import Site
from models.states.guests import WakeupState
from models.tables import Wakeup
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW

pytestmark = pytest.mark.browser

HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def let(store: Store) -> str:
    store.write(stays.check_in, "1101", [HOSTILE[:80]], who="7001", at=SystemClock().now())
    return "1101"


def test_a_guest_is_checked_in_at_the_first_click_on_a_free_room(signed_in: SignedIn) -> None:
    tab = signed_in("7001")
    tab.goto("/rooms")
    tab.get_by_role("link", name="1102").click()
    tab.get_by_label("姓名").fill("张伟")
    tab.get_by_role("button", name="办理入住").click()
    expect(tab.get_by_role("status")).to_contain_text("1102 已入住")
    expect(tab.get_by_text("张*")).to_be_visible()


def test_a_wake_up_is_set_by_a_click_and_stands_on_the_sheet(signed_in: SignedIn, let: str) -> None:
    tab = signed_in("7001", viewport=NARROW)
    tab.goto(f"/rooms/{let}")
    tab.get_by_role("button", name="06:30").click()
    expect(tab.get_by_role("status")).to_contain_text("叫醒 06:30")
    tomorrow = SystemClock().now()
    tab.goto("/wakeups")
    if tab.get_by_text("没有叫醒").count():
        tab.get_by_role("link", name="后一天").click()
    expect(tab.get_by_role("cell", name="06:30")).to_be_visible()
    assert tomorrow


def test_a_time_that_is_none_is_refused_in_words(signed_in: SignedIn, let: str) -> None:
    tab = signed_in("7001")
    tab.goto(f"/rooms/{let}")
    tab.get_by_label("日期（空：下一次）").fill("2020-01-01")
    tab.get_by_label("时间", exact=True).fill("07:15")
    tab.get_by_role("button", name="登记叫醒").click()
    expect(tab.get_by_role("alert").filter(visible=True)).to_contain_text("已经过去")
    expect(tab.get_by_label("时间", exact=True)).to_have_value("07:15")


def test_a_date_and_days_of_the_week_at_once_are_refused(signed_in: SignedIn, let: str, store: Store) -> None:
    tab = signed_in("7001")
    tab.goto(f"/rooms/{let}")
    tab.get_by_label("时间", exact=True).fill("07:15")
    tab.get_by_label("日期（空：下一次）").fill("2099-12-02")
    tab.get_by_label("一", exact=True).check()
    tab.get_by_role("button", name="登记叫醒").click()
    expect(tab.get_by_role("alert").filter(visible=True)).to_contain_text("只能选一种")
    assert store.read(wakeups.of_room, let) == []


def test_a_weekly_wake_up_says_when_it_rings_next(signed_in: SignedIn, let: str, site: Site) -> None:
    """R21-9: in four days, before it is planned."""
    day = SystemClock().now().astimezone(site.time_zone).date() + timedelta(days=4)
    tab = signed_in("7001")
    tab.goto(f"/rooms/{let}")
    tab.get_by_label("时间", exact=True).fill("07:15")
    tab.get_by_label("一二三四五六日"[day.weekday()], exact=True).check()
    tab.get_by_role("button", name="登记叫醒").click()
    expect(tab.get_by_role("status")).to_contain_text(f"每周{'一二三四五六日'[day.weekday()]}")
    expect(tab.get_by_role("listitem").filter(has_text="每周")).to_contain_text(f"下次 {day.month}月{day.day}日")
    tab.goto("/wakeups")
    expect(tab.get_by_role("listitem").filter(has_text="每周")).to_contain_text(f"下次 {day.month}月{day.day}日")


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("page", ["roster", "wakeups"])
def test_a_day_out_of_reason_is_no_page(signed_in: SignedIn, page: str, day: str) -> None:
    answer = signed_in("7001").request.get(f"/{page}?day={day}")
    assert answer.status == 404


def test_a_door_to_knock_on_is_red_until_the_guest_is_awake(signed_in: SignedIn, let: str, store: Store) -> None:
    tab = signed_in("7001")
    tab.goto(f"/rooms/{let}")
    tab.get_by_role("button", name="06:30").click()
    past = SystemClock().now() - timedelta(minutes=9)
    store.write(
        lambda session: session.execute(update(Wakeup).values(state=WakeupState.CALLING, wake_at=past, knock_round=1))
    )
    tab.goto("/rooms")
    expect(tab.get_by_role("link", name="1101")).to_contain_text("请去敲门")
    tab.goto("/wakeups")
    expect(tab.get_by_role("alert").filter(visible=True)).to_contain_text("1101 请立即去敲门")
    tab.get_by_role("button", name="住客已醒").click()
    expect(tab.get_by_role("status")).to_contain_text("住客已醒")
    expect(tab.get_by_role("alert").filter(visible=True)).to_have_count(0)


def test_a_door_turns_red_on_the_open_screen(signed_in: SignedIn, let: str, store: Store) -> None:
    tab = signed_in("7001")
    tab.goto(f"/rooms/{let}")
    tab.get_by_role("button", name="06:30").click()
    tab.goto("/wakeups")
    expect(tab.get_by_role("alert").filter(visible=True)).to_have_count(0)
    past = SystemClock().now() - timedelta(minutes=9)
    calling = update(Wakeup).values(state=WakeupState.CALLING, wake_at=past, knock_round=1)
    store.write(lambda session: session.execute(calling))
    expect(tab.get_by_role("alert").filter(visible=True)).to_contain_text("1101 请立即去敲门", timeout=10000)
    tab.get_by_role("button", name="住客已醒").click()
    expect(tab.get_by_role("status")).to_contain_text("住客已醒")


def test_checking_out_asks_first_and_ends_the_wake_ups(signed_in: SignedIn, let: str) -> None:
    tab = signed_in("7001")
    tab.goto(f"/rooms/{let}")
    tab.get_by_role("button", name="06:30").click()
    expect(tab.get_by_role("status")).to_contain_text("06:30")
    tab.get_by_role("button", name="退房").click()
    tab.get_by_role("button", name="返回").last.click()
    expect(tab.get_by_role("heading", name="房间 1101")).to_be_visible()
    tab.get_by_role("button", name="退房").click()
    tab.locator("dialog[open]").get_by_role("button", name="退房").click()
    expect(tab.get_by_role("status")).to_contain_text("取消叫醒 1 个")


def test_a_technician_does_not_get_to_the_rooms(signed_in: SignedIn) -> None:
    tab = signed_in("7020")
    tab.goto("/tickets")
    expect(tab.get_by_role("link", name="房间")).to_have_count(0)


def test_a_question_is_in_sight_where_the_page_is_scrolled_to(signed_in: SignedIn, store: Store) -> None:
    store.write(stays.check_in, "1101", ["陈明"], who="7001", at=SystemClock().now())
    tab = signed_in("7001", viewport=NARROW)
    tab.goto("/rooms/1101")
    tab.locator("[data-dialog=check-out]").click()
    assert tab.evaluate("scrollY") > 0
    asked = tab.locator("dialog#check-out").bounding_box()
    assert asked is not None
    assert abs(asked["y"] + asked["height"] / 2 - NARROW["height"] / 2) < 20, asked

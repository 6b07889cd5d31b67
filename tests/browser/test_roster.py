"""Roster, swaps, handover and duty log on the screen."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import PROJECT_ROOT
from models.instance.instance import RunningInstance
from models.roster import roster
from models.roster.roster_file import read_roster
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW

pytestmark = pytest.mark.browser


@pytest.fixture
def planned(store: Store, instance: RunningInstance) -> None:
    """The example's roster, from the beginning of this week on."""
    wanted = read_roster(PROJECT_ROOT / "roster.example.toml", instance.site)
    at = SystemClock().now() - timedelta(days=7)
    store.write(roster.install, wanted, who="7050", at=at, dates=instance.site.days, days=28)


@pytest.mark.usefixtures("planned")
def test_a_swap_is_asked_for_and_approved_by_the_manager(signed_in: SignedIn, instance: RunningInstance) -> None:
    agent = signed_in("7001")
    agent.goto("/roster")
    day = (SystemClock().now().astimezone(instance.site.time_zone) + timedelta(days=2)).date()
    agent.locator("#absence-first").fill(str(day))
    agent.locator("#absence-last").fill(str(day))
    agent.locator("#absence-reason").fill("体检")
    agent.locator("form[data-form=absence] button").click()
    expect(agent.get_by_role("status")).to_contain_text("请假申请已提交")
    manager = signed_in("7050")
    manager.goto("/roster")
    manager.get_by_role("button", name="批准", exact=True).click()
    expect(manager.get_by_text("已批准").first).to_be_visible()


@pytest.mark.usefixtures("planned")
def test_who_takes_over_a_shift_is_chosen_from_the_names(signed_in: SignedIn, instance: RunningInstance) -> None:
    """R09-7: the colleagues of one's own group first, and never oneself."""
    tab = signed_in("7001")
    tab.goto("/roster")
    names = tab.get_by_label("由谁顶班").first.locator("option").all_inner_texts()
    assert names[:4] == ["请选择", "7002 李娜", "7003 张敏", "7004 刘洋"]
    assert len(names) == len(instance.site.staff)
    day = (SystemClock().now().astimezone(instance.site.time_zone) + timedelta(days=2)).date()
    tab.locator("#absence-first").fill(str(day))
    tab.locator("#absence-last").fill(str(day))
    tab.locator("#absence-with_staff").select_option("7050")
    tab.locator("form[data-form=absence] button").click()
    expect(tab.get_by_text("请假 7001 王芳 → 7050 郑伟")).to_be_visible()


@pytest.mark.usefixtures("planned")
def test_the_week_is_read_on_a_telephone_without_scrolling_sideways(signed_in: SignedIn) -> None:
    """R09-6: there each day opens as a list of its shifts, today's is open, and one's own shifts stand outside."""
    tab = signed_in("7001", viewport=NARROW)
    tab.goto("/roster")
    days = tab.locator(".roster-day")
    expect(days).to_have_count(7)
    expect(tab.locator(".roster-day[open] .bg-blue-lt")).to_have_count(1)
    mine = days.filter(has_text=re.compile(r"我 晚班客服 17:30–20:00"))
    expect(mine.first).to_be_visible()
    for day in days.all():
        if day.get_attribute("open") is None:
            day.locator("summary").click()
    expect(days.first.get_by_text("08:00–16:00")).to_be_visible()
    wider = (
        "[...document.querySelectorAll('main *, .page-body *')].filter((one) => one.scrollWidth > one.clientWidth + 1"
    )
    assert tab.evaluate(f"{wider} && getComputedStyle(one).overflowX === 'auto').length") == 0


@pytest.mark.usefixtures("planned")
def test_an_absence_that_ends_before_it_begins_keeps_what_was_typed(signed_in: SignedIn) -> None:
    tab = signed_in("7001")
    tab.goto("/roster")
    tab.locator("#absence-first").fill("2026-03-05")
    tab.locator("#absence-last").fill("2026-03-01")
    tab.locator("#absence-reason").fill("体检")
    tab.locator("form[data-form=absence] button").click()
    expect(tab.get_by_role("alert").filter(visible=True).first).to_contain_text("请假结束时间")
    expect(tab.locator("#absence-reason")).to_have_value("体检")


def test_the_duty_log_stands_beside_the_handover(signed_in: SignedIn) -> None:
    manager = signed_in("7050")
    manager.goto("/handover")
    manager.get_by_label("记录").fill("2 栋电梯维保到 18 点\n<script>alert(1)</script>")
    manager.get_by_role("button", name="记录").click()
    expect(manager.get_by_role("status")).to_contain_text("值班日志")
    agent = signed_in("7001", viewport=NARROW)
    agent.goto("/handover")
    expect(agent.get_by_text("2 栋电梯维保到 18 点")).to_be_visible()
    expect(agent.get_by_text("<script>alert(1)</script>")).to_be_visible()
    expect(agent.get_by_role("button", name="记录")).to_have_count(0)
    assert agent.evaluate("document.documentElement.scrollWidth <= innerWidth")

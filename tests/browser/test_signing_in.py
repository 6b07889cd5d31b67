"""Signing in on the screen: by the link, with number and password, and out again."""

import pytest
from playwright.sync_api import Browser, expect

from models.clock import SystemClock
from models.database.store import Store
from models.instance.instance import RunningInstance
from models.people import accounts, passwords
from models.tables import Account, Presence, Ticket
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW, window

pytestmark = pytest.mark.browser

RIGHT = "nine green bottles"


def test_a_new_colleague_chooses_a_password_and_comes_back_with_it(
    chromium: Browser, address: str, store: Store, instance: RunningInstance
) -> None:
    good_for = instance.sign_in_rules.longest
    at = SystemClock().now()
    secret = store.write(accounts.make_link, "7001", by="root", at=at, good_for=good_for)
    with window(chromium, address, viewport=NARROW) as (context, _):
        tab = context.new_page()
        tab.goto(accounts.LINK_PATH + secret)
        expect(tab.get_by_text("7001 王芳")).to_be_visible()
        tab.get_by_label("新密码").fill("1234567890")
        tab.get_by_label("再输入一次").fill("1234567890")
        tab.get_by_role("button", name="设置密码并登录").click()
        expect(tab.get_by_role("alert")).to_contain_text("太容易被猜到")
        expect(tab.get_by_label("新密码")).to_have_value("")
        tab.get_by_label("新密码").fill(RIGHT)
        tab.get_by_label("再输入一次").fill(RIGHT)
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        tab.goto("/me")
        tab.get_by_role("button", name="7001").click()
        tab.get_by_role("button", name="退出").click()
        expect(tab.get_by_role("status")).to_contain_text("已退出")
        tab.goto("/me")
        tab.get_by_label("工号").fill("7001")
        tab.get_by_label("密码").fill("my wrong guess")
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("alert")).to_contain_text("工号或密码不正确")
        expect(tab.get_by_label("工号")).to_have_value("7001")
        tab.get_by_label("密码").fill(RIGHT)
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("heading", level=1)).to_have_text("我的设置")


def test_language_and_colours_change_at_once_and_the_other_sign_in_is_ended(signed_in: SignedIn) -> None:
    other, tab = signed_in("7001"), signed_in("7001")
    tab.goto("/me")
    tab.get_by_label("语言").select_option("en")
    tab.get_by_label("颜色").select_option("dark")
    tab.get_by_role("button", name="保存").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("My settings")
    expect(tab.locator("html")).to_have_attribute("data-bs-theme", "dark")
    tab.get_by_role("button", name="End", exact=True).click()
    expect(tab.get_by_role("status")).to_contain_text("it has ended")
    other.goto("/me")
    expect(other.get_by_role("heading", level=1)).to_have_text("登录")


def test_what_is_typed_outlives_the_sign_in_and_is_sent_by_its_own_person_alone(
    signed_in: SignedIn, store: Store
) -> None:
    store.write(
        lambda session: setattr(session.get_one(Account, "7001"), "password", passwords.hashed(RIGHT, number=""))
    )
    tab, elsewhere = signed_in("7001"), signed_in("7001")
    tab.goto("/tickets/new")
    tab.get_by_label("类别").select_option("water")
    tab.get_by_label("来源").select_option("visit")
    tab.get_by_label("问题、投诉内容").fill("五楼停水\n从昨晚开始")
    tab.get_by_label("楼栋").fill("5")
    elsewhere.goto("/me")
    elsewhere.get_by_role("button", name="结束", exact=True).click()
    expect(elsewhere.get_by_role("status")).to_contain_text("已结束")
    tab.get_by_role("button", name="建单").click()
    expect(tab.get_by_role("alert")).to_contain_text("没有提交")
    tab.get_by_label("工号").fill("7001")
    tab.get_by_label("密码").fill(RIGHT)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("alert")).to_contain_text("还没有提交")
    expect(tab.get_by_role("heading", level=1)).to_have_text("新建工单")
    expect(tab.get_by_label("类别")).to_have_value("water")
    expect(tab.get_by_label("问题、投诉内容")).to_have_value("五楼停水\n从昨晚开始")
    expect(tab.get_by_label("楼栋")).to_have_value("5")
    assert store.read(lambda session: session.query(Ticket).count()) == 0
    tab.get_by_role("button", name="建单").click()
    expect(tab.get_by_role("status")).to_contain_text("已建工单")


def test_a_page_of_somebody_else_does_nothing_in_the_name_of_who_is_signed_in_now(
    signed_in: SignedIn, store: Store
) -> None:
    """Every act has its person: two colleagues at one browser, the page of the first still open in another tab."""
    store.write(
        lambda session: setattr(session.get_one(Account, "7001"), "password", passwords.hashed(RIGHT, number=""))
    )
    tab, manager = signed_in("7001"), signed_in("7050")
    tab.goto("/tickets/new")
    tab.get_by_label("问题、投诉内容").fill("五楼停水")
    board = tab.context.new_page()
    board.goto("/agent")
    expect(board.get_by_role("button", name="休息")).to_be_visible()
    tab.context.add_cookies(manager.context.cookies())
    tab.get_by_role("button", name="建单").click()
    expect(tab.get_by_text("这一页是 7001 打开的，而这个浏览器现在登录的是 7050")).to_be_visible()
    board.get_by_role("button", name="休息").click()
    expect(board.get_by_text("这一页是 7001 打开的")).to_be_visible()
    assert store.read(lambda session: session.query(Ticket).count()) == 0
    assert store.read(lambda session: session.query(Presence).count()) == 0
    tab.get_by_label("工号").fill("7001")
    tab.get_by_label("密码").fill(RIGHT)
    tab.keyboard.press("Enter")
    expect(tab.get_by_label("问题、投诉内容")).to_have_value("五楼停水")

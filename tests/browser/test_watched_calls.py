"""Real calls on the screens of those who watch: at once, in every tab, and also when the console is killed."""

import os
import signal
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from phones.instance import LiveHotline
from phones.phone import Phone
from phones.written import call_of
from tests.browser.conftest import SignedIn, listens
from tests.browser.test_telephone_calls import AGENT, in_a_talk
from tests.served import OWNER

pytestmark = pytest.mark.browser

NUMBER = "139****9000"
A_SECOND_MS = 1000
TABS = 10
BACK_WITHIN_S = 5.0
CONSOLE_IS_AWAY = "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|/live"


@pytest.fixture
def agent(hotline: LiveHotline) -> Phone:
    return hotline.phone("7001", AGENT)


def over(hotline: LiveHotline, talks: Phone) -> None:
    """Hangs up; returns when the end of the call is written."""
    talks.hang_up()
    hotline.until(lambda: call_of(hotline, OWNER.phones[0]).call.ended_at, "end of the call")


def talking(page: Page) -> Locator:
    return page.locator("#wall .card-link", has_text="通话").locator(".display-6")


def test_the_wall_is_right_within_a_second_of_the_calls_end(
    hotline: LiveHotline, agent: Phone, signed_in_there: SignedIn
) -> None:
    wall = signed_in_there("7030")
    wall.goto("/wall")
    caller = in_a_talk(hotline, agent)
    expect(wall.get_by_text(NUMBER)).to_be_visible(timeout=A_SECOND_MS)
    expect(talking(wall)).to_have_text("1")
    over(hotline, agent)
    expect(wall.get_by_text(NUMBER)).to_have_count(0, timeout=A_SECOND_MS)
    expect(talking(wall)).to_have_text("0", timeout=A_SECOND_MS)
    caller.wait_ended()


def test_ten_tabs_show_a_call_and_its_end(hotline: LiveHotline, agent: Phone, signed_in_there: SignedIn) -> None:
    first = signed_in_there("7030")
    tabs = [first, *(first.context.new_page() for _ in range(TABS - 1))]
    for tab in tabs:
        tab.goto("/wall")
    caller = in_a_talk(hotline, agent)
    for tab in tabs:
        expect(tab.get_by_text(NUMBER)).to_be_visible()
    over(hotline, agent)
    for tab in tabs:
        expect(tab.get_by_text(NUMBER)).to_have_count(0)
    caller.wait_ended()


def test_the_console_is_killed_in_a_call_and_the_screens_are_right_within_five_seconds_of_its_return(
    hotline: LiveHotline, agent: Phone, signed_in_there: SignedIn
) -> None:
    wall = signed_in_there("7030", forgiven=CONSOLE_IS_AWAY)
    mine = signed_in_there("7001", forgiven=CONSOLE_IS_AWAY)
    wall.goto("/wall")
    mine.goto("/agent")
    caller = in_a_talk(hotline, agent)
    expect(wall.get_by_text(NUMBER)).to_be_visible()
    expect(mine.locator("#my-call")).to_contain_text("通话中")
    process = killed(hotline)
    over(hotline, agent)
    back = back_after(hotline, process)
    expect(wall.get_by_text(NUMBER)).to_have_count(0, timeout=1000 * BACK_WITHIN_S)
    expect(mine.locator("#my-call")).to_contain_text("现在没有来电", timeout=1000 * BACK_WITHIN_S)
    assert time.monotonic() - back < BACK_WITHIN_S
    caller.wait_ended()


def killed(hotline: LiveHotline) -> int:
    """Returns the process."""
    process: int = hotline.child("console")["pid"]
    os.kill(process, signal.SIGKILL)
    return process


def back_after(hotline: LiveHotline, process: int) -> float:
    """When another process took connections."""
    hotline.until(lambda: hotline.child("console")["pid"] not in (None, process), "new process", 60)
    hotline.until(lambda: listens(hotline.ports.console), "console", 60)
    return time.monotonic()

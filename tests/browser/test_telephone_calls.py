"""The agent's clicks on the screen, and what real telephones then do."""

import pytest
from playwright.sync_api import Page, expect

from phones import choosing, hearing
from phones.instance import LiveHotline
from phones.microphone import Silence, tones
from phones.phone import Phone
from phones.written import call_of
from tests.browser.conftest import SignedIn
from tests.served import OWNER

pytestmark = pytest.mark.browser

CALLER, AGENT, COLLEAGUE = tones(3)
AT_ONCE_MS = 1000


@pytest.fixture
def agent(hotline: LiveHotline) -> Phone:
    return hotline.phone("7001", AGENT)


@pytest.fixture
def tab(agent: Phone, signed_in_there: SignedIn) -> Page:
    """After the telephone: a page that is open notices what happens."""
    tab = signed_in_there("7001")
    tab.goto("/agent")
    return tab


def in_a_talk(hotline: LiveHotline, agent: Phone) -> Phone:
    caller = hotline.caller(OWNER.phones[0], CALLER)
    agent.when_it_rings("answer", after_s=0.2)
    caller.reach("8000")
    choosing.ordinary_repair_of_an_owner(caller)
    agent.wait_heard("whisper-repair")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    return caller


def test_a_caller_is_held_and_transferred_from_the_screen_while_the_agent_types(
    hotline: LiveHotline, agent: Phone, tab: Page
) -> None:
    """R05-4, R11-3: the colleague's key decides, and nothing that is typed is lost."""
    hands, technician = tab.locator("#my-hands"), hotline.phone("7020", COLLEAGUE)
    caller = in_a_talk(hotline, agent)
    tab.get_by_label("问题").fill("厨房漏水，正在问")

    tab.get_by_role("button", name="保持").click()
    expect(hands).to_contain_text("对方在听音乐")
    since = caller.call.ear.seconds + 0.5
    caller.wait(lambda: caller.call.ear.seconds > since + 2, 6, "music")
    assert hearing.silent_seconds(caller.heard()[-16_000:]) < 1
    tab.get_by_role("button", name="取回来电").click()
    caller.wait_tone(AGENT.hertz, 10, seconds=1)
    expect(tab.get_by_role("button", name="保持")).to_be_visible(timeout=AT_ONCE_MS)

    technician.when_it_rings("answer", after_s=1.5)
    tab.locator("#colleague-7020").get_by_role("button", name="转接", exact=True).click()
    expect(hands).to_contain_text("转接 7020：响铃中", timeout=10_000)
    technician.wait_heard("whisper-transfer")
    expect(hands).to_contain_text("转接 7020：征询中", timeout=AT_ONCE_MS)
    technician.wait_heard("accept-with-1")
    technician.press("1")
    agent.say(Silence())
    caller.wait_tone(COLLEAGUE.hertz, 10, seconds=1)
    technician.wait_tone(CALLER.hertz, 10, seconds=1)
    expect(hands).to_contain_text("7020 同意接听", timeout=AT_ONCE_MS)
    expect(tab.get_by_label("问题")).to_have_value("厨房漏水，正在问")
    agent.hang_up()
    technician.hang_up()
    caller.wait_ended()
    assert [talk.staff_number for talk in call_of(hotline, OWNER.phones[0]).talks] == ["7001", "7020"]


def test_a_colleague_is_called_from_the_screen(hotline: LiveHotline, agent: Phone, tab: Page) -> None:
    hands, technician = tab.locator("#my-hands"), hotline.phone("7020", COLLEAGUE)
    tab.get_by_role("button", name="拨打 7020").click()
    agent.wait_ringing(3)
    expect(hands).to_contain_text("请接起您的话机", timeout=AT_ONCE_MS)
    assert technician.calls == []
    agent.answer()
    technician.wait_ringing()
    expect(hands).to_contain_text("正在呼叫 7020", timeout=AT_ONCE_MS)
    technician.answer()
    technician.wait_tone(AGENT.hertz, 10, seconds=1)
    agent.wait_tone(COLLEAGUE.hertz, 10, seconds=1)
    expect(tab.locator("#my-call")).to_contain_text("通话中")
    technician.hang_up()
    agent.wait_ended()
    expect(tab.locator("#my-call")).to_contain_text("现在没有来电")

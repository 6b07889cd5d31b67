"""A prompt is said at a real telephone after a click on the page; callers hear it, until the delivered one is back."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from models.people import access_log
from models.tables import Account
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from recordings import prompts
from tests.browser.conftest import SignedIn

pytestmark = pytest.mark.browser

(VOICE,) = tones(1)
SPOKEN_S = 2.0
SOON_MS = 5000


@pytest.fixture
def telephone(hotline: LiveHotline) -> Phone:
    administers = update(Account).where(Account.staff_number == "7050").values(administrator=True)
    hotline.store.write(lambda session: session.execute(administers))
    return hotline.phone("7050", VOICE)


@pytest.fixture
def chinese(telephone: Phone, signed_in_there: SignedIn) -> Locator:
    """The part of the page for the first words in Chinese."""
    tab: Page = signed_in_there("7050")
    tab.goto("/admin/prompts/greeting")
    return tab.get_by_role("region", name="中文")


def lifts_and_speaks(telephone: Phone) -> None:
    telephone.wait_ringing()
    telephone.answer()
    speaks(telephone)


def speaks(telephone: Phone) -> None:
    telephone.wait_heard("record-prompt", 15)
    telephone.wait_heard("beep", 5)
    until = telephone.call.ear.seconds + SPOKEN_S
    telephone.wait(lambda: telephone.call.ear.seconds > until, 10, "the end of the sentence")
    telephone.press("#")
    telephone.wait_tone(VOICE.hertz, 10, seconds=1)
    telephone.wait_heard("record-choices", 15)


def test_a_prompt_is_said_at_the_telephone_heard_by_callers_and_taken_back(
    hotline: LiveHotline, telephone: Phone, chinese: Locator
) -> None:
    expect(chinese.get_by_text("自带", exact=True)).to_be_visible()
    chinese.get_by_role("button", name="在我的话机上录").click()
    expect(chinese).to_contain_text("请接起您的话机", timeout=SOON_MS)
    lifts_and_speaks(telephone)
    expect(chinese).to_contain_text("正在录音")
    telephone.press("2")
    speaks(telephone)
    assert not prompts.own_recording(hotline.home, "zh", "greeting"), "nothing is used before a key says so"
    telephone.press("1")
    telephone.wait_heard("record-kept", 15)
    telephone.wait_ended()
    expect(chinese).to_contain_text("新录音已采用", timeout=SOON_MS)
    expect(chinese.get_by_text("自录", exact=True)).to_be_visible()
    heard = chinese.locator("audio").evaluate(
        "one => fetch(one.src).then(a => a.arrayBuffer()).then(b => b.byteLength)"
    )
    assert heard > 16_000 * (SPOKEN_S - 1)
    (logged,) = hotline.store.read(access_log.newest, limit=1)
    assert (logged.who, logged.what, logged.subject) == ("7050", "prompt replaced", "zh/greeting")
    assert list(hotline.home.recording_spool.glob("*prompt*")) == []

    caller = hotline.caller("13800138600")
    caller.reach("8000")
    caller.wait_tone(VOICE.hertz, 10, seconds=1)
    caller.hang_up()
    chinese.get_by_role("button", name="恢复自带").click()
    chinese.page.locator("dialog[open]").get_by_role("button", name="恢复自带").click()
    expect(chinese.get_by_text("自带", exact=True)).to_be_visible()
    caller.reach("8000")
    caller.wait_heard("greeting", 10)
    caller.hang_up()


def test_who_hangs_up_before_keeping_it_changes_nothing(
    hotline: LiveHotline, telephone: Phone, chinese: Locator
) -> None:
    chinese.page.goto("/admin/prompts/goodbye")
    chinese.get_by_role("button", name="在我的话机上录").click()
    lifts_and_speaks(telephone)
    telephone.hang_up()
    expect(chinese).to_contain_text("未采用，原提示音不变", timeout=SOON_MS)
    assert not prompts.own_recording(hotline.home, "zh", "goodbye")

"""A real call on the agent's screen, from its first ring to the wrap-up."""

import pytest
from playwright.sync_api import expect

from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of, ticket_of
from recordings import speech
from tests.browser.conftest import SignedIn
from tests.served import OWNER

pytestmark = pytest.mark.browser

CALLER, AGENT = tones(2)
RING_S = 5.0
LATE_BY_S = 2.0
"""What the screen may lag behind the telephone: a commit, a reading, a tick of the page, a busy machine."""


def rings_in(seconds: float) -> int:
    return int(max(seconds, 0) // RING_S) + 1


def test_a_call_is_on_the_screen_before_the_second_ring_and_its_wrap_up_on_the_ticket(
    hotline: LiveHotline, signed_in_there: SignedIn
) -> None:
    """R04-3, R05-2, R11-3, R15-5."""
    agent = hotline.phone("7001", AGENT)
    number = OWNER.phones[0]
    caller = hotline.caller(number, CALLER)
    tab = signed_in_there("7001")
    tab.goto("/agent")
    card, count = tab.locator("#my-call"), tab.get_by_role("timer")

    caller.reach("8000")
    choosing.ordinary_repair_of_an_owner(caller)
    agent.wait_ringing()
    expect(card).to_contain_text("王** · 3-1201", timeout=RING_S * 1000)
    expect(count).to_have_text("1")
    assert agent.call.rang_s < RING_S, "the card is there before the second ring"
    for seen in ("来电响铃", "您好，阳光花园物业", "一般报修"):
        expect(card).to_contain_text(seen)
    seen = set()
    while (rang_s := agent.call.rang_s) < 2.5 * RING_S:
        shown = int(count.inner_text())
        assert rings_in(rang_s - LATE_BY_S) <= shown <= rings_in(agent.call.rang_s)
        seen.add(shown)
        tab.wait_for_timeout(200)
    assert seen == {1, 2, 3}

    agent.answer()
    agent.wait_heard("whisper-repair")
    agent.press("1")
    caller.wait_spoken(speech.serves_you("7001"))
    caller.wait_tone(AGENT.hertz, seconds=1)
    expect(card).to_contain_text("通话中")
    tab.get_by_label("问题").fill("厨房漏水")
    agent.hang_up()
    caller.wait_ended()
    expect(card).to_contain_text("现在没有来电")

    tab.get_by_label("诉求").fill("今天修好")
    tab.get_by_role("button", name="保存小结").click()
    expect(tab.get_by_role("status")).to_contain_text("小结已保存")
    record = call_of(hotline, number)
    assert record.rings[0].rings == 3
    ticket = ticket_of(hotline, record).ticket
    assert (ticket.problem, ticket.need, ticket.first_receiver) == ("厨房漏水", "今天修好", "7001")
    expect(tab.locator("section", has_text="今天的通话")).to_contain_text(str(ticket.number))

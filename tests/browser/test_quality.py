"""Calls are listened to in place and scored on the site's form; the agent reads what is published, and answers."""

import wave
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from models.calls import recordings
from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import Home
from models.people import access_log
from models.policy import Policy
from models.quality import scorings, training
from models.states.calls import RecordingKind, RecordingState
from models.states.quality import Mark
from models.states.tickets import TicketKind
from models.tables import Scoring
from models.tickets import intake, tickets
from models.tickets.intake import Facts
from tests.browser.at_the_telephone import PlayedCall
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW

pytestmark = pytest.mark.browser

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}")
Call = Callable[..., PlayedCall]


@pytest.fixture
def call(store: Store, policy: Policy, home: Home) -> Call:
    """A call that 7001 talked in, an hour ago, with its recording."""

    def played(kind: TicketKind = TicketKind.REPAIR, minutes: int = 60) -> PlayedCall:
        began = SystemClock().now() - timedelta(minutes=minutes)
        one = PlayedCall(store, policy, kind=kind, began=began)
        one.rings_at("7001", for_s=minutes * 60)
        one.taken_by("7001", at=began + timedelta(seconds=8))
        name = f"talk-{one.id}"
        kept = {"name": name, "kind": RecordingKind.TALK, "retain_until": began + timedelta(days=90)}
        row = store.write(recordings.reserve, call_id=one.id, ticket_id=one.ticket.id, at=began, **kept)
        with wave.open(str(home.recordings / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(bytes(16000))
        stored = {"state": RecordingState.KEPT, "path": f"recordings/{name}.wav", "format": "wav", "seconds": 1.0}
        store.write(recordings.finish, row.id, at=began, **stored)
        one.ends(began + timedelta(minutes=2))
        return one

    return played


@pytest.fixture
def score(store: Store, policy: Policy) -> Callable[..., Scoring]:
    """A published scoring by 7050."""

    def save(one: PlayedCall, mark: Mark = Mark.MET, comment: str = "") -> Scoring:
        marks, given = dict.fromkeys(policy.quality.form, mark), {"who": "7050", "at": SystemClock().now()}
        saved = store.write(scorings.save, one.id, "7001", marks, comment, policy=policy, **given)
        published: Scoring = store.write(scorings.publish, saved.id, policy=policy, **given)
        return published

    return save


def fill(tab: Page, *, but: dict[str, str] | None = None) -> None:
    for group in tab.get_by_role("group").filter(has=tab.get_by_role("radio")).all():
        title = group.locator("legend").inner_text()
        mark = next((mark for words, mark in (but or {}).items() if words in title), "做到")
        group.locator("label").filter(has=tab.locator("input")).get_by_text(mark, exact=True).click()


def test_a_drawn_call_is_heard_and_scored_and_the_agent_reads_and_answers(
    signed_in: SignedIn, store: Store, policy: Policy, call: Call
) -> None:
    """R04-1, R04-2, R13-7."""
    one = call()
    facts = Facts(problem="厨房漏水", need="今天修好")
    store.write(intake.fill_in, one.ticket.id, facts, who="7001", at=SystemClock().now(), policy=policy)
    leader, agent = signed_in("7050"), signed_in("7001")
    leader.goto("/quality")
    card = leader.get_by_label("7001", exact=False).first
    expect(card).to_contain_text("未评 1")
    card.get_by_role("link", name="听一通").click()
    expect(leader.get_by_text("厨房漏水")).to_be_visible()
    with leader.expect_response(lambda response: response.url.endswith("/sound")) as heard:
        leader.locator("audio").evaluate("audio => audio.play()")
    assert heard.value.status in (200, 206)
    fill(leader, but={"开头语": "没做到", "转接": "不适用"})
    leader.get_by_label("评语").fill("没有报工号")
    leader.get_by_role("button", name="保存", exact=True).click()
    expect(leader.get_by_role("status")).to_contain_text("尚未发布")
    agent.goto("/agent")
    expect(agent.locator("#my-results")).to_contain_text("还没有发布的结果")
    leader.get_by_role("button", name="发布").click()
    expect(leader.get_by_role("status")).to_contain_text("评分已发布给 7001")
    expect(leader.locator("svg.bars rect")).to_have_count(6)
    expect(leader.get_by_label("弱项").locator(".list-group-item").first).to_contain_text("开头语")
    agent.reload()
    results = agent.locator("#my-results")
    expect(results).to_contain_text("89")
    expect(results).to_contain_text("没有报工号")
    results.get_by_text("回复（一次）").click()
    results.get_by_label("我的回复").fill("线路噪音大")
    results.get_by_role("button", name="回复").click()
    expect(results).to_contain_text("我的回复：线路噪音大")
    leader.reload()
    leader.get_by_role("link", name="已回复").click()
    expect(leader.get_by_text("线路噪音大")).to_be_visible()
    assert "listened" in {entry.what for entry in store.read(access_log.newest, limit=9)}


def test_a_low_mean_is_training_until_it_was_given(
    signed_in: SignedIn, store: Store, call: Call, score: Callable[..., Scoring]
) -> None:
    """R04-2."""
    score(call(), Mark.NOT_MET)
    tab = signed_in("7050")
    tab.goto("/quality")
    card = tab.get_by_label("7001", exact=False).first
    expect(card).to_contain_text("待培训")
    card.get_by_role("link", name="7001").click()
    tab.get_by_label("培训了什么").fill("开头语")
    tab.get_by_role("button", name="登记培训").click()
    expect(tab.get_by_role("status")).to_contain_text("培训已登记")
    assert store.read(training.open_for, ["7001"]) == {}
    tab.goto("/quality")
    expect(tab.get_by_text("待培训").last).to_be_visible()
    expect(tab.locator(".badge", has_text="待培训")).to_have_count(0)


def test_a_call_is_chosen_on_the_page_of_calls_but_not_an_own_one(signed_in: SignedIn, call: Call) -> None:
    one = call()
    tab = signed_in("7050")
    tab.goto("/calls")
    tab.get_by_role("link", name="评分 7001").click()
    expect(tab.get_by_role("group").first).to_be_visible()
    assert tab.url.endswith(f"/quality/calls/{one.id}/7001")
    refused = tab.request.get(f"/quality/calls/{one.id}/7050")
    assert (refused.status, "不能给自己参与的通话评分" in refused.text()) == (404, True)


def test_what_was_typed_stays_when_a_score_is_refused(signed_in: SignedIn, call: Call) -> None:
    one = call()
    tab = signed_in("7050")
    tab.goto(f"/quality/calls/{one.id}/7001")
    fill(tab, but={"礼貌": "部分做到"})
    tab.get_by_label("评语").fill("语气\u202e生硬")
    tab.get_by_role("button", name="保存并发布").click()
    expect(tab.get_by_role("alert").filter(has_text="U+202E")).to_be_visible()
    expect(tab.get_by_label("评语")).to_have_value("语气\u202e生硬")
    expect(tab.locator("input[name=mark-courtesy]:checked")).to_have_value("partly")
    expect(tab.locator("input:checked")).to_have_count(10)


def test_a_complaint_about_me_hides_its_result_and_offers_nothing(
    signed_in: SignedIn, store: Store, policy: Policy, call: Call, score: Callable[..., Scoring]
) -> None:
    """R15-6."""
    one = call(TicketKind.COMPLAINT)
    score(one, Mark.PARTLY, "说话太冲")
    store.write(tickets.about, one.ticket.id, "7001", who="7002", at=SystemClock().now(), policy=policy)
    tab = signed_in("7001")
    tab.goto("/agent")
    expect(tab.locator("#my-results")).to_contain_text("投诉，不公开")
    expect(tab.locator("body")).not_to_contain_text("说话太冲")


def test_an_agent_has_no_page_of_quality(signed_in: SignedIn) -> None:
    tab = signed_in("7001")
    tab.goto("/tickets")
    expect(tab.get_by_role("link", name="质检")).to_have_count(0)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_shown_as_they_are_and_nothing_scrolls_sideways(
    signed_in: SignedIn, store: Store, call: Call, score: Callable[..., Scoring], words: str
) -> None:
    scoring = score(call(), Mark.PARTLY, words)
    store.write(scorings.remark, scoring.id, words, who="7001", at=SystemClock().now())
    other = call(minutes=30)
    leader, agent = signed_in("7050", viewport=NARROW), signed_in("7001", viewport=NARROW)
    leader.goto(f"/quality/scorings/{scoring.id}")
    expect(leader.get_by_text(words, exact=True)).to_have_count(2)
    agent.goto("/agent")
    expect(agent.locator("#my-results").get_by_text(words)).to_have_count(2)
    for path in (
        "/quality",
        "/quality/staff/7001",
        f"/quality/calls/{other.id}/7001",
        f"/quality/scorings/{scoring.id}",
    ):
        leader.goto(path)
        assert leader.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path

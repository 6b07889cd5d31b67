"""What a page watches follows the rows in a real Chromium, and says so when it cannot."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from jinja2 import BaseLoader, ChoiceLoader, DictLoader
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from console.app import Whole
from console.live import calls as live_calls
from console.live import registry
from console.pages import rendering
from models.calls import calls
from models.clock import SystemClock
from models.database.store import Store
from models.people import sign_ins
from models.states.calls import EndedBy
from models.states.people import SignInPlace
from tests.browser.tab import window
from tests.served import Served

pytestmark = pytest.mark.browser

_PLACE = '<section id="calls" data-live="calls" aria-busy="true"></section>'
_SOON_MS = 10_000


@pytest.fixture
def monitoring(chromium: Browser, running: Served[Whole], store: Store) -> Iterator[BrowserContext]:
    """The browser of somebody at the monitoring centre."""
    with monitored(chromium, running, store, "7030") as context:
        yield context


@contextmanager
def monitored(chromium: Browser, running: Served[Whole], store: Store, number: str) -> Iterator[BrowserContext]:
    """The browser of one of the staff; its console may be killed."""
    with window(chromium, running.address) as (context, watched):
        watched.forgiven = "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|/live"
        given = {"place": SignInPlace.BROWSER, "address": "127.0.0.1", "at": SystemClock().now()}
        secret = store.write(sign_ins.begin, number, **given)
        context.add_cookies([{"name": "hotline", "value": secret, "url": running.address}])
        yield context


def watches(context: BrowserContext, place: str = _PLACE) -> Page:
    """A tab with a page on which this stands."""
    tab = context.new_page()

    def with_place(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</h1>", f"</h1>{place}", 1))

    tab.route("**/tickets", with_place)
    tab.goto("/tickets")
    return tab


def streams(running: Served[Whole]) -> int:
    return int(running.app.api.state.live.streams)


def call(store: Store, channel: str = "1700000000.1") -> int:
    given = {"line": "8000", "caller_number": "13800138000", "language": "zh", "at": SystemClock().now()}
    return store.write(calls.begin, channel_id=channel, **given).id


def end(store: Store, number: int) -> None:
    store.write(calls.end, number, by=EndedBy.CALLER, reason="completed", at=SystemClock().now())


def test_a_call_appears_ages_and_goes(monitoring: BrowserContext, store: Store) -> None:
    tab = watches(monitoring)
    expect(tab.get_by_text("现在没有通话")).to_be_visible()
    number = call(store)
    expect(tab.get_by_text("138****8000")).to_be_visible()
    expect(tab.locator("[data-since]")).to_have_text("0:02")
    expect(tab.locator("[data-since]")).to_have_text("0:03")
    end(store, number)
    expect(tab.get_by_text("现在没有通话")).to_be_visible()


def test_ten_tabs_live_by_one_connection(monitoring: BrowserContext, running: Served[Whole], store: Store) -> None:
    tabs = [watches(monitoring) for _ in range(10)]
    for tab in tabs:
        expect(tab.get_by_text("现在没有通话")).to_be_visible()
    eventually(lambda: streams(running) == 1)
    call(store)
    for tab in tabs:
        expect(tab.get_by_text("138****8000")).to_be_visible()
    tabs[0].goto("/tickets?page=2")
    for tab in tabs[1:]:
        tab.close()
    eventually(lambda: streams(running) <= 1)


def test_without_a_shared_worker_each_tab_has_its_own_stream(
    monitoring: BrowserContext, running: Served[Whole], store: Store
) -> None:
    monitoring.add_init_script("delete window.SharedWorker")
    tabs = [watches(monitoring) for _ in range(2)]
    call(store)
    for tab in tabs:
        expect(tab.get_by_text("138****8000")).to_be_visible()
    assert streams(running) == 2


def test_the_console_is_killed_and_back_and_the_page_is_right_within_five_seconds(
    monitoring: BrowserContext, running: Served[Whole], store: Store
) -> None:
    tab = watches(monitoring)
    expect(tab.get_by_text("现在没有通话")).to_be_visible()
    for channel in ("1.1", "1.2", "1.3"):
        running.stop()
        number = call(store, channel)
        time.sleep(2)
        running.start()
        back = time.monotonic()
        expect(tab.locator(f"#call-{number}")).to_be_visible(timeout=_SOON_MS)
        assert time.monotonic() - back < 5


def test_a_tab_that_is_closed_while_the_console_is_away_leaves_the_others_live(
    monitoring: BrowserContext, running: Served[Whole], store: Store
) -> None:
    stays, goes = watches(monitoring), watches(monitoring)
    for tab in (stays, goes):
        expect(tab.get_by_text("现在没有通话")).to_be_visible()
    running.stop()
    stays.wait_for_timeout(2000)
    goes.close(run_before_unload=True)
    stays.wait_for_timeout(3000)
    running.start()
    number = call(store)
    expect(stays.locator(f"#call-{number}")).to_be_visible(timeout=_SOON_MS)


def test_after_25_seconds_of_silence_a_banner_says_so_and_goes_when_the_console_is_back(
    monitoring: BrowserContext, running: Served[Whole]
) -> None:
    tab = watches(monitoring)
    expect(tab.get_by_text("现在没有通话")).to_be_visible()
    running.stop()
    banner = tab.get_by_text("与服务器的连接已中断")
    expect(banner).to_be_hidden()
    expect(banner).to_be_visible(timeout=30_000)
    assert "grayscale" in tab.locator("#calls").evaluate("(place) => getComputedStyle(place).filter")
    running.start()
    expect(banner).to_be_hidden(timeout=_SOON_MS)
    assert tab.locator("#calls").evaluate("(place) => getComputedStyle(place).filter") == "none"


@pytest.mark.parametrize("path", ["/agent", "/tickets", "/my-work", "/wall", "/rooms", "/wakeups"])
def test_each_board_says_since_when_it_is_so_and_turns_grey_when_the_console_is_away(
    chromium: Browser, running: Served[Whole], store: Store, path: str
) -> None:
    with monitored(chromium, running, store, "7001" if path in ("/agent", "/rooms", "/wakeups") else "7050") as context:
        tab = context.new_page()
        tab.clock.install()
        tab.goto(path)
        boards = tab.locator("main [data-live]")
        assert boards.count() > 0
        expect(tab.locator("main [data-live]:not([data-as-of])")).to_have_count(0)
        assert re.fullmatch(r"更新于 \d\d:\d\d:\d\d|", boards.first.get_attribute("data-as-of") or "")
        running.stop()
        tab.clock.fast_forward(26_000)
        expect(tab.get_by_text("与服务器的连接已中断")).to_be_visible()
        for board in boards.all():
            assert "grayscale" in board.evaluate("(place) => getComputedStyle(place).filter")


def test_what_is_being_typed_is_never_replaced_and_what_is_typed_is_kept(
    monitoring: BrowserContext, store: Store
) -> None:
    tab = watches(monitoring)
    expect(tab.get_by_text("现在没有通话")).to_be_visible()
    tab.locator("#calls").evaluate("(place) => (place.innerHTML = '<input aria-label=\"note\">')")
    note = tab.get_by_label("note")
    note.press_sequentially("half a")
    call(store)
    tab.wait_for_timeout(1500)
    note.press_sequentially(" word")
    expect(note).to_have_value("half a word")
    tab.get_by_role("heading").first.click()
    expect(note).to_have_value("half a word")
    note.fill("")
    note.blur()
    expect(tab.get_by_text("138****8000")).to_be_visible()


def stands(tab: Page, html: str) -> None:
    """This stands in the place that follows the calls, until the next change of it."""
    expect(tab.get_by_text("现在没有通话")).to_be_visible()
    tab.locator("#calls").evaluate("(place, html) => (place.innerHTML = html)", html)


def test_a_recording_that_plays_is_heard_to_its_end(monitoring: BrowserContext, store: Store) -> None:
    tab = watches(monitoring)
    stands(tab, "<audio></audio>")
    tab.locator("#calls audio").evaluate(
        "(audio) => { audio.srcObject = new AudioContext().createMediaStreamDestination().stream;"
        " return audio.play(); }"
    )
    number = call(store)
    tab.wait_for_timeout(1500)
    assert tab.locator("#calls audio").evaluate("(audio) => !audio.paused")
    tab.locator("#calls audio").evaluate("(audio) => audio.pause()")
    expect(tab.locator(f"#call-{number}")).to_be_visible()


def test_a_number_that_is_marked_stays_marked_until_it_is_copied_or_20_seconds_have_passed(
    monitoring: BrowserContext, store: Store
) -> None:
    tab = watches(monitoring)
    stands(tab, "<p>13900139000</p>")
    tab.get_by_text("13900139000").click(click_count=3)
    first = call(store)
    tab.wait_for_timeout(1500)
    assert "13900139000" in tab.evaluate("String(getSelection())")
    tab.get_by_role("heading").first.click()
    expect(tab.locator(f"#call-{first}")).to_be_visible()
    tab.clock.install()
    tab.locator(f"#call-{first} strong").first.click(click_count=3)
    second = call(store, "1.2")
    tab.wait_for_timeout(1500)
    expect(tab.locator(f"#call-{second}")).to_have_count(0)
    tab.clock.fast_forward(21_000)
    expect(tab.locator(f"#call-{second}")).to_be_visible()


def test_a_part_that_is_open_stays_open_and_a_list_stays_where_it_is_scrolled_to(
    monitoring: BrowserContext, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "{% for call in calls %}<p>{{ call.line }}</p>{% endfor %}<p>7001</p>" + "<p>7002</p>" * 40
    parts = (
        f'<div class="directory" tabindex="0">{rows}</div><details><summary>open</summary>x</details>'
        "<details><summary>closed</summary>y</details>"
    )
    monkeypatch.setitem(registry.BOARDS, "parts", replace(live_calls.BOARD, name="parts", template="parts.html"))
    monkeypatch.setattr(rendering._ENVIRONMENT, "loader", ChoiceLoader([DictLoader({"parts.html": parts}), _loader()]))
    tab = watches(monitoring, '<section data-live="parts"></section>')
    tab.get_by_text("open", exact=True).click()
    tab.locator(".directory").evaluate("(list) => (list.scrollTop = 120)")
    call(store)
    expect(tab.get_by_text("8000", exact=True)).to_have_count(1)
    assert tab.locator(".directory").evaluate("(list) => list.scrollTop") == 120
    details = tab.locator("[data-live=parts] details")
    assert details.evaluate_all("(parts) => parts.map(({ open }) => open)") == [True, False]


def test_the_focus_stays_on_the_link_it_was_on(
    monitoring: BrowserContext, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = '{% for call in calls %}<a id="to-{{ call.id }}" href="/tickets">{{ call.line }}</a>{% endfor %}'
    monkeypatch.setitem(registry.BOARDS, "links", replace(live_calls.BOARD, name="links", template="links.html"))
    monkeypatch.setattr(rendering._ENVIRONMENT, "loader", ChoiceLoader([DictLoader({"links.html": links}), _loader()]))
    first = call(store)
    tab = watches(monitoring, '<section data-live="links"></section>')
    tab.locator(f"#to-{first}").focus()
    second = call(store, "1.2")
    expect(tab.locator(f"#to-{second}")).to_be_visible()
    expect(tab.locator(f"#to-{first}")).to_be_focused()


def _loader() -> BaseLoader:
    loader = rendering._ENVIRONMENT.loader
    assert loader is not None
    return loader


def test_who_is_signed_out_is_told_at_the_next_beat(monitoring: BrowserContext, store: Store) -> None:
    tab = watches(monitoring)
    expect(tab.get_by_text("现在没有通话")).to_be_visible()
    store.write(sign_ins.end_all, "7030", why="signed-out", at=SystemClock().now())
    expect(tab.get_by_text("您已退出登录")).to_be_visible(timeout=15_000)


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 15
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)

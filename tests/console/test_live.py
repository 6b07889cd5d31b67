"""What somebody watches follows the rows: first a snapshot, then every change, rendered once for all who see alike."""

import json
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

import httpx
import pytest

from console.app import Whole
from console.live import calls as live_calls
from console.live import hub, registry
from console.live.boards import MOST_OFTEN_S, Audience, Board
from models.calls import calls
from models.database.store import Store
from models.instance.home import Home
from models.instance.instance import RunningInstance
from models.people import access_log, accounts, sign_ins
from models.people.rights import Right
from models.policy import Policy
from models.site import Site
from models.states.calls import EndedBy
from models.states.people import SignInPlace
from tests.console.conftest import NOON, Clock
from tests.console.test_connections import AT_LEAST, HALF_A_HEAD, held
from tests.served import served

pytestmark = pytest.mark.console

PASSWORD = "nine lives of the cat"
Event = tuple[str, Any]


@dataclass
class Console:
    """A running console; `browser("7030")` is one in which this person is signed in."""

    app: Whole
    ends: Callable[[], None]
    address: str
    store: Store
    open_ones: ExitStack

    @property
    def hub(self) -> hub.Hub:
        live: hub.Hub = self.app.api.state.live
        return live

    def browser(self, number: str = "7030") -> httpx.Client:
        return self.open_ones.enter_context(
            httpx.Client(base_url=self.address, cookies={"hotline": signed_in(self.store, number)}, timeout=15)
        )


def signed_in(store: Store, number: str, at: datetime = NOON) -> str:
    """The secret of a new sign-in."""
    link = store.write(accounts.make_link, number, by="test", at=at, good_for=timedelta(hours=1))
    return accounts.use_link(store, link, PASSWORD, place=SignInPlace.BROWSER, address="127.0.0.1", at=at)


@pytest.fixture
def console(home: Home, site: Site, policy: Policy, store: Store, clock: Clock) -> Iterator[Console]:
    instance = RunningInstance(home, site, policy, store, clock)
    with ExitStack() as open_ones, served(lambda: Whole(instance), site, policy.api) as running:
        yield Console(running.app, running.stop, running.address, store, open_ones)


@contextmanager
def watching(browser: httpx.Client, *boards: str, who: str = "7030-zh") -> Iterator[Iterator[Event]]:
    with browser.stream("GET", "/live", params={"watch": ",".join(boards), "who": who}) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer.iter_lines())


def events(lines: Iterator[str]) -> Iterator[Event]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def board(heard: Iterator[Event], name: str = "calls") -> str:
    """The next HTML of this board."""
    return next(str(data[1]) for kind, data in heard if kind == "board" and data[0] == name)


def board_with(heard: Iterator[Event], text: str, name: str = "calls") -> str:
    return next(str(data[1]) for kind, data in heard if kind == "board" and data[0] == name and text in data[1])


def a_call(store: Store, channel: str = "1700000000.1", number: str | None = "13800138000") -> calls.Call:
    return store.write(calls.begin, channel_id=channel, line="8000", caller_number=number, language="zh", at=NOON)


def commits_a_call(url: str, tell: Connection) -> None:
    store = Store(url)
    tell.recv()
    a_call(store)
    tell.send(datetime.now(UTC))
    store.close()


def test_a_browser_is_sent_what_there_is_and_within_a_second_what_another_process_commits(
    console: Console, store: Store
) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=commits_a_call, args=(store.engine.url.render_as_string(), theirs))
    process.start()
    with watching(console.browser(), "calls") as heard:
        assert next(heard)[0] == "beat"
        assert "现在没有通话" in board(heard)
        ours.send("now")
        committed = ours.recv()
        html = board(heard)
        assert "8000" in html
        assert (datetime.now(UTC) - committed).total_seconds() < 1
    process.join(30)
    assert process.exitcode == 0


def test_fifty_browsers_of_one_audience_cost_one_rendering(console: Console, store: Store) -> None:
    secret = signed_in(store, "7030")
    with ExitStack() as streams:
        heard = []
        for number in range(50):
            # Of one sign-in there may be only a few.
            cookie = secret if number == 0 else store.write(another_sign_in)
            browser = streams.enter_context(
                httpx.Client(base_url=console.address, cookies={"hotline": cookie}, timeout=15)
            )
            heard.append(streams.enter_context(watching(browser, "calls")))
        for one in heard:
            assert "现在没有通话" in board(one)
        settled(console)
        before = console.hub.renderings
        a_call(store)
        for one in heard:
            assert "8000" in board(one)
        assert console.hub.renderings == before + 1


def another_sign_in(session: Any) -> str:
    return sign_ins.begin(session, "7030", place=SignInPlace.BROWSER, address="127.0.0.1", at=NOON)


def settled(console: Console) -> None:
    """Until nothing that was committed before is still to be read."""
    until, before = time.monotonic() + 10, -1
    while console.hub.renderings != before:
        assert time.monotonic() < until
        before = console.hub.renderings
        time.sleep(0.6)


def test_each_language_has_its_own(console: Console, store: Store) -> None:
    with (
        watching(console.browser(), "calls", who="7030-en") as en,
        watching(console.browser("7050"), "calls", who="7050-zh") as zh,
    ):
        assert "No calls at the moment" in board(en)
        assert "现在没有通话" in board(zh)


def test_numbers_are_masked(console: Console, store: Store) -> None:
    a_call(store)
    with watching(console.browser("7050"), "calls", who="7050-zh") as heard:
        html = board(heard)
    assert "138****8000" in html
    assert "13800138000" not in html


def test_a_hostile_number_stays_text(console: Console, store: Store) -> None:
    a_call(store, number="<img src=x onerror=alert(1)>\n\ndata: x")
    with watching(console.browser(), "calls") as heard:
        assert "<img" not in board(heard)


def test_a_board_is_closed_to_those_whose_post_has_not_the_right_and_open_to_others_meanwhile(
    console: Console, store: Store
) -> None:
    a_call(store)
    with (
        watching(console.browser(), "calls") as monitoring,
        watching(console.browser("7001"), "calls", "nonsense", who="7001-zh") as agent,
    ):
        assert "8000" in board(monitoring)
        for name in ("calls", "nonsense"):
            html = board(agent, name)
            assert "没有这一栏" in html
            assert "8000" not in html


def test_nobody_watches_without_signing_in(console: Console) -> None:
    stranger = httpx.Client(base_url=console.address)
    with stranger:
        answer = stranger.get("/live", params={"watch": "calls", "who": "7030-zh"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_a_page_that_was_made_for_somebody_else_gets_no_stream(console: Console) -> None:
    assert console.browser().get("/live", params={"watch": "calls", "who": "7001-zh"}).status_code == 409


def test_what_is_shown_alike_is_not_sent_again(console: Console, store: Store) -> None:
    with watching(console.browser(), "calls") as heard:
        board(heard)
        settled(console)
        before = console.hub.renderings
        store.write(access_log.log, who="7001", what="test", subject="", at=NOON)
        settled(console)
        assert console.hub.renderings > before
        a_call(store)
        assert "8000" in board(heard)


def test_however_often_is_committed_a_board_is_read_at_most_four_times_a_second(console: Console, store: Store) -> None:
    with watching(console.browser(), "calls") as heard:
        board(heard)
        before, began = console.hub.renderings, time.monotonic()
        for number in range(200):
            a_call(store, channel=f"1700000000.{number}")
        board_with(heard, 'id="call-200"')
        took = time.monotonic() - began
        assert console.hub.renderings - before <= took / MOST_OFTEN_S + 2


def row(line: str) -> live_calls.Row:
    return live_calls.Row(1, line, "7001", closed=False, outgoing=False, doing="waiting", since=NOON, staff=[])


def breaks(session: Any, audience: Audience, at: datetime, instance: Any) -> dict[str, Any]:
    raise ZeroDivisionError


def test_a_board_that_is_broken_says_so_and_takes_no_other_along(
    console: Console, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(registry.BOARDS, "broken", Board("broken", Right.CALLS, "live/calls.html", breaks))
    with watching(console.browser(), "broken", "calls") as heard:
        html = {data[0]: data[1] for kind, data in (next(heard) for _ in range(3)) if kind == "board"}
        assert "暂时无法显示" in html["broken"]
        a_call(store)
        assert "8000" in board(heard)
    assert "ZeroDivisionError" in caplog.text


def test_a_board_that_time_changes_is_read_at_its_own_pace(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(1_000_000))

    def ages(session: Any, audience: Audience, at: datetime, instance: Any) -> dict[str, Any]:
        return {"calls": [row(line=str(next(times)))]}

    monkeypatch.setitem(registry.BOARDS, "ages", Board("ages", Right.CALLS, "live/calls.html", ages, every_s=0.3))
    with watching(console.browser(), "ages") as heard:
        began = time.monotonic()
        assert len({board(heard, "ages") for _ in range(4)}) == 4
        assert time.monotonic() - began >= 0.8


def test_a_complaint_about_one_of_the_staff_is_closed_on_the_screen_that_all_see(
    console: Console, store: Store, policy: Policy
) -> None:
    from models.states.tickets import Source, TicketKind
    from models.tables import Ticket
    from models.tickets import intake

    call = a_call(store)
    ticket = store.write(
        intake.new,
        kind=TicketKind.COMPLAINT,
        source=Source.TELEPHONE,
        facts=intake.Facts("王建国", "13800138000", "rude", "an apology"),
        policy=policy,
        language="zh",
        who="7001",
        at=NOON,
    )

    def about(session: Any) -> None:
        session.get_one(Ticket, ticket.id).about_staff = "7002"
        calls.note(session, call.id, ticket_id=ticket.id)

    store.write(about)
    with watching(console.browser(), "calls") as heard:
        html = board(heard)
    assert "投诉，不公开" in html
    assert "138" not in html


def test_a_reader_that_does_not_take_what_it_is_sent_is_ended(
    console: Console, store: Store, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def much(session: Any, audience: Audience, at: datetime, instance: Any) -> dict[str, Any]:
        return {"calls": [row(line=f"{time.monotonic()}" + "x" * 200_000)]}

    monkeypatch.setitem(registry.BOARDS, "much", Board("much", Right.CALLS, "live/calls.html", much, every_s=0.01))
    secret = signed_in(store, "7030")
    ask = f"GET /live?watch=much&who=7030-zh HTTP/1.1\r\nhost: x\r\ncookie: hotline={secret}\r\n\r\n"
    with held(console.address, ask.encode(), 1) as (deaf,):
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        eventually(lambda: console.hub.streams == 1)
        eventually(lambda: console.hub.streams == 0)


def test_a_stream_is_no_idle_request_however_many_connections_there_are(
    console: Console, store: Store, policy: Policy
) -> None:
    with watching(console.browser(), "calls") as heard, held(console.address, HALF_A_HEAD, AT_LEAST):
        board(heard)
        time.sleep(policy.api.request_s + 1)
        with held(console.address, HALF_A_HEAD, AT_LEAST):
            a_call(store)
            assert "8000" in board(heard)


def test_of_too_many_streams_of_one_sign_in_the_oldest_ends(console: Console, policy: Policy) -> None:
    browser = console.browser()
    with ExitStack() as streams:
        heard = [
            streams.enter_context(watching(browser, "calls")) for _ in range(policy.console.streams_of_sign_in + 1)
        ]
        assert [name for name, _ in heard[0]] in (["beat", "board"], ["beat"])
        assert "现在没有通话" in board(heard[-1])


def test_more_streams_than_may_be_are_refused_in_words(console: Console, policy: Policy) -> None:
    state = console.app.api.state
    few = policy.model_copy(update={"console": policy.console.model_copy(update={"streams": 1})})
    state.instance = replace(state.instance, policy=few)
    with watching(console.browser(), "calls"):
        answer = console.browser("7050").get("/live", params={"watch": "calls", "who": "7050-zh"})
    assert answer.status_code == 503
    assert "请稍后再试" in answer.text


def test_a_stream_ends_with_its_sign_in(console: Console, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "BEAT_EVERY_S", 0.2)
    with watching(console.browser(), "calls") as heard:
        board(heard)
        store.write(sign_ins.end_all, "7030", why="signed-out", at=NOON)
        rest = list(heard)
    assert rest[-1][0] == "gone"


def test_a_stream_that_only_listens_keeps_no_sign_in_alive(
    console: Console, policy: Policy, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "BEAT_EVERY_S", 0.2)
    browser = console.browser()
    clock.forward(minutes=policy.console.idle_minutes - 1)
    with watching(browser, "calls") as heard:
        board(heard)
        clock.forward(minutes=1)
        assert list(heard)[-1][0] == "gone"


def test_the_console_ends_at_once_though_somebody_watches(console: Console) -> None:
    with watching(console.browser(), "calls") as heard:
        board(heard)
        began = time.monotonic()
        console.ends()
        assert time.monotonic() - began < 2
        with pytest.raises(httpx.RemoteProtocolError):
            list(heard)


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_call_is_waiting_then_rings_then_talks(console: Console, store: Store) -> None:
    with watching(console.browser(), "calls") as heard:
        call = a_call(store)
        assert "等待" in board_with(heard, "8000")
        ring = store.write(
            calls.begin_ring,
            call_id=call.id,
            ticket_id=None,
            stage="first",
            staff_number="7001",
            phone="7001",
            channel_id="r1",
            at=NOON,
        )
        assert "响铃" in board_with(heard, "7001")
        store.write(calls.end_ring, ring, outcome=calls.Ring.CONNECTED, rings=1, at=NOON)
        store.write(
            calls.begin_talk,
            call_id=call.id,
            staff_number="7001",
            bridge_id="b",
            caller_channel="c",
            leg_channel="r1",
            at=NOON,
        )
        assert "7001" in board_with(heard, "通话")
        store.write(calls.end, call.id, by=EndedBy.CALLER, reason="completed", at=NOON)
        assert "现在没有通话" in board_with(heard, "没有")


def test_what_happens_at_one_telephone_costs_nobody_else_a_rendering(console: Console, store: Store) -> None:
    numbers = ("7001", "7002", "7003", "7004")
    with ExitStack() as streams:
        heard = {
            number: streams.enter_context(watching(console.browser(number), "my-call", who=f"{number}-zh"))
            for number in numbers
        }
        for number in numbers:
            assert "现在没有来电" in board(heard[number], "my-call")
        before = console.hub.renderings
        call = a_call(store)
        phones = [("7001", "7001", "leg")]
        store.write(calls.begin_rings, phones, call_id=call.id, ticket_id=None, stage="group", at=NOON)
        assert "138****8000" in board(heard["7001"], "my-call")
        assert console.hub.renderings <= before + 2

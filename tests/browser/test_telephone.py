"""The agent calls, transfers and holds by a click; what ivr then does is written here as ivr writes it."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import clicks, transfers
from models.calls.clicks import Click, ClickKind, ClickOutcome
from models.clock import SystemClock
from models.database.store import Store
from models.policy import Policy
from models.site import Site
from models.states.calls import AttemptOutcome, TransferState
from models.states.tickets import TaskKind
from models.tables import Staff, Ticket
from models.tickets import tasks
from tests.browser.at_the_telephone import PlayedCall
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW

pytestmark = pytest.mark.browser


def clicked(store: Store) -> list[tuple[str, ClickKind, str | None]]:
    rows = store.read(lambda session: session.scalars(select(Click).order_by(Click.id)).all())
    return [(one.staff_number, one.kind, one.target) for one in rows]


def taken(store: Store, policy: Policy) -> Click:
    """As ivr takes it up."""
    click = store.write(clicks.take, node="hotline", policy=policy, at=SystemClock().now())
    assert click is not None
    return click


def ended(store: Store, click: Click, outcome: str) -> None:
    store.write(clicks.end, click.id, outcome, at=SystemClock().now())


@pytest.fixture
def agent(signed_in: SignedIn) -> Page:
    tab = signed_in("7001")
    tab.goto("/agent")
    return tab


@pytest.fixture
def talk(store: Store, policy: Policy) -> PlayedCall:
    """7001 talks in it."""
    call = PlayedCall(store, policy)
    call.taken_by("7001")
    return call


def test_a_colleague_is_called_and_each_step_is_shown_within_a_second(
    agent: Page, store: Store, policy: Policy
) -> None:
    hands = agent.locator("#my-hands")
    agent.get_by_role("button", name="拨打 7020").click()
    expect(hands).to_contain_text("拨打…")
    click = taken(store, policy)
    expect(hands).to_contain_text("请接起您的话机，随后呼叫 7020", timeout=1000)
    assert clicked(store) == [("7001", ClickKind.CALL, "7020")]
    store.write(clicks.dialling, click.id, PlayedCall(store, policy, number="7020").id)
    expect(hands).to_contain_text("正在呼叫 7020", timeout=1000)
    ended(store, click, AttemptOutcome.BUSY)
    expect(hands).to_contain_text("拨打 7020：忙", timeout=1000)


def test_a_number_outside_is_typed_and_shown_masked(agent: Page, store: Store, policy: Policy) -> None:
    agent.get_by_label("拨打号码").fill("139 0013-9000")
    agent.get_by_label("拨打号码").press("Enter")
    expect(agent.locator("#my-hands")).to_contain_text("拨打…")
    assert taken(store, policy).target == "13900139000"
    expect(agent.locator("#my-hands")).to_contain_text("随后呼叫 139****9000")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("110", "紧急号码"),
        ("16812345", "声讯号码"),
        ("7001", "这是您自己的号码"),
        ("<script>alert(1)</script>", "无法识别的号码"),
        ('"><img src=x onerror=alert(1)>', "无法识别的号码"),
        ("王\u202e建国", "看不见的控制字符"),
    ],
)
def test_what_is_not_called_is_refused_in_words_and_stays_typed(
    agent: Page, store: Store, number: str, why: str
) -> None:
    """R05-8, R20-5."""
    agent.get_by_label("拨打号码").fill(number)
    agent.get_by_role("button", name="拨打", exact=True).first.click()
    expect(agent.locator("main")).to_contain_text(why)
    expect(agent.get_by_label("拨打号码")).to_have_value(number)
    assert not store.read(clicks.any_waiting)


def test_what_is_typed_about_the_call_stays_while_the_caller_is_put_on_hold_and_taken_back(
    agent: Page, talk: PlayedCall, store: Store, policy: Policy
) -> None:
    """R11-3: nothing opens over what I am typing."""
    agent.get_by_label("问题").fill("厨房漏水，正在问")
    agent.get_by_role("button", name="保持").click()
    expect(agent.locator("#my-hands")).to_contain_text("保持…")
    hold = taken(store, policy)
    assert (hold.kind, hold.call_id) == (ClickKind.HOLD, talk.id)
    expect(agent.locator("#my-hands")).to_contain_text("对方在听音乐")
    agent.get_by_role("button", name="取回来电").click()
    expect(agent.locator("#my-hands")).to_contain_text("取回…")
    back = taken(store, policy)
    for click in (back, hold):
        ended(store, click, ClickOutcome.DONE)
    expect(agent.get_by_role("button", name="保持")).to_be_visible()
    expect(agent.get_by_label("问题")).to_have_value("厨房漏水，正在问")


def test_a_transfer_shows_asked_and_consented(agent: Page, talk: PlayedCall, store: Store, policy: Policy) -> None:
    """R05-4."""
    hands = agent.locator("#my-hands")
    agent.locator("#colleague-7020").get_by_role("button", name="转接", exact=True).click()
    expect(hands).to_contain_text("转接…")
    click = taken(store, policy)
    about: Any = {"call_id": talk.id, "ticket_id": talk.ticket.id, "by_staff": "7001"}
    transfer = store.write(clicks.begin_transfer, click.id, **about, at=SystemClock().now())
    store.write(transfers.wanted, transfer, "7020")
    for state, shown in (
        (TransferState.RINGING, "转接 7020：响铃中"),
        (TransferState.ASKED, "转接 7020：征询中"),
        (TransferState.CONSENTED, "7020 同意接听"),
    ):
        store.write(transfers.move, transfer, to=state, at=SystemClock().now())
        expect(hands).to_contain_text(shown, timeout=1000)


def test_a_transfer_that_nobody_took_says_why(agent: Page, talk: PlayedCall, store: Store, policy: Policy) -> None:
    agent.locator("#colleague-7020").get_by_role("button", name="先说事由").click()
    expect(agent.locator("#my-hands")).to_contain_text("转接…")
    click = taken(store, policy)
    assert click.with_reason
    about: Any = {"call_id": talk.id, "ticket_id": talk.ticket.id, "by_staff": "7001"}
    transfer = store.write(clicks.begin_transfer, click.id, **about, at=SystemClock().now())
    store.write(transfers.wanted, transfer, "7020")
    for state in (TransferState.RINGING, TransferState.NO_ANSWER):
        store.write(transfers.move, transfer, to=state, at=SystemClock().now())
    expect(agent.locator("#my-hands")).to_contain_text("未转接：7020 无人接")


def test_only_who_may_and_can_take_the_caller_is_offered(
    signed_in: SignedIn, talk: PlayedCall, store: Store, policy: Policy
) -> None:
    """R07-4: by the policy agents do not transfer to one another's talks, breaks or to who is off duty."""
    other = PlayedCall(store, policy, number="13900139001")
    other.taken_by("7002")
    other.rings_at("7010")
    store.write(lambda session: setattr(session.get_one(Staff, "7021"), "on_duty", False))
    tab = signed_in("7001")
    tab.goto("/agent")
    for number, state, offered in (
        ("7002", "通话", 0),
        ("7010", "响铃", 0),
        ("7021", "不在岗", 0),
        ("7020", "空闲", 1),
    ):
        row = tab.locator(f"#colleague-{number}")
        expect(row).to_contain_text(state)
        expect(row.get_by_role("button", name="转接", exact=True)).to_have_count(offered)
    assert tab.locator("#colleague-7001").count() == 0


def test_a_click_that_nobody_takes_up_is_void_and_the_screen_says_so(agent: Page, store: Store, policy: Policy) -> None:
    agent.get_by_role("button", name="拨打 7020").click()
    expect(agent.locator("#my-hands")).to_contain_text("已作废，请重试", timeout=12_000)
    assert store.write(clicks.take, node="hotline", policy=policy, at=SystemClock().now()) is None


def test_a_due_call_back_is_made_with_a_click_and_not_one_about_me(
    signed_in: SignedIn, store: Store, policy: Policy, site: Site
) -> None:
    """R17-1, R15-6."""
    at = SystemClock().now()
    about = PlayedCall(store, policy, number="13900139777")
    about.ends()
    store.write(lambda session: setattr(session.get_one(Ticket, about.ticket.id), "about_staff", "7001"))
    owed: dict[str, Any] = {"kind": TaskKind.CALL_BACK, "owner_group": "agents", "at": at, "call_id": None}
    store.write(tasks.open, number="13900139777", ticket_id=about.ticket.id, due_at=at, **owed)
    due = at + timedelta(minutes=20)
    task = store.write(tasks.open, number="13900139888", ticket_id=None, due_at=due, **owed)
    tab = signed_in("7001")
    tab.goto("/agent")
    expect(tab.locator("#my-colleagues")).to_contain_text("139****9888")
    expect(tab.locator("#my-colleagues")).not_to_contain_text("139****9777")
    tab.get_by_role("button", name="回电").click()
    expect(tab.locator("#my-hands")).to_contain_text("回电…")
    click = taken(store, policy)
    assert click.task_id == task.id
    store.write(clicks.pass_on_call_back, click, site=site, policy=policy, at=SystemClock().now())
    expect(tab.locator("#my-hands")).to_contain_text("您的话机即将响铃")


def test_names_are_text_and_at_390_px_nothing_scrolls_sideways(
    signed_in: SignedIn, talk: PlayedCall, store: Store
) -> None:
    hostile = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "王\u202e建国")

    def rename(session: Session) -> None:
        for number, name in zip(("7002", "7020", "7021"), hostile, strict=True):
            session.get_one(Staff, number).name = name

    store.write(rename)
    tab = signed_in("7001", viewport=NARROW)
    tab.goto("/agent")
    for name in hostile[:2]:
        expect(tab.locator("#my-colleagues")).to_contain_text(name)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")

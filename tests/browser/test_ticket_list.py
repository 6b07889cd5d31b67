"""The list of tickets says what has changed in it, and moves no row before somebody asks for it."""

import pytest
from playwright.sync_api import Page, expect

from models.database.store import Store
from models.policy import Policy
from models.states.tickets import TicketState
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW
from tests.browser.ticket_desk import Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(store: Store, policy: Policy) -> Desk:
    return Desk(store, policy)


def top(tab: Page, number: int) -> float:
    box = tab.locator(".ticket-row", has_text=str(number)).bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("viewport", [None, NARROW])
def test_new_and_changed_tickets_are_counted_and_come_when_they_are_asked_for(
    signed_in: SignedIn, desk: Desk, viewport: dict[str, int] | None
) -> None:
    there, closes = desk.opens("楼道灯坏", hours=2), desk.opens("门锁坏", hours=1)
    tab = signed_in("7001", **({"viewport": viewport} if viewport else {}))
    tab.goto("/tickets")
    line = tab.locator("#changed")
    expect(line).to_contain_text("列表已是最新")
    before = top(tab, there)
    tab.get_by_label("内容或工单号").fill("写到一半")
    new = desk.opens("厨房漏水")
    expect(line).to_contain_text("1 张工单有变化")
    desk.moves(closes, TicketState.DONE)
    desk.moves(closes, TicketState.CONFIRMED)
    desk.moves(closes, TicketState.CLOSED)
    expect(line).to_contain_text("2 张工单有变化")
    expect(tab.get_by_role("link", name=str(new))).to_have_count(0)
    expect(tab.get_by_label("内容或工单号")).to_have_value("写到一半")
    assert top(tab, there) == before, "no row moves under a finger"
    line.get_by_role("link", name="显示").click()
    expect(tab.get_by_role("link", name=str(new))).to_be_visible()
    expect(tab.get_by_role("link", name=str(closes))).to_have_count(0)
    expect(tab.locator("#changed")).to_contain_text("列表已是最新")


def test_a_technicians_list_counts_only_the_tickets_of_the_department(signed_in: SignedIn, desk: Desk) -> None:
    tab = signed_in("7020")
    tab.goto("/tickets")
    desk.opens("前台的事")
    desk.sends(desk.opens("水泵的事"), "engineering")
    expect(tab.locator("#changed")).to_contain_text("1 张工单有变化")


def test_the_ticket_that_somebody_else_changes_moves_no_button(signed_in: SignedIn, desk: Desk) -> None:
    number = desk.opens()
    tab = signed_in("7001")
    tab.goto(f"/tickets/{number}")
    heading = tab.locator(".ticket-page")
    before = heading.bounding_box()
    desk.moves(number, TicketState.DONE)
    expect(tab.get_by_text("此单刚有变化")).to_be_visible()
    assert heading.bounding_box() == before

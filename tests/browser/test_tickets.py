"""Tickets on the screen: found, read, written on; nothing typed is lost."""

import pytest
from playwright.sync_api import expect

from models.clock import SystemClock
from models.database.store import Store
from models.policy import Policy
from models.states.tickets import Source, TicketKind
from models.tickets import intake
from models.tickets.intake import Facts
from tests.browser.conftest import SignedIn

pytestmark = pytest.mark.browser


@pytest.fixture
def ticket(store: Store, policy: Policy) -> int:
    facts = Facts(contact_name="王建国", contact_number="13900139000", problem="厨房漏水", need="派人修理")
    given = {"kind": TicketKind.REPAIR, "source": Source.TELEPHONE, "facts": facts, "who": "7001", "language": "zh"}
    opened = store.write(intake.new, **given, at=SystemClock().now(), policy=policy)
    return opened.number


def test_an_agent_reads_a_ticket_and_adds_a_note(signed_in: SignedIn, ticket: int) -> None:
    tab = signed_in("7001")
    tab.goto("/tickets")
    tab.get_by_role("link", name=str(ticket)).click()
    expect(tab.get_by_text("厨房漏水")).to_be_visible()
    tab.get_by_label("备注").fill("已电话联系")
    tab.get_by_role("button", name="备注").click()
    expect(tab.get_by_role("status")).to_contain_text("已备注")


def test_a_refused_note_is_shown_again_with_what_was_typed(signed_in: SignedIn, ticket: int) -> None:
    tab = signed_in("7001")
    tab.goto(f"/tickets/{ticket}")
    tab.get_by_label("备注").fill("   ")
    tab.get_by_role("button", name="备注").click()
    expect(tab.get_by_role("alert")).to_be_visible()
    expect(tab.get_by_label("备注")).to_have_value("   ")


def test_names_are_masked_until_a_reason_is_given_once(signed_in: SignedIn, ticket: int) -> None:
    tab = signed_in("7001")
    tab.goto(f"/tickets/{ticket}")
    expect(tab.get_by_text("王**")).to_be_visible()
    tab.get_by_role("button", name="显示姓名号码").click()
    tab.get_by_label("查看原因").fill("回电")
    tab.get_by_role("button", name="显示", exact=True).click()
    expect(tab.get_by_text("王建国")).to_be_visible()
    tab.goto(f"/tickets/{ticket}")
    expect(tab.get_by_text("王**")).to_be_visible()

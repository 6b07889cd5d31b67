"""The wall: what happens now is on the screen within a second, and a click takes a late ticket."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from models.calls import calls
from models.clock import SystemClock
from models.database.store import Store
from models.policy import Policy
from models.states.calls import EndedBy
from models.states.tickets import Source, TicketKind
from models.tables import Ticket
from models.tickets import escalations, intake
from models.tickets.intake import Facts
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW

pytestmark = pytest.mark.browser

SOON_MS = 3000


def tile(tab: Page, name: str) -> Locator:
    return tab.locator(f'a.card-link:has-text("{name}") .display-6')


def test_a_call_is_on_the_wall_while_it_rings_and_gone_when_it_ends(signed_in: SignedIn, store: Store) -> None:
    tab = signed_in("7030")
    tab.goto("/wall")
    expect(tile(tab, "响铃")).to_have_text("0", timeout=SOON_MS)
    at = SystemClock().now()
    whose = {"line": "8000", "mode": "hotline", "caller_number": "13900139000", "language": "zh"}
    call = store.write(calls.begin, channel_id="c1", **whose, at=at)
    phone = {"stage": "group", "staff_number": "7001", "phone": "7001", "channel_id": "l1"}
    store.write(calls.begin_ring, call_id=call.id, ticket_id=None, **phone, at=at)
    expect(tab.get_by_text("139****9000")).to_be_visible(timeout=SOON_MS)
    expect(tile(tab, "响铃")).to_have_text("1", timeout=SOON_MS)
    store.write(calls.end, call.id, by=EndedBy.CALLER, reason="completed", at=SystemClock().now())
    expect(tab.get_by_text("139****9000")).to_have_count(0, timeout=SOON_MS)


def test_the_duty_manager_takes_a_late_ticket_by_a_click(signed_in: SignedIn, store: Store, policy: Policy) -> None:
    at = SystemClock().now()
    facts = Facts(contact_name="王建国", contact_number="13900139000", problem="电梯困人", need="救援")
    given = {
        "kind": TicketKind.URGENT_REPAIR,
        "source": Source.TELEPHONE,
        "facts": facts,
        "who": "7001",
        "language": "zh",
    }
    ticket = store.write(intake.new, **given, at=at - timedelta(hours=2), policy=policy)
    overdue = update(Ticket).values(next_due_at=at - timedelta(hours=1))
    store.write(lambda session: session.execute(overdue))
    assert store.write(escalations.begin, ticket.id, at=at, policy=policy)
    tab = signed_in("7050")
    tab.goto("/wall")
    expect(tile(tab, "超时工单")).to_have_text("1", timeout=SOON_MS)
    tab.get_by_role("button", name="我来").click()
    expect(tab.get_by_role("status")).to_contain_text("由您负责")
    assert store.read(escalations.going_on, limit=5) == []


def test_the_wall_fits_a_telephone_and_a_television(signed_in: SignedIn) -> None:
    tab = signed_in("7050", viewport=NARROW)
    tab.goto("/wall")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.goto("/wall?tv=1")
    expect(tab.locator("#wall")).to_have_attribute("data-as-of", re.compile(r"^更新于 \d\d:\d\d:\d\d$"))
    expect(tab.get_by_role("navigation")).to_have_count(0)


def test_an_agent_does_not_see_the_wall(signed_in: SignedIn) -> None:
    tab = signed_in("7001")
    tab.goto("/agent")
    expect(tab.get_by_role("link", name="现场")).to_have_count(0)

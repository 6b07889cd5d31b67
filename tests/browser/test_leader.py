"""The management sheet: the same figures as `hotline report`, how they have gone, and what is behind them."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models.calls import calls
from models.clock import SystemClock
from models.database.store import Store
from models.instance.instance import RunningInstance
from models.reports.period import Period, PeriodKind
from models.reports.report import make
from models.reports.wording import number
from models.states.calls import EndedBy, Ring
from tests.browser.conftest import SignedIn

pytestmark = pytest.mark.browser


@pytest.fixture
def answered(store: Store) -> int:
    """A call that 7001 answered at the second ring, and one that nobody answered."""
    at = SystemClock().now() - timedelta(minutes=3)
    found = []
    for place, outcome in enumerate((Ring.CONNECTED, Ring.CALLER_GONE)):
        began = at + timedelta(minutes=place)
        whose = {"line": "8000", "mode": "hotline", "caller_number": "13900139000", "language": "zh"}
        call = store.write(calls.begin, channel_id=f"c{place}", **whose, at=began)
        found.append(call.id)
        phone = {"stage": "group", "staff_number": "7001", "phone": "7001", "channel_id": f"l{place}"}
        ring = store.write(calls.begin_ring, call_id=call.id, ticket_id=None, **phone, at=began)
        store.write(calls.end_ring, ring, outcome=outcome, rings=2, at=began + timedelta(seconds=8))
        store.write(calls.end, call.id, by=EndedBy.CALLER, reason="completed", at=began + timedelta(seconds=30))
    return len(found)


def test_the_sheet_has_the_figures_of_the_report(signed_in: SignedIn, answered: int, instance: RunningInstance) -> None:
    now = SystemClock().now()
    period = Period.around(PeriodKind.DAY, now.astimezone(instance.site.time_zone).date(), instance.site.time_zone)
    report = instance.store.read(make, period, policy=instance.policy, at=now)
    tab = signed_in("7050")
    tab.goto("/sheet?kind=day")
    for counted in report.sections:
        if counted.section.about != "all":
            continue
        for figure in counted.section.figures:
            item = tab.locator(f'.datagrid-item:has(a[href*="/trend/{counted.section.key}/{figure.key}?"])')
            expect(item.locator(".datagrid-content")).to_contain_text(number(counted.value("", figure), figure.unit))


def test_a_number_leads_to_its_calls_and_a_name_to_its_trend(signed_in: SignedIn, answered: int) -> None:
    tab = signed_in("7050")
    tab.goto("/sheet?kind=day")
    tab.locator('a.text-reset[href^="/calls?"]').first.click()
    expect(tab.get_by_role("heading", name="来电")).to_be_visible()
    expect(tab.get_by_text("139****9000").first).to_be_visible()
    tab.goto("/sheet/trend/calls/calls?kind=week")
    expect(tab.locator("svg.bars rect")).to_have_count(16)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_export_is_the_reports_file_and_is_logged(signed_in: SignedIn, store: Store, form: str) -> None:
    tab = signed_in("7050")
    tab.goto("/sheet")
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Excel" if form == "xlsx" else "CSV").click()
    assert download.value.suggested_filename.endswith(f".{form}")


def test_an_agent_has_no_sheet(signed_in: SignedIn) -> None:
    tab = signed_in("7001")
    tab.goto("/tickets")
    expect(tab.get_by_role("link", name="报表")).to_have_count(0)

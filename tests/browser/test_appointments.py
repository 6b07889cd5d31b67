"""An appointment on the screen: agreed, read back, moved, missed, cancelled; the technician sees it in his work."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models.database.store import Store
from models.policy import Policy
from models.site import Site
from models.states.tickets import AppointmentEnding, TicketState
from models.tables import FIRST_NUMBER, Appointment
from models.tickets import appointments, due_appointments, kept_appointments
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW
from tests.browser.ticket_desk import Desk, open_act, sees_no_such_page

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(store: Store, policy: Policy) -> Desk:
    return Desk(store, policy)


def kept(desk: Desk, number: int) -> list[Appointment]:
    return desk.store.read(kept_appointments.of_ticket, number - FIRST_NUMBER)


def test_an_appointment_is_read_back_moved_and_cancelled_and_all_of_it_is_on_the_timeline(
    signed_in: SignedIn, desk: Desk
) -> None:
    """R10-2."""
    number = desk.opens()
    first, second = ((desk.now + timedelta(days=days)).strftime("%Y-%m-%dT14:00") for days in (1, 2))
    tab = signed_in("7001")
    tab.goto(f"/tickets/{number}")
    open_act(tab, "预约上门")
    tab.get_by_label("与客户约好的时间").fill(first)
    tab.get_by_role("button", name="复述").first.click()
    expect(tab.get_by_text("请向客户复述这个时间")).to_be_visible()
    assert kept(desk, number) == [], "nothing is saved yet"
    tab.get_by_role("button", name="保存预约").click()
    expect(tab.get_by_role("status")).to_contain_text("预约已保存")
    expect(tab.get_by_label("时限", exact=True).get_by_text("与客户的预约")).to_be_visible()
    open_act(tab, "预约上门")
    tab.get_by_label("与客户约好的新时间").fill(second)
    tab.get_by_role("button", name="复述").first.click()
    expect(tab.get_by_text("原预约")).to_be_visible()
    tab.get_by_label("改约原因").fill("家中无人")
    tab.get_by_role("button", name="改约", exact=True).click()
    expect(tab.get_by_role("status")).to_contain_text("已改约")
    open_act(tab, "预约上门")
    tab.get_by_role("button", name="取消预约").click()
    asked = tab.get_by_role("dialog")
    asked.get_by_label("取消原因").fill("自行修好")
    asked.get_by_role("button", name="取消预约").click()
    expect(tab.get_by_role("status")).to_contain_text("预约已取消")
    assert [one.ending for one in kept(desk, number)] == [AppointmentEnding.MOVED, AppointmentEnding.CANCELLED]
    timeline = tab.get_by_label("经过", exact=True)
    for words in ("预约上门", "改约", "家中无人", "取消预约", "自行修好"):
        expect(timeline).to_contain_text(words)


def test_what_cannot_be_is_refused_on_the_tickets_page(signed_in: SignedIn, desk: Desk) -> None:
    number = desk.opens()
    tab = signed_in("7001")
    for due, why in (
        ("soon", "请选择日期和时间"),
        ("2020-01-01T10:00", "已经过去"),
        ("2199-01-01T10:00", "最远只能约"),
    ):
        tab.goto(f"/tickets/{number}/appointment?due={due}")
        expect(tab.get_by_role("alert")).to_contain_text(why)
    due_at = (desk.now + timedelta(days=1)).strftime("%Y-%m-%dT14:00")
    tab.goto(f"/tickets/{number}/appointment?due={due_at}")
    given = {"due_at": desk.now + timedelta(hours=3), "who": "7002", "at": desk.now, "policy": desk.policy}
    desk.store.write(appointments.make, number - FIRST_NUMBER, **given)  # type: ignore[arg-type]
    tab.get_by_role("button", name="保存预约").click()
    expect(tab.get_by_role("alert")).to_contain_text("已有预约")
    assert len(kept(desk, number)) == 1, "a colleague was first"
    desk.sends(number, "agents")
    assert sees_no_such_page(signed_in("7020"), f"/tickets/{number}/appointment?due={due_at}")


def test_the_technician_sees_it_in_his_work_and_a_missed_one_is_red_until_he_is_there(
    signed_in: SignedIn, desk: Desk, site: Site
) -> None:
    """R10-3: also in the list."""
    number = desk.opens()
    desk.sends(number, "engineering", "7020")
    desk.moves(number, TicketState.ACCEPTED)
    before = desk.now - timedelta(hours=2)
    given = {"due_at": desk.now - timedelta(hours=1), "who": "7001", "at": before, "policy": desk.policy}
    made = desk.store.write(appointments.make, number - FIRST_NUMBER, **given)  # type: ignore[arg-type]
    desk.store.write(due_appointments.handle, made.id, at=desk.now, policy=desk.policy, site=site)
    tab = signed_in("7020", viewport=NARROW)
    tab.goto("/my-work")
    card = tab.get_by_label(f"工单 {number}")
    expect(card.locator(".text-red", has_text="预约")).to_be_visible()
    tab.goto("/tickets")
    expect(tab.locator(".ticket-row", has_text=str(number))).to_contain_text("预约")
    tab.goto(f"/tickets/{number}")
    expect(tab.get_by_label("时限", exact=True).get_by_text("预约时间未到场")).to_be_visible()
    expect(tab.get_by_label("经过", exact=True).get_by_text("预约时间未到场")).to_be_visible()
    tab.goto("/my-work")
    card.get_by_role("button", name="已到场").click()
    expect(tab.get_by_role("status")).to_contain_text("已更新")
    expect(card.get_by_text("预约")).to_have_count(0)
    assert [one.ending for one in kept(desk, number)] == [AppointmentEnding.MISSED]

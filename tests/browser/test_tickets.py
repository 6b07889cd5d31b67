"""Tickets on the screen: found, read, handled; nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models.clock import SystemClock
from models.database.store import Store
from models.policy import Policy
from models.states.tickets import Source, TicketKind, TicketState
from models.tickets import intake, tickets
from models.tickets.intake import Facts
from tests.browser.conftest import SignedIn
from tests.browser.ticket_desk import Desk, logged, open_act, sees_no_such_page

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(store: Store, policy: Policy) -> Desk:
    return Desk(store, policy)


def test_an_agent_reads_a_ticket_and_adds_a_note(signed_in: SignedIn, desk: Desk) -> None:
    number = desk.opens()
    tab = signed_in("7001")
    tab.goto("/tickets")
    tab.get_by_role("link", name=str(number)).click()
    expect(tab.get_by_text("厨房漏水").first).to_be_visible()
    open_act(tab, "备注")
    tab.get_by_label("内容", exact=True).fill("已电话联系")
    tab.get_by_role("button", name="记录").click()
    expect(tab.get_by_role("status")).to_contain_text("已记录")
    expect(tab.get_by_text("已电话联系")).to_be_visible()


def test_a_refused_step_is_shown_again_with_what_was_typed(signed_in: SignedIn, desk: Desk) -> None:
    """R08-7: waiting needs a customer who has been informed."""
    number = desk.opens()
    tab = signed_in("7001")
    tab.goto(f"/tickets/{number}")
    tab.get_by_text("等待中", exact=True).click()
    tab.get_by_label("说明").first.fill("等水泵配件")
    tab.get_by_role("button", name="保存").first.click()
    expect(tab.get_by_role("alert")).to_contain_text("R08-7")
    expect(tab.get_by_label("说明").first).to_have_value("等水泵配件")
    expect(tab.get_by_label("等待中")).to_be_checked()
    tab.get_by_label("已告知客户", exact=True).check()
    tab.get_by_role("button", name="保存").first.click()
    expect(tab.get_by_role("status")).to_be_visible()
    assert desk.state(number) is TicketState.WAITING


def test_only_the_states_that_may_come_next_are_offered(signed_in: SignedIn, desk: Desk) -> None:
    number = desk.opens()
    desk.moves(number, TicketState.DONE)
    tab = signed_in("7001")
    tab.goto(f"/tickets/{number}")
    assert tab.locator("input[name=to]").evaluate_all("all => all.map(one => one.value)") == [
        "confirmed",
        "reopened",
        "closed",
    ]
    tab.get_by_text("重新打开", exact=True).click()
    tab.get_by_role("button", name="保存").first.click()
    expect(tab.get_by_role("status")).to_be_visible()
    assert desk.state(number) is TicketState.REOPENED
    expect(tab.get_by_text("重新打开后").first).to_be_visible()


def test_names_are_masked_until_a_reason_is_given_once(signed_in: SignedIn, desk: Desk) -> None:
    number = desk.opens()
    tab = signed_in("7001")
    tab.goto(f"/tickets/{number}")
    expect(tab.get_by_text("王**").first).to_be_visible()
    tab.get_by_role("button", name="显示姓名号码").click()
    tab.get_by_label("查看原因").fill("回电")
    tab.get_by_role("button", name="显示", exact=True).click()
    expect(tab.get_by_text("王建国").first).to_be_visible()
    tab.goto(f"/tickets/{number}")
    expect(tab.get_by_text("王**").first).to_be_visible()


def test_the_late_ticket_stands_first_and_the_filters_are_in_the_address(signed_in: SignedIn, desk: Desk) -> None:
    fresh, late = desk.opens("灯不亮"), desk.opens("电梯异响", hours=48)
    desk.sends(late, "engineering")
    tab = signed_in("7001")
    tab.goto("/tickets")
    rows = tab.locator(".ticket-row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(str(late))
    expect(rows.first).to_contain_text("超时")
    tab.get_by_label("内容或工单号").fill("灯")
    tab.get_by_role("button", name="查找", exact=True).click()
    expect(rows).to_have_count(1)
    assert "q=%E7%81%AF" in tab.url
    tab.goto("/tickets?late=1&department=engineering")
    expect(rows).to_have_count(1)
    tab.get_by_label("内容或工单号").fill(str(fresh))
    tab.get_by_role("button", name="查找", exact=True).click()
    expect(tab).to_have_url(re.compile(f"/tickets/{fresh}$"))


def test_a_view_is_saved_and_stands_beside_the_others(signed_in: SignedIn, desk: Desk) -> None:
    desk.opens()
    tab = signed_in("7001")
    tab.goto("/tickets?kind=complaint&late=1")
    tab.get_by_role("button", name="存为视图").click()
    tab.get_by_label("名称").fill("超时投诉")
    tab.get_by_role("button", name="保存", exact=True).click()
    tab.goto("/tickets")
    tab.get_by_role("link", name="超时投诉").click()
    expect(tab).to_have_url(re.compile(r"/tickets\?kind=complaint&late=1$"))
    expect(tab.get_by_role("link", name="超时投诉")).to_have_attribute("aria-current", "page")
    other = signed_in("7002")
    other.goto("/tickets")
    expect(other.get_by_role("link", name="超时投诉")).to_have_count(0)
    tab.get_by_role("button", name="删除此视图").click()
    tab.get_by_role("dialog").get_by_role("button", name="删除此视图").click()
    expect(tab.get_by_role("link", name="超时投诉")).to_have_count(0)


def test_a_number_is_looked_for_with_a_reason_and_stands_in_no_address(
    signed_in: SignedIn, desk: Desk, store: Store
) -> None:
    """R05-9, R08-9."""
    number, other = desk.opens(), desk.opens("灯不亮", contact_name="李秀兰", contact_number="13700137000")
    tab = signed_in("7001")
    tab.goto("/tickets")
    tab.get_by_role("button", name="按号码、姓名").click()
    tab.get_by_label("电话号码").fill("139 0013 9000")
    tab.get_by_label("查找原因").fill("来电")
    tab.get_by_role("dialog").get_by_role("button", name="查找").click()
    expect(tab.locator(".ticket-row")).to_have_count(1)
    expect(tab.locator(".ticket-row")).to_contain_text(str(number))
    assert "139" not in tab.url
    assert str(other) not in tab.locator(".list-group").inner_text()
    (entry,) = logged(store)
    assert (entry.who, entry.subject) == ("7001", "tickets: caller 139****9000: 来电")
    technician = signed_in("7020")
    technician.goto("/tickets")
    expect(technician.get_by_role("button", name="按号码、姓名")).to_have_count(0)


def test_a_technician_finds_only_the_tickets_of_the_department(signed_in: SignedIn, desk: Desk) -> None:
    own, other = desk.opens(), desk.opens("态度不好")
    desk.sends(own, "engineering")
    tab = signed_in("7020")
    for address in ("/tickets", "/tickets?state=all", "/tickets?department=agents", "/tickets?q=%E6%80%81"):
        tab.goto(address)
        assert str(other) not in tab.locator("main").inner_text()
    tab.goto("/tickets")
    expect(tab.get_by_role("link", name=str(own))).to_be_visible()
    assert sees_no_such_page(tab, f"/tickets/{other}")
    assert sees_no_such_page(tab, f"/tickets/{other}/promise?due=2030-01-01T10:00")


def test_each_deadline_says_how_it_was_counted(signed_in: SignedIn, desk: Desk) -> None:
    number = desk.opens()
    tab = signed_in("7001")
    tab.goto(f"/tickets/{number}")
    deadlines = tab.get_by_label("时限", exact=True)
    expect(deadlines.locator("progress")).not_to_have_count(0)
    deadlines.locator("summary", has_text="R06-3").click()
    expect(deadlines.get_by_text("第 3 个工作日")).to_be_visible()


def test_a_promise_is_read_back_before_it_is_saved_and_put_off_once(signed_in: SignedIn, desk: Desk) -> None:
    """R15-2, R15-3."""
    number = desk.opens()
    first, second = ((desk.now + timedelta(days=days)).strftime("%Y-%m-%dT18:00") for days in (1, 2))
    tab = signed_in("7001")
    tab.goto(f"/tickets/{number}")
    open_act(tab, "承诺时限")
    tab.get_by_label("向客户承诺的时间").fill(first)
    tab.get_by_role("button", name="复述").click()
    expect(tab.get_by_text("请向客户复述这个时间")).to_be_visible()
    expect(tab.locator("p.h1")).to_contain_text("18:00")
    tab.get_by_role("button", name="保存承诺").click()
    expect(tab.get_by_text("对客户的承诺")).to_be_visible()
    open_act(tab, "延期（仅一次）")
    tab.get_by_label("新的时间").fill(second)
    tab.get_by_role("button", name="复述").click()
    tab.get_by_label("延期原因").fill("等配件")
    tab.get_by_role("button", name="延期", exact=True).click()
    expect(tab.get_by_role("alert")).to_contain_text("R15-3")
    expect(tab.get_by_label("延期原因")).to_have_value("等配件")
    tab.get_by_label("已告知客户新的时间和原因").check()
    tab.get_by_role("button", name="延期", exact=True).click()
    expect(tab.get_by_text("已延期一次")).to_be_visible()
    expect(tab.locator("summary", has_text="延期（仅一次）")).to_have_count(0)


def test_a_promise_without_a_time_is_refused_on_the_tickets_page(signed_in: SignedIn, desk: Desk) -> None:
    number = desk.opens()
    tab = signed_in("7001")
    tab.goto(f"/tickets/{number}/promise?due=soon")
    expect(tab.get_by_role("alert")).to_contain_text("请选择日期和时间")


def test_a_merged_ticket_leads_to_the_one_that_goes_on(signed_in: SignedIn, desk: Desk) -> None:
    first, second = desk.opens(), desk.opens("漏水，第二次来电")
    tab = signed_in("7001")
    tab.goto(f"/tickets/{second}")
    open_act(tab, "合并")
    tab.get_by_label("并入工单").fill("4711")
    tab.get_by_role("button", name="对照").click()
    expect(tab.get_by_role("alert")).to_contain_text("没有工单 4711")
    open_act(tab, "合并")
    tab.get_by_label("并入工单").fill(str(first))
    tab.get_by_role("button", name="对照").click()
    expect(tab.get_by_text("此单将结束")).to_be_visible()
    tab.get_by_role("button", name="合并", exact=True).click()
    expect(tab).to_have_url(re.compile(f"/tickets/{first}$"))
    tab.goto(f"/tickets/{second}")
    tab.get_by_role("link", name=str(first)).first.click()
    expect(tab).to_have_url(re.compile(f"/tickets/{first}$"))


def test_the_leaders_decision_is_shown_to_the_agent_who_answered(signed_in: SignedIn, desk: Desk) -> None:
    """R03-4."""
    number = desk.opens()
    tab = signed_in("7060")
    tab.goto(f"/tickets/{number}")
    open_act(tab, "派单")
    tab.get_by_label("部门或处理人").select_option("7020")
    tab.get_by_label("说明").nth(1).fill("今天办结，向我回报")
    tab.get_by_role("button", name="派单", exact=True).click()
    agent = signed_in("7001")
    agent.goto(f"/tickets/{number}")
    decision = agent.get_by_label("领导批示")
    expect(decision).to_contain_text("7060")
    expect(decision).to_contain_text("工程部 7020 赵强")


def test_a_new_ticket_from_the_counter(signed_in: SignedIn, desk: Desk) -> None:
    """R02-2, R06-4."""
    tab = signed_in("7001")
    tab.goto("/tickets")
    tab.get_by_role("link", name="新建工单").click()
    tab.get_by_label("类别").select_option("complaint")
    tab.get_by_label("问题、投诉内容").fill("楼道有异味")
    about = tab.get_by_label("被投诉人")
    # As if somebody had left since the page was opened.
    about.evaluate("field => field.add(new Option('9999 某某', '9999', true, true))")
    tab.get_by_role("button", name="建单").click()
    expect(tab.get_by_role("alert")).to_contain_text("9999")
    expect(tab.get_by_label("问题、投诉内容")).to_have_value("楼道有异味")
    about.select_option("")
    tab.get_by_role("button", name="建单").click()
    expect(tab.get_by_role("heading", name="工单 1001")).to_be_visible()
    expect(tab.get_by_text("还缺（R13-2）")).to_be_visible()


def test_a_complaint_is_closed_with_its_cause_and_not_without(
    signed_in: SignedIn, store: Store, policy: Policy
) -> None:
    """R17-4."""
    facts = Facts(contact_name="王建国", contact_number="13900139000", problem="楼上吵", need="制止")
    given = {"who": "7001", "at": SystemClock().now(), "policy": policy}
    kind = {"kind": TicketKind.COMPLAINT, "source": Source.TELEPHONE, "language": "zh"}
    one = store.write(intake.new, facts=facts, **kind, **given)
    store.write(tickets.move, one.id, to=TicketState.DONE, **given)
    tab = signed_in("7001")
    tab.goto(f"/tickets/{one.number}")
    step = tab.locator("[data-form=move]")
    step.get_by_text("已关闭").click()
    step.get_by_label("说明").fill("客户联系不上")
    step.get_by_role("button", name="保存").click()
    expect(tab.get_by_role("alert").filter(has_text="没有记录原因")).to_be_visible()
    expect(step.get_by_label("说明")).to_have_value("客户联系不上")
    step.get_by_label("投诉原因").select_option("slow")
    step.get_by_role("button", name="保存").click()
    expect(tab.get_by_role("status")).to_contain_text("状态已更新")
    kept = store.read(tickets.row, one.id)
    assert kept is not None
    assert (kept.state, kept.cause) == (TicketState.CLOSED, "slow")

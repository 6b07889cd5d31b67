"""The agent sees who calls while it rings, writes the call up, and says whether he or she is on duty."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.clock import SystemClock
from models.database.store import Store
from models.people import people, presence
from models.people.owners_file import OwnerRow
from models.policy import Policy
from models.states.calls import ClickKind
from models.states.people import PresenceState
from models.states.tickets import Cause, TicketKind, TicketState
from models.tables import Click, Presence, Promise, Ticket, WorkSummary
from tests.browser.at_the_telephone import PlayedCall
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW, WIDE

pytestmark = pytest.mark.browser

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "王\u202e建国", "{{ 7*7 }}")


def of(store: Store, ticket: Ticket) -> Ticket:
    return store.read(Session.get_one, Ticket, ticket.id)


def test_a_call_pops_up_for_whom_it_rings_and_for_nobody_else(
    signed_in: SignedIn, store: Store, policy: Policy
) -> None:
    """R04-3, R15-5."""
    mine, other = signed_in("7001"), signed_in("7002")
    for tab in (mine, other):
        tab.goto("/agent")
    before = PlayedCall(store, policy, kind=TicketKind.URGENT_REPAIR, began=SystemClock().now() - timedelta(hours=3))
    before.ends(SystemClock().now() - timedelta(hours=2))
    call = PlayedCall(store, policy)
    call.rings_at("7001")
    card = mine.locator(f"#call-{call.id}")
    expect(card).to_contain_text("王** · 3-1201")
    for seen in ("来电响铃", "139****9000", "一般报修", "您好，阳光花园物业", str(call.ticket.number), "急修"):
        expect(card).to_contain_text(seen)
    expect(card.get_by_role("timer")).to_have_text("1")
    expect(other.locator("#my-call")).to_contain_text("现在没有来电")


@pytest.mark.parametrize(("for_s", "count"), [(0, "1"), (5.2, "2"), (10.2, "3")])
def test_the_circle_counts_the_rings(
    signed_in: SignedIn, store: Store, policy: Policy, for_s: float, count: str
) -> None:
    """R05-2: rings are time, 5 s each."""
    tab = signed_in("7001")
    tab.goto("/agent")
    PlayedCall(store, policy).rings_at("7001", for_s=for_s)
    expect(tab.get_by_role("timer")).to_have_text(count)
    expect(tab.get_by_role("timer")).to_have_text(str(int(count) + 1), timeout=6000)


def test_the_circle_counts_right_in_a_tab_that_is_opened_later(
    signed_in: SignedIn, store: Store, policy: Policy
) -> None:
    first = signed_in("7001")
    first.goto("/agent")
    first.wait_for_timeout(6000)
    PlayedCall(store, policy).rings_at("7001", for_s=5.2)
    second = first.context.new_page()
    second.goto("/agent")
    second.wait_for_timeout(1500)
    expect(second.get_by_role("timer")).to_have_text("2", timeout=1)


def test_whoever_was_rung_too_reads_who_has_taken_the_call(signed_in: SignedIn, store: Store, policy: Policy) -> None:
    tab = signed_in("7001")
    tab.goto("/agent")
    call = PlayedCall(store, policy)
    call.rings_at("7001", "7003")
    expect(tab.locator(f"#call-{call.id}")).to_be_visible()
    call.taken_by("7003")
    expect(tab.locator("#my-call")).to_contain_text("7003 已接")


def test_on_another_page_the_call_stands_in_the_first_line(signed_in: SignedIn, store: Store, policy: Policy) -> None:
    tab = signed_in("7001")
    tab.goto("/tickets")
    call = PlayedCall(store, policy)
    call.rings_at("7001")
    expect(tab).to_have_title(re.compile("☎ 来电 · 工单"))
    tab.locator("header").get_by_role("link", name="来电 1").click()
    expect(tab.get_by_role("timer")).to_be_visible()
    call.taken_by("7001")
    expect(tab).to_have_title(re.compile("^坐席"))


def test_names_are_shown_once_for_a_reason_and_the_next_call_is_still_announced(
    signed_in: SignedIn, store: Store, policy: Policy
) -> None:
    """R08-9."""
    call = PlayedCall(store, policy)
    call.rings_at("7001")
    call.taken_by("7001")
    tab = signed_in("7001")
    tab.goto("/agent")
    tab.get_by_role("button", name="显示姓名号码").click()
    tab.get_by_label("查看原因").fill("称呼客户")
    tab.get_by_role("button", name="显示", exact=True).click()
    expect(tab.locator(f"#call-{call.id}")).to_contain_text("王建国 · 3-1201")
    call.ends()
    PlayedCall(store, policy, number="13800138001").rings_at("7001")
    expect(tab.locator("header").get_by_role("link", name="来电")).to_be_visible()


def test_a_call_is_written_up_and_its_ticket_has_it(signed_in: SignedIn, store: Store, policy: Policy) -> None:
    """R11-3, R15-2, R17-4: a promised date is read back before it is saved."""
    tab = signed_in("7001")
    tab.goto("/agent")
    call = PlayedCall(store, policy)
    call.rings_at("7001")
    call.taken_by("7001")
    tab.get_by_label("问题").fill("厨房漏水")
    call.ends()
    tab.get_by_label("诉求").fill("今天修好")
    tab.get_by_label("类别").select_option("complaint")
    tab.get_by_label("原因", exact=True).select_option("slow")
    tab.get_by_label("派单").select_option("engineering")
    due = SystemClock().now().astimezone() + timedelta(days=3)
    tab.get_by_label("承诺客户的时间").fill(f"{due:%Y-%m-%dT18:00}")
    tab.get_by_role("button", name="保存小结").click()
    expect(tab.get_by_text("我们会在")).to_contain_text("18:00 之前答复您")
    expect(tab.get_by_text("超过 2 天")).to_be_visible()
    assert of(store, call.ticket).problem is None, "nothing is saved before the caller has heard it"
    tab.get_by_role("button", name="客户同意").click()
    expect(tab.get_by_role("status")).to_contain_text(f"工单 {call.ticket.number}")
    expect(tab.locator("#my-wrap-up")).to_contain_text("小结都已填写")
    ticket = of(store, call.ticket)
    assert (ticket.kind, ticket.cause, ticket.problem, ticket.need) == ("complaint", Cause.SLOW, "厨房漏水", "今天修好")
    assert (ticket.state, ticket.department) == (TicketState.DISPATCHED, "engineering")
    assert store.read(lambda session: session.scalars(select(Promise.made_by)).all()) == ["7001"]


def test_what_is_typed_stays_when_it_is_refused_and_when_the_next_call_comes(
    signed_in: SignedIn, store: Store, policy: Policy
) -> None:
    call = PlayedCall(store, policy)
    call.rings_at("7001")
    call.taken_by("7001")
    call.ends()
    tab = signed_in("7001")
    tab.goto("/agent")
    tab.get_by_label("问题").fill("电梯异响")
    following = PlayedCall(store, policy, number="13800138001")
    following.rings_at("7001")
    expect(tab.locator(f"#call-{following.id}")).to_be_visible()
    following.taken_by("7001")
    expect(tab.locator(f"#call-{following.id}")).to_contain_text("通话中")
    expect(tab.get_by_label("问题")).to_have_value("电梯异响")
    tab.get_by_label("派单").select_option("engineering")
    tab.get_by_label("已当场解决").check()
    tab.get_by_role("button", name="保存小结").click()
    expect(tab.get_by_role("alert").filter(has_text="只能选一项")).to_be_visible()
    expect(tab.get_by_label("问题")).to_have_value("电梯异响")
    tab.get_by_label("派单").select_option("")
    tab.get_by_role("button", name="保存小结").click()
    expect(tab.get_by_role("status")).to_contain_text(f"工单 {call.ticket.number}")
    assert of(store, call.ticket).state is TicketState.DONE


def test_a_wrap_up_in_which_nothing_is_typed_follows_its_call_and_the_next_one(
    signed_in: SignedIn, store: Store, policy: Policy
) -> None:
    first = PlayedCall(store, policy)
    first.taken_by("7001")
    tab = signed_in("7001")
    tab.goto("/agent")
    wrap_up = tab.locator("#my-wrap-up")
    expect(wrap_up).to_contain_text("通话中")
    first.ends()
    expect(wrap_up).not_to_contain_text("通话中")
    following = PlayedCall(store, policy, number="13800138001")
    following.taken_by("7001")
    expect(wrap_up).to_contain_text(f"工单 {following.ticket.number}")


def test_what_is_typed_in_the_other_forms_of_a_page_stays_when_one_is_sent(
    signed_in: SignedIn, store: Store, policy: Policy
) -> None:
    call = PlayedCall(store, policy)
    call.taken_by("7001")
    call.ends()
    tab = signed_in("7001")
    tab.goto("/agent")
    tab.get_by_label("问题").fill("厨房漏水")
    tab.get_by_label("类别").select_option("urgent-repair")
    tab.get_by_label("已当场解决").check()
    tab.get_by_text("联系人、房号、被投诉人").click()
    tab.get_by_label("房号").fill("1201")
    tab.get_by_label("工作小结").fill("一件报修")
    tab.locator("[data-form=summary]").get_by_role("button").click()
    expect(tab.get_by_role("status")).to_contain_text("工作小结已保存")
    expect(tab.get_by_label("问题")).to_have_value("厨房漏水")
    expect(tab.get_by_label("类别")).to_have_value("urgent-repair")
    expect(tab.get_by_label("已当场解决")).to_be_checked()
    expect(tab.get_by_label("房号")).to_be_visible()
    expect(tab.get_by_label("房号")).to_have_value("1201")
    tab.get_by_label("工作小结").fill("两件报修")
    tab.get_by_role("button", name="保存小结").click()
    expect(tab.get_by_role("status")).to_contain_text(f"工单 {call.ticket.number}")
    expect(tab.get_by_label("工作小结")).to_have_value("两件报修")
    tab.goto("/agent")
    expect(tab.get_by_label("工作小结")).to_have_value("一件报修")
    assert of(store, call.ticket).room == "1201"


def test_the_person_complained_of_reads_nothing_of_the_complaint(
    signed_in: SignedIn, store: Store, policy: Policy
) -> None:
    """R15-6: not even after having taken it down."""
    call = PlayedCall(store, policy, kind=TicketKind.COMPLAINT)
    call.taken_by("7001")
    call.ends()
    tab = signed_in("7001")
    tab.goto("/agent")
    tab.get_by_label("问题").fill("7001 态度差")
    tab.get_by_text("联系人、房号、被投诉人").click()
    tab.get_by_label("被投诉人（").select_option("7001")
    tab.get_by_role("button", name="保存小结").click()
    expect(tab.get_by_text("投诉，不公开")).to_be_visible()
    expect(tab.locator("body")).not_to_contain_text("态度差")
    assert of(store, call.ticket).about_staff == "7001"


def test_on_duty_and_on_a_break_by_a_click(signed_in: SignedIn, store: Store) -> None:
    """R05-1: the same as *20 and *21."""
    tab = signed_in("7001")
    tab.goto("/agent")
    expect(tab.locator("#standing")).to_contain_text("在岗")
    tab.get_by_label("工作小结").fill("写到一半")
    tab.get_by_role("button", name="休息").click()
    expect(tab.locator("#standing")).to_contain_text("休息")
    expect(tab.get_by_role("button", name="在岗")).to_be_focused()
    expect(tab.get_by_label("工作小结")).to_have_value("写到一半")
    expect(tab.locator("#my-state")).to_contain_text("在本页设置")
    store.write(presence.say, "7001", PresenceState.ON_DUTY, at=SystemClock().now())
    expect(tab.locator("#my-state")).to_contain_text("话机拨号设置")
    assert len(store.read(lambda session: session.scalars(select(Presence)).all())) == 2
    assert store.read(lambda session: session.scalars(select(Click.kind)).all()) == [ClickKind.STOP_RINGING]


def test_my_day_shows_my_calls_and_keeps_my_summary(signed_in: SignedIn, store: Store, policy: Policy) -> None:
    """R07-3, R11-3."""
    call = PlayedCall(store, policy)
    call.rings_at("7001")
    call.taken_by("7001")
    call.ends()
    tab = signed_in("7001", viewport=NARROW)
    tab.goto("/agent")
    expect(tab.locator("section", has_text="要跟进的工单")).to_contain_text(str(call.ticket.number))
    tab.get_by_label("工作小结").fill("一件报修")
    tab.locator("[data-form=summary]").get_by_role("button").click()
    expect(tab.get_by_role("status")).to_contain_text("工作小结已保存")
    assert store.read(lambda session: session.scalars(select(WorkSummary.text)).all()) == ["一件报修"]
    assert wide(tab) <= NARROW["width"], "nothing scrolls sideways"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_it_is(signed_in: SignedIn, store: Store, policy: Policy, name: str) -> None:
    number = "13800138009"
    listed = [OwnerRow(2, name, name, name, (number,))]
    store.write(people.import_owners, listed, who="test", at=SystemClock().now())
    call = PlayedCall(store, policy, number=number)
    values = {"contact_name": name, "problem": name, "need": name}
    store.write(lambda session: session.execute(update(Ticket).values(values)))
    call.rings_at("7001")
    call.taken_by("7001")
    tab = signed_in("7001")
    tab.goto("/agent")
    expect(tab.get_by_label("问题")).to_have_value(name)
    expect(tab.locator("#my-call")).to_contain_text(f"{name}-{name}")


def test_on_a_narrow_screen_the_wrap_up_stands_before_the_list_of_colleagues(
    signed_in: SignedIn, store: Store, policy: Policy
) -> None:
    call = PlayedCall(store, policy)
    call.rings_at("7001")
    call.taken_by("7001")
    tab = signed_in("7001", viewport=NARROW)
    tab.goto("/agent")
    assert top(tab, "#my-call") < top(tab, "#my-wrap-up") < top(tab, "#my-colleagues")
    tab.set_viewport_size(WIDE)
    assert top(tab, "#my-wrap-up") < top(tab, "#my-colleagues")


def top(tab: Page, place: str) -> float:
    box = tab.locator(place).bounding_box()
    assert box is not None
    return box["y"]


def wide(tab: Page) -> int:
    return int(tab.evaluate("document.documentElement.scrollWidth"))

"""Administration on the screen: people, settings with approval, telephones, prompts, the log, backups, owners."""

import io
import json
import re
import threading
import wave
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from hotline.health import status
from hotline.supervisor import errands
from hotline.terminal.opening import Opened
from models.clock import SystemClock
from models.database.store import Store
from models.health import canaries, findings
from models.instance import changes, in_use
from models.instance.instance import RunningInstance
from models.instance.lock import held
from models.people import access_log
from models.policy import Policy
from models.site import Site
from models.states.health import CanaryStep, FindingKind
from models.tables import Account, Staff
from scheduler.scope import Scope
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW

pytestmark = pytest.mark.browser

HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture(autouse=True)
def an_administrator(store: Store) -> None:
    administers = update(Account).where(Account.staff_number == "7050").values(administrator=True)
    store.write(lambda session: session.execute(administers))


@pytest.fixture
def supervisor(instance: RunningInstance, store: Store) -> Iterator[None]:
    """Does its errands, as `hotline serve` does."""
    scope = Scope(instance.home, instance.site, instance.policy, store, SystemClock())
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.1):
            errands.work(scope, lambda: None)

    settings = in_use.marks(instance.site, instance.policy)
    state = {"ready": True, "children": {}, "settings": settings}
    (instance.home.run / "status.json").write_text(json.dumps(state), "utf-8")
    with held(instance.home.run / "serve.lock", "{pid}"):
        thread = threading.Thread(target=work)
        thread.start()
        yield
        ended.set()
        thread.join()


def said(tab: Page, words: str) -> None:
    expect(tab.get_by_role("status").filter(visible=True)).to_contain_text(words)


def refused(tab: Page, words: str) -> None:
    expect(tab.get_by_role("alert").filter(visible=True)).to_contain_text(words)


def propose(tab: Page, value: str, why: str = "中午来电多") -> None:
    tab.get_by_label("新值").fill(value)
    tab.get_by_label("修改原因").fill(why)
    tab.get_by_role("button", name="提出修改").click()


def test_a_number_of_the_policy_is_found_by_its_rule_changed_and_written(
    signed_in: SignedIn, instance: RunningInstance, supervisor: None
) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/policy")
    tab.get_by_label("查找").fill("R05-2")
    tab.get_by_role("button", name="查找").click()
    tab.get_by_role("link", name="本组话机响几声").click()
    expect(tab.get_by_text("《物业公司电话使用管理制度》第 2 条")).to_be_visible()
    propose(tab, "0")
    refused(tab, "响铃次数，1 至 20 的整数")
    expect(tab.get_by_label("新值")).to_have_value("0")
    propose(tab, "4")
    said(tab, "已提出")
    expect(tab.get_by_text("− 3")).to_be_visible()
    expect(tab.get_by_text("+ 4")).to_be_visible()
    tab.get_by_label("为何由本人批准").fill("仅一位管理员")
    tab.get_by_role("button", name="批准").click()
    said(tab, "已批准")
    expect(tab.get_by_text("已写入")).to_be_visible()
    expect(tab.get_by_text("设置文件已改动")).to_be_visible()
    assert Policy.load(instance.home.policy_file).answer.rings == 4
    tab.get_by_role("button", name="现在生效").click()
    tab.locator("dialog[open]").get_by_role("button", name="现在生效").click()
    said(tab, "设置已生效")


def test_values_are_read_and_chosen_in_words(signed_in: SignedIn, supervisor: None, instance: RunningInstance) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/policy?chapter=deadlines")
    expect(tab.get_by_role("link", name="解决：3 个工作日").first).to_be_visible()
    tab.goto("/admin/policy/classes.repair.solution")
    tab.get_by_label("单位").select_option("working hours")
    propose(tab, "20")
    said(tab, "已提出")
    expect(tab.get_by_text("− 3 个工作日")).to_be_visible()
    expect(tab.get_by_text("+ 20 个工作小时")).to_be_visible()
    tab.goto("/admin/policy/monitoring.roles")
    tab.get_by_label("总经理", exact=True).uncheck()
    tab.get_by_label("修改原因").fill("总经理不旁听")
    tab.get_by_role("button", name="提出修改").click()
    expect(tab.get_by_text("+ 主管、经理")).to_be_visible()
    proposed = instance.store.read(changes.proposed)
    assert [json.loads(row.after or "") for row in proposed] == ["20 working hours", ["supervisor", "manager"]]


def test_a_weekday_is_chosen_by_its_name(signed_in: SignedIn, instance: RunningInstance) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/policy/general_manager.weekdays")
    tab.get_by_label("周六").check()
    tab.get_by_label("修改原因").fill("周六也接待")
    tab.get_by_role("button", name="提出修改").click()
    expect(tab.get_by_text("+ 周一、周二、周三、周四、周五、周六")).to_be_visible()
    (row,) = instance.store.read(changes.proposed)
    assert json.loads(row.after or "") == [1, 2, 3, 4, 5, 6]


def test_numbers_apart_by_chinese_commas_are_several(signed_in: SignedIn, instance: RunningInstance) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/site")
    tab.get_by_label("有话机的房间").fill("1101\uff0c1102、1103")
    tab.locator("form[data-form=rooms]").get_by_label("修改原因").fill("两间")
    tab.locator("form[data-form=rooms] button").click()
    refused(tab, "已是这个值")


def test_a_second_administrator_is_asked(signed_in: SignedIn, store: Store) -> None:
    also = update(Account).where(Account.staff_number == "7060").values(administrator=True)
    store.write(lambda session: session.execute(also))
    tab = signed_in("7050")
    tab.goto("/admin/policy/answer.rings")
    propose(tab, "4", why=HOSTILE)
    expect(tab.get_by_text("等另一位管理员批准")).to_be_visible()
    expect(tab.get_by_role("button", name="批准", exact=True)).to_have_count(0)
    other = signed_in("7060")
    other.goto("/admin")
    other.get_by_role("link", name="项修改待批准").click()
    expect(other.get_by_text(HOSTILE)).to_be_visible()
    other.get_by_role("button", name="否决").click()
    said(other, "已否决")


def test_somebody_new_is_entered_and_written_into_the_site_file(
    signed_in: SignedIn, instance: RunningInstance, supervisor: None
) -> None:
    tab = signed_in("7050", viewport=NARROW)
    tab.goto("/admin/people")
    tab.get_by_role("link", name="新员工").click()
    tab.get_by_label("工号").fill("7005")
    tab.get_by_label("姓名").fill("何平")
    tab.get_by_label("分组").select_option("客服中心")
    tab.get_by_label("岗位").select_option("坐席")
    tab.get_by_label("修改原因").fill("新入职")
    tab.get_by_role("button", name="提出修改").click()
    tab.get_by_label("为何由本人批准").fill("仅一位管理员")
    tab.get_by_role("button", name="批准").click()
    expect(tab.get_by_text("已写入")).to_be_visible()
    assert Site.load(instance.home.site_file).person("7005").name == "何平"


def test_a_link_for_a_password_is_shown_once_and_works(signed_in: SignedIn, address: str) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/people/7001")
    expect(tab.get_by_text("未设密码")).to_be_visible()
    tab.get_by_role("button", name="生成密码链接").click()
    link = tab.locator("#link").inner_text()
    tab.goto("/admin/people/7001")
    expect(tab.locator("#link")).to_have_count(0)
    tab.goto(address + re.sub("^https?://[^/]+", "", link))
    expect(tab.get_by_text("王芳")).to_be_visible()


def test_a_password_is_shown_on_request_and_the_log_says_so(signed_in: SignedIn, supervisor: None) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/telephones")
    expect(tab.get_by_text("Asterisk 未运行")).to_be_visible()
    tab.get_by_role("listitem").filter(has_text="7001").get_by_role("button", name="显示密码").first.click()
    tab.locator("dialog[open]").get_by_role("button", name="显示密码").click()
    assert len(tab.get_by_role("status").locator("code").inner_text()) == 20
    tab.goto("/admin/log?verify=true")
    said(tab, "留痕完整")
    expect(tab.get_by_role("listitem").filter(has_text="查看话机密码")).to_contain_text("7001")


def test_without_a_supervisor_the_page_says_so(signed_in: SignedIn) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/backups")
    tab.get_by_role("button", name="立即备份").click()
    refused(tab, "热线服务未运行")


def test_a_copy_of_the_database_is_made_now(signed_in: SignedIn, supervisor: None, instance: RunningInstance) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/backups")
    expect(tab.get_by_text("还没有备份")).to_be_visible()
    tab.get_by_role("button", name="立即备份").click()
    said(tab, "已备份")
    expect(tab.get_by_role("listitem").filter(has_text="hotline-")).to_have_count(1)


def test_the_page_says_at_once_that_test_calls_fail(signed_in: SignedIn, store: Store, supervisor: None) -> None:
    at = SystemClock().now()
    store.write(canaries.write, at=at, ms=812, failed=None)
    store.write(canaries.write, at=at, ms=None, failed=CanaryStep.MISSING)
    tab = signed_in("7050")
    tab.goto("/admin")
    refused(tab, "有故障")
    expect(tab.get_by_role("img", name="拨测：2，失败 1")).to_be_visible()


def test_the_wall_the_page_of_health_and_the_command_give_the_same_answer(
    signed_in: SignedIn,
    store: Store,
    instance: RunningInstance,
    supervisor: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    at = SystemClock().now()
    store.write(canaries.write, at=at, ms=812, failed=None)
    wall, health = signed_in("7050"), signed_in("7050")
    wall.goto("/wall")
    health.goto("/admin")
    expect(wall.get_by_text("没有告警")).to_be_visible()
    expect(health.get_by_text("一切正常")).to_be_visible()
    store.write(findings.settle, [FindingKind.NO_BACKUP], {(FindingKind.NO_BACKUP, "2026-11-29"): None}, at=at)
    expect(wall.locator("#alarms")).to_contain_text("数据库未备份 2026-11-29")
    health.reload()
    expect(health.locator(".admin-well")).to_contain_text("电话正常，有告警待处理")
    expect(health.locator(".admin-well")).to_contain_text("数据库未备份 2026-11-29")
    assert status.show(Opened(instance.home, instance.site, instance.policy, "zh"), as_json=False)
    answer, alarm = capsys.readouterr().out.splitlines()[:2]
    assert answer == "电话正常，有告警待处理"
    assert "数据库未备份 2026-11-29" in alarm


def test_an_own_recording_is_played_and_the_delivered_one_comes_back(
    signed_in: SignedIn, instance: RunningInstance
) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/prompts?q=goodbye")
    tab.get_by_role("link", name="感谢您的来电，再见".replace(",", "，")).click()
    chinese = tab.get_by_role("region", name="中文")

    def upload(samples: np.ndarray) -> None:
        made = io.BytesIO()
        with wave.open(made, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(44100)
            file.writeframes(samples.astype("<i2").tobytes())
        chinese.get_by_label("自己的录音").set_input_files(
            {"name": "再见.wav", "mimeType": "audio/wav", "buffer": made.getvalue()}
        )
        chinese.get_by_role("button", name="上传并采用").click()

    upload(np.zeros(88200))
    refused(tab, "没有声音")
    upload(np.sin(np.arange(88200) * 2 * np.pi * 440 / 44100) * 8000)
    said(tab, "已采用")
    expect(chinese.get_by_text("自录", exact=True)).to_be_visible()
    heard = tab.evaluate(
        "() => fetch('/admin/prompts/zh/goodbye.wav').then(a => a.arrayBuffer()).then(b => b.byteLength)"
    )
    assert 30_000 < heard < 38_000
    chinese.get_by_role("button", name="恢复自带").click()
    tab.locator("dialog[open]").get_by_role("button", name="恢复自带").click()
    said(tab, "已恢复自带")
    assert not list((instance.home.own_sounds / "zh").iterdir())


def test_an_open_dialog_stays_open_while_what_is_around_it_changes(
    signed_in: SignedIn, instance: RunningInstance
) -> None:
    own = instance.home.own_sounds / "zh" / "goodbye.wav"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_bytes(b"")
    tab, other = signed_in("7050"), signed_in("7050")
    for page in (tab, other):
        page.goto("/admin/prompts/goodbye")
    tab.get_by_role("button", name="恢复自带").click()
    other.get_by_role("button", name="恢复自带").click()
    other.locator("dialog[open]").get_by_role("button", name="恢复自带").click()
    expect(other.get_by_text("自录", exact=True)).to_have_count(0)
    tab.wait_for_timeout(1500)
    dialog = tab.locator("dialog[open]")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="返回").click()
    expect(tab.get_by_text("自录", exact=True)).to_have_count(0)


def test_an_owner_is_found_by_the_unit_and_a_new_number_is_logged(signed_in: SignedIn, store: Store) -> None:
    tab = signed_in("7050")
    tab.goto("/admin/owners")
    tab.get_by_label("查找").fill("3-1201")
    tab.get_by_role("button", name="查找").click()
    tab.get_by_role("link", name="王**").click()
    tab.get_by_label("新号码").fill("12")
    tab.get_by_role("button", name="添加").click()
    refused(tab, "12 不是电话号码")
    tab.get_by_label("新号码").fill("+86 137 0013 7000")
    tab.get_by_role("button", name="添加").click()
    said(tab, "号码已添加")
    expect(tab.get_by_text("137****7000", exact=True)).to_be_visible()
    assert store.read(access_log.newest, limit=1)[0].what == "owner's number added"


def test_the_log_is_read_in_the_readers_language(signed_in: SignedIn, store: Store) -> None:
    at = SystemClock().now()
    store.write(access_log.log, who="7050", what="import", subject="owners: 6 rows", at=at)
    store.write(access_log.log, who="7050", what="exported", subject="report calls", at=at)
    tab = signed_in("7050")
    tab.goto("/admin/log")
    expect(tab.get_by_role("listitem").filter(has_text="导入").first).to_contain_text("业主名册，6 行")
    expect(tab.get_by_role("listitem").filter(has_text="导出").first).to_contain_text("报表 calls")
    english = signed_in("7050", locale="en-US")
    english.goto("/admin/log")
    expect(english.get_by_role("listitem").filter(has_text="imported").first).to_contain_text("owners: 6 rows")


def test_names_that_try_to_run_are_only_shown(signed_in: SignedIn, store: Store) -> None:
    store.write(lambda session: session.execute(update(Staff).where(Staff.number == "7001").values(name=HOSTILE)))
    store.write(
        access_log.log, who=HOSTILE, what="<script>alert(1)</script>", subject="\u202eabc", at=SystemClock().now()
    )
    tab = signed_in("7050")
    for path in ("/admin/people", "/admin/people/7001", "/admin/log"):
        tab.goto(path)
        expect(tab.get_by_text(HOSTILE).first).to_be_visible()


def test_who_does_not_administer_gets_nowhere_here(signed_in: SignedIn) -> None:
    tab = signed_in("7060")
    tab.goto("/sheet")
    expect(tab.get_by_role("link", name="管理", exact=True)).to_have_count(0)

"""Settings change on the console as in an editor: comments stay, a wrong file is refused, and two people decide."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from hotline.supervisor import errands as supervisor
from models.errors import MoveRefused
from models.instance import changes, edits, errands
from models.instance.edits import Edit
from models.instance.home import Home
from models.instance.secrets import Secrets
from models.people import access_log
from models.policy import Policy
from models.site import Site
from models.states.administration import ChangeState, ErrandKind, SettingsFile
from models.tables import Account
from scheduler.scope import Scope
from tests.store.conftest import NOON

pytestmark = pytest.mark.store


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create_missing()
    return home


def lines_changed(before: str, after: str) -> list[str]:
    return [line for line in after.splitlines() if line not in before.splitlines()]


def test_a_number_of_the_policy_changes_and_nothing_else(home: Home) -> None:
    before = home.policy_file.read_text("utf-8")
    edits.write(home, Edit(SettingsFile.POLICY, "answer.rings", 4))
    after = home.policy_file.read_text("utf-8")
    assert lines_changed(before, after) == [
        'rings            = { value = 4, rule = "R05-2" }                   # the group\'s phones'
    ]
    assert len(after.splitlines()) == len(before.splitlines())
    assert Policy.load(home.policy_file).answer.rings == 4


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("answer.rings", 0, "1 to 20"),
        ("answer.rings", "three", "whole number"),
        ("answer.ring", 3, "has no answer.ring"),
        ("answer", 3, "has no answer"),
        ("answer.rings", 3, "is so already"),
        ("tickets.profile", "other", "other"),
    ],
)
def test_a_wrong_value_is_refused_in_words_and_the_file_stays(home: Home, key: str, value: object, says: str) -> None:
    before = home.policy_file.read_bytes()
    with pytest.raises(MoveRefused, match=says):
        edits.write(home, Edit(SettingsFile.POLICY, key, value))
    assert home.policy_file.read_bytes() == before


@pytest.mark.parametrize(
    ("key", "value", "zh", "en"),
    [
        ("staff[7001]", {"number": "7001", "name": "王芳", "group": "nobody", "role": "agent"},
         "员工 7001 分组：没有分组 “nobody”", "staff 7001 group: nobody is no group"),
        ("staff[7099]", {"number": "7099", "name": "王芳", "group": "agents", "role": "agent", "mobile": "abc"},
         "应为：运营商可拨打的号码", "right: a number that the carrier can call, such as"),
        ("staff[8000]", {"number": "8000", "name": "王芳", "group": "agents", "role": "agent"},
         "“8000” 重复（另见 线路 8000 号码）", "used twice (also at line 8000 number)"),
        ("rooms.phones", ["1101", "x"], "有话机的房间：现为 “x”", "rooms with a telephone: is x"),
        ("rooms.phones", ["1101", "99"], "“99” 不在 楼层 与 每层房间 范围内", "of floors and rooms on each floor"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused_in_words_of_the_page_not_of_the_file(
    home: Home, key: str, value: object, zh: str, en: str
) -> None:
    with pytest.raises(MoveRefused) as refused:
        edits.check(home, Edit(SettingsFile.SITE, key, value))
    assert zh in refused.value.zh
    assert en in refused.value.en
    assert not any(sign in str(refused.value) for sign in ('"', "[[", "staff[", "phones[", "的 name", "field-"))


@pytest.mark.parametrize(
    ("key", "value", "zh", "en"),
    [
        ("staff[7001]", {"number": "7001", "name": "王芳", "group": "nobody", "role": "agent"},
         "应为：以下之一：客服中心、投诉受理、", "right: one of customer service, complaints, "),
        ("staff[7060]", None, "分组 总经理办公室 名称：组 “总经理办公室” 没有成员",
         "group general manager's office name: group general manager's office has no staff"),
        ("group[agents]", {"name": "agents", "zh": "客服", "en": "desk", "neighbours": ["agents"]},
         "分组 客服 相邻分组：指向了本组", "group desk neighbouring groups: names the group itself"),
    ],
)  # fmt: skip
def test_a_refusal_calls_a_group_by_the_name_that_people_know(
    home: Home, key: str, value: object, zh: str, en: str
) -> None:
    with pytest.raises(MoveRefused) as refused:
        edits.check(home, Edit(SettingsFile.SITE, key, value))
    assert zh in refused.value.zh
    assert en in refused.value.en


def test_a_person_comes_changes_and_leaves_in_the_site_file(home: Home) -> None:
    before = home.site_file.read_text("utf-8")
    new = {"number": "7005", "name": "何平", "group": "agents", "role": "agent", "on_duty": True}
    edits.write(home, Edit(SettingsFile.SITE, "staff[7005]", new))
    assert Site.load(home.site_file).person("7005").name == "何平"
    edits.write(home, Edit(SettingsFile.SITE, "staff[7005]", {**new, "name": "何萍"}))
    assert Site.load(home.site_file).person("7005").name == "何萍"
    edits.write(home, Edit(SettingsFile.SITE, "staff[7005]", None))
    after = home.site_file.read_text("utf-8")
    assert lines_changed(before, after) == []
    assert [line for line in before.splitlines() if line and line not in after.splitlines()] == []


def test_the_supervisor_of_a_group_cannot_leave_it_without_one(home: Home) -> None:
    with pytest.raises(MoveRefused, match="7050"):
        edits.check(home, Edit(SettingsFile.SITE, "staff[7050]", None))


@pytest.mark.parametrize("key", ["sip.address", "sip.port", "database.url", "sip.key", "console.port", "carrier"])
def test_what_needs_a_restart_is_changed_on_the_server(home: Home, key: str) -> None:
    with pytest.raises(MoveRefused, match="on the server"):
        edits.check(home, Edit(SettingsFile.SITE, key, "203.0.113.7"))


RINGS = Edit(SettingsFile.POLICY, "answer.rings", 4)


@pytest.fixture
def at_home(scope: Scope, home: Home) -> Scope:
    """A supervisor's scope whose files are those of the home; 7050 administers."""
    scope.store.write(lambda session: session.add(Account(staff_number="7050", administrator=True)))
    return replace(scope, home=home)


def proposed(scope: Scope, edit: Edit = RINGS) -> int:
    given = {"why": "calls at noon", "by": "7050", "at": NOON}
    return int(scope.store.write(lambda session: changes.propose(session, scope.home, edit, **given).id))


def state(scope: Scope, change_id: int) -> ChangeState:
    return scope.store.read(lambda session: session.get_one(changes.SettingsChange, change_id).state)


def test_a_second_administrator_approves_and_the_supervisor_writes(at_home: Scope) -> None:
    at_home.store.write(lambda session: session.add(Account(staff_number="7060", administrator=True)))
    number = proposed(at_home)
    with pytest.raises(MoveRefused, match="another administrator approves it: 7060"):
        at_home.store.write(changes.approve, number, by="7050", note="alone", at=NOON)
    supervisor.work(at_home, lambda: None)
    assert Policy.load(at_home.home.policy_file).answer.rings == 3
    at_home.store.write(changes.approve, number, by="7060", note="", at=NOON)
    supervisor.work(at_home, lambda: None)
    assert Policy.load(at_home.home.policy_file).answer.rings == 4
    assert state(at_home, number) is ChangeState.WRITTEN
    with pytest.raises(MoveRefused, match="decided already"):
        at_home.store.write(changes.turn_down, number, by="7060", note="", at=NOON)


def test_the_only_administrator_says_why_nobody_else_approves(at_home: Scope) -> None:
    number = proposed(at_home)
    with pytest.raises(MoveRefused, match="say why"):
        at_home.store.write(changes.approve, number, by="7050", note=" ", at=NOON)
    at_home.store.write(changes.approve, number, by="7050", note="the manager is away", at=NOON)
    supervisor.work(at_home, lambda: None)
    assert state(at_home, number) is ChangeState.WRITTEN


def test_what_an_editor_changed_meanwhile_is_not_overwritten(at_home: Scope) -> None:
    number = proposed(at_home)
    edits.write(at_home.home, Edit(SettingsFile.POLICY, "answer.rings", 5))
    at_home.store.write(changes.approve, number, by="7050", note="alone", at=NOON)
    supervisor.work(at_home, lambda: None)
    assert state(at_home, number) is ChangeState.NOT_WRITTEN
    assert Policy.load(at_home.home.policy_file).answer.rings == 5


def test_one_value_has_one_open_change_and_each_has_its_reason(at_home: Scope) -> None:
    proposed(at_home)
    with pytest.raises(MoveRefused, match="waits already"):
        proposed(at_home, replace(RINGS, value=5))
    with pytest.raises(MoveRefused, match="say why"):
        at_home.store.write(changes.propose, at_home.home, RINGS, why="  ", by="7050", at=NOON)


def test_a_password_is_logged_before_it_is_handed_over_and_taken_once(at_home: Scope) -> None:
    asked = at_home.store.write(
        lambda session: errands.ask(session, ErrandKind.PASSWORD, "7001", by="7050", at=NOON).id
    )
    supervisor.work(at_home, lambda: None)
    logged = at_home.store.read(access_log.newest, limit=1)[0]
    assert (logged.who, logged.what, logged.subject) == ("7050", "password shown", "7001")
    assert stat.S_IMODE(errands.handed(at_home.home, asked).stat().st_mode) == 0o600
    known = Secrets.load_or_create(at_home.home, at_home.site).sip["7001"]
    assert errands.taken(at_home.home, asked)["password"] == known
    with pytest.raises(MoveRefused, match="taken already"):
        errands.taken(at_home.home, asked)


def test_an_errand_that_fails_says_why_and_is_not_tried_for_ever(at_home: Scope) -> None:
    asked = at_home.store.write(
        lambda session: errands.ask(session, ErrandKind.PASSWORD, "9999", by="7050", at=NOON).id
    )
    supervisor.work(at_home, lambda: None)
    ended = at_home.store.read(errands.find, asked)
    assert (ended.state, ended.refusal) == ("failed", "there is no telephone 9999\n没有话机 9999")
    assert at_home.store.read(errands.waiting) == []

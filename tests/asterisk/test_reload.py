"""Changed files are taken into use while people talk: nobody is cut off, and a wrong file changes nothing."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from hotline.supervisor.reload import let_callers_wait
from models.clock import SystemClock
from models.instance import changes, errands
from models.instance.edits import Edit
from models.instance.errands import Errand, ErrandKind, ErrandState
from models.people import sign_ins
from models.policy import Policy
from models.states.administration import ChangeState, SettingsFile
from models.states.people import SignInPlace
from models.tables import Account, Call
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from phones.written import wait_nothing_left
from tests.asterisk.conftest import ALONE

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)
RELOADS = 2
CALLS_EVERY_S = 0.7
CALLS = ("asterisk", "ivr", "scheduler", "fallback")
"""Programs that would be replaced; the console follows later."""


@pytest.fixture(scope="module")
def to_be_reloaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    with LiveHotline.running(tmp_path_factory.mktemp("reloaded"), policy=ALONE) as instance:
        yield instance


@pytest.fixture
def mortal(to_be_reloaded: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(to_be_reloaded)


def asked(hotline: LiveHotline, kind: ErrandKind) -> Errand:
    """An errand, once the supervisor has ended it."""
    number = begun(hotline, kind)
    return hotline.until(lambda: ended(hotline, number), "end of the errand", 90)


def begun(hotline: LiveHotline, kind: ErrandKind) -> int:
    return hotline.store.write(lambda session: errands.ask(session, kind, by="7050", at=SystemClock().now()).id)


def ended(hotline: LiveHotline, number: int) -> Errand | None:
    found = hotline.store.read(errands.find, number)
    return found if found.ended_at else None


def changed(hotline: LiveHotline, edit: Edit) -> None:
    """As an administrator does on the console."""
    at = SystemClock().now()

    def propose(session):  # type: ignore[no-untyped-def]
        if session.get(Account, "7050") is None:
            session.add(Account(staff_number="7050", administrator=True))
        return changes.propose(session, hotline.home, edit, why="a test", by="7050", at=at).id

    number = hotline.store.write(propose)
    hotline.store.write(changes.approve, number, by="7050", note="alone", at=at)
    hotline.until(
        lambda: hotline.store.read(changes.find, number).state is ChangeState.WRITTEN, "change in the file", 20
    )


@pytest.mark.timeout(400)
def test_a_talk_and_a_caller_in_the_menu_outlast_reloads(mortal: LiveHotline) -> None:
    agent, talking = mortal.phone("7001", AGENT), mortal.caller("13800138781", CALLER)
    talking.reach("8000")
    choosing.person(talking)
    agent.wait_ringing()
    agent.answer()
    agent.wait_heard("whisper-person")
    agent.press("1")
    talking.wait_tone(AGENT.hertz, 15, seconds=1)
    new = {"number": "7005", "name": "何平", "group": "agents", "role": "agent", "on_duty": False}
    changed(mortal, Edit(SettingsFile.SITE, "staff[7005]", new))
    for rings in range(4, 4 + RELOADS):
        changed(mortal, Edit(SettingsFile.POLICY, "answer.rings", rings))
        ended = asked(mortal, ErrandKind.RELOAD)
        assert (ended.state, ended.refusal) == (ErrandState.DONE, None)
        talking.wait_tone(AGENT.hertz, 5, seconds=2)
        agent.wait_tone(CALLER.hertz, 5, seconds=2)
    assert {name: child["restarts"] for name, child in mortal.state()["children"].items()} == dict.fromkeys(
        ("asterisk", "console", "ivr", "scheduler", "fallback"), 0
    )
    assert Policy.load(mortal.home.policy_file).answer.rings == 3 + RELOADS
    # The new telephone knows its password, and another caller is served.
    del mortal.site
    mortal.phone("7005")
    in_the_menu = mortal.caller("13800138782")
    in_the_menu.reach("8000")
    in_the_menu.wait_heard("greeting", part=0.5)
    asked(mortal, ErrandKind.RELOAD)
    in_the_menu.wait_heard("menu", 30, part=0.5)
    in_the_menu.hang_up()
    agent.hang_up()
    talking.wait_ended()
    # Who hangs up in the apology is missed at the next comparison.
    wait_nothing_left(mortal, mortal.policy.recovery.every_s + 10)


@pytest.mark.timeout(400)
def test_who_calls_in_during_a_reload_hears_the_menu(mortal: LiveHotline) -> None:
    before = mortal.child("ivr")["pid"]
    number = begun(mortal, ErrandKind.RELOAD)
    called: list[Phone] = []
    while not ended(mortal, number):
        called.append(mortal.caller(f"138001387{len(called):02}"))
        called[-1].dial("8000")
        time.sleep(CALLS_EVERY_S)
    assert mortal.child("ivr")["pid"] != before
    for caller in called:
        caller.wait_answered(30)
        caller.wait_heard("menu", 30, part=0.5)
        caller.hang_up()
    wait_nothing_left(mortal)
    newest = select(Call.mode).order_by(Call.id.desc()).limit(len(called))
    modes = mortal.store.read(lambda session: set(session.scalars(newest)))
    assert modes == {mortal.policy.answer.mode}, "none of them was served by the fallback"


def test_who_hangs_up_while_a_reload_keeps_him_waiting_is_owed_a_call_back(mortal: LiveHotline) -> None:
    let_callers_wait(mortal.home, SystemClock().now())
    restarts = mortal.kill("ivr")
    caller = mortal.caller("13800138799")
    caller.dial("8000")
    caller.wait_ringing()
    caller.hang_up()
    notes = mortal.until(lambda: list(mortal.home.message_spool.glob("*.txt")), "note on the spool")
    assert "caller=13800138799" in notes[0].read_text("utf-8")
    mortal.wait_restarted("ivr", restarts)


def test_after_its_moment_nobody_waits_for_a_reload(mortal: LiveHotline) -> None:
    let_callers_wait(mortal.home, SystemClock().now() - timedelta(minutes=1))
    restarts = mortal.kill("ivr")
    caller = mortal.caller("13800138798")
    caller.dial("8000")
    caller.wait_answered(5)
    caller.wait_heard("fallback-menu", 10, part=0.5)
    caller.hang_up()
    mortal.wait_restarted("ivr", restarts)


def test_the_page_says_restart_needed_until_the_service_was_restarted(mortal: LiveHotline) -> None:
    at = SystemClock().now()

    def sign_in(session):  # type: ignore[no-untyped-def]
        if session.get(Account, "7050") is None:
            session.add(Account(staff_number="7050", administrator=True))
        return sign_ins.begin(session, "7050", place=SignInPlace.BROWSER, address="127.0.0.1", at=at)

    cookies = {"hotline": mortal.store.write(sign_in)}
    page = f"http://127.0.0.1:{mortal.ports.console}/admin"
    site = mortal.home.site_file.read_text("utf-8")
    try:
        mortal.home.site_file.write_text(site.replace(f"port = {mortal.ports.sip}", "port = 5999"), "utf-8")
        mortal.wait_restarted("console", mortal.kill("console"))
        shown = httpx.get(page, cookies=cookies).raise_for_status().text
        assert "需要重新启动" in shown
        assert ">sip</code>" in shown
    finally:
        mortal.home.site_file.write_text(site, "utf-8")
    assert "需要重新启动" not in httpx.get(page, cookies=cookies).raise_for_status().text


def test_a_wrong_file_and_another_port_are_refused_in_words(mortal: LiveHotline) -> None:
    site = mortal.home.site_file.read_text("utf-8")
    pids = {name: mortal.child(name)["pid"] for name in CALLS}
    try:
        mortal.home.site_file.write_text(site.replace(f"port = {mortal.ports.sip}", "port = 5999"), "utf-8")
        refused = asked(mortal, ErrandKind.RELOAD)
        assert refused.state is ErrandState.FAILED
        assert "sip: that needs a restart" in (refused.refusal or "")
        mortal.home.site_file.write_text(site.replace('role = "manager"', 'role = "boss"'), "utf-8")
        refused = asked(mortal, ErrandKind.RELOAD)
        assert refused.state is ErrandState.FAILED
        assert "staff[7050].role" in (refused.refusal or "")
    finally:
        mortal.home.site_file.write_text(site, "utf-8")
    assert {name: mortal.child(name)["pid"] for name in CALLS} == pids

"""Changed files are taken into use while people talk: nobody is cut off, and a wrong file changes nothing."""

from collections.abc import Callable, Iterator

import pytest

from models.clock import SystemClock
from models.instance import changes, errands
from models.instance.edits import Edit
from models.instance.errands import Errand, ErrandKind, ErrandState
from models.policy import Policy
from models.states.administration import ChangeState, SettingsFile
from models.tables import Account
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import wait_nothing_left

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)
RELOADS = 2
CALLS = ("asterisk", "ivr", "scheduler", "fallback")
"""Programs that would be replaced; the console follows later."""


@pytest.fixture(scope="module")
def to_be_reloaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    with LiveHotline.running(tmp_path_factory.mktemp("reloaded"), policy={"follow_up.after_talk": False}) as instance:
        yield instance


@pytest.fixture
def mortal(to_be_reloaded: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(to_be_reloaded)


def asked(hotline: LiveHotline, kind: ErrandKind) -> Errand:
    """An errand, once the supervisor has ended it."""
    asked_for = hotline.store.write(lambda session: errands.ask(session, kind, by="7050", at=SystemClock().now()).id)

    def ended() -> Errand | None:
        found = hotline.store.read(errands.find, asked_for)
        return found if found.ended_at else None

    return hotline.until(ended, "end of the errand", 90)


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
    wait_nothing_left(mortal)


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

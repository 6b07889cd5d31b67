"""The connection between application and Asterisk breaks in every way: no caller is left in silence (R13-1)."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ivr.ari.client import Ari
from ivr.ari.sign import Sign
from ivr.pulse import ANOTHER_SERVES
from models.instance.home import PROJECT_ROOT, Home
from models.instance.secrets import Secrets
from models.states.calls import EndedBy, Ring
from phones import choosing
from phones.faults import Relay, relayed, standing_still
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from phones.written import call_of, tasks_of, wait_nothing_left
from tests.asterisk.conftest import QUIET

pytestmark = pytest.mark.asterisk

LONGEST_MUTE_S = 20.0
CALLER, AGENT = tones(2)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveHotline, Relay]]:
    folder = tmp_path_factory.mktemp("apart")
    with LiveHotline.running(folder, policy=QUIET) as instance, relayed(instance) as relay:
        yield instance, relay


@pytest.fixture
def hotline(apart: tuple[LiveHotline, Relay], at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(apart[0])


@pytest.fixture
def relay(apart: tuple[LiveHotline, Relay]) -> Relay:
    return apart[1]


def in_a_talk(hotline: LiveHotline, number: str) -> tuple[Phone, Phone]:
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.3)
    caller = hotline.caller(number, CALLER)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 30, seconds=1)
    return caller, agent


@pytest.mark.parametrize("how", ["clean", "reset", "half-open"])
def test_a_talk_goes_on_and_a_caller_in_the_menu_is_served_again(hotline: LiveHotline, relay: Relay, how: str) -> None:
    number = {"clean": "13800138441", "reset": "13800138442", "half-open": "13800138443"}[how]
    talking, agent = in_a_talk(hotline, number)
    in_the_menu = hotline.caller(f"{number[:-2]}9{number[-1]}")
    in_the_menu.reach("8000")
    in_the_menu.wait_heard("menu", part=1)
    restarts = hotline.child("ivr")["restarts"]
    with contextlib.ExitStack() as half:
        if how == "half-open":
            half.enter_context(relay.half_open())
            # Longer than the application needs to notice: its next connections lead nowhere either.
            time.sleep(9)
        else:
            relay.cut(reset=how == "reset")
    in_the_menu.wait_heard("interrupted", LONGEST_MUTE_S, part=1)
    in_the_menu.wait_heard("menu", part=1)
    in_the_menu.hang_up()
    talking.wait_tone(AGENT.hertz, 3, seconds=2)
    agent.hang_up()
    talking.wait_ended()
    wait_nothing_left(hotline)
    record = call_of(hotline, number)
    assert record.call.ended_by is EndedBy.AGENT
    assert [ring.outcome for ring in record.rings] == [Ring.CONNECTED]
    assert tasks_of(hotline, record) == []
    assert hotline.child("ivr")["restarts"] == restarts


def test_a_hung_application_is_replaced_and_its_callers_are_served(hotline: LiveHotline) -> None:
    """A process stopped for 30 s, like one in an endless loop, keeps its connection open and does nothing."""
    talking, agent = in_a_talk(hotline, "13800138084")
    in_the_menu = hotline.caller("13800138094")
    in_the_menu.reach("8000")
    in_the_menu.wait_heard("menu", part=1)
    restarts = hotline.child("ivr")["restarts"]
    with standing_still(hotline, "ivr"):
        arriving = hotline.caller("13800138095")
        arriving.dial("8000")
        agent.wait_tone(CALLER.hertz, 3, seconds=2)
        talking.wait_tone(AGENT.hertz, 3, seconds=2)
        in_the_menu.wait_heard("interrupted", LONGEST_MUTE_S, part=1)
        hotline.wait_restarted("ivr", restarts)
    in_the_menu.wait_heard("menu", part=1)
    arriving.wait_answered(LONGEST_MUTE_S)
    arriving.wait_heard("menu", LONGEST_MUTE_S, part=1)
    for caller in (in_the_menu, arriving):
        caller.hang_up()
    talking.wait_tone(AGENT.hertz, 3, seconds=2)
    talking.hang_up()
    wait_nothing_left(hotline)
    assert call_of(hotline, "13800138084").call.ended_by is EndedBy.CALLER
    assert hotline.child("ivr")["last_end"] == "killed by SIGKILL"


def says(home: Home, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of ours, as in a terminal."""
    command = [sys.executable, "-m", "hotline", "--home", str(home.path), "--lang", "en", *words]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=60, check=False)


def application(home: Home) -> dict[str, Any]:
    """What `hotline status` of this home reports about its application."""
    shown: dict[str, Any] = json.loads(says(home, "status", "--json").stdout)["parts"]["ivr"]
    return shown


@contextlib.contextmanager
def second_home(hotline: LiveHotline, path: Path) -> Iterator[Home]:
    """Another installation, whose application connects to the same Asterisk under the same name."""
    other = Home(path)
    other.create_missing()
    for name in ("site.toml", "policy.toml", "secrets.toml"):
        shutil.copy(hotline.home.path / name, other.path / name)
    command = [sys.executable, "-m", "hotline", "--home", str(other.path), "ivr"]
    with (other.logs / "ivr.log").open("wb") as log:
        program = subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=log, stderr=log)
    try:
        yield other
    finally:
        program.terminate()
        program.wait(10)


def test_an_application_that_starts_while_another_serves_stands_by_and_no_caller_notices(
    hotline: LiveHotline, tmp_path: Path
) -> None:
    talking, agent = in_a_talk(hotline, "13800138801")
    with second_home(hotline, tmp_path / "other") as other:
        hotline.until(lambda: "this one stands by" in (other.logs / "ivr.log").read_text(), "words", 30)
        newcomer = hotline.caller("13800138802")
        newcomer.reach("8000")
        newcomer.wait_heard("greeting", part=1)
        hotline.until(lambda: application(other)["why"] == ANOTHER_SERVES, "status of the other one", 30)
        assert application(hotline.home)["up"]
        newcomer.hang_up()
        talking.wait_tone(AGENT.hertz, 3, seconds=2)
        agent.hang_up()
        talking.wait_ended()
    assert application(other)["why"] == "does not run"
    assert call_of(hotline, "13800138802").call.ended_by is EndedBy.CALLER
    assert call_of(hotline, "13800138801").call.ended_by is EndedBy.AGENT
    assert "another program is connected" not in (hotline.home.logs / "ivr.log").read_text()


def test_a_second_application_of_one_home_is_refused_with_the_remedy(hotline: LiveHotline) -> None:
    refused = says(hotline.home, "ivr")
    assert refused.returncode == 1
    assert f"served already, by process {hotline.child('ivr')['pid']}" in refused.stderr
    assert "--home DIR" in refused.stderr


class Blind(Sign):
    """Of a program that does not check whether an application is serving already."""

    async def another_serves(self) -> bool:
        return False


@contextlib.contextmanager
def second_program(hotline: LiveHotline) -> Iterator[None]:
    """Connects as the same application, and answers no caller."""
    password = Secrets.load_or_create(hotline.home, hotline.site).ari_password
    up, over = threading.Event(), threading.Event()

    async def be_there() -> None:
        url, node = f"http://127.0.0.1:{hotline.ports.http}/ari", hotline.site.node
        ari = Ari(url, node, "hotline", password)
        ari._sign = Blind(url, node, "")
        running = asyncio.create_task(ari.run())
        await ari.connected.wait()
        up.set()
        await asyncio.to_thread(over.wait)
        assert ari.connected.is_set(), "the two have taken the application from each other"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    program = threading.Thread(target=asyncio.run, args=(be_there(),))
    program.start()
    try:
        assert up.wait(10)
        yield
    finally:
        over.set()
        program.join()


def test_the_application_yields_to_a_second_program_of_its_name_and_takes_over_after_it(hotline: LiveHotline) -> None:
    talking, agent = in_a_talk(hotline, "13800138085")
    in_the_menu = hotline.caller("13800138096")
    in_the_menu.reach("8000")
    in_the_menu.wait_heard("menu", part=1)
    with second_program(hotline):
        hotline.until(
            lambda: "another program is connected" in (hotline.home.logs / "ivr.log").read_text(), "words", 30
        )
        hotline.until(
            lambda: application(hotline.home)["why"] == ANOTHER_SERVES, "status of the one that stands by", 30
        )
        time.sleep(4)
    in_the_menu.wait_heard("interrupted", LONGEST_MUTE_S, part=1)
    in_the_menu.wait_heard("menu", part=1)
    in_the_menu.hang_up()
    talking.wait_tone(AGENT.hertz, 3, seconds=2)
    agent.hang_up()
    talking.wait_ended()
    wait_nothing_left(hotline)
    assert call_of(hotline, "13800138085").call.ended_by is EndedBy.AGENT

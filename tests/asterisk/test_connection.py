"""The connection between application and Asterisk breaks in every way there is: nobody stays mute (R13-1)."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ivr.ari import Ari
from models.secrets import Secrets
from models.states import EndedBy, Ring
from phones import choosing
from phones.faults import Relay, relayed, standing_still
from phones.instance import Instance
from phones.microphone import tones
from phones.phone import Phone
from phones.written import call_of, tasks_of, wait_nothing_left

pytestmark = pytest.mark.asterisk

LONGEST_MUTE_S = 20.0
CALLER, AGENT = tones(2)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, Relay]]:
    folder = tmp_path_factory.mktemp("apart")
    with Instance.running(folder, policy={"canary.every_minutes": 1440}) as instance, relayed(instance) as relay:
        yield instance, relay


@pytest.fixture
def hotline(apart: tuple[Instance, Relay], at_the_end: Callable[[Instance], Instance]) -> Instance:
    return at_the_end(apart[0])


@pytest.fixture
def relay(apart: tuple[Instance, Relay]) -> Relay:
    return apart[1]


def in_a_talk(hotline: Instance, number: str) -> tuple[Phone, Phone]:
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.3)
    caller = hotline.caller(number, CALLER)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    return caller, agent


@pytest.mark.parametrize("how", ["clean", "reset", "half-open"])
def test_a_talk_goes_on_and_a_caller_in_the_menu_is_taken_up_again(hotline: Instance, relay: Relay, how: str) -> None:
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


def test_an_application_that_stands_still_is_replaced_and_its_callers_are_taken_up(hotline: Instance) -> None:
    """A process that is stopped for 30 s, as one in an endless loop, holds its connection open and does nothing."""
    talking, _ = in_a_talk(hotline, "13800138084")
    in_the_menu = hotline.caller("13800138094")
    in_the_menu.reach("8000")
    in_the_menu.wait_heard("menu", part=1)
    restarts = hotline.child("ivr")["restarts"]
    with standing_still(hotline, "ivr"):
        arriving = hotline.caller("13800138095")
        arriving.dial("8000")
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


@contextlib.contextmanager
def second_program(hotline: Instance) -> Iterator[None]:
    """Connects as the same application, and answers nobody."""
    password = Secrets.load_or_create(hotline.home, hotline.site).ari_password
    up, over = threading.Event(), threading.Event()

    async def be_there() -> None:
        ari = Ari(f"http://127.0.0.1:{hotline.ports.http}/ari", hotline.site.node, "hotline", password)
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


def test_a_second_program_of_the_same_name_is_stood_by_for_and_taken_over_from(hotline: Instance) -> None:
    talking, agent = in_a_talk(hotline, "13800138085")
    in_the_menu = hotline.caller("13800138096")
    in_the_menu.reach("8000")
    in_the_menu.wait_heard("menu", part=1)
    with second_program(hotline):
        hotline.until(lambda: "another program is connected" in (hotline.home.logs / "ivr.log").read_text(), "words")
        time.sleep(8)
    in_the_menu.wait_heard("interrupted", LONGEST_MUTE_S, part=1)
    in_the_menu.wait_heard("menu", part=1)
    in_the_menu.hang_up()
    talking.wait_tone(AGENT.hertz, 3, seconds=2)
    agent.hang_up()
    talking.wait_ended()
    wait_nothing_left(hotline)
    assert call_of(hotline, "13800138085").call.ended_by is EndedBy.AGENT

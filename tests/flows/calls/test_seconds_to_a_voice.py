"""Seconds until a telephone rings and until a person is heard, exact in virtual time (GB/T 33358 asks for 15 s).

They stand in docs/performance.md, and each story keeps its row there true.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from models.guests import stays
from models.instance.home import PROJECT_ROOT
from tests.fakes.people import FakeCaller, FakePhone
from tests.flows.calls.transferring import CODE, in_a_talk
from tests.flows.world import STRANGER, Hotline

pytestmark = pytest.mark.flows

PAGE = PROJECT_ROOT / "docs" / "performance.md"
Seconds = list[float]


def lifted(hotline: Hotline, number: str = "7001", after: float = 0.0) -> FakePhone:
    return hotline.phone(number).answers(after=after)


async def rings_and_talks(caller: FakeCaller, phone: FakePhone, since: float) -> Seconds:
    await phone.until(lambda: bool(phone.rung), "ringing")
    await caller.talks_with(phone)
    return [phone.rung[0] - since, caller.now - since]


async def nothing_pressed(hotline: Hotline) -> Seconds:
    agent, owner = lifted(hotline), hotline.dial()
    return await rings_and_talks(owner, agent, owner.now)


async def zero_after_a_second(hotline: Hotline) -> Seconds:
    agent, owner = lifted(hotline), hotline.dial()
    began = owner.now
    await owner.hears("greeting")
    await asyncio.sleep(1)
    await owner.presses("0")
    return await rings_and_talks(owner, agent, began)


async def human_first(hotline: Hotline) -> Seconds:
    hotline.rules("answer", mode="human-first")
    await hotline.is_restarted()
    agent, owner = lifted(hotline, after=3), hotline.dial()
    return (await rings_and_talks(owner, agent, owner.now))[1:]


async def urgent(hotline: Hotline) -> Seconds:
    technician, owner = lifted(hotline, "7020"), hotline.dial()
    await owner.hears("menu")
    await owner.presses("1")
    await owner.hears("repair-menu")
    owner.press("1")
    began = owner.now
    await technician.hears("accept-with-1")
    technician.press("1")
    accepted = owner.now
    await owner.talks_with(technician)
    return [technician.rung[0] - began, owner.now - accepted]


async def a_stranger(hotline: Hotline) -> Seconds:
    agent, stranger = lifted(hotline), hotline.dial(number=STRANGER)
    await stranger.hears("menu")
    stranger.press("2")
    return (await rings_and_talks(stranger, agent, stranger.now))[:1]


async def a_guest_dials_zero(hotline: Hotline) -> Seconds:
    stay = {"language": "zh", "who": "7001", "at": hotline.clock.now()}
    hotline.store.write(stays.check_in, "1101", ["王建国"], **stay)
    agent, guest = lifted(hotline), hotline.dial("8003", "1101")
    return (await rings_and_talks(guest, agent, guest.now))[:1]


async def nobody_lifts(hotline: Hotline) -> Seconds:
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("0")
    await owner.hears("nobody-free")
    last = max(phone.rung[0] for phone in hotline.switch.phones.values() if phone.rung)
    return [owner.now - last]


async def nobody_lifts_human_first(hotline: Hotline) -> Seconds:
    hotline.rules("answer", mode="human-first")
    await hotline.is_restarted()
    owner = hotline.dial()
    await owner.hears("nobody-free")
    last = max(phone.rung[0] for phone in hotline.switch.phones.values() if phone.rung)
    return [owner.now - last]


async def a_transfer(hotline: Hotline) -> Seconds:
    """Until the colleague who has lifted is asked, and until the caller is back after a refusal."""
    agent, technician = lifted(hotline), lifted(hotline, "7020")
    owner = await in_a_talk(hotline, agent)
    await agent.presses(CODE + "7020")
    await agent.hears("transfer-reason-choice")
    await agent.presses("#")
    await technician.until(lambda: bool(technician.heard), "an answer")
    since = technician.heard[0].began
    await technician.hears("accept-with-1")
    asked = technician.now
    technician.press("2")
    await owner.talks_with(agent)
    return [asked - since, owner.now - asked]


PATHS: dict[str, Callable[[Hotline], Awaitable[Seconds]]] = {
    "8000, nothing pressed: first telephone rings / voice, lifted at once": nothing_pressed,
    "8000, then 0 after one second: rings / voice": zero_after_a_second,
    "human-first, lifted after 3 s, no key: voice": human_first,
    "urgent: rings after the last key / voice after the technician's 1": urgent,
    "a stranger: rings after his choice, nothing keyed at the building question": a_stranger,
    "a guest dials 0: rings": a_guest_dials_zero,
    "nobody lifts: a message is offered after the last new telephone has rung": nobody_lifts,
    "the same with human-first": nobody_lifts_human_first,
    "transfer: the colleague is asked after lifting / the caller is back after a refusal": a_transfer,
}


@pytest.mark.parametrize("path", PATHS)
async def test_the_seconds_of_a_path_are_those_on_the_page(hotline: Hotline, path: str) -> None:
    measured = " / ".join(f"{seconds:.1f}" for seconds in await PATHS[path](hotline))
    for caller in hotline._callers:
        caller.hangs_up()
    rows = [line.strip("|").split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    on_the_page = {row[0].strip(): row[2].strip() for row in rows if len(row) == 4}
    assert on_the_page.get(path) == measured, f"docs/performance.md, row {path!r}: write {measured}"

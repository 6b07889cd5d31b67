"""Whatever callers and agents do, at any moment: each call ends in its rows, nothing is left in Asterisk, and every
caller who chose a subject has a ticket."""

import asyncio
import random
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.policy import Policy
from models.site import Site
from models.states.calls import CallState
from models.tables import Call, RingRow, Ticket, Transfer
from tests.fakes import virtual_time
from tests.fakes.people import FakeCaller, FakePhone
from tests.fakes.virtual_time import VirtualLoop
from tests.flows.conftest import MONDAY_10_H
from tests.flows.world import OWNER, STRANGER, Hotline, open_store

pytestmark = pytest.mark.flows

# The keys that choose a subject, so that a ticket is owed: the menu's choices, at the end of their path.
CHOSEN = {"urgent_repair", "ordinary_repair", "complaint", "enquiry", "suggestion", "person"}
IDLE, HANG_UP, BREAK, KILL = "wait", "hang up", "break", "kill"

pauses = st.sampled_from([0.0, 0.001, 0.004, 0.02, 0.3, 1.0, 3.0, 6.0, 16.0, 40.0])
acts = st.sampled_from([*"0123456789*#", *"11223012", IDLE, HANG_UP])
steps = st.lists(st.tuples(pauses, acts), max_size=14)
habits = st.sampled_from(["ignores", "answers", "declines", "busy", "unplugged", "elsewhere"])


@dataclass(frozen=True)
class Plot:
    """What everyone does. `seed` varies the delays of commands and answers."""

    line: str
    number: str
    steps: list[tuple[float, str]]
    others: list[tuple[float, str]]
    habits: list[tuple[str, float]]
    breaks: list[tuple[float, str]]
    seed: int
    human_first: bool


plots = st.builds(
    Plot,
    line=st.sampled_from(["8000", "8000", "8000", "8001", "8002", "8003"]),
    number=st.sampled_from([OWNER, STRANGER, ""]),
    steps=steps,
    others=steps,
    habits=st.lists(st.tuples(habits, st.sampled_from([0.0, 0.5, 4.0, 14.999, 15.0, 17.0])), min_size=6, max_size=6),
    breaks=st.lists(st.tuples(st.sampled_from([5.0, 12.0, 30.0]), st.sampled_from([BREAK, KILL])), max_size=1),
    seed=st.integers(0, 1000),
    human_first=st.booleans(),
)


@given(plot=plots)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_every_call_ends_and_leaves_what_it_owes(plot: Plot, filled: Path, site: Site, policy: Policy) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hotline.db"
        shutil.copy(filled, file)
        store = open_store(file)
        loop = VirtualLoop()
        try:
            hotline = Hotline(loop, store, site, policy, MONDAY_10_H)
            if plot.human_first:
                hotline.rules("answer", mode="human-first")
            virtual_time.run(loop, plays_out(plot, hotline))
        finally:
            store.close()


async def plays_out(plot: Plot, hotline: Hotline) -> None:
    """Plays the plot to its end; callers who still wait then hang up."""
    delays = random.Random(plot.seed)
    hotline.switch.latency = lambda: delays.choice((0.0, 0.001, 0.002, 0.02))
    phones = [hotline.phone(number) for number in ("7001", "7002", "7010", "7020", "7030", "7050")]
    for phone, (habit, after_s) in zip(phones, plot.habits, strict=True):
        has_the_habit(phone, habit, after_s)
    async with hotline:
        first = hotline.dial(plot.line, plot.number)
        second = hotline.dial("8000", "13900000002")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(acts_out(first, plot.steps))
            tasks.create_task(acts_out(second, plot.others))
            tasks.create_task(goes_wrong(hotline, plot.breaks))
            tasks.create_task(talks_end(phones))
            tasks.create_task(nobody_is_rung_twice(hotline))
        await asyncio.sleep(60)
        for caller in (first, second):
            caller.hangs_up()
    assert hotline.every(Transfer, ended_at=None) == []
    for call in hotline.every(Call):
        assert call.state is CallState.ENDED
        if CHOSEN & set(call.menu_path.split(">")):
            (ticket,) = hotline.every(Ticket, id=call.ticket_id)
            assert ticket.line == call.line


async def acts_out(caller: FakeCaller, steps: list[tuple[float, str]]) -> None:
    for pause_s, act in steps:
        await asyncio.sleep(pause_s)
        if act == HANG_UP:
            caller.hangs_up()
        elif act != IDLE:
            caller.press(act)


async def goes_wrong(hotline: Hotline, breaks: list[tuple[float, str]]) -> None:
    for at_s, what in breaks:
        await asyncio.sleep(at_s)
        if what == BREAK:
            hotline.switch.lose_connection(for_s=1)
        else:
            await hotline.is_restarted()


async def nobody_is_rung_twice(hotline: Hotline) -> None:
    """By the rows, a phone rings for one caller at a time."""
    for _ in range(60):
        await asyncio.sleep(1.9)
        ringing = [ring.staff_number for ring in hotline.every(RingRow, outcome=None)]
        assert len(ringing) == len(set(ringing))


def has_the_habit(phone: FakePhone, habit: str, after_s: float) -> None:
    match habit:
        case "answers":
            phone.answers(after_s)
        case "declines":
            phone.declines(after_s)
        case "busy":
            phone.is_busy()
        case "unplugged":
            phone.is_unplugged()
        case "elsewhere":
            phone.phones_elsewhere().answers(after_s)


async def talks_end(phones: list[FakePhone]) -> None:
    """Some press 1, some transfer their caller, and some of those do not wait; everyone hangs up after a while. One of
    them is talking to somebody else at first."""
    for turn in range(8):
        await asyncio.sleep(7.3)
        for phone in phones[::2]:
            phone.press("1")
        if turn % 2:
            await asyncio.sleep(11.7)
            await phones[0].presses("*27020")
            await phones[1].presses("*27030")
            await asyncio.sleep(1.3)
            for phone in phones[:2]:
                phone.press("#")
            await asyncio.sleep(4.1)
            if turn % 4 == 1:
                phones[0].hangs_up()
            await asyncio.sleep(9.7)
            for phone in phones[3:5]:
                phone.press("1")
        await asyncio.sleep(11.7)
        for phone in phones:
            if phone.channel is not None and phone.channel.state == "Up":
                phone.hangs_up()

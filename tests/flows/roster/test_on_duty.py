"""The hotline rings the people on shift, and nobody else (R09, R13-1, R16-1)."""

from datetime import UTC, datetime

import pytest

from models.instance.home import PROJECT_ROOT
from models.roster import roster
from models.roster.roster_file import read_roster
from models.states.calls import Ring
from tests.fakes.people import FakeCaller
from tests.flows.people.test_presence import says
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows

SUNDAY_EVENING = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def has_the_delivered_roster(hotline: Hotline) -> None:
    plan = read_roster(PROJECT_ROOT / "roster.example.toml", hotline.site)
    at, dates = hotline.clock.now(), hotline.site.days
    hotline.store.write(roster.install, plan, who="test", at=at, dates=dates, days=14)


async def asks_for_a_person(hotline: Hotline, number: str = OWNER) -> FakeCaller:
    caller = hotline.dial(number=number)
    await caller.hears("menu")
    await caller.presses("0")
    return caller


async def test_only_the_phones_of_the_people_on_shift_ring(hotline: Hotline) -> None:
    """Monday, 10:00: 7001 and 7002 have the day shift, 7003 and 7004 the evening shift."""
    has_the_delivered_roster(hotline)
    caller = await asks_for_a_person(hotline)
    await hotline.phone("7001").rings()
    await hotline.phone("7002").rings()
    caller.hangs_up()
    await caller.is_hung_up()
    assert {staff for _, staff, _, _ in hotline.rings()} <= {"7001", "7002", "7010"}
    assert hotline.phone("7003").rung == hotline.phone("7004").rung == []


@pytest.mark.parametrize("start", [SUNDAY_EVENING])
async def test_a_gap_in_the_roster_rings_the_monitoring_centre(hotline: Hotline, start: datetime) -> None:
    """R09-3: on Sunday evening the regulation has nobody at the front desk."""
    has_the_delivered_roster(hotline)
    centre = hotline.phone("7030").answers()
    caller = await asks_for_a_person(hotline)
    await caller.talks_with(centre)
    centre.hangs_up()
    await caller.is_hung_up()
    assert [(stage, staff, outcome) for stage, staff, _, outcome in hotline.rings()] == [
        ("group", "7030", Ring.CONNECTED)
    ]


async def test_an_agent_on_a_break_is_not_rung_and_a_colleague_who_helps_out_is(hotline: Hotline) -> None:
    """R05-1."""
    has_the_delivered_roster(hotline)
    one, two, three = hotline.only("7001", "7002", "7003")
    await says(one, "*21", "presence-break")
    await says(two, "*21", "presence-break")
    await says(three, "*20", "presence-on-duty")
    three.answers()
    caller = await asks_for_a_person(hotline, STRANGER)
    await caller.talks_with(three)
    three.hangs_up()
    await caller.is_hung_up()
    assert [staff for _, staff, _, _ in hotline.rings(STRANGER)] == ["7003"]


async def test_no_caller_is_transferred_to_a_colleague_who_is_not_on_shift(hotline: Hotline) -> None:
    """R09-4, R07-4: 7021 has the night shift."""
    has_the_delivered_roster(hotline)
    agent, night = hotline.phone("7001").answers(), hotline.phone("7021").answers()
    caller = await asks_for_a_person(hotline)
    await caller.talks_with(agent)
    await agent.presses("*2")
    await agent.hears("transfer-number")
    await agent.presses("7021")
    await agent.hears("not-transferred-off-duty")
    await caller.talks_with(agent)
    agent.hangs_up()
    await caller.is_hung_up()
    assert night.rung == []

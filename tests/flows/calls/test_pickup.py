"""*8: a colleague's ringing call is picked up, whatever else happens at that moment (R20-4)."""

import asyncio

import pytest

from models.states.calls import Ring
from models.tickets import tickets
from tests.fakes.people import FakeCaller, FakePhone
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows

ANOTHER = "13900000002"
"""An owner, too."""


async def complains(hotline: Hotline, number: str = OWNER) -> FakeCaller:
    caller = hotline.dial(number=number)
    await caller.hears("menu")
    await caller.presses("2")
    return caller


async def the_call_rings_at(hotline: Hotline, *numbers: str) -> tuple[FakeCaller, list[FakePhone]]:
    """Only these telephones are registered; the first rings."""
    phones = hotline.only(*numbers)
    owner = await complains(hotline)
    await phones[0].rings()
    return owner, phones


async def ends(caller: FakeCaller, agent: FakePhone) -> None:
    await caller.talks_with(agent)
    await asyncio.sleep(8)
    agent.hangs_up()
    await caller.is_hung_up()


async def test_a_ringing_call_is_picked_up_and_counts_as_answered_by_the_colleague_who_did(hotline: Hotline) -> None:
    owner, (rung, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    await asyncio.sleep(6)
    colleague.dials("*8")
    await colleague.hears("whisper-complaint")
    await owner.hears("badge", "digit-7", "digit-0", "digit-0", "digit-2", "serves-you")
    assert rung.channel is None
    await ends(owner, colleague)
    assert hotline.rings() == [("group", "7001", 2, Ring.TAKEN), ("pickup", "7002", 1, Ring.CONNECTED)]
    assert "building" not in colleague.prompts, "the caller has waited: only the essential"
    assert (hotline.ticket().first_receiver, len(hotline.record().talks)) == ("7002", 1)
    assert len(hotline.recordings()) == 1


async def test_any_key_cuts_the_whisper(hotline: Hotline) -> None:
    owner, (_, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await colleague.hears("whisper-complaint")
    await colleague.presses("5")
    await ends(owner, colleague)


async def test_a_neighbouring_groups_call_can_be_picked_up_and_no_other_groups(hotline: Hotline) -> None:
    owner, (_, stranger, neighbour) = await the_call_rings_at(hotline, "7001", "7040", "7010")
    technician = hotline.phone("7020")
    technician.online = True
    technician.dials("*8")
    await technician.hears_out("pickup-nothing")
    await technician.is_hung_up()
    await owner.until(lambda: owner.hears_ringing, "ringing")
    neighbour.dials("*8")
    await ends(owner, neighbour)
    assert hotline.rings()[-1] == ("pickup", "7010", 1, Ring.CONNECTED)
    assert stranger.heard == []


async def test_without_a_ringing_call_the_colleague_hears_so(hotline: Hotline) -> None:
    agent = hotline.phone("7001").dials("*8")
    await agent.hears_out("pickup-nothing")
    await agent.is_hung_up()


async def test_the_call_that_has_rung_longest_is_picked_up(hotline: Hotline) -> None:
    hotline.only("7001", "7002", "7003")
    first = await complains(hotline)
    await hotline.phone("7001").rings()
    await asyncio.sleep(3)
    second = await complains(hotline, ANOTHER)
    await hotline.phone("7002").rings()
    hotline.phone("7003").dials("*8")
    await first.talks_with(hotline.phone("7003"))
    await second.until(lambda: second.hears_ringing, "ringing")
    second.hangs_up()
    await ends(first, hotline.phone("7003"))


async def test_two_colleagues_pick_up_at_once_and_one_has_the_call(hotline: Hotline) -> None:
    owner, (_, one, other) = await the_call_rings_at(hotline, "7001", "7002", "7003")
    one.dials("*8")
    other.dials("*8")
    await owner.until(lambda: any(owner._in_talk(phone) for phone in (one, other)), "talk")
    winner, loser = (one, other) if owner._in_talk(one) else (other, one)
    assert {"pickup-nothing", "pickup-late"} & set(loser.prompts)
    await loser.is_hung_up()
    await ends(owner, winner)
    assert [ring[3] for ring in hotline.rings()].count(Ring.CONNECTED) == 1


@pytest.mark.parametrize("milliseconds", range(0, 60, 4))
async def test_the_rung_telephone_is_answered_at_the_moment_of_the_pickup(hotline: Hotline, milliseconds: int) -> None:
    owner, (rung, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    rung.answers(after=0.03)
    await asyncio.sleep(milliseconds / 1000)
    colleague.dials("*8")
    await owner.until(lambda: any(owner._in_talk(phone) for phone in (rung, colleague)), "talk")
    winner, loser = (rung, colleague) if owner._in_talk(rung) else (colleague, rung)
    await loser.is_hung_up()
    await ends(owner, winner)
    outcomes = {ring[1]: ring[3] for ring in hotline.rings()}
    assert outcomes[winner.number] is Ring.CONNECTED
    assert outcomes.get(loser.number, Ring.TAKEN) is Ring.TAKEN


@pytest.mark.parametrize("milliseconds", range(0, 60, 4))
async def test_the_caller_hangs_up_at_the_moment_of_the_pickup(hotline: Hotline, milliseconds: int) -> None:
    owner, (_, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await asyncio.sleep(milliseconds / 1000)
    owner.hangs_up()
    await owner.is_hung_up()
    await colleague.is_hung_up()
    assert [task.number for task in hotline.tasks()] == [OWNER], "the caller is owed a call back"


@pytest.mark.parametrize("milliseconds", range(0, 60, 4))
async def test_the_colleague_hangs_up_at_the_moment_of_the_pickup(hotline: Hotline, milliseconds: int) -> None:
    """The caller is not left alone: the wider circle rings."""
    owner, (rung, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await asyncio.sleep(milliseconds / 1000)
    colleague.hangs_up()
    rung.answers(after=1)
    await ends(owner, rung)


async def test_an_agent_whose_own_telephone_rings_can_pick_that_call_up(hotline: Hotline) -> None:
    owner, (agent,) = await the_call_rings_at(hotline, "7001")
    agent.dials("*8")
    await ends(owner, agent)
    assert hotline.rings() == [("group", "7001", 1, Ring.TAKEN), ("pickup", "7001", 1, Ring.CONNECTED)]


async def test_an_agent_being_rung_picks_up_another_call_and_the_first_goes_on_to_a_colleague(
    hotline: Hotline,
) -> None:
    hotline.only("7001", "7002", "7003")
    first = await complains(hotline)
    await hotline.phone("7001").rings()
    second = await complains(hotline, ANOTHER)
    await hotline.phone("7002").rings()
    hotline.phone("7003").answers(after=2)
    hotline.phone("7002").dials("*8")
    await first.talks_with(hotline.phone("7002"))
    await ends(second, hotline.phone("7003"))
    await ends(first, hotline.phone("7002"))
    assert ("group", "7002", 1, Ring.BUSY) in hotline.rings(ANOTHER)


async def test_an_urgent_repair_is_picked_up_without_another_key(hotline: Hotline) -> None:
    """R08-2: dialling *8 is consent enough."""
    hotline.only("7020", "7021", "7030")
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("1")
    await owner.hears("repair-menu")
    await owner.presses("1")
    await hotline.phone("7020").rings()
    hotline.phone("7020").answers(after=0)
    await hotline.phone("7020").hears("whisper-urgent")
    hotline.phone("7022").online = True
    hotline.phone("7022").dials("*8")
    await hotline.phone("7020").hears("taken-by-colleague")
    await ends(owner, hotline.phone("7022"))


async def test_the_subject_of_a_complaint_cannot_pick_it_up(hotline: Hotline) -> None:
    """R15-6."""
    owner = await complains(hotline)
    await hotline.phone("7001").rings()
    owner.hangs_up()
    await owner.is_hung_up()
    hotline.store.write(
        tickets.about, hotline.ticket().id, "7002", who="7050", at=hotline.clock.now(), policy=hotline.policy
    )
    again = hotline.dial()
    await again.hears("menu")
    await again.presses("4")
    await again.hears("ticket-choices")
    await again.presses("0")
    await hotline.phone("7001").rings()
    hotline.phone("7002").dials("*8")
    await hotline.phone("7002").hears_out("pickup-nothing")
    again.hangs_up()


async def test_without_the_application_pickup_is_announced_as_unavailable(hotline: Hotline) -> None:
    await hotline.is_killed()
    agent = hotline.phone("7001").dials("*8")
    await agent.hears_out("feature-unavailable")
    await agent.is_hung_up()
    await hotline.begin()


async def test_the_application_dies_during_a_talk_that_was_picked_up(hotline: Hotline) -> None:
    owner, (_, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await owner.talks_with(colleague)
    await hotline.is_restarted()
    await asyncio.sleep(5)
    assert owner._in_talk(colleague)
    colleague.hangs_up()
    await owner.hears_out("goodbye")


async def test_the_application_dies_during_the_whisper_after_a_pickup(hotline: Hotline) -> None:
    owner, (rung, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await colleague.hears("whisper-complaint")
    await hotline.is_restarted()
    await colleague.hears_out("feature-unavailable")
    rung.answers(after=1)
    await owner.hears("interrupted")
    await ends(owner, rung)

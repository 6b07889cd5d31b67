"""*8: a colleague's ringing call is picked up, whatever else happens in that moment (R20-4)."""

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
    """Only these telephones are plugged in; the first rings."""
    phones = hotline.only(*numbers)
    owner = await complains(hotline)
    await phones[0].rings()
    return owner, phones


async def ends(caller: FakeCaller, agent: FakePhone) -> None:
    await caller.talks_with(agent)
    await asyncio.sleep(8)
    agent.hangs_up()
    await caller.is_hung_up()


async def test_a_colleagues_ringing_call_is_picked_up_and_counts_as_ones_answer(hotline: Hotline) -> None:
    owner, (rung, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    await asyncio.sleep(6)
    colleague.dials("*8")
    await colleague.hears("whisper-complaint")
    await owner.hears("badge", "digit-7", "digit-0", "digit-0", "digit-2", "serves-you")
    assert rung.channel is None
    await ends(owner, colleague)
    assert hotline.rings() == [("group", "7001", 2, Ring.TAKEN), ("pickup", "7002", 1, Ring.CONNECTED)]
    assert "whisper-owner" not in colleague.prompts, "the caller has waited: only the essential"
    assert (hotline.ticket().first_receiver, len(hotline.record().talks)) == ("7002", 1)
    assert len(hotline.recordings()) == 1


async def test_the_whisper_is_cut_with_any_key(hotline: Hotline) -> None:
    owner, (_, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await colleague.hears("whisper-complaint")
    await colleague.presses("5")
    await ends(owner, colleague)


async def test_a_neighbouring_groups_call_too_and_nobody_elses(hotline: Hotline) -> None:
    owner, (_, stranger, neighbour) = await the_call_rings_at(hotline, "7001", "7040", "7010")
    technician = hotline.phone("7020")
    technician.online = True
    technician.dials("*8")
    await technician.hears_out("pickup-nothing")
    await technician.is_hung_up()
    assert owner.hears_ringing
    neighbour.dials("*8")
    await ends(owner, neighbour)
    assert hotline.rings()[-1] == ("pickup", "7010", 1, Ring.CONNECTED)
    assert stranger.heard == []


async def test_nothing_rings_and_that_is_said_in_words(hotline: Hotline) -> None:
    agent = hotline.phone("7001").dials("*8")
    await agent.hears_out("pickup-nothing")
    await agent.is_hung_up()


async def test_of_two_the_one_that_rings_longest_is_picked_up(hotline: Hotline) -> None:
    hotline.only("7001", "7002", "7003")
    first = await complains(hotline)
    await hotline.phone("7001").rings()
    await asyncio.sleep(3)
    second = await complains(hotline, ANOTHER)
    await hotline.phone("7002").rings()
    hotline.phone("7003").dials("*8")
    await first.talks_with(hotline.phone("7003"))
    assert second.hears_ringing
    second.hangs_up()
    await ends(first, hotline.phone("7003"))


async def test_two_pick_up_at_once_and_one_of_them_has_the_call(hotline: Hotline) -> None:
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
async def test_the_rung_telephone_is_answered_in_that_very_moment(hotline: Hotline, milliseconds: int) -> None:
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
async def test_the_caller_hangs_up_in_that_very_moment(hotline: Hotline, milliseconds: int) -> None:
    owner, (_, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await asyncio.sleep(milliseconds / 1000)
    owner.hangs_up()
    await owner.is_hung_up()
    await colleague.is_hung_up()
    assert [task.number for task in hotline.tasks()] == [OWNER], "he is owed a call back"


@pytest.mark.parametrize("milliseconds", range(0, 60, 4))
async def test_whoever_picks_up_hangs_up_in_that_very_moment(hotline: Hotline, milliseconds: int) -> None:
    """The caller is not left alone: the wider circle rings."""
    owner, (rung, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await asyncio.sleep(milliseconds / 1000)
    colleague.hangs_up()
    rung.answers(after=1)
    await ends(owner, rung)


async def test_whose_own_telephone_rings_has_that_call_too(hotline: Hotline) -> None:
    owner, (agent,) = await the_call_rings_at(hotline, "7001")
    agent.dials("*8")
    await ends(owner, agent)
    assert hotline.rings() == [("group", "7001", 1, Ring.TAKEN), ("pickup", "7001", 1, Ring.CONNECTED)]


async def test_whose_telephone_rings_for_another_picks_up_and_the_other_goes_on_to_a_colleague(
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
    """R08-2: whoever dials *8 has said that he takes it."""
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


async def test_whom_a_complaint_is_about_does_not_pick_it_up(hotline: Hotline) -> None:
    """R15-6."""
    owner = await complains(hotline)
    await hotline.phone("7001").rings()
    owner.hangs_up()
    await owner.is_hung_up()
    hotline.store.write(tickets.about, hotline.ticket().id, "7002", who="7050", at=hotline.clock.now())
    again = hotline.dial()
    await again.hears("menu")
    await again.presses("4")
    await again.hears("ticket-choices")
    await again.presses("0")
    await hotline.phone("7001").rings()
    hotline.phone("7002").dials("*8")
    await hotline.phone("7002").hears_out("pickup-nothing")
    again.hangs_up()


async def test_a_dead_application_says_that_it_is_not_available(hotline: Hotline) -> None:
    await hotline.is_killed()
    agent = hotline.phone("7001").dials("*8")
    await agent.hears_out("feature-unavailable")
    await agent.is_hung_up()
    await hotline.begin()


async def test_the_application_dies_in_the_talk_that_was_picked_up(hotline: Hotline) -> None:
    owner, (_, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await owner.talks_with(colleague)
    await hotline.is_restarted()
    await asyncio.sleep(5)
    assert owner._in_talk(colleague)
    colleague.hangs_up()
    await owner.hears_out("goodbye")


async def test_the_application_dies_during_the_word_to_whoever_has_picked_up(hotline: Hotline) -> None:
    owner, (rung, colleague) = await the_call_rings_at(hotline, "7001", "7002")
    colleague.dials("*8")
    await colleague.hears("whisper-complaint")
    await hotline.is_restarted()
    await colleague.hears_out("feature-unavailable")
    rung.answers(after=1)
    await owner.hears("interrupted")
    await ends(owner, rung)

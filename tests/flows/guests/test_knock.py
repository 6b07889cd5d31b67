"""A guest who does not wake is told to people, until somebody goes, and until he is awake (R21-11)."""

import asyncio
from pathlib import Path

import pytest

from models.guests import rooms, wakeup_attempts, wakeups
from models.states.calls import Ring
from models.states.guests import Confirmed, KnockLevel, KnockOutcome, WakeupState
from tests.flows.guests.wakeups import attempts, due_at, knocks, look, minutes_pass, ordered, scheduler, the_wake_up
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows


async def test_after_five_minutes_the_floor_attendant_is_called_and_goes_and_the_guest_wakes(
    hotline: Hotline, tmp_path: Path
) -> None:
    guest, _ = ordered(hotline)
    attendant = hotline.phone("7040").answers()
    async with scheduler(hotline, tmp_path):
        await attendant.rings()
        assert 300 <= (hotline.clock.now() - due_at(hotline)).total_seconds() < 307
        await attendant.hears("knock-told", "digit-1", "room", "knock-time", "hour-10", "minute-1", "knock-choices")
        await attendant.presses("1")
        await attendant.hears("knock-on-way")
        assert the_wake_up(hotline).on_way_by == "7040", "written, then spoken"
        await attendant.is_hung_up()
        # The room goes on being rung meanwhile, and the attendant says by code what he has seen.
        await guest.rings()
        attendant.dials("*561101")
        await attendant.hears_out("knock-awake")
        await attendant.is_hung_up()
        await guest.is_hung_up(within=2)
        await asyncio.sleep(1200)
    assert knocks(hotline) == [(KnockLevel.ATTENDANT, "7040", KnockOutcome.ON_MY_WAY)]
    assert len(attendant.rung) == 1
    wakeup = the_wake_up(hotline)
    assert (wakeup.state, wakeup.confirmed_by, wakeup.late_minutes) == (WakeupState.AWAKE, "7040", 6)
    assert attempts(hotline)[-1] == (Ring.CANCELLED, None)
    events = hotline.store.read(wakeups.events, wakeup.id)
    assert [(event.who, event.text) for event in events if event.who == "7040"] == [
        ("7040", "on his way"),
        ("7040", "code"),
    ]


async def test_an_attendant_who_is_talking_is_busy_though_his_telephone_has_said_so_before_we_listen(
    hotline: Hotline, tmp_path: Path
) -> None:
    """R21-13."""
    guest, _ = ordered(hotline)
    hotline.phone("7040").is_busy()
    async with scheduler(hotline, tmp_path):
        await minutes_pass(hotline, 4.8)
        hotline.switch.latency = lambda: 0.6
        await minutes_pass(hotline, 5.3)
        hotline.switch.latency = lambda: 0.002
        assert knocks(hotline) == [(KnockLevel.ATTENDANT, "7040", KnockOutcome.BUSY)]
        guest.answers()
        await guest.hears("wake-choices")
        await guest.presses("1")
        await guest.is_hung_up()


async def test_after_ten_minutes_the_desk_and_the_manager_too_and_it_goes_on_until_he_is_awake(
    hotline: Hotline, tmp_path: Path
) -> None:
    ordered(hotline)
    hotline.phone("7040").is_unplugged()
    desk, manager = hotline.phone("7001"), hotline.phone("7050")
    async with scheduler(hotline, tmp_path):
        await minutes_pass(hotline, 9.5)
        assert desk.rung == manager.rung == []
        await desk.rings()
        await manager.rings()
        assert 600 <= (hotline.clock.now() - due_at(hotline)).total_seconds() < 610
        assert hotline.phone("7002").rung == [], "one of the desk at a time"
        await hotline.phone("7002").rings()
        manager.answers()
        await manager.hears("knock-choices")
        await manager.presses("1")
        await manager.is_hung_up()
        await hotline.phone("7002").is_hung_up(within=3)
        on_way_at = hotline.clock.now()
        # He went, and the guest is not awake: it begins again.
        await manager.rings()
        assert 298 <= (hotline.clock.now() - on_way_at).total_seconds() < 320
        await manager.hears("knock-choices")
        await manager.presses("2")
        await manager.hears_out("knock-awake")
        await manager.is_hung_up()
        await asyncio.sleep(600)
    outcomes = knocks(hotline)
    assert outcomes[0] == (KnockLevel.ATTENDANT, "7040", KnockOutcome.UNREACHABLE)
    assert (KnockLevel.DESK, "7002", KnockOutcome.CALLED_OFF) in outcomes
    assert (KnockLevel.MANAGER, "7050", KnockOutcome.AWAKE) in outcomes
    wakeup = the_wake_up(hotline)
    assert (wakeup.confirmed_by, wakeup.confirmed_how) == ("7050", Confirmed.KNOCK)


async def test_who_wants_not_to_be_disturbed_is_the_managers_first(hotline: Hotline, tmp_path: Path) -> None:
    ordered(hotline)
    hotline.store.write(rooms.set_do_not_disturb, "1101", True, who="7001", at=hotline.clock.now())
    manager = hotline.phone("7050").answers()
    async with scheduler(hotline, tmp_path):
        await manager.hears("knock-told", "knock-do-not-disturb", "knock-choices")
        await manager.presses("3")
        await manager.hears("knock-told", "knock-choices")
        await manager.presses("2")
        await manager.hears_out("knock-awake")
        await manager.is_hung_up()
    assert knocks(hotline) == [(KnockLevel.MANAGER, "7050", KnockOutcome.AWAKE)]
    assert hotline.phone("7040").rung == []


async def test_a_voicemail_box_and_a_receiver_put_down_knock_nowhere_and_the_next_is_called(
    hotline: Hotline, tmp_path: Path
) -> None:
    ordered(hotline)
    attendant = hotline.phone("7040").answers()
    async with scheduler(hotline, tmp_path):
        await attendant.hears_out("escalation-no-key")
        await attendant.is_hung_up()
        await attendant.hears("knock-told")
        attendant.hangs_up()
        attendant.declines()
        await asyncio.sleep(120)
        attendant.answers()
        await attendant.hears("knock-choices")
        await attendant.presses("2")
        await attendant.is_hung_up()
    outcomes = [outcome for rouse, _, outcome in knocks(hotline) if rouse is KnockLevel.ATTENDANT]
    assert outcomes[:3] == [KnockOutcome.NO_KEY, KnockOutcome.NO_KEY, KnockOutcome.DECLINED]
    assert outcomes[-1] is KnockOutcome.AWAKE


async def test_the_guest_wakes_while_somebody_is_called_and_he_is_told_so(hotline: Hotline, tmp_path: Path) -> None:
    ordered(hotline)
    attendant = hotline.phone("7040").answers()
    async with scheduler(hotline, tmp_path):
        await attendant.hears("knock-told")
        now = hotline.clock.now()
        hotline.store.write(wakeup_attempts.confirm, "1101", by="guest", how=Confirmed.KEY, at=now)
        await attendant.hears_out("knock-settled")
        await attendant.is_hung_up()
        await asyncio.sleep(600)
    assert knocks(hotline) == [(KnockLevel.ATTENDANT, "7040", KnockOutcome.CALLED_OFF)]
    assert len(attendant.rung) == 1


async def test_down_for_a_moment_he_is_rung_at_once_with_his_lateness_and_the_desk_is_told(
    hotline: Hotline, tmp_path: Path
) -> None:
    """R21-12; never silent."""
    guest, _ = ordered(hotline)
    await hotline.is_killed()
    await minutes_pass(hotline, 3)
    desk = hotline.phone("7001").answers()
    guest.answers(after=1)
    hotline.employ()
    await hotline.begin()
    async with scheduler(hotline, tmp_path):
        await guest.hears("good-morning", "wake-late", "number-3", "minutes")
        await desk.hears("knock-told", "knock-choices")
        await guest.presses("1")
        await guest.is_hung_up()
        await desk.hears_out("knock-settled")
        await desk.is_hung_up()
    assert knocks(hotline) == [(KnockLevel.DESK, "7001", KnockOutcome.CALLED_OFF)]
    assert the_wake_up(hotline).late_minutes == 3


@pytest.mark.parametrize("first", ["scheduler", "application"])
async def test_down_for_too_long_people_are_told_and_the_room_is_not_rung(
    hotline: Hotline, tmp_path: Path, first: str
) -> None:
    guest, _ = ordered(hotline)
    await hotline.is_killed()
    await minutes_pass(hotline, 11)
    if first == "scheduler":
        look(hotline, tmp_path)
    hotline.employ()
    await hotline.begin()
    await asyncio.sleep(3)
    assert the_wake_up(hotline).state is WakeupState.OVERDUE
    desk = hotline.phone("7001").answers()
    async with scheduler(hotline, tmp_path):
        await desk.hears("knock-told", "knock-choices")
        await desk.presses("1")
        await desk.is_hung_up()
        desk.dials("*561101")
        await desk.hears_out("knock-awake")
        await desk.is_hung_up()
    assert guest.rung == []
    wakeup = the_wake_up(hotline)
    assert (wakeup.state, wakeup.confirmed_by, wakeup.late_minutes) == (WakeupState.AWAKE, "7001", 11)

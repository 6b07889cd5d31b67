"""A guest is woken at the exact second, in both languages, and counts as awake after a key (R21-10 to R21-13)."""

import asyncio
import itertools

import pytest

from models.guests import wakeup_attempts, wakeups
from models.states.calls import Ring, ToMake
from models.states.guests import Confirmed, OrderState, WakeupState
from models.tables import Call, CallToMake, WakeupAttempt
from tests.fakes.people import FakePhone
from tests.flows.guests.wakeups import GREETING, attempts, due_at, minutes_pass, ordered, the_wake_up
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows


async def test_a_guest_is_rung_at_the_second_greeted_in_both_languages_and_thanked_once_it_is_saved(
    hotline: Hotline,
) -> None:
    """R21-10: 早晨好，现在的时间是早上十点零一分."""
    guest, order = ordered(hotline)
    guest.answers(after=2)
    await guest.rings()
    assert abs((hotline.clock.now() - due_at(hotline)).total_seconds()) < 0.5
    await guest.hears(*GREETING, "minute-1", "wake-choices", *GREETING, "minute-1", "am", "wake-choices")
    assert [heard.language for heard in guest.heard if heard.prompt == "good-morning"] == ["zh", "en"]
    await guest.presses("1")
    await guest.hears("wake-thanks")
    assert the_wake_up(hotline).state is WakeupState.AWAKE, "written, then spoken"
    await guest.is_hung_up()
    wakeup = the_wake_up(hotline)
    assert (wakeup.confirmed_by, wakeup.confirmed_how, wakeup.late_minutes) == ("guest", Confirmed.KEY, 0)
    assert attempts(hotline) == [(Ring.CONNECTED, "1")]
    await asyncio.sleep(900)
    assert len(guest.rung) == 1, "nothing rings once the guest is awake"
    (over,) = hotline.every(wakeups.WakeupOrder, id=order.id)
    assert over.state is OrderState.OVER
    assert [call.state for call in hotline.every(CallToMake)] == [ToMake.CONNECTED]
    (call,) = hotline.every(Call)
    assert (call.mode, call.channel_id, call.answered_at is None) == ("wake-up", "wake-1-1", False)


async def test_an_english_guest_hears_english_first_and_any_key_cuts_it_short(hotline: Hotline) -> None:
    guest, _ = ordered(hotline, language="en")
    guest.answers()
    await guest.hears("good-morning")
    assert guest.heard[0].language == "en"
    await guest.presses("1")
    await guest.hears_out("wake-thanks")
    await guest.is_hung_up()
    assert guest.languages == {"en"}
    assert "wake-choices" not in guest.prompts


async def test_a_guest_who_answers_and_presses_nothing_is_not_awake(hotline: Hotline) -> None:
    guest, _ = ordered(hotline)
    guest.answers()
    await guest.hears(*["wake-choices"] * 2, "no-key", *["wake-choices"] * 2)
    await guest.is_hung_up()
    assert the_wake_up(hotline).state is WakeupState.CALLING
    await guest.rings()
    await guest.hears("wake-late", "number-two", "minutes", "wake-choices")
    await guest.presses("1")
    await guest.is_hung_up()
    assert attempts(hotline) == [(Ring.CONNECTED, None), (Ring.CONNECTED, "1")]


async def test_a_wrong_key_is_announced_and_a_snooze_is_kept_and_counted(hotline: Hotline) -> None:
    hotline.rules("wake_up", snoozes=1)
    await hotline.is_restarted()
    guest, _ = ordered(hotline)
    guest.answers()
    await guest.hears("wake-choices")
    await guest.presses("7")
    await guest.hears("wrong-key", "wake-choices")
    await guest.presses("2")
    await guest.hears("wake-again", "number-10", "minutes", "wake-sleep")
    assert the_wake_up(hotline).state is WakeupState.SNOOZED
    await guest.is_hung_up()
    await guest.rings()
    wakeup = the_wake_up(hotline)
    assert abs((hotline.clock.now() - wakeup.wake_at).total_seconds()) < 0.5
    # That was the last snooze: 2 is now a wrong key. No lateness is announced, as the guest asked for the snooze.
    await guest.hears("good-morning", "wake-choice")
    await guest.presses("2")
    await guest.hears("wrong-key")
    await guest.presses("1")
    await guest.is_hung_up()
    assert attempts(hotline) == [(Ring.CONNECTED, "2"), (Ring.CONNECTED, "1")]
    wakeup = the_wake_up(hotline)
    assert (wakeup.snoozes, wakeup.late_minutes) == (1, 0)
    assert "wake-late" not in guest.prompts


@pytest.mark.parametrize("outcome", [Ring.NO_ANSWER, Ring.BUSY, Ring.DECLINED, Ring.UNREACHABLE])
async def test_whatever_the_telephone_answers_it_is_rung_again_and_the_delay_is_announced(
    hotline: Hotline, outcome: Ring
) -> None:
    """R21-12, R21-13: 按叫醒时间，您已晚起了…分钟."""
    guest, _ = ordered(hotline)
    match outcome:
        case Ring.BUSY:
            guest.is_busy()
        case Ring.DECLINED:
            guest.declines()
        case Ring.UNREACHABLE:
            guest.is_unplugged()
    await minutes_pass(hotline, 3)
    guest.online = guest.reports_ringing = True
    guest.answers()
    await guest.hears("good-morning", "wake-late", "minutes")
    await guest.presses("1")
    await guest.hears_out("wake-thanks")
    await guest.is_hung_up()
    *before, last = attempts(hotline)
    assert set(before) == {(outcome, None)}
    assert last == (Ring.CONNECTED, "1")
    late = the_wake_up(hotline).late_minutes
    assert late is not None
    assert late >= 3


@pytest.mark.parametrize("outcome", [Ring.BUSY, Ring.DECLINED, Ring.UNREACHABLE])
async def test_an_answer_before_we_subscribe_is_on_the_wake_up_sheet(hotline: Hotline, outcome: Ring) -> None:
    """R21-13: a guest who is talking is busy; an absent telephone is out of reach."""
    guest, _ = ordered(hotline)
    {Ring.BUSY: guest.is_busy, Ring.DECLINED: guest.declines, Ring.UNREACHABLE: guest.is_unplugged}[outcome]()
    hotline.switch.latency = lambda: 0.6
    await minutes_pass(hotline, 0.5)
    hotline.switch.latency = lambda: 0.002
    assert attempts(hotline) == [(outcome, None)]
    guest.online = True
    guest.answers()
    await guest.hears("wake-choices")
    await guest.presses("1")
    await guest.is_hung_up()


async def test_a_guest_who_hangs_up_at_once_is_not_awake(hotline: Hotline) -> None:
    guest, _ = ordered(hotline)
    await guest.rings()
    guest.picks_up()
    await guest.hears("good-morning")
    guest.hangs_up()
    guest.answers()
    await guest.hears("good-morning", "wake-choices")
    await guest.presses("1")
    await guest.is_hung_up()
    assert attempts(hotline) == [(Ring.CONNECTED, None), (Ring.CONNECTED, "1")]


async def test_a_wake_up_cancelled_while_it_rings_stops_and_stays_silent(hotline: Hotline) -> None:
    guest, order = ordered(hotline)
    await guest.rings()
    hotline.store.write(wakeups.cancel, order.id, by="7001", at=hotline.clock.now())
    await guest.is_hung_up(within=2)
    await asyncio.sleep(900)
    assert len(guest.rung) == 1
    assert attempts(hotline) == [(Ring.CANCELLED, None)]
    assert the_wake_up(hotline).state is WakeupState.CANCELLED


async def test_a_wake_up_cancelled_in_the_second_before_does_not_ring(hotline: Hotline) -> None:
    guest, order = ordered(hotline)
    await minutes_pass(hotline, -0.3 / 60)
    hotline.store.write(wakeups.cancel, order.id, by="7001", at=hotline.clock.now())
    await asyncio.sleep(900)
    assert guest.rung == []
    assert attempts(hotline) == []


async def test_reported_awake_while_listening_the_guest_is_not_rung_again_and_a_second_report_changes_nothing(
    hotline: Hotline,
) -> None:
    """R21-11: *56 and the room."""
    guest, _ = ordered(hotline)
    guest.answers()
    await guest.hears("wake-time-is")
    attendant = hotline.phone("7040")
    attendant.dials("*561101")
    await attendant.hears_out("knock-awake")
    await attendant.is_hung_up()
    await guest.is_hung_up(within=2)
    attendant.dials("*56")
    await attendant.hears("knock-which-room")
    await attendant.presses("1101#")
    await attendant.hears_out("knock-nothing")
    await attendant.is_hung_up()
    await asyncio.sleep(900)
    assert len(guest.rung) == 1
    wakeup = the_wake_up(hotline)
    assert (wakeup.confirmed_by, wakeup.confirmed_how) == ("7040", Confirmed.CODE)


async def test_the_guests_key_counts_even_just_after_the_staffs_report(hotline: Hotline) -> None:
    guest, _ = ordered(hotline)
    guest.answers()
    await guest.hears("wake-choices")
    now = hotline.clock.now()
    hotline.store.write(wakeup_attempts.confirm, "1101", by="7001", how=Confirmed.COMMAND, at=now)
    await guest.presses("1")
    await guest.is_hung_up()
    assert the_wake_up(hotline).confirmed_how is Confirmed.COMMAND


async def test_one_key_ends_every_due_wake_up_of_the_room(hotline: Hotline) -> None:
    guest, _ = ordered(hotline)
    hotline.store.write(
        wakeups.change,
        ordered_again(hotline),
        by="7001",
        how=wakeups.WakeupHow.FRONT_DESK,
        at=hotline.clock.now(),
        rules=hotline.policy.wake_up,
        zone=hotline.site.time_zone,
        language="en",
    )
    await asyncio.sleep(200)
    guest.answers()
    await guest.hears("wake-choices")
    await guest.presses("1")
    await guest.is_hung_up()
    await asyncio.sleep(300)
    states = [wakeup.state for wakeup in hotline.every(wakeups.Wakeup)]
    assert states == [WakeupState.AWAKE, WakeupState.CANCELLED, WakeupState.AWAKE]


async def test_two_wake_ups_of_one_room_never_ring_at_once_and_the_later_one_goes_on(hotline: Hotline) -> None:
    hotline.rules("wake_up", rings=20)
    await hotline.is_restarted()
    guest, _ = ordered(hotline)
    ordered_again(hotline)
    await asyncio.sleep(500)
    guest.answers()
    await guest.hears("wake-choices")
    await guest.presses("1")
    await guest.is_hung_up()
    rung = sorted((one for one in hotline.every(WakeupAttempt) if one.dialled_at), key=lambda one: one.dialled_at)
    assert all(one.ended_at <= following.dialled_at for one, following in itertools.pairwise(rung))
    first, second = hotline.every(wakeups.Wakeup)
    assert [one.wakeup_id for one in rung] == [first.id, *[second.id] * (len(rung) - 1)]
    assert {first.state, second.state} == {WakeupState.AWAKE}


async def test_a_snooze_of_the_later_wake_up_silences_the_earlier_one(hotline: Hotline) -> None:
    guest, _ = ordered(hotline)
    ordered_again(hotline)
    await asyncio.sleep((hotline.every(wakeups.Wakeup)[1].due_at - hotline.clock.now()).total_seconds() + 1)
    guest.answers()
    await guest.hears("wake-choices")
    await guest.presses("2")
    await guest.is_hung_up()
    first, second = hotline.every(wakeups.Wakeup)
    assert (first.state, second.state) == (WakeupState.CALLING, WakeupState.SNOOZED)
    assert first.knock_at == second.knock_at
    seconds_to_the_snooze = (second.wake_at - hotline.clock.now()).total_seconds()
    often = len(guest.rung)
    await asyncio.sleep(seconds_to_the_snooze - 2)
    assert len(guest.rung) == often
    await guest.hears("wake-choices")
    await guest.presses("1")
    await guest.is_hung_up()
    assert {one.state for one in hotline.every(wakeups.Wakeup)} == {WakeupState.AWAKE}


def ordered_again(hotline: Hotline) -> int:
    """Two minutes later, for the same room."""
    due = (due_at(hotline)).astimezone(hotline.site.time_zone)
    order = hotline.store.write(
        wakeups.book,
        "1101",
        due.replace(minute=due.minute + 1).time(),
        on=due.date(),
        by="room",
        how=wakeups.WakeupHow.ROOM,
        at=hotline.clock.now(),
        rules=hotline.policy.wake_up,
        zone=hotline.site.time_zone,
    )
    return int(order.id)


async def test_no_more_rooms_ring_at_once_than_allowed_and_each_gets_its_turn(hotline: Hotline) -> None:
    hotline.rules("wake_up", lines=2, inbound_reserve=1, attempt_seconds=20, rings=2)
    await hotline.is_restarted()
    phones = [ordered(hotline, room)[0] for room in ("1101", "1102", "1103")]
    for phone in phones:
        phone.answers(after=1)

    async def wakes(phone: FakePhone) -> None:
        await phone.hears("good-morning")
        assert sum(one.channel is not None for one in phones) == 1
        await phone.presses("1")
        await phone.is_hung_up()

    await asyncio.gather(*map(wakes, phones))
    assert {wakeup.state for wakeup in hotline.every(wakeups.Wakeup)} == {WakeupState.AWAKE}


async def test_rooms_due_together_are_rung_in_turn_the_earliest_wake_up_first(
    hotline: Hotline,
) -> None:
    """R05-2: trunk, processor and incoming callers cannot bear all of them in one second."""
    hotline.rules("wake_up", starts_a_second=0.25)
    await hotline.is_restarted()
    guests = [ordered(hotline, room)[0] for room in ("1103", "1101", "1102")]
    first = min(wakeup.due_at for wakeup in hotline.every(wakeups.Wakeup))
    due = guests[0].now + (first - hotline.clock.now()).total_seconds()
    for guest in guests:
        guest.answers()
        await guest.hears("good-morning")
        await guest.presses("1")
        await guest.is_hung_up()
    assert [guest.rung[0] - due for guest in guests] == pytest.approx([0, 4, 8], abs=0.3)


async def test_a_lease_shorter_than_the_ringing_rings_no_telephone_twice(hotline: Hotline) -> None:
    """Crash rules: only the work of a dead process is taken up again."""
    hotline.rules("outgoing", lease_s=30)
    hotline.rules("wake_up", rings=20)
    await hotline.is_restarted()
    guest, _ = ordered(hotline)
    guest.answers(after=80)
    await guest.rings()
    await minutes_pass(hotline, 79 / 60)
    (call,) = hotline.every(CallToMake)
    assert call.leased_until > hotline.clock.now(), "no other process takes it up"
    await guest.hears("wake-choices")
    await guest.presses("1")
    await guest.hears_out("wake-thanks")
    await guest.is_hung_up()
    assert len(guest.rung) == 1
    assert attempts(hotline) == [(Ring.CONNECTED, "1")]


# -- crashes ----------------------------------------------------------------------------------------------------------


async def test_killed_while_it_rings_the_guest_is_rung_again_within_seconds_and_never_twice_at_once(
    hotline: Hotline,
) -> None:
    guest, _ = ordered(hotline)
    await guest.rings()
    await hotline.is_restarted()
    await guest.is_hung_up()
    guest.answers()
    await guest.hears("good-morning", "wake-choices")
    await guest.presses("1")
    await guest.hears_out("wake-thanks")
    await guest.is_hung_up()
    assert len(guest.rung) == 2
    assert guest.rung[1] - guest.rung[0] < 15
    assert attempts(hotline) == [(None, None), (Ring.CONNECTED, "1")]


async def test_killed_between_dialling_and_answer_the_guest_hears_an_apology_and_is_rung_again(
    hotline: Hotline,
) -> None:
    """Crash rules."""
    guest, _ = ordered(hotline)
    await guest.rings()
    await hotline.is_killed()
    guest.picks_up()
    await guest.hears_out("called-apology")
    await guest.is_hung_up()
    hotline.employ()
    await hotline.begin()
    guest.answers()
    await guest.hears("good-morning", "wake-choices")
    await guest.presses("1")
    await guest.is_hung_up()
    assert the_wake_up(hotline).state is WakeupState.AWAKE


async def test_asterisk_dies_while_it_rings_and_the_guest_is_rung_again(hotline: Hotline) -> None:
    guest, _ = ordered(hotline)
    await guest.rings()
    hotline.switch.restart(3)
    guest.answers()
    await guest.hears("good-morning", "wake-choices")
    await guest.presses("1")
    await guest.is_hung_up()
    assert guest.rung[-1] - guest.rung[0] < 30
    assert the_wake_up(hotline).state is WakeupState.AWAKE


async def test_killed_after_the_thanks_nothing_rings(hotline: Hotline) -> None:
    guest, _ = ordered(hotline)
    guest.answers()
    await guest.hears("wake-choices")
    await guest.presses("1")
    await guest.hears("wake-thanks")
    await hotline.is_restarted()
    await asyncio.sleep(900)
    assert len(guest.rung) == 1

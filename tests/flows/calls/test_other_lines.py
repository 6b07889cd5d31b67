"""The general manager's hotline (R03-1), the supervision line (R08-4) and the switchboard (R14-1)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from models.guests import stays
from models.states.calls import Ring
from models.states.tickets import TicketKind
from models.tables import WakeupOrder
from tests.fakes.people import FakeCaller
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


IN_HOURS = [
    pytest.param(at("2026-03-02 10:00"), id="a Monday morning"),
    pytest.param(at("2026-03-06 16:20"), id="a Friday afternoon"),
    pytest.param(at("2026-02-14 09:00"), id="a Saturday worked for Spring Festival"),
]
CLOSED = [
    pytest.param(at("2026-03-02 12:00"), id="noon"),
    pytest.param(at("2026-03-02 20:00"), id="evening"),
    pytest.param(at("2026-03-07 10:00"), id="a Saturday"),
    pytest.param(at("2026-02-17 10:00"), id="Spring Festival, a Tuesday"),
]


async def is_put_through(hotline: Hotline, caller: FakeCaller, staff: str, whisper: str) -> None:
    person = hotline.phone(staff).answers()
    await person.hears(whisper)
    await caller.talks_with(person)
    person.hangs_up()
    await caller.is_hung_up()


@pytest.mark.parametrize("start", IN_HOURS)
async def test_the_general_managers_line_answers_during_its_hours(hotline: Hotline) -> None:
    owner = hotline.dial("8002")
    await owner.hears("greeting", "gm-welcome")
    await is_put_through(hotline, owner, "7060", "whisper-gm")
    assert hotline.ticket().kind is TicketKind.GENERAL_MANAGER
    assert hotline.rings() == [("group", "7060", 1, Ring.CONNECTED)]
    assert "gm-hours" not in owner.prompts


@pytest.mark.parametrize("start", CLOSED)
async def test_outside_its_hours_the_hours_are_announced_and_a_message_is_taken(hotline: Hotline) -> None:
    owner = hotline.dial("8002")
    await owner.hears("gm-welcome", "gm-hours", "weekday-1", "until", "weekday-5", "hour-8")
    await owner.hears("minute-30", "until", "hour-16", "minute-30", "gm-holidays", "gm-choices")
    await owner.presses("1")
    await owner.hears("recording-notice", "leave-message")
    await owner.hears_out("beep")
    owner.speaks(10)
    await owner.hears("message-saved")
    await owner.is_hung_up()
    assert hotline.ticket().kind is TicketKind.GENERAL_MANAGER
    assert hotline.phone("7060").rung == []
    assert hotline.record().call.menu_path == "closed-message"
    assert hotline.recordings()[0].ticket_id == hotline.ticket().id


@pytest.mark.parametrize("start", [at("2026-02-17 10:00")])
async def test_outside_its_hours_key_2_leads_to_the_service_hotline(hotline: Hotline) -> None:
    owner = hotline.dial("8002")
    await owner.hears("gm-choices")
    await owner.presses("2")
    await owner.hears("menu")
    await owner.presses("2")
    await hotline.phone("7060").answers().rings()
    await owner.talks_with(hotline.phone("7060"))
    hotline.phone("7060").hangs_up()
    await owner.is_hung_up()


@pytest.mark.parametrize("start", [at("2026-03-07 10:00")])
async def test_outside_its_hours_a_caller_who_presses_nothing_gets_the_menu(hotline: Hotline) -> None:
    owner = hotline.dial("8002")
    await owner.hears("gm-holidays", "no-key", "gm-hours", "menu")
    owner.hangs_up()


@pytest.mark.parametrize("start", [at("2026-03-07 10:00")])
async def test_outside_its_hours_a_hang_up_leaves_no_ticket(hotline: Hotline) -> None:
    owner = hotline.dial("8002")
    await owner.hears("gm-hours")
    owner.hangs_up()
    await owner.is_hung_up()
    assert hotline.tickets() == []


async def test_the_supervision_line_takes_complaints_about_the_service_itself(hotline: Hotline) -> None:
    owner = hotline.dial("8001")
    await owner.hears("greeting", "supervision-welcome", "recording-notice")
    await is_put_through(hotline, owner, "7050", "whisper-supervision")
    assert (hotline.ticket().kind, hotline.ticket().line) == (TicketKind.COMPLAINT, "8001")


async def test_the_supervision_line_asks_a_stranger_for_the_address(hotline: Hotline) -> None:
    stranger = hotline.dial("8001", STRANGER)
    await stranger.hears("ask-building")
    await stranger.presses("3#")
    await stranger.hears("ask-room")
    await stranger.presses("1201#")
    await is_put_through(hotline, stranger, "7050", "whisper-supervision")
    assert hotline.ticket(STRANGER).room == "1201"


async def test_the_supervision_line_rings_the_general_manager_next(hotline: Hotline) -> None:
    owner = hotline.dial("8001")
    chief = hotline.phone("7060").answers(after=2)
    await owner.talks_with(chief)
    chief.hangs_up()
    await owner.is_hung_up()
    assert [(r[0], r[1], r[3]) for r in hotline.rings()] == [
        ("group", "7050", Ring.TAKEN),
        ("supervisor", "7060", Ring.CONNECTED),
    ]


async def test_the_switchboard_is_answered_by_the_front_desk(hotline: Hotline) -> None:
    guest = hotline.dial("8003", "1101")
    await guest.hears("greeting", "switchboard-welcome")
    await is_put_through(hotline, guest, "7001", "whisper-switchboard")
    assert "menu" not in guest.prompts
    assert hotline.ticket("1101").kind is TicketKind.ENQUIRY


def let(hotline: Hotline, room: str, language: str = "zh") -> None:
    """Checks a guest in."""
    now = hotline.clock.now()
    hotline.store.write(stays.check_in, room, ["王建国"], language=language, who="7001", at=now)


async def test_a_guest_sets_a_wake_up_by_key_at_the_switchboard_in_the_guests_language(hotline: Hotline) -> None:
    """R21-9, R21-1: no phone is rung for it, and no call back is owed."""
    let(hotline, "1101", "en")
    guest = hotline.dial("8003", "1101")
    await guest.hears("greeting", "wakeup-offer")
    await guest.presses("1")
    await guest.hears("wakeup-ask-time")
    await guest.presses("0630")
    await guest.hears("wakeup-confirm")
    await guest.presses("1")
    await guest.hears_out("wakeup-set")
    await guest.is_hung_up()
    assert guest.languages == {"en"}
    (order,) = hotline.every(WakeupOrder)
    assert (order.room, order.at) == ("1101", "06:30")
    record = hotline.record("1101").call
    assert (record.menu_path, record.ticket_id, hotline.tasks()) == ("wake-up", None, [])
    assert hotline.phone("7001").rung == []
    hung_up = hotline.dial("8003", "1101")
    await hung_up.hears("wakeup-offer")
    await hung_up.presses("1")
    await hung_up.hears("wakeup-list")
    hung_up.hangs_up()
    await hung_up.is_hung_up()
    assert hotline.record("1101").call.end_reason == "hung up while setting a wake-up"
    assert hotline.tasks() == []


@pytest.mark.parametrize("key", ["", "0"])
async def test_a_guest_who_wants_anything_else_reaches_the_front_desk(key: str, hotline: Hotline) -> None:
    let(hotline, "1101")
    guest = hotline.dial("8003", "1101")
    await guest.hears("wakeup-offer")
    await guest.presses(key)
    await is_put_through(hotline, guest, "7001", "whisper-switchboard")


@pytest.mark.parametrize(("number", "account"), [("1101", "carrier"), ("1102", "1102"), ("7020", "7020")])
async def test_only_a_guests_own_room_is_offered_wake_ups_whatever_number_a_caller_claims(
    number: str, account: str, hotline: Hotline
) -> None:
    """1102 is vacant; an outside caller who shows 1101 is not in room 1101."""
    let(hotline, "1101")
    caller = hotline.dial("8003", number, account)
    await is_put_through(hotline, caller, "7001", "whisper-switchboard")
    assert "wakeup-offer" not in caller.prompts


async def test_nobody_answers_at_the_switchboard_and_a_message_is_taken(hotline: Hotline) -> None:
    hotline.only()
    owner = hotline.dial("8003", OWNER)
    await owner.hears_out("beep")
    owner.speaks(4)
    await owner.hears("message-saved")
    await owner.is_hung_up()
    assert hotline.record().call.line == "8003"

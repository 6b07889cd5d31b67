"""Guests are woken on real room telephones; the floor attendant is called about those who do not wake (R21-9 to 13)."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import SystemClock
from models.guests import stays, wakeup_texts, wakeups
from models.guests.wakeup_texts import SpokenText
from models.guests.wakeups import WakeupHow
from models.states.calls import Ring
from models.states.guests import Confirmed, WakeupState
from models.tables import CallToMake, Wakeup, WakeupAttempt
from phones.instance import LiveHotline
from phones.network import public_number
from phones.phone import Phone
from phones.raw import forwarding
from recordings import speech
from recordings.prompts import PACK
from recordings.voice.sound import write_whole
from recordings.voice.speak import file_of
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

IN_SECONDS = QUICK_RINGS | {
    "menu.tries": 1,
    "menu.key_wait_s": 1,
    "wake_up.again_seconds": 4,
    "wake_up.snooze_minutes": 0.15,
    "wake_up.knock.attendant_minutes": 0.05,
}


def where_it_is_morning(now: datetime) -> str:
    ahead = (7 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+}"


@pytest.fixture(scope="module")
def of_the_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    site = {"site.time_zone": where_it_is_morning(SystemClock().now())}
    with LiveHotline.running(tmp_path_factory.mktemp("waking"), site=site, policy=IN_SECONDS) as instance:
        yield instance


@pytest.fixture
def waking(of_the_file: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """A hotline where it is seven in the morning, and minutes are seconds."""
    return at_the_end(of_the_file)


def ordered(hotline: LiveHotline, room: str, language: str = "zh", guest: str = "王建国") -> int:
    """A wake-up of this room two seconds from now: one ordered for tomorrow, with its time moved forward."""
    now, rules = SystemClock().now(), hotline.policy.wake_up
    tomorrow, due_at = now.astimezone(hotline.site.time_zone).date() + timedelta(days=1), now + timedelta(seconds=2)
    order = {"by": "7001", "how": WakeupHow.FRONT_DESK, "at": now, "rules": rules, "zone": hotline.site.time_zone}
    hotline.store.write(stays.check_in, room, [guest], language=language, who="7001", at=now)
    made = hotline.store.write(wakeups.book, room, time(6, 30), on=tomorrow, **order)
    (wakeup,) = hotline.store.read(wakeups.open_ones, made.id)

    def come(session: Session) -> None:
        row, attempt = session.get_one(Wakeup, wakeup.id), attempts(session, wakeup.id)[0]
        knock_after = timedelta(minutes=rules.knock.attendant_minutes)
        row.due_at, row.wake_at, row.knock_at = due_at, due_at, due_at + knock_after
        call = session.scalars(select(CallToMake).where(CallToMake.channel_id == attempt.channel_id)).one()
        attempt.due_at = call.due_at = due_at

    hotline.store.write(come)
    return int(wakeup.id)


def attempts(session: Session, wakeup_id: int) -> list[WakeupAttempt]:
    mine = select(WakeupAttempt).where(WakeupAttempt.wakeup_id == wakeup_id).order_by(WakeupAttempt.number)
    return list(session.scalars(mine))


def the_wake_up(hotline: LiveHotline, wakeup_id: int) -> Wakeup:
    return hotline.store.read(lambda s: s.get_one(Wakeup, wakeup_id))


def is_greeted(guest: Phone, language: speech.Language) -> None:
    guest.wait_heard("good-morning", 20, language=language)
    guest.wait_heard("wake-time-is", language=language)
    guest.wait_heard("wake-choices", part=1, language=language)


def test_a_guest_is_greeted_on_time_in_chinese_and_english_and_is_awake_after_a_key(waking: LiveHotline) -> None:
    """R21-10: 早晨好，现在的时间是早上…点."""
    guest = waking.phone("1101")
    guest.when_it_rings("answer", after_s=0.5)
    wakeup_id = ordered(waking, "1101")
    guest.wait_ringing(10)
    late = SystemClock().now() - the_wake_up(waking, wakeup_id).due_at
    assert timedelta(0) < late < timedelta(seconds=5)
    is_greeted(guest, "zh")
    is_greeted(guest, "en")
    guest.press("1")
    guest.wait_heard("wake-thanks", language="en")
    wakeup = the_wake_up(waking, wakeup_id)
    assert (wakeup.state, wakeup.confirmed_how, wakeup.late_minutes) == (WakeupState.AWAKE, Confirmed.KEY, 0)
    guest.wait_ended()
    (attempt,) = waking.store.read(attempts, wakeup_id)
    assert (attempt.outcome, attempt.key, attempt.channel_id) == (Ring.CONNECTED, "1", f"wake-{wakeup_id}-1")


def text_of_the_day(hotline: LiveHotline) -> None:
    """In English it sounds like another prompt of the pack; in Chinese there is none."""
    now = SystemClock().now()
    today = now.astimezone(hotline.site.time_zone).date()
    write_whole(file_of(hotline.home, "en", "said/sun"), (PACK / "en" / "gm-holidays.alaw").read_bytes())
    said = SpokenText("Sunny.", "said/sun")
    hotline.store.write(wakeup_texts.enter, today, today, zh=None, en=said, today=today, by="7001", at=now)


def test_an_english_guest_hears_the_text_of_the_day_and_is_called_again_on_request(waking: LiveHotline) -> None:
    text_of_the_day(waking)
    guest = waking.phone("1102", language="en")
    guest.when_it_rings("answer", after_s=0.5)
    wakeup_id = ordered(waking, "1102", "en")
    guest.wait_ringing(10)
    guest.wait_heard("wake-time-is", 20)
    guest.wait_heard("gm-holidays")
    guest.wait_heard("wake-choices", part=1)
    guest.press("2")
    guest.wait_heard("wake-again")
    guest.wait_heard("wake-sleep")
    assert the_wake_up(waking, wakeup_id).snoozes == 1
    guest.wait_ended()
    guest.wait_ringing(20)
    guest.wait_heard("good-morning")
    guest.press("1")
    guest.wait_heard("wake-thanks")
    guest.wait_ended()
    assert [attempt.key for attempt in waking.store.read(attempts, wakeup_id)] == ["2", "1"]


def test_without_a_key_the_floor_attendant_goes_and_reports_by_code_that_the_guest_is_awake(
    waking: LiveHotline,
) -> None:
    """R21-11."""
    guest, attendant = waking.phone("1103"), waking.phone("7040")
    guest.when_it_rings("answer", after_s=0.3)
    wakeup_id = ordered(waking, "1103")
    guest.wait_heard("wake-choices", 20, part=1)
    attendant.wait_ringing(15)
    attendant.answer()
    attendant.wait_heard("knock-told", 20)
    attendant.wait_spoken(speech.digits("1103"))
    attendant.wait_heard("knock-time")
    attendant.press("1")
    attendant.wait_heard("knock-on-way")
    attendant.wait_ended()
    guest.when_it_rings(None)
    guest.wait_ended(30)
    guest.wait_ringing(15)
    attendant.reach("*561103")
    attendant.wait_heard("knock-awake")
    attendant.wait_ended()
    guest.wait_ended(5)
    wakeup = the_wake_up(waking, wakeup_id)
    assert (wakeup.state, wakeup.confirmed_by, wakeup.confirmed_how) == (WakeupState.AWAKE, "7040", Confirmed.CODE)
    first, *_, last = waking.store.read(attempts, wakeup_id)
    assert (first.outcome, first.key, last.outcome) == (Ring.CONNECTED, None, Ring.CANCELLED)


@pytest.mark.parametrize("to", ["110", "7001", "8000"])
def test_a_guests_telephone_that_forwards_its_calls_is_an_attempt_that_reached_nobody(
    waking: LiveHotline, to: str
) -> None:
    """R21-11: nobody is called in the guest's place, and the floor attendant goes."""
    desk, attendant = waking.phone("7001"), waking.phone("7040")
    with public_number(waking, "110") as police, forwarding(waking, "1102", to) as guest:
        wakeup_id = ordered(waking, "1102", guest=f"李{to}")
        guest.wait_rung(seconds=10)
        attendant.wait_ringing(20)
        attendant.answer()
        attendant.wait_heard("knock-told", 20)
        attendant.press("2")
        attendant.wait_heard("knock-awake", 20)
        attendant.wait_ended()
        assert (police.calls, desk.calls) == ([], [])
    first, *_ = waking.store.read(attempts, wakeup_id)
    assert first.outcome is Ring.REDIRECTED

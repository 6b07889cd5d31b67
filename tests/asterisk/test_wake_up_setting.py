"""On a real room telephone: set by *55 in Chinese, cancelled through the switchboard in English (R21-9, R21-1)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from models.clock import SystemClock
from models.guests import rooms, stays, wakeups
from models.states.guests import RoomState
from phones.instance import LiveHotline
from phones.phone import Phone

pytestmark = pytest.mark.asterisk

ROOM = "1103"


@pytest.fixture
def guest(hotline: LiveHotline) -> Iterator[Phone]:
    """A guest in 1103; the guest's wake-ups are gone at the end."""
    now = SystemClock().now
    hotline.store.write(stays.check_in, ROOM, ["王建国"], who="test", at=now())
    yield hotline.phone(ROOM)
    if hotline.store.read(rooms.find, ROOM).state is RoomState.LET:
        hotline.store.write(stays.check_out, ROOM, language="zh", who="test", at=now())


def set_here(hotline: LiveHotline) -> list[tuple[str, str]]:
    return [(str(one.on_date), one.at) for one in hotline.store.read(wakeups.of_room, ROOM)]


def test_a_guest_sets_a_wake_up_by_keys_and_cancels_it_at_the_switchboard_in_another_language(
    hotline: LiveHotline, guest: Phone
) -> None:
    # At a time at least twenty hours away, so that nothing rings meanwhile.
    due = (SystemClock().now() - timedelta(hours=2)).astimezone(hotline.site.time_zone)
    guest.reach("*55")
    guest.wait_heard("wakeup-ask-time", part=2)
    guest.press(f"{due:%H%M}")
    for prompt in ("wakeup-told", f"hour-{due.hour}"):
        guest.wait_heard(prompt)
    guest.wait_heard("wakeup-confirm", part=1)
    assert set_here(hotline) == []
    guest.press("1")
    guest.wait_heard("wakeup-set")
    ((on, at),) = set_here(hotline)
    assert at == f"{due:%H:%M}"
    guest.wait_ended()

    hotline.store.write(rooms.set_language, ROOM, "en", who="test", at=SystemClock().now())
    guest.reach("0")
    guest.wait_heard("wakeup-offer", language="en", part=1)
    guest.press("1")
    guest.wait_heard("wakeup-list", language="en")
    guest.wait_heard("wakeup-list-choices", language="en", part=1)
    guest.press("3")
    guest.wait_heard("wakeup-cancel", language="en", part=1)
    assert set_here(hotline) == [(on, at)]
    guest.press("1")
    guest.wait_heard("wakeup-cancelled", language="en")
    assert set_here(hotline) == []
    guest.wait_ended()

"""Wrong PINs in a row lock a telephone for a while; the row outlives a restart."""

from datetime import datetime, timedelta

import pytest

from models.database.store import Store
from models.people import pins

pytestmark = pytest.mark.store

LOCK = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def wrong(store: Store, at: datetime, telephone: str = "7050") -> datetime | None:
    locked: datetime | None = store.write(pins.wrong, telephone, tries=3, lock=LOCK, at=at)
    return locked


def test_the_third_wrong_pin_locks_that_telephone_and_no_other(store: Store, noon: datetime) -> None:
    assert [wrong(store, noon + number * MINUTE) for number in range(2)] == [None, None]
    assert wrong(store, noon + 2 * MINUTE) == noon + 2 * MINUTE + LOCK
    again = Store(store.engine.url.render_as_string(hide_password=False))
    assert again.read(pins.locked_until, "7050", at=noon + 16 * MINUTE) == noon + 2 * MINUTE + LOCK
    assert again.read(pins.locked_until, "7060", at=noon + 3 * MINUTE) is None
    assert again.read(pins.locked, at=noon + 3 * MINUTE) == {"7050": noon + 2 * MINUTE + LOCK}
    again.close()


def test_the_lock_ends_by_itself_and_the_next_wrong_pin_is_the_first(store: Store, noon: datetime) -> None:
    for _ in range(3):
        wrong(store, noon)
    after = noon + LOCK
    assert store.read(pins.locked_until, "7050", at=after) is None
    assert store.read(pins.locked, at=after) == {}
    assert [wrong(store, after), wrong(store, after)] == [None, None]
    assert wrong(store, after) == after + LOCK


def test_the_right_pin_and_a_long_time_forget_the_wrong_ones(store: Store, noon: datetime) -> None:
    assert [wrong(store, noon), wrong(store, noon)] == [None, None]
    store.write(pins.right, "7050")
    assert [wrong(store, noon), wrong(store, noon)] == [None, None]
    assert wrong(store, noon + LOCK + MINUTE) is None

"""What the front desk asks of the wake-ups costs the same after years of them."""

from datetime import date, time, timedelta

import pytest

from models.database.store import Store
from models.guests import rooms, stays, wakeup_rows, wakeups
from models.guests.wakeup_rows import OrderedBy, RowOutcome, WakeupRequest
from models.guests.wakeups import WakeupHow
from models.policy import Policy
from models.roster import handovers
from models.site import Site
from tests.store.conftest import NOON
from tests.store.history import grow
from tests.store.what_it_reads import Statements, plans, read_whole

pytestmark = pytest.mark.store

PAST = {
    "guests": "id, name, room, checked_in_at, checked_in_by, checked_out_at"
    " :: i, 'guest', '110' || (1 + i % 3), AT, '7001', AT",
    "wakeup_orders": 'id, room, "at", on_date, state, how, set_by, set_at, ended_at'
    " :: i, '110' || (1 + i % 3), '06:30', '2025-12-01', 'over', 'import', '7001', AT, AT",
    "wakeups": "id, order_id, room, on_date, due_at, wake_at, state, snoozes, knock_round, desk_at_once, ended_at"
    " :: i, i, '110' || (1 + i % 3), '2025-12-01', AT, AT, 'awake', 0, 0, FALSE, AT",
    "wakeup_attempts": "id, wakeup_id, number, channel_id, due_at, ended_at, rings"
    " :: i, i, 1, 'wake-' || i || '-1', AT, AT, 0",
    "handovers": 'id, shift, "group", ended_at, leaving, state, note, reminders, wakeups'
    " :: i, 'night', 'agents', AT, '[\"7001\"]', 'taken-over', '', 0, '[1]'",
}
"""Over and done with, one a minute; those of a room are a third of all."""


def test_ordering_the_list_and_the_sheet_read_no_history(staffed: Store, site: Site, policy: Policy) -> None:
    grow(staffed, 1, 20_000, PAST)
    staffed.write(stays.check_in, "1101", ["王建国"], who="7001", at=NOON)
    desk = OrderedBy("7001", WakeupHow.IMPORT, policy.wake_up, site.time_zone)
    day = timedelta(days=1)
    with Statements(staffed) as asked:
        taken = wakeup_rows.take(staffed, WakeupRequest("1101", time(6, 30), date(2026, 3, 3)), desk, at=NOON)
        assert taken.outcome is RowOutcome.SET
        assert staffed.read(wakeup_rows.room_numbers, ["1101-1103"], ["11"]) == ["1101"]
        (row,) = staffed.read(wakeups.sheet, NOON, NOON + day)
        staffed.read(rooms.stays, ["1101"], NOON, NOON + day)
        staffed.read(handovers.of_wakeups, [row.wakeup.id], since=NOON - day, until=NOON + day)
        staffed.write(stays.check_out, "1101", language="zh", who="7001", at=NOON)
    whole = [one for one in plans(staffed, asked) if read_whole(staffed, *one, PAST)]
    assert whole == []

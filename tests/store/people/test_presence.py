"""The presence that staff report themselves holds until they change it, whatever the site file says (R05-1)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models import enrolment
from models.database.store import Store
from models.people import people, presence
from models.site import Site
from models.states.people import PresenceState
from models.tables import Presence
from tests.store.conftest import NOON

pytestmark = pytest.mark.store


def rung(store: Store) -> list[str]:
    return [one.number for one in store.read(people.on_duty, "agents", at=NOON)]


def test_a_reported_presence_outlives_a_restart(staffed: Store, site: Site, noon: datetime) -> None:
    assert staffed.write(presence.say, "7001", PresenceState.BREAK, at=noon)
    assert rung(staffed) == ["7002", "7003", "7004"]
    staffed.write(enrolment.enrol, site)
    assert rung(staffed) == ["7002", "7003", "7004"]
    staffed.write(presence.say, "7001", PresenceState.ON_DUTY, at=noon)
    staffed.write(enrolment.enrol, site)
    assert "7001" in rung(staffed)


def test_reported_twice_the_first_time_counts(staffed: Store, noon: datetime) -> None:
    for minutes in (0, 5):
        staffed.write(presence.say, "7001", PresenceState.BREAK, at=noon + timedelta(minutes=minutes))
    rows = staffed.read(lambda session: list(session.scalars(select(Presence))))
    assert [(row.since, row.until) for row in rows] == [(noon, None)]


def test_all_staff_are_listed_with_the_presence_they_reported(staffed: Store, site: Site, noon: datetime) -> None:
    staffed.write(presence.say, "7002", PresenceState.BREAK, at=noon)
    said = {staff.number: row for staff, row in staffed.read(presence.everybody)}
    assert said.keys() == {person.number for person in site.staff}
    row = said["7002"]
    assert row is not None
    assert (row.state, row.since) == (PresenceState.BREAK, noon)
    assert said["7001"] is None


def test_nobody_outside_the_staff_can_report_a_presence(staffed: Store, noon: datetime) -> None:
    assert not staffed.write(presence.say, "1101", PresenceState.BREAK, at=noon)


def test_a_supervisor_on_a_break_is_not_the_last_resort(staffed: Store, noon: datetime) -> None:
    assert staffed.read(people.supervisor, "agents", at=noon) is not None
    staffed.write(presence.say, "7050", PresenceState.BREAK, at=noon)
    assert staffed.read(people.supervisor, "agents", at=noon) is None

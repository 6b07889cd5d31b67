"""Somebody is on duty, on a break or off shift, with the reason: the roster, the telephone, the page (R05-1)."""

from datetime import timedelta

import pytest

from models.database.store import Store
from models.people import presence, standing
from models.people.standing import Standing
from models.site import Site
from models.states.people import PresenceState, ReportedBy
from models.tables import Staff
from tests.store.roster.rostered import delivered, install, local

pytestmark = pytest.mark.store

ON_DUTY, BREAK = PresenceState.ON_DUTY, PresenceState.BREAK


def of(store: Store, number: str, at: object) -> Standing:
    return store.read(lambda session: standing.of(session, session.get_one(Staff, number), at=at))


def test_without_a_word_and_without_a_roster_the_site_file_counts(staffed: Store, site: Site) -> None:
    assert of(staffed, "7001", local(site, 2, 9)) == Standing("on-duty", "site-file", None, None)


def test_the_last_word_counts_with_how_it_was_said(staffed: Store, site: Site) -> None:
    nine = local(site, 2, 9)
    staffed.write(presence.say, "7001", BREAK, at=nine, by=ReportedBy.CLICKED)
    assert of(staffed, "7001", nine) == Standing("break", "clicked", nine, None)
    ten = nine + timedelta(hours=1)
    staffed.write(presence.say, "7001", BREAK, at=ten)
    assert of(staffed, "7001", ten) == Standing("break", "dialled", nine, None), "the break began with the first time"
    until = ten + timedelta(hours=12)
    staffed.write(presence.say, "7001", ON_DUTY, at=ten, holds_until=until)
    assert of(staffed, "7001", ten) == Standing("on-duty", "dialled", ten, until)


def test_by_the_roster_one_is_on_duty_in_the_turn_and_off_shift_outside_it(staffed: Store, site: Site) -> None:
    install(staffed, site, delivered(site), local(site, 1, 0))
    during = of(staffed, "7001", local(site, 2, 9))
    assert (during.state, during.why, during.since) == ("on-duty", "roster", local(site, 2, 7, 50))
    assert of(staffed, "7001", local(site, 2, 23)).state == "off-shift"
    staffed.write(presence.say, "7001", BREAK, at=local(site, 2, 10), by=ReportedBy.CLICKED)
    assert of(staffed, "7001", local(site, 2, 11)) == Standing("break", "clicked", local(site, 2, 10), during.until)

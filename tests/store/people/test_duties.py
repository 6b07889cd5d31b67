"""The staff on duty are rung: by the roster, and by what they have reported themselves (R09, R13-1, R16-1)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.database.store import Store
from models.people import duties, people, presence
from models.site import Site
from models.states.people import PresenceState
from tests.store.roster.rostered import delivered, install, local, on_duty

pytestmark = pytest.mark.store

ON_DUTY, BREAK = PresenceState.ON_DUTY, PresenceState.BREAK


@pytest.fixture
def rostered(staffed: Store, site: Site) -> Store:
    """A store with the delivered roster from Sunday, the 1st of March, on."""
    install(staffed, site, delivered(site), local(site, 1, 0))
    return staffed


def test_without_a_roster_the_groups_of_the_site_file_are_on_duty(staffed: Store, site: Site) -> None:
    at = local(site, 1, 3)
    assert on_duty(staffed, "agents", at=at) == ["7001", "7002", "7003", "7004"]
    assert staffed.read(people.is_on_duty, "7001", at=at)
    assert not staffed.read(people.is_on_duty, "7999", at=at)


@pytest.mark.parametrize(
    ("day", "hour", "minute", "numbers"),
    [
        (2, 7, 49, ["7030"]),
        (2, 7, 50, ["7001", "7002", "7030"]),
        (2, 9, 0, ["7001", "7002"]),
        (2, 17, 29, ["7001", "7002"]),
        (2, 17, 30, ["7003", "7004", "7010"]),
        (2, 20, 0, ["7030"]),
        (3, 3, 0, ["7030"]),
        (3, 18, 0, ["7003", "7004", "7040"]),
    ],
)
def test_the_hotline_is_answered_by_the_staff_on_shift(
    rostered: Store, site: Site, day: int, hour: int, minute: int, numbers: list[str]
) -> None:
    """R09-1 to R09-3, R16-1: to the minute, also by staff of another group, and by the monitoring centre at night."""
    assert on_duty(rostered, "agents", at=local(site, day, hour, minute)) == numbers


def test_in_a_gap_of_the_roster_the_monitoring_centre_is_rung(rostered: Store, site: Site) -> None:
    """R13-1: the regulation's own roster has nobody on Sunday evening."""
    assert on_duty(rostered, "agents", at=local(site, 1, 18)) == ["7030"]
    assert on_duty(rostered, "agents", at=local(site, 1, 17)) == ["7003", "7004"]


def test_in_a_gap_a_substitute_group_without_shifts_rings_all_its_present_staff(staffed: Store, site: Site) -> None:
    plan = delivered(site)
    covers = tuple(replace(cover, falls_to="complaints") for cover in plan.covers if cover.group == "agents")
    install(staffed, site, replace(plan, covers=covers), local(site, 1, 0))
    assert on_duty(staffed, "agents", at=local(site, 1, 18)) == ["7010"]
    staffed.write(presence.say, "7010", BREAK, at=local(site, 1, 18))
    assert on_duty(staffed, "agents", at=local(site, 1, 18)) == []


def test_a_group_without_any_shift_is_rung_as_without_a_roster(rostered: Store, site: Site) -> None:
    at = local(site, 2, 10)
    assert on_duty(rostered, "complaints", "floor", at=at) == ["7010", "7040"]
    assert on_duty(rostered, "agents", "complaints", at=at) == ["7001", "7002", "7010"]
    rostered.write(presence.say, "7010", BREAK, at=at)
    assert on_duty(rostered, "agents", "complaints", at=at) == ["7001", "7002"]


def test_staff_on_a_break_are_not_rung_until_they_return_or_their_next_shift_begins(
    rostered: Store, site: Site
) -> None:
    """R05-1: staff who forget *20 in the evening are rung again in the morning."""
    rostered.write(presence.say, "7001", BREAK, at=local(site, 2, 12))
    assert on_duty(rostered, "agents", at=local(site, 2, 12, 1)) == ["7002"]
    rostered.write(presence.say, "7001", ON_DUTY, at=local(site, 2, 13))
    assert on_duty(rostered, "agents", at=local(site, 2, 13)) == ["7001", "7002"]
    rostered.write(presence.say, "7001", BREAK, at=local(site, 2, 17))
    assert on_duty(rostered, "agents", at=local(site, 2, 17, 1)) == ["7002"]
    assert on_duty(rostered, "agents", at=local(site, 3, 9)) == ["7001", "7002"]


def test_a_break_reported_again_in_the_next_shift_counts_again(rostered: Store, site: Site) -> None:
    rostered.write(presence.say, "7001", BREAK, at=local(site, 2, 17))
    rostered.write(presence.say, "7001", BREAK, at=local(site, 3, 10))
    assert on_duty(rostered, "agents", at=local(site, 3, 10)) == ["7002"]


def test_when_all_are_on_a_break_the_monitoring_centre_answers(rostered: Store, site: Site) -> None:
    for number in ("7001", "7002"):
        rostered.write(presence.say, number, BREAK, at=local(site, 2, 12))
    assert on_duty(rostered, "agents", at=local(site, 2, 12)) == ["7030"]


def test_staff_without_a_shift_may_report_on_duty_for_some_hours(rostered: Store, site: Site) -> None:
    at = local(site, 2, 9)
    rostered.write(presence.say, "7003", ON_DUTY, at=at, holds_until=at + timedelta(hours=4))
    assert on_duty(rostered, "agents", at=at) == ["7001", "7002", "7003"]
    assert rostered.read(people.is_on_duty, "7003", at=at)
    assert on_duty(rostered, "agents", at=local(site, 2, 13)) == ["7001", "7002"]
    again = local(site, 2, 14)
    rostered.write(presence.say, "7003", ON_DUTY, at=again, holds_until=again + timedelta(hours=4))
    assert on_duty(rostered, "agents", at=again) == ["7001", "7002", "7003"]
    rostered.write(presence.say, "7003", BREAK, at=local(site, 2, 15))
    assert on_duty(rostered, "agents", at=local(site, 2, 15)) == ["7001", "7002"]


def test_what_was_reported_in_or_before_a_shift_ends_with_the_shift(rostered: Store, site: Site) -> None:
    """The agent dials *20 on arrival or after a break, and forgets *21 on leaving."""
    for hour in (7, 12):
        said = local(site, 2, hour)
        rostered.write(presence.say, "7001", ON_DUTY, at=said, holds_until=said + timedelta(hours=24))
    assert on_duty(rostered, "agents", at=local(site, 2, 17, 31)) == ["7003", "7004", "7010"]


def test_staff_who_have_left_are_not_on_duty_even_if_the_roster_names_them(rostered: Store, site: Site) -> None:
    def leave(session: object) -> None:
        session.get(people.Staff, "7001").group = None  # type: ignore[attr-defined]

    rostered.write(leave)
    assert on_duty(rostered, "agents", at=local(site, 2, 10)) == ["7002"]
    assert not rostered.read(people.is_on_duty, "7001", at=local(site, 2, 10))


def test_whether_one_person_is_on_duty_agrees_with_the_list_of_all_on_duty(rostered: Store, site: Site) -> None:
    for hour, there in ((7, False), (8, True), (18, False)):
        assert rostered.read(people.is_on_duty, "7001", at=local(site, 2, hour)) is there
    rostered.write(presence.say, "7001", BREAK, at=local(site, 2, 9))
    assert not rostered.read(people.is_on_duty, "7001", at=local(site, 2, 9))


def test_a_supervisor_with_shifts_is_rung_during_them_only(staffed: Store, site: Site) -> None:
    plan = delivered(site)
    (day,) = (shift for shift in plan.shifts if shift.name == "day")
    manager = replace(day, name="manager", serves=("management",))
    (turn,) = (turn for turn in plan.rotations if turn.shift == "day")
    rotation = replace(turn, shift="manager", people=(("7050",),))
    install(staffed, site, replace(plan, shifts=(manager,), rotations=(rotation,), covers=()), local(site, 1, 0))
    found = [staffed.read(people.supervisor, "agents", at=local(site, 2, hour)) for hour in (10, 22)]
    assert [one and one.number for one in found] == ["7050", None]


def test_the_shifts_of_a_time_or_of_a_person_are_listed(rostered: Store, site: Site) -> None:
    since, until = local(site, 2, 18), local(site, 2, 19)
    listed = [(one.shift, one.staff_number) for one in rostered.read(duties.between, since, until, ["7003", "7001"])]
    assert listed == [("evening", "7003")]
    assert len(rostered.read(duties.between, since, until)) == 3 + 2 + 1

"""A swap or an absence holds once a manager who is not concerned has approved it (R07-7, R09-7)."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from models.database.store import Store
from models.roster import swaps
from models.roster.swaps import Swap, SwapRefused
from models.site import Site
from models.states.roster import SwapState
from models.tables import AccessEntry
from tests.store.roster.rostered import DAYS, delivered, install, local, on_duty

pytestmark = pytest.mark.store


@pytest.fixture
def rostered(staffed: Store, site: Site) -> Store:
    """From Monday, the 2nd of March, 06:00: this week 7001 and 7002 have the days, 7003 and 7004 the evenings."""
    install(staffed, site, delivered(site), local(site, 2, 6))
    return staffed


def ask(store: Store, site: Site, staff: str, other: str, day: int, back: int | None = None, **more: Any) -> Swap:
    fields: dict[str, Any] = {"shift": None, "reason": "a wedding", "by": "desk", "at": local(site, 2, 7)} | more
    returned = date(2026, 3, back) if back else None
    return store.write(swaps.ask_swap, staff, other, date(2026, 3, day), back=returned, zone=site.time_zone, **fields)


def ask_absence(store: Store, site: Site, staff: str, start: datetime, end: datetime, by: str | None = None) -> Swap:
    at = local(site, 2, 7)
    return store.write(swaps.ask_absence, staff, start, end, with_staff=by, reason="ill", by="desk", at=at)


def approve(store: Store, site: Site, swap: Swap, by: str = "7050", at: datetime | None = None) -> None:
    at = at or local(site, 2, 8)
    store.write(swaps.approve, swap.id, by=by, at=at, dates=site.days, days=DAYS)


def test_a_request_alone_changes_nothing(rostered: Store, site: Site) -> None:
    ask(rostered, site, "7001", "7003", 3)
    assert on_duty(rostered, "agents", at=local(site, 3, 10)) == ["7001", "7002"]


def test_after_an_approved_swap_each_is_rung_in_the_others_shift(rostered: Store, site: Site) -> None:
    approve(rostered, site, ask(rostered, site, "7001", "7003", 3, back=4))
    assert on_duty(rostered, "agents", at=local(site, 3, 10)) == ["7002", "7003"]
    assert on_duty(rostered, "agents", at=local(site, 4, 18)) == ["7001", "7004", "7010"]
    assert on_duty(rostered, "agents", at=local(site, 5, 10)) == ["7001", "7002"]
    (entry,) = rostered.read(
        lambda session: list(session.scalars(select(AccessEntry).where(AccessEntry.what == "swap approved")))
    )
    assert (entry.who, entry.subject) == ("7050", "roster request 1")


def test_a_technician_may_give_away_one_of_two_shifts_by_its_name(rostered: Store, site: Site) -> None:
    """R09-4: on that day 7022 and 7020 have the day, 7021 the night."""
    approve(rostered, site, ask(rostered, site, "7020", "7021", 3, shift="technicians"))
    assert on_duty(rostered, "engineering", at=local(site, 3, 10)) == ["7021", "7022"]


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ("7001", "is involved in this request"),
        ("7003", "is involved in this request"),
        ("7004", "no manager"),
        ("7999", "nobody at work here"),
    ],
)
def test_staff_concerned_and_staff_who_are_no_managers_cannot_approve(
    rostered: Store, site: Site, by: str, why: str
) -> None:
    swap = ask(rostered, site, "7001", "7003", 3)
    with pytest.raises(SwapRefused, match=why):
        approve(rostered, site, swap, by=by)
    assert on_duty(rostered, "agents", at=local(site, 3, 10)) == ["7001", "7002"]


def test_the_general_manager_approves_the_managers_own_absence(rostered: Store, site: Site) -> None:
    absence = ask_absence(rostered, site, "7050", local(site, 3, 0), local(site, 4, 0))
    with pytest.raises(SwapRefused, match="is involved in this request"):
        approve(rostered, site, absence)
    approve(rostered, site, absence, by="7060")


def test_a_refusal_says_why_and_is_final(rostered: Store, site: Site) -> None:
    swap = ask(rostered, site, "7001", "7003", 3)
    at = local(site, 2, 8)
    with pytest.raises(SwapRefused, match="say why"):
        rostered.write(swaps.refuse, swap.id, by="7050", why=" ", at=at)
    refused = rostered.write(swaps.refuse, swap.id, by="7050", why="too many are away", at=at)
    assert (refused.state, refused.why, refused.decided_by) == (SwapState.REFUSED, "too many are away", "7050")
    with pytest.raises(SwapRefused, match="already, by 7050"):
        approve(rostered, site, swap)
    with pytest.raises(LookupError):
        rostered.write(swaps.refuse, 99, by="7050", why="x", at=at)


@pytest.mark.parametrize(
    ("staff", "other", "day", "back", "why"),
    [
        ("7001", "7001", 3, None, "cannot swap with 7001"),
        ("7001", "7002", 3, None, "7002 is already on duty then"),
        ("7001", "7003", 3, 8, "7003 has no such turn"),
        ("7003", "7001", 8, None, "7003 has no such turn"),
        ("7030", "7040", 3, None, "several turns .* night"),
        ("7999", "7001", 3, None, "nobody at work here has the number 7999"),
        ("7001", "7999", 3, None, "nobody at work here has the number 7999"),
    ],
)
def test_an_impossible_swap_is_refused_when_asked_for(
    rostered: Store, site: Site, staff: str, other: str, day: int, back: int | None, why: str
) -> None:
    with pytest.raises(SwapRefused, match=why):
        ask(rostered, site, staff, other, day, back)


def test_a_shift_that_has_begun_is_not_swapped_but_may_be_left_ill(rostered: Store, site: Site) -> None:
    with pytest.raises(SwapRefused, match="has begun"):
        ask(rostered, site, "7001", "7003", 2, at=local(site, 2, 9))
    ill = local(site, 2, 11)
    approve(rostered, site, ask_absence(rostered, site, "7001", ill, local(site, 3, 0), by="7010"), at=ill)
    assert on_duty(rostered, "agents", at=ill) == ["7002", "7010"]
    assert on_duty(rostered, "agents", at=local(site, 2, 10)) == ["7001", "7002"], (
        "hours before the absence are not changed"
    )


def test_a_substitute_must_be_free_and_an_absence_in_the_future(rostered: Store, site: Site) -> None:
    for start, end, by, why in (
        (local(site, 3, 0), local(site, 4, 0), "7002", "7002 is already on duty"),
        (local(site, 3, 0), local(site, 4, 0), "7001", "cannot stand in for 7001"),
        (local(site, 4, 0), local(site, 3, 0), None, "ends later"),
        (local(site, 1, 0), local(site, 2, 0), None, "ends later"),
    ):
        with pytest.raises(SwapRefused, match=why):
            ask_absence(rostered, site, "7001", start, end, by)


def test_a_request_overtaken_by_another_or_by_time_is_not_approved(rostered: Store, site: Site) -> None:
    first, second = ask(rostered, site, "7001", "7003", 3), ask(rostered, site, "7001", "7004", 3)
    approve(rostered, site, first)
    with pytest.raises(SwapRefused, match="no longer has this turn"):
        approve(rostered, site, second)
    with pytest.raises(SwapRefused, match="has passed"):
        approve(rostered, site, second, at=local(site, 9, 0))


def test_undecided_requests_are_listed_first(rostered: Store, site: Site) -> None:
    asked = [ask(rostered, site, "7001", "7003", day) for day in (3, 4, 5)]
    approve(rostered, site, asked[2])
    assert [one.id for one in rostered.read(swaps.newest, limit=10)] == [2, 1, 3]
    assert [one.id for one in rostered.read(swaps.newest, limit=1)] == [2]

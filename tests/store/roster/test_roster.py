"""An imported roster is written as future shifts; begun shifts and approved requests stay (R09-6, R09-7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.store import Store
from models.people import duties
from models.people.shifts import Plan
from models.roster import roster
from models.site import Site
from models.states.roster import SwapKind, SwapState
from models.tables import AccessEntry, Duty, Shift, Swap
from tests.store.roster.rostered import DAYS, delivered, install, local, on_duty

pytestmark = pytest.mark.store


def all_duties(store: Store) -> list[tuple[str, str, datetime, datetime]]:
    def read(session: Session) -> list[tuple[str, str, datetime, datetime]]:
        rows = session.scalars(select(Duty).order_by(Duty.starts_at, Duty.shift, Duty.staff_number))
        return [(row.shift, row.staff_number, row.starts_at, row.ends_at) for row in rows]

    return store.read(read)


def extend(store: Store, site: Site, at: datetime, days: int = DAYS) -> roster.Changed:
    return store.write(roster.extend, at=at, dates=site.days, days=days)


def without(plan: Plan, shift: str) -> Plan:
    return replace(plan, rotations=tuple(turn for turn in plan.rotations if turn.shift != shift))


def test_an_imported_roster_is_read_back_unchanged(staffed: Store, site: Site) -> None:
    plan = delivered(site)
    install(staffed, site, plan, local(site, 1, 0))
    kept = staffed.read(roster.plan)
    assert (kept.shifts, kept.rotations) == (plan.shifts, plan.rotations)
    assert set(kept.covers) == set(plan.covers)
    entry = staffed.read(lambda session: session.scalars(select(AccessEntry)).one())
    assert (entry.who, entry.what) == ("test", "import")


def test_the_shifts_of_the_plan_are_written_as_rows_for_the_given_days(staffed: Store, site: Site) -> None:
    at, plan = local(site, 1, 12), delivered(site)
    done = install(staffed, site, plan, at)
    wanted = plan.duties(at, at + timedelta(days=DAYS), site.days)
    assert done == roster.Changed(len(wanted), 0, 0)
    assert len(all_duties(staffed)) == len(wanted)
    assert min(row[2] for row in all_duties(staffed)) == at.astimezone(UTC), "the current shift, from now on"


def test_the_same_roster_again_changes_nothing_and_a_day_later_one_day_is_added(staffed: Store, site: Site) -> None:
    at = local(site, 1, 12)
    install(staffed, site, delivered(site), at)
    before = all_duties(staffed)
    assert extend(staffed, site, at + timedelta(minutes=5)).added == 0
    assert install(staffed, site, delivered(site), at + timedelta(minutes=10)).removed == 0
    assert all_duties(staffed) == before
    later = extend(staffed, site, at + timedelta(days=1))
    assert later.added > 0
    assert later.removed == 0
    assert set(before) < set(all_duties(staffed))


def test_a_new_roster_changes_future_shifts_and_keeps_those_before(staffed: Store, site: Site) -> None:
    plan, at = delivered(site), local(site, 2, 18)
    install(staffed, site, plan, local(site, 1, 0))
    before = [row for row in all_duties(staffed) if row[3] <= at]
    others = tuple(
        replace(turn, people=(("7001", "7002"),)) if turn.shift == "evening" else turn for turn in plan.rotations
    )
    install(staffed, site, replace(plan, rotations=others), at)
    rows = all_duties(staffed)
    assert [row for row in rows if row[3] <= at and row[2] < local(site, 2, 17)] == before
    evening = [row for row in rows if row[0] == "evening" and row[2] < local(site, 3, 0)]
    began = local(site, 2, 17, 30).astimezone(UTC)
    assert evening == [
        ("evening", "7003", began, at.astimezone(UTC)),
        ("evening", "7004", began, at.astimezone(UTC)),
        ("evening", "7001", at.astimezone(UTC), local(site, 2, 20).astimezone(UTC)),
        ("evening", "7002", at.astimezone(UTC), local(site, 2, 20).astimezone(UTC)),
    ]
    assert extend(staffed, site, at + timedelta(hours=1)).added == 0, "nothing is left to add"


def test_a_shift_that_was_removed_keeps_its_name_for_the_history(staffed: Store, site: Site) -> None:
    plan = delivered(site)
    install(staffed, site, plan, local(site, 1, 0))
    fewer = without(replace(plan, shifts=tuple(s for s in plan.shifts if s.name != "evening-desk")), "evening-desk")
    install(staffed, site, fewer, local(site, 1, 1))
    gone = staffed.read(lambda session: session.get_one(Shift, "evening-desk"))
    assert (gone.zh, gone.in_force) == ("晚班前台", False)
    assert "evening-desk" not in {row[0] for row in all_duties(staffed)}
    assert "evening-desk" in staffed.read(roster.names)
    assert on_duty(staffed, "agents", at=local(site, 2, 18)) == ["7003", "7004"]


def approve(
    store: Store,
    kind: SwapKind,
    number: str,
    by: str | None,
    start: datetime,
    end: datetime,
    back: tuple[datetime, datetime] | None = None,
) -> None:
    def write(session: Session) -> None:
        session.add(
            Swap(kind=kind, state=SwapState.APPROVED, staff_number=number, with_staff=by, starts_at=start, ends_at=end,
                 back_at=back and back[0], back_ends_at=back and back[1], over_at=max(end, *(back or (end,))),
                 reason="", asked_by="test", asked_at=start, decided_at=start, decided_by="7050")
        )  # fmt: skip

    store.write(write)


def test_approved_requests_outlive_the_next_import(staffed: Store, site: Site) -> None:
    """R09-7: the manager has approved them."""
    install(staffed, site, delivered(site), local(site, 1, 0))
    approve(
        staffed,
        SwapKind.SWAP,
        "7001",
        "7003",
        local(site, 3, 7, 50),
        local(site, 3, 17, 30),
        (local(site, 4, 17, 30), local(site, 4, 20)),
    )
    approve(staffed, SwapKind.ABSENCE, "7002", None, local(site, 3, 0), local(site, 4, 0))
    for at in (local(site, 1, 1), local(site, 1, 2)):
        install(staffed, site, delivered(site), at)
        assert on_duty(staffed, "agents", at=local(site, 3, 10)) == ["7003"]
        assert on_duty(staffed, "agents", at=local(site, 4, 10)) == ["7001", "7002"]
        assert on_duty(staffed, "agents", at=local(site, 4, 18)) == ["7001", "7004", "7010"]
    (swapped,) = staffed.read(duties.between, local(site, 3, 10), local(site, 3, 11), ["7003"])
    assert swapped.instead_of == "7001"


def test_staff_who_fall_ill_during_a_shift_are_on_duty_until_then_only(staffed: Store, site: Site) -> None:
    install(staffed, site, delivered(site), local(site, 1, 0))
    ill = local(site, 2, 11)
    approve(staffed, SwapKind.ABSENCE, "7001", "7004", ill, local(site, 3, 0))
    extend(staffed, site, ill)
    assert on_duty(staffed, "agents", at=ill) == ["7002", "7004"]
    day = [row[1:] for row in all_duties(staffed) if row[0] == "day" and row[2] < local(site, 3, 0)]
    begin, end = local(site, 2, 7, 50).astimezone(UTC), local(site, 2, 17, 30).astimezone(UTC)
    assert [row for row in day if row[1] >= begin] == [
        ("7001", begin, ill.astimezone(UTC)),
        ("7002", begin, end),
        ("7004", ill.astimezone(UTC), end),
    ]


def test_two_schedulers_at_once_write_each_shift_once(staffed: Store, site: Site, url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    install(staffed, site, delivered(site), local(site, 1, 0))
    others = [Store(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda store: extend(store, site, local(site, 8, 0)), others))
    for store in others:
        store.close()
    keys = [row[:3] for row in all_duties(staffed)]
    assert len(keys) == len(set(keys))

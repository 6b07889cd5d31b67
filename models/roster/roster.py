"""The roster in force: the imported file, and the duties computed from it; those that have begun are never changed.

Duties are rows for some days ahead, computed again after every import and every approved swap. A duty that has begun is
history: it can end earlier, but is neither deleted nor moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models.people import access_log
from models.people.shifts import LONGEST, CoverPlan, Hours, Plan, Planned, RotationPlan, ShiftPlan, Substitution
from models.states.roster import SwapKind, SwapState
from models.tables import Cover, Duty, Rotation, Shift, ShiftGroup, Swap
from models.time.days import Days

__all__ = ["Cover", "Duty", "Shift", "Swap"]


@dataclass(frozen=True)
class Changed:
    """How many coming duties were added, removed, or unchanged."""

    added: int
    removed: int
    unchanged: int


def install(session: Session, wanted: Plan, *, who: str, at: datetime, dates: Days, days: int) -> Changed:
    """Puts this roster in force, in one transaction; approved swaps and absences stay."""
    for table in (ShiftGroup, Cover, Rotation):
        session.execute(delete(table))
    session.execute(update(Shift).values(in_force=False))
    for place, one in enumerate(wanted.shifts):
        shift = session.get(Shift, one.name) or Shift(name=one.name)
        shift.zh, shift.en, shift.need, shift.rule = one.zh, one.en, one.need, one.rule
        shift.hours = [hours.as_json() for hours in one.hours]
        shift.handover, shift.place, shift.in_force = one.handover, place, True
        session.add(shift)
        session.add_all(
            ShiftGroup(shift=one.name, group=group, place=order)
            for order, group in enumerate(dict.fromkeys(one.serves))
        )
    session.add_all(Cover(group=one.group, falls_to=one.falls_to, rule=one.rule) for one in wanted.covers)
    for turn in wanted.rotations:
        people = [list(team) for team in turn.people]
        fields = {"shift": turn.shift, "first_on": turn.first_on, "last_on": turn.last_on, "days": turn.days}
        session.add(Rotation(**fields, people=people))
        # In the order of the file, which decides.
        session.flush()
    extended = extend(session, at=at, dates=dates, days=days)
    access_log.log(session, who=who, what="import", subject=f"roster: {len(wanted.shifts)} shifts", at=at)
    return extended


def plan(session: Session) -> Plan:
    """The imported roster; without shifts when none was imported."""
    serves: dict[str, list[str]] = {}
    for row in session.scalars(select(ShiftGroup).order_by(ShiftGroup.place)):
        serves.setdefault(row.shift, []).append(row.group)
    return Plan(
        tuple(
            ShiftPlan(
                row.name,
                row.zh,
                row.en,
                tuple(serves.get(row.name, ())),
                row.need,
                row.rule,
                tuple(map(Hours.of_json, row.hours)),
                row.handover,
            )
            for row in session.scalars(select(Shift).where(Shift.in_force.is_(True)).order_by(Shift.place))
        ),
        tuple(
            RotationPlan(row.shift, row.first_on, row.last_on, row.days, tuple(map(tuple, row.people)))
            for row in session.scalars(select(Rotation).order_by(Rotation.id))
        ),
        tuple(CoverPlan(row.group, row.falls_to, row.rule) for row in session.scalars(select(Cover))),
    )


def names(session: Session) -> dict[str, Shift]:
    """Every present or former shift, by name."""
    return {shift.name: shift for shift in session.scalars(select(Shift).order_by(Shift.place))}


def extend(session: Session, *, at: datetime, dates: Days, days: int) -> Changed:
    """Brings the duties of the next `days` days up to the roster and the approved swaps."""
    until = at + timedelta(days=days)
    wanted = {
        (duty.shift, duty.staff_number, max(duty.starts_at, at)): duty
        for duty in plan(session).duties(at, until, dates, approved(session, at))
    }
    there: dict[tuple[str, str, datetime], Duty] = {}
    begun = Duty.starts_at > at - LONGEST, Duty.ends_at > at
    for row in session.scalars(select(Duty).where(*begun).with_for_update()):
        there[row.shift, row.staff_number, max(row.starts_at, at)] = row
    removed = [row for key, row in there.items() if key not in wanted]
    for row in removed:
        if row.starts_at < at:
            row.ends_at = at
        else:
            session.delete(row)
    for key in there.keys() & wanted.keys():
        there[key].ends_at, there[key].instead_of = wanted[key].ends_at, wanted[key].instead_of
    session.flush()
    added = [_row(duty, max(duty.starts_at, at)) for key, duty in wanted.items() if key not in there]
    if added:
        session.execute(insert(Duty), added)
    return Changed(len(added), len(removed), len(there.keys() & wanted.keys()))


def approved(session: Session, since: datetime) -> list[Sequence[Substitution]]:
    """The approved swaps and absences that are not over, in order of approval."""
    lasting = Swap.state == SwapState.APPROVED, Swap.over_at > since
    return [sides(swap) for swap in session.scalars(select(Swap).where(*lasting).order_by(Swap.decided_at, Swap.id))]


def sides(swap: Swap) -> list[Substitution]:
    """The substitutions of a swap; both sides of an exchange."""
    given = Substitution(swap.staff_number, swap.with_staff, swap.starts_at, swap.ends_at)
    if swap.kind is SwapKind.ABSENCE or swap.with_staff is None or swap.back_at is None or swap.back_ends_at is None:
        return [given]
    return [given, Substitution(swap.with_staff, swap.staff_number, swap.back_at, swap.back_ends_at)]


def _row(duty: Planned, starts_at: datetime) -> dict[str, object]:
    return {
        "shift": duty.shift,
        "staff_number": duty.staff_number,
        "instead_of": duty.instead_of,
        "starts_at": starts_at,
        "ends_at": duty.ends_at,
    }

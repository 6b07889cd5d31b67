"""Staff and groups follow the site file, owners and units the imported list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from models.database.changes import find
from models.database.numbers import forms, here
from models.people import access_log, duties
from models.people.owners_file import OwnerRow
from models.states.people import PhoneKind, PresenceState
from models.tables import Base, Group, Owner, OwnerPhone, Phone, Presence, Staff, Unit
from models.text.numbers import keys

if TYPE_CHECKING:
    from models.site import Site

Row = TypeVar("Row", Group, Staff, Phone)

__all__ = ["Group", "Imported", "Known", "Owner", "Phone", "Staff", "Unit"]


# Every call needs this, so it is built once; objects are made only for known callers, who are the minority.
_PHONES = OwnerPhone.metadata.tables["owner_phones"]
_IS_KNOWN = select(_PHONES.c.owner_id).where(_PHONES.c.number == bindparam("number")).limit(1)
_BY_NUMBER = (
    select(Owner, Unit)
    .join(OwnerPhone, OwnerPhone.owner_id == Owner.id)
    .join(Unit, Unit.id == Owner.unit_id)
    .where(OwnerPhone.number == bindparam("number"))
    .order_by(Owner.id)
)


class Known(NamedTuple):
    """An owner recognised by the number; without a unit when there are several, so the caller is asked which one."""

    owner: Owner
    unit: Unit | None


def sync(session: Session, site: "Site") -> None:
    """Brings staff, groups and phones up to the site file. Staff who are no longer in it have left: their rows stay for
    the history, without a group and off duty. A presence dialled by a person (*20, *21) overrides the site file's
    `on_duty`."""
    for wanted in site.groups:
        group = session.get(Group, wanted.name) or _added(session, Group(name=wanted.name))
        group.zh, group.en = wanted.zh, wanted.en
        group.neighbours, group.supervisor = list(wanted.neighbours), wanted.supervisor
    session.flush()
    present = set()
    said = {row.staff_number: row.state for row in session.scalars(select(Presence).where(Presence.until.is_(None)))}
    for person in site.staff:
        staff = session.get(Staff, person.number) or _added(session, Staff(number=person.number))
        staff.name, staff.group, staff.role, staff.mobile = person.name, person.group, person.role, person.mobile
        state = said.get(person.number)
        staff.on_duty = person.on_duty if state is None else state is PresenceState.ON_DUTY
        present.add(person.number)
    for left in session.scalars(select(Staff).where(Staff.number.not_in(present))):
        left.group, left.on_duty = None, False
    session.flush()
    accounts: dict[str, str | None] = {person.number: person.number for person in site.staff}
    accounts |= dict.fromkeys(site.rooms.phones)
    for number, staff_number in accounts.items():
        phone = session.get(Phone, number) or _added(session, Phone(number=number))
        phone.kind, phone.staff_number = PhoneKind.STAFF if staff_number else PhoneKind.ROOM, staff_number
    for gone in session.scalars(select(Phone).where(Phone.number.not_in(accounts))):
        session.delete(gone)
    session.flush()
    names = {group.name for group in site.groups}
    for unused in session.scalars(select(Group).where(Group.name.not_in(names))):
        session.delete(unused)


def owner_by_number(session: Session, number: str | None) -> Known | None:
    """The owner who calls from this number, in any form the carrier sends. None when the number is unknown.

    Of several owners of one unit the first is taken: the ticket needs the unit.
    """
    listed = (form for form in forms(session, number) if find(session, _IS_KNOWN, number=form).first() is not None)
    known = next(listed, None)
    if known is None:
        return None
    rows = session.execute(_BY_NUMBER, {"number": known}).all()
    if not rows:
        return None
    owner, unit = rows[0]
    return Known(owner, unit if all(row[1].id == unit.id for row in rows) else None)


def unit_by_keys(session: Session, building: str, room: str) -> Unit | None:
    """The unit that a caller keyed. None when there is none, or when two have the same keys."""
    found = session.scalars(select(Unit).where(Unit.keyed == keyed(building, room)).limit(2)).all()
    return found[0] if len(found) == 1 else None


def keyed(building: str, room: str) -> str:
    """The keys for a unit, without leading zeros: "03栋" and "0301" are "3-301"."""
    return f"{keys(building).lstrip('0')}-{keys(room).lstrip('0')}"


@dataclass(frozen=True)
class Imported:
    """The result for one row of a list: "added", "updated" or "unchanged"."""

    row: OwnerRow
    outcome: str


def import_owners(session: Session, rows: Iterable[OwnerRow], *, who: str, at: datetime) -> list[Imported]:
    """Writes the rows, all of them or, when the transaction fails, none. Returns what became of each.

    The list is right about the owners it names: their numbers become the ones listed (several rows of one owner and
    unit are taken together). Owners it does not name stay as they are, for a list may be of one building.
    """
    rows = list(rows)
    # In a few statements: a row at a time would keep the database from the calls going on for as long as the list is.
    units = _unit_ids(session)
    _insert(
        session,
        Unit,
        [
            {"building": building, "unit": name, "keyed": keyed(building, name)}
            for building, name in dict.fromkeys((row.building, row.unit) for row in rows)
            if (building, name) not in units
        ],
    )
    units = _unit_ids(session)
    listed: dict[tuple[int, str], set[str]] = {}
    for row in rows:
        phones = listed.setdefault((units[row.building, row.unit], row.name), set())
        phones.update(here(session, phone) or phone for phone in row.phones)
    before = _owner_ids(session)
    _insert(
        session,
        Owner,
        [{"unit_id": unit_id, "name": name} for unit_id, name in listed if (unit_id, name) not in before],
    )
    owners = _owner_ids(session)
    known: dict[int, set[str]] = {}
    for owner_id, number in session.execute(select(OwnerPhone.owner_id, OwnerPhone.number)):
        known.setdefault(owner_id, set()).add(number)
    outcomes, new = {}, []
    for key, numbers in listed.items():
        owner_id = owners[key]
        had = known.get(owner_id, set())
        outcomes[key] = "added" if key not in before else "unchanged" if had == numbers else "updated"
        new += [{"owner_id": owner_id, "number": number} for number in sorted(numbers - had)]
        if had - numbers:
            session.execute(
                delete(OwnerPhone).where(OwnerPhone.owner_id == owner_id, OwnerPhone.number.in_(had - numbers))
            )
    _insert(session, OwnerPhone, new)
    access_log.log(session, who=who, what="import", subject=f"owners: {len(rows)} rows", at=at)
    return [Imported(row, outcomes[units[row.building, row.unit], row.name]) for row in rows]


def _unit_ids(session: Session) -> dict[tuple[str, str], int]:
    return {(building, name): id for building, name, id in session.execute(select(Unit.building, Unit.unit, Unit.id))}


def _owner_ids(session: Session) -> dict[tuple[int, str], int]:
    return {(unit_id, name): id for unit_id, name, id in session.execute(select(Owner.unit_id, Owner.name, Owner.id))}


def _insert(session: Session, table: type[Base], rows: list[dict[str, object]]) -> None:
    if rows:
        session.execute(insert(table), rows)


def on_duty(session: Session, *groups: str, at: datetime) -> list[Staff]:
    """The staff on duty, longest idle first, then by number; only Asterisk knows whose phone is registered.

    By the roster for groups with shifts, else by what each person dialled last (`models.people.duties`).
    """
    staff = duties.present(session, groups, at=at)
    # Staff without a talk yet have been idle longest. Sorted here, because databases disagree about where NULL goes.
    return sorted(staff, key=lambda one: (one.idle_since is not None, one.idle_since, one.number))


def staff(session: Session, number: str) -> Staff | None:
    """The staff member with this number; None when there is none, or the person has left."""
    found = session.get(Staff, number)
    return found if found is not None and found.group is not None else None


def is_on_duty(session: Session, number: str, *, at: datetime) -> bool:
    """Whether this person is on duty, as `on_duty`; False when nobody has the number."""
    found = session.get(Staff, number)
    return found is not None and duties.is_present(session, found, at=at)


def supervisor(session: Session, group: str, *, at: datetime) -> Staff | None:
    """The person rung when neither the group nor its neighbours answer; None when off duty or on a break."""
    found = session.get(Group, group)
    staff = session.get(Staff, found.supervisor) if found and found.supervisor else None
    return staff if staff and duties.is_present(session, staff, at=at) else None


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    return row
